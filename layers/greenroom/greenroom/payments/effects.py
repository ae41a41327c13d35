"""What paid purchases become: an effect for each kind, in ONE transaction with the row.

The first news of a payment and the redeeming of a banked one have the same effect; the steps that
only one of the two has are handed in as ``also``.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from greenroom.accounts.domain import EntryExists
from greenroom.accounts.service import Accounts
from greenroom.kernel.errors import GreenroomError
from greenroom.payments.domain import Purchase, banked, difference, fulfilled, posted
from greenroom.payments.kinds import Kind
from greenroom.payments.ledger import purchase_posting, reversal_posting
from greenroom.payments.races import EffectStands
from greenroom.payments.store import PaymentStore
from greenroom.table.transaction import Transaction

Also = Callable[[Transaction, Purchase], None]


class Effect(Protocol):
    """What purchases of one kind become once they are paid."""

    def have(
        self, purchase: Purchase, *, rev: int, also: Also, redeeming: bool = False
    ) -> Purchase:
        """Commit the effect with the steps that ``also`` adds, and tell how the purchase stands.

        ``rev`` is the purchase's revision by then; ``redeeming``: it had been banked.

        Raises:
            EffectStands: it was had before, whatever the purchase's row says.
            Refused: it cannot be had; ``why_kept`` knows what is a reason to bank the payment.
            Overtaken: read again.
        """
        ...

    def why_kept(self, refused: GreenroomError) -> str | None:
        """The reason to bank a payment whose effect was refused so; None: that is none."""
        ...

    def kept(self, purchase: Purchase, reason: str) -> Purchase:
        """The payment as it is banked."""
        ...

    def follow(self, tx: Transaction, purchase: Purchase) -> None:
        """Add the steps by which others learn where the money of a purchase now stands."""
        ...


Effects = Mapping[Kind, Effect]


class Unfollowed:
    """An effect whose money nobody follows, and that is refused to nobody."""

    def why_kept(self, _refused: GreenroomError) -> str | None:
        """No refusal is a reason to bank such a payment."""
        return None

    def kept(self, purchase: Purchase, reason: str) -> Purchase:
        """It waits for its person, to be redeemed or refunded."""
        return banked(purchase, reason)

    def follow(self, _tx: Transaction, _purchase: Purchase) -> None:
        """Nobody has to learn of it."""


class Credited(Unfollowed):
    """Credits: an entry of the ledger, less what went back before they were paid."""

    def __init__(self, store: PaymentStore, *, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def have(
        self, purchase: Purchase, *, rev: int, also: Also, redeeming: bool = False
    ) -> Purchase:
        """Post what was bought; ``EffectStands`` if the ledger has it by its key."""
        bought = fulfilled(purchase)
        postings = [purchase_posting(purchase)]
        if back := difference(bought):
            postings.append(reversal_posting(bought, back, rev=rev))
        done = posted(bought)
        tx = self._store.transaction()
        also(tx, done)
        self._accounts.add_credits(tx, purchase.user_id, postings)
        try:
            tx.commit()
        except EntryExists as before:
            raise EffectStands(done, reason="credited_before") from before
        return done


class Subscribed(Unfollowed):
    """A subscription: its own news say what it opens, so that nothing but the person is asked."""

    def __init__(self, store: PaymentStore, *, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def have(
        self, purchase: Purchase, *, rev: int, also: Also, redeeming: bool = False
    ) -> Purchase:
        """Write that it was paid."""
        done = fulfilled(purchase)
        tx = self._store.transaction()
        also(tx, done)
        self._accounts.add_existence(tx, purchase.user_id)
        tx.commit()
        return done
