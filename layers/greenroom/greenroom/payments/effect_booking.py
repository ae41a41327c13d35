"""What a paid seat in a class becomes: the confirmed booking; or the payment goes back at once."""

from dataclasses import replace
from typing import Protocol

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import GreenroomError, refusal_of
from greenroom.kernel.turns import Overtaken
from greenroom.payments.domain import Purchase, banked, fulfilled
from greenroom.payments.effects import Also
from greenroom.payments.races import EarlyNews, EffectStands, EventSeen
from greenroom.payments.store import PaymentStore
from greenroom.table.transaction import Transaction

_RACES = (Overtaken, EventSeen, EarlyNews)  # whoever meets one reads again, or is a repeat


class Confirm(Protocol):
    """Adds the steps that confirm the booking of a purchase, as it stands at this moment.

    Raises (or lets the commit raise) ``Refused`` for a booking that cannot be had any more, and
    ``Overtaken`` for one that was changed while it was read.
    """

    def __call__(self, tx: Transaction, purchase: Purchase) -> bool:
        """Add them; False where this very purchase has confirmed it before."""


class Follow(Protocol):
    """Adds the optional step by which a booking learns where its money now stands."""

    def __call__(self, tx: Transaction, purchase: Purchase) -> None:
        """Add it."""


class BookingConfirmed:
    """A seat in a class."""

    def __init__(
        self, store: PaymentStore, *, confirm: Confirm, follow: Follow, clock: Clock
    ) -> None:
        self._store = store
        self._confirm = confirm
        self._follow = follow
        self._clock = clock

    def have(
        self, purchase: Purchase, *, rev: int, also: Also, redeeming: bool = False
    ) -> Purchase:
        """Confirm the booking."""
        done = fulfilled(purchase)
        tx = self._store.transaction()
        also(tx, done)
        if not self._confirm(tx, done):
            raise EffectStands(done, reason="confirmed_before")
        errors = [violation.error for violation in tx.attempt()]
        for error in errors:
            if isinstance(error, _RACES):
                raise error
        if errors:
            raise refusal_of(errors)
        return done

    def why_kept(self, refused: GreenroomError) -> str | None:
        """Whatever keeps somebody from the class: its code, in small letters."""
        return None if isinstance(refused, _RACES) else refused.code.lower()

    def kept(self, purchase: Purchase, reason: str) -> Purchase:
        """It goes back by itself, at once: nobody waits for a class that they cannot have."""
        return replace(banked(purchase, reason), refund_due_at=self._clock())

    def follow(self, tx: Transaction, purchase: Purchase) -> None:
        """Let the booking say where its money stands."""
        self._follow(tx, purchase)
