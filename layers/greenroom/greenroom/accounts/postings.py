"""Steps that post to a person's ledger, and the one that moves what a subscription opens."""

from collections.abc import Sequence
from datetime import datetime

from pynamodb.expressions.update import Action

from greenroom.accounts.conditions import alive, unknown_or_deleted
from greenroom.accounts.domain import (
    BalanceMoved,
    EntryExists,
    EntryKind,
    Posting,
    SubscriptionsChanged,
)
from greenroom.accounts.items import LedgerItem, UserItem
from greenroom.kernel.errors import Conflict, GreenroomError
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction

# Credits (1.00) by kind of entry. A debit is only held until the session is live.
_METRICS: dict[EntryKind, str] = {
    "grant": "CreditsGranted",
    "purchase": "CreditsBought",
    "debit": "CreditsHeld",
    "void": "CreditsVoided",
    "reversal": "CreditsReversed",
    "adjustment": "CreditsAdjusted",
}


class Postings:
    """The ledger's writer, and what payments write on a person; ``AccountStore`` adds the rest."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add_credits(self, tx: Transaction, user_id: str, postings: Sequence[Posting]) -> None:
        """Add the steps that post entries, and move the balance by their sum.

        No balance is asked for: what was taken back may leave a debt. The errors of the steps
        are ``UnknownUser``, ``AccountDeleted`` and ``EntryExists``.
        """
        tx.update(
            "user",
            UserItem.at(user_id),
            UserItem.credits.add(sum(posting.amount for posting in postings)),
            when=alive(),
            otherwise=unknown_or_deleted,
        )
        self.add_entries(tx, user_id, postings)

    def add_adjustment(self, tx: Transaction, user_id: str, posting: Posting, *, seen: int) -> None:
        """Add the steps that post one entry on a balance that was read as ``seen``.

        So whoever adds it may hold a rule on the balance before and after. The errors of the steps
        are ``BalanceMoved``, ``UnknownUser``, ``AccountDeleted`` and ``EntryExists``.
        """

        def meaning(old: UserItem | None) -> GreenroomError:
            gone = old is None or old.is_deleted
            return unknown_or_deleted(old) if gone else BalanceMoved()

        tx.update(
            "user",
            UserItem.at(user_id),
            UserItem.credits.set(seen + posting.amount),
            when=alive() & (UserItem.credits == seen),
            otherwise=meaning,
        )
        self.add_entries(tx, user_id, [posting])

    def add_corrections(
        self,
        tx: Transaction,
        user_id: str,
        postings: Sequence[Posting],
        *,
        seen: int,
        balance: int,
    ) -> None:
        """Add the steps that post what was missing, and set the balance to the ledger's sum.

        ``seen`` is the balance as it was read: who has moved it since makes the step fail with
        ``Conflict``. A deleted person's ledger may be corrected, too.
        """
        tx.update(
            "user",
            UserItem.at(user_id),
            UserItem.credits.set(balance),
            when=UserItem.credits == seen,
            otherwise=Conflict("The balance has changed since it was read."),
        )
        self.add_entries(tx, user_id, postings)

    def add_entries(self, tx: Transaction, user_id: str, postings: Sequence[Posting]) -> None:
        """Add the steps that put entries into the ledger: the only ones that do.

        Whoever adds them moves the balance by as much in the same transaction. The error of a
        step is ``EntryExists``: what its key stands for has happened.
        """
        for posting in postings:
            item = LedgerItem(
                f"USER#{user_id}",
                f"LEDGER#{posting.key}",
                key=posting.key,
                entry=posting.kind,
                amount=posting.amount,
                reason=posting.reason,
                session_id=posting.session_id,
            )
            tx.put("ledger", item, otherwise=EntryExists())
            tx.count(_METRICS[posting.kind], abs(posting.amount) / 100)

    def add_premium(
        self, tx: Transaction, user_id: str, until: datetime | None, *, seen: int, changes: int
    ) -> None:
        """Add the step that says until when the person is premium (None: not at all).

        ``seen`` is how many changes of subscriptions it was derived from, ``changes`` how many
        this transaction makes: nobody derives it from what another is replacing. The errors of
        the step are ``UnknownUser``, ``AccountDeleted`` and ``SubscriptionsChanged``.
        """
        rev, path = UserItem.subscriptions_rev, UserItem.premium_until
        unchanged = (rev == seen) if seen else rev.does_not_exist()
        actions: list[Action] = [
            rev.set(seen + changes),
            path.remove() if until is None else path.set(until),
        ]

        def meaning(old: UserItem | None) -> GreenroomError:
            gone = old is None or old.is_deleted
            return unknown_or_deleted(old) if gone else SubscriptionsChanged()

        tx.update(
            "user", UserItem.at(user_id), *actions, when=alive() & unchanged, otherwise=meaning
        )
