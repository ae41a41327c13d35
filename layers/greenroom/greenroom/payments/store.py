"""Writes of purchases and what belongs to them; ``items`` has the key chart.

Every step says what losing a race means: ``EventSeen``, ``Overtaken`` or ``EarlyNews``.
"""

from datetime import datetime, timedelta

from pynamodb.expressions.update import Action

from greenroom.kernel.clock import epoch_s, to_text
from greenroom.kernel.errors import GreenroomError
from greenroom.kernel.limits import STRIPE_EVENT_KEPT_S
from greenroom.kernel.turns import Overtaken
from greenroom.payments.billing_items import reversal_of_json, reversal_to_json
from greenroom.payments.billing_store import BillingStore
from greenroom.payments.changes import differences, made
from greenroom.payments.domain import Purchase
from greenroom.payments.events import StripeEvent
from greenroom.payments.items import (
    REFUND,
    CustomerItem,
    EventItem,
    PayerItem,
    PointerItem,
    PurchaseItem,
    SlotItem,
    event_item,
    purchase_values,
)
from greenroom.payments.news import News, Outcome
from greenroom.payments.races import EarlyNews, EventSeen
from greenroom.payments.reads import HeldPurchase, Slot
from greenroom.payments.reversals import Reversal
from greenroom.table.item import due_key
from greenroom.table.transaction import Transaction


class PaymentStore(BillingStore):
    """Reads and writes of payments; ``BillingStore`` has those of subscriptions."""

    def transaction(self) -> Transaction:
        """An empty transaction on the payments' table."""
        return self._table.transaction()

    def keep(self, news: News[StripeEvent], outcome: Outcome) -> Outcome:
        """Keep an event that has no other effect; raises as ``Transaction.commit`` does."""
        tx = self.transaction()
        self.add_event(tx, news, outcome)
        tx.commit()
        return outcome

    def add_event(self, tx: Transaction, news: News[StripeEvent], outcome: Outcome) -> None:
        """Add the step that keeps an event with what became of it: ``EventSeen`` if it is there."""
        event = news.event
        if news.again:
            key, there = EventItem.at(event.event_id), EventItem.pk.exists()
            actions = EventItem.outcome.set(outcome)
            tx.update("stripe_event", key, actions, when=there, otherwise=EventSeen())
            return
        kept_until = self._table.clock() + timedelta(seconds=STRIPE_EVENT_KEPT_S)
        item = event_item(event, news.raw, outcome=outcome, ttl=epoch_s(kept_until))
        tx.put("stripe_event", item, otherwise=EventSeen())

    def add_purchase(self, tx: Transaction, purchase: Purchase) -> None:
        """Add the step that writes a new purchase; nobody's own is in no list."""
        key = PurchaseItem.at(purchase.purchase_id)
        item = PurchaseItem(
            key.pk,
            key.sk,
            rev=1,
            created_at=purchase.created_at,
            **purchase_values(purchase),
        )
        if purchase.user_id:
            item.gsi1pk = f"USER#{purchase.user_id}"
            item.gsi1sk = f"PURCHASE#{to_text(purchase.created_at)}#{purchase.purchase_id}"
        tx.put("purchase", item, otherwise=Overtaken())

    def add_change(self, tx: Transaction, held: HeldPurchase, purchase: Purchase) -> None:
        """Add the step that makes a purchase into this one, unless somebody changed it since."""
        due_at = purchase.refund_due_at
        moved = (
            _refund_due(purchase.purchase_id, due_at)
            if due_at != held.purchase.refund_due_at
            else []
        )
        tx.update(
            "purchase",
            PurchaseItem.at(purchase.purchase_id),
            PurchaseItem.rev.set(held.rev + 1),
            *differences(PurchaseItem, purchase_values(held.purchase), purchase_values(purchase)),
            *moved,
            when=PurchaseItem.rev == held.rev,
            otherwise=Overtaken(),
        )

    def add_returned(
        self,
        tx: Transaction,
        purchase_id: str | None,
        *,
        reason: str,
        refund_due_at: datetime,
        session_id: str | None = None,
    ) -> None:
        """Add the step that banks a payment again whose effect was given up before it was had.

        From ``refund_due_at`` on it goes back by itself. The step is left out where nothing is
        to be returned, and unless the purchase is still that of the session, if it is of one.
        """
        if purchase_id is None:
            return
        when = PurchaseItem.standing == "fulfilled"
        if session_id is not None:
            when &= PurchaseItem.session_id == session_id
        tx.update(
            "purchase",
            PurchaseItem.at(purchase_id),
            PurchaseItem.standing.set("banked"),
            PurchaseItem.reason.set(reason),
            PurchaseItem.session_id.remove(),
            PurchaseItem.returns.add(1),
            PurchaseItem.rev.add(1),
            PurchaseItem.refund_due_at.set(refund_due_at),
            *_refund_due(purchase_id, refund_due_at),
            when=when,
            otherwise=Overtaken(),
            optional=True,
        )

    def add_slot(self, tx: Transaction, user_id: str, thing: str, slot: Slot) -> None:
        """Add the step that takes the slot where there is none."""
        key = SlotItem.at(user_id, thing)
        item = SlotItem(
            key.pk,
            key.sk,
            purchase_id=slot.purchase_id,
            expires_at=slot.expires_at,
            success_path=slot.success_path,
            cancel_path=slot.cancel_path,
        )
        tx.put("checkout_slot", item, otherwise=Overtaken())

    def add_slot_takeover(
        self, tx: Transaction, user_id: str, thing: str, slot: Slot, *, of: str
    ) -> None:
        """Add the step that takes the slot from the purchase ``of``, which needs it no more."""
        tx.update(
            "checkout_slot",
            SlotItem.at(user_id, thing),
            SlotItem.purchase_id.set(slot.purchase_id),
            SlotItem.expires_at.set(slot.expires_at),
            SlotItem.success_path.set(slot.success_path),
            SlotItem.cancel_path.set(slot.cancel_path),
            when=SlotItem.purchase_id == of,
            otherwise=Overtaken(),
        )

    def add_pointer(
        self,
        tx: Transaction,
        payment_intent_id: str,
        *,
        purchase_id: str | None = None,
        reversal: Reversal | None = None,
        rev: int = 0,
    ) -> None:
        """Add the step that lets a payment lead to its purchase, or keeps news of it till then.

        ``rev`` is that of the pointer that is known, 0 for none. One that is there without
        our knowing is ``EarlyNews`` if it keeps some, else ``Overtaken``.
        """
        tx.update(
            "payment_pointer",
            PointerItem.at(payment_intent_id),
            *made(PointerItem, self._table.clock()),
            *differences(
                PointerItem,
                {"purchase_id": None, "reversal": {}},
                {
                    "purchase_id": purchase_id,
                    "reversal": reversal_to_json(reversal) if reversal else None,
                },
            ),
            PointerItem.rev.set(rev + 1),
            when=(PointerItem.rev == rev) if rev else PointerItem.pk.does_not_exist(),
            otherwise=_pointer_moved,
        )

    def add_customer(
        self, tx: Transaction, user_id: str, customer_id: str, *, generation: int
    ) -> None:
        """Add the steps that link a person and their customer: ``Overtaken`` if there is one."""
        path = PayerItem.customer_id
        tx.update(
            "payer",
            PayerItem.at(user_id),
            *made(PayerItem, self._table.clock()),
            path.set(customer_id),
            PayerItem.generation.set(generation),
            when=path.does_not_exist(),
            otherwise=Overtaken(),
        )
        key = CustomerItem.at(customer_id)
        item = CustomerItem(key.pk, key.sk, user_id=user_id)
        free = CustomerItem.pk.does_not_exist() | (CustomerItem.user_id == user_id)
        tx.put("customer", item, when=free, otherwise=Overtaken())

    def add_parting(self, tx: Transaction, user_id: str, customer_id: str) -> None:
        """Add the steps that part a person from a customer who is gone, as far as they are one."""
        tx.delete(
            "customer",
            CustomerItem.at(customer_id),
            when=CustomerItem.user_id == user_id,
            otherwise=Overtaken(),
            optional=True,
        )
        tx.update(
            "payer",
            PayerItem.at(user_id),
            PayerItem.customer_id.remove(),
            PayerItem.generation.add(1),
            when=PayerItem.customer_id == customer_id,
            otherwise=Overtaken(),
            optional=True,
        )


def _refund_due(purchase_id: str, due_at: datetime | None) -> list[Action]:
    """The actions that put a purchase into the work index, or take it out."""
    if due_at is None:
        return [PurchaseItem.gsi2pk.remove(), PurchaseItem.gsi2sk.remove()]
    partition, sort = due_key(REFUND, purchase_id, to_text(due_at))
    return [PurchaseItem.gsi2pk.set(partition), PurchaseItem.gsi2sk.set(sort)]


def _pointer_moved(old: PointerItem | None) -> GreenroomError:
    if old is None or old.attribute_values.keys() & {"purchase_id", "subscription_id"}:
        return Overtaken()
    return EarlyNews(rev=old.rev, reversal=reversal_of_json(old.reversal))
