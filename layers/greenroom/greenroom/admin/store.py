"""What the auditor writes: how far it has come, and what follows from other rows.

A repair is a conditional update of the very thing that was seen: whoever changed it meanwhile
wins. Entries of the ledger are made by the accounts room.
"""

from typing import TypeAlias, assert_never

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from greenroom.admin.findings import (
    FreeGuard,
    FreeSlot,
    LeadPayment,
    LinkCustomer,
    ListPurchase,
    MarkGivenBack,
    SetPremium,
    SetReversed,
)
from greenroom.admin.items import RoundItem
from greenroom.admin.reads import BooksReads
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import Conflict
from greenroom.table.item import Item, Key
from greenroom.table.transaction import Transaction, Violation

Freed: TypeAlias = FreeGuard | FreeSlot
Set: TypeAlias = (
    LeadPayment | LinkCustomer | ListPurchase | MarkGivenBack | SetPremium | SetReversed
)


class BooksStore(BooksReads):
    """Reads books, and writes what follows from them."""

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def where(self) -> tuple[str | None, str | None]:
        """The month and the cursor at which the present round goes on."""
        row = self._table.get(RoundItem.at())
        return (row.month, row.cursor) if row else (None, None)

    def go_on_at(self, month: str | None, cursor: str | None) -> None:
        """Note where the next run goes on; without a month it begins a new round."""
        key = RoundItem.at()
        row = RoundItem(key.pk, key.sk, month=month, cursor=cursor)
        always = RoundItem.pk.exists() | RoundItem.pk.does_not_exist()
        tx = self._table.transaction()
        tx.put("round", row, when=always, otherwise=_changed())
        tx.commit()

    def free(self, user_id: str, repair: Freed) -> bool:
        """Remove what names nothing: False where it names something else by now."""
        match repair:
            case FreeGuard(session_id):
                key, when = Key(Item, f"USER#{user_id}", "ACTIVE"), Path("session_id") == session_id
            case FreeSlot(thing, purchase_id):
                key = Key(Item, f"USER#{user_id}", f"CHECKOUT#{thing}")
                when = Path("purchase_id") == purchase_id
            case _:
                assert_never(repair)
        tx = self._table.transaction()
        tx.delete("row", key, when=when, otherwise=_changed())
        return not tx.attempt()

    def set(self, user_id: str, repair: Set) -> bool:
        """Set what follows from something else: False where that has changed since."""
        key, actions, when = self._change(user_id, repair)
        done = self._table.update(key, *actions, when=when, otherwise=_changed())
        return not isinstance(done, Violation)

    def _change(self, user_id: str, repair: Set) -> tuple[Key[Item], list[Action], Condition]:
        absent: Condition = Item.pk.does_not_exist()
        there: Condition = Item.pk.exists()
        when: Condition
        actions: list[Action]
        match repair:
            case MarkGivenBack(session_id):
                key, when = _at(f"SESSION#{session_id}", "SESSION"), there
                actions = [Path("given_back").set(True)]
            case SetReversed(purchase_id, rev, to):
                key, when = _at(f"PURCHASE#{purchase_id}", "PURCHASE"), Path("rev") == rev
                actions = [Path("reversed_credits").set(to), Path("rev").set(rev + 1)]
            case ListPurchase(purchase_id, created_at):
                key, when = _at(f"PURCHASE#{purchase_id}", "PURCHASE"), there
                sort = f"PURCHASE#{to_text(created_at)}#{purchase_id}"
                actions = [Item.gsi1pk.set(f"USER#{user_id}"), Item.gsi1sk.set(sort)]
            case SetPremium(until, seen, rev):
                premium, counter = Path("premium_until"), Path("subscriptions_rev")
                key = _at(f"USER#{user_id}", "ACCOUNT")
                when = (counter == seen) if seen else counter.does_not_exist() | (counter == 0)
                told = premium.remove() if until is None else premium.set(to_text(until))
                actions = [told, counter.set(rev)]
            case LeadPayment(payment_intent_id, purchase_id):
                key, when = _at(f"PAYMENT#{payment_intent_id}", "PURCHASE"), absent
                leads = [Path("purchase_id").set(purchase_id), Path("rev").set(1)]
                actions = [*self._made("payment_pointer"), *leads]
            case LinkCustomer(customer_id):
                key, when = _at(f"CUSTOMER#{customer_id}", "USER"), absent
                actions = [*self._made("customer"), Path("user_id").set(user_id)]
            case _:
                assert_never(repair)
        return key, actions, when

    def _made(self, kind: str) -> list[Action]:
        """What every new item has."""
        made_at = Item.created_at.set(self._table.clock())
        return [Item.kind.set(kind), Item.v.set(1), made_at]


def _at(pk: str, sk: str) -> Key[Item]:
    return Key(Item, pk, sk)


def _changed() -> Conflict:
    return Conflict("It has changed since it was read.")
