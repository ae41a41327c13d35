"""What becomes of the card payment of a booking: a booking says where its money stands.

A payment that comes confirms its booking (``confirming``); one that cannot is on its way back, and
news of refunds and disputes come long after the class. Whatever they say, the booking's own state
stays: only the word for its money moves.
"""

from dataclasses import replace
from typing import Final

from greenroom.bookings.booking_store import BookingStore
from greenroom.bookings.domain import Booking, PaymentStatus
from greenroom.kernel.errors import NotFound
from greenroom.organizations.repo import OrgRepo
from greenroom.table.transaction import Transaction

_OVER: Final = frozenset({"cancelled", "late_cancelled", "expired"})
_UNPAID: Final = frozenset({"pending", "void"})


class BookingMoney:
    """Lets bookings follow their card payments."""

    def __init__(self, store: BookingStore) -> None:
        self._store = store

    def add_money(
        self,
        tx: Transaction,
        repo: OrgRepo,
        booking_id: str,
        *,
        purchase_id: str,
        money: PaymentStatus,
    ) -> None:
        """Add the steps by which a booking says where the money of a payment of it now stands.

        Nothing is added for a booking that is gone, says so already, or was paid by another
        payment. The step fails with ``Overtaken`` if the booking moved since.
        """
        try:
            seen = self._store.load(repo, booking_id)
        except NotFound:
            return
        if not _is_of(seen, purchase_id) or seen.payment_status == money:
            return
        moved = replace(seen, payment_status=money, purchase_id=purchase_id)
        self._store.add_move(tx, repo, seen, moved)
        facts = {"from": seen.payment_status, "to": money, "purchaseId": purchase_id}
        self._store.add_event(tx, repo, booking_id, money, facts=facts, name="booking_event")


def _is_of(booking: Booking, purchase_id: str) -> bool:
    """Whether the booking's money is that payment's: it was paid so, or ended before it came."""
    if booking.purchase_id is not None:
        return booking.purchase_id == purchase_id
    return booking.booking_status in _OVER and booking.payment_status in _UNPAID
