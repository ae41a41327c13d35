"""Paying for a class by card: the checkout of a seat that is held for its customer meanwhile."""

from collections.abc import Callable

from greenroom.accounts.identity import Identity
from greenroom.bookings.booking_items import BookingItem, booking_of
from greenroom.bookings.booking_store import BookingStore
from greenroom.bookings.domain import Booking, refused_move
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    Forbidden,
    GreenroomError,
    NotFound,
    OfferExpired,
    Refused,
    Unavailable,
)
from greenroom.organizations.repo import OrgRepo
from greenroom.payments.catalogue import ClassSeat
from greenroom.payments.checkout import Checkouts, Wish
from greenroom.payments.domain import BookingFacts, Purchase
from greenroom.table.transaction import Transaction


class BookingPayments:
    """Sends customers to pay. ``checkouts`` are made only for whoever pays."""

    def __init__(
        self, store: BookingStore, *, checkouts: Callable[[], Checkouts], clock: Clock
    ) -> None:
        self._store = store
        self._checkouts = checkouts
        self._clock = clock

    def checkout(self, repo: OrgRepo, identity: Identity, booking_id: str) -> Purchase:
        """Send the customer to pay by card: the open checkout of this booking, or a new one.

        Raises:
            NotFound: there is no such booking.
            Forbidden: it is somebody else's: a card payment belongs to who pays.
            InvalidTransition: it awaits no payment.
            OfferExpired: the seat was held too long.
            AccountDeleted: the person's account was deleted.
            ProviderFailed, ProviderThrottled, ProviderTimedOut: begin again; nothing is lost.
        """
        booking = self._store.load(repo, booking_id)
        if repo.principal.customer != booking.customer:
            raise Forbidden("Only the customer themselves pays by card.")
        if refused := self._refusal(booking):
            raise refused
        place = f"booking_id={booking_id}&organization_id={booking.organization_id}"
        wish = Wish(
            product=ClassSeat(
                name=booking.class_name,
                price_cents=booking.amount_cents,
                currency=booking.currency,
            ),
            booking=BookingFacts(
                organization_id=booking.organization_id,
                booking_id=booking_id,
                class_session_id=booking.class_session_id,
                class_name=booking.class_name,
            ),
            also=lambda tx: self._add_awaiting(tx, repo, booking_id),
            success_path=f"/#/classes/paid?{place}",
            cancel_path=f"/#/classes/pay?{place}",
        )
        return self._checkouts().begin(identity, wish)

    def page(self, repo: OrgRepo, identity: Identity, booking: Booking) -> str | None:
        """The page where a booking that was just made is paid, if it awaits a card payment.

        The booking stands whether or not there is a page already: whoever gets none asks for it
        with ``checkout``. That is the customer's own to do, in person.
        """
        own = repo.principal.customer == booking.customer and identity.actor_id is None
        if not own or self._refusal(booking) is not None:
            return None
        try:
            return self.checkout(repo, identity, booking.booking_id).checkout_url
        except (Refused, Unavailable):
            return None

    def _add_awaiting(self, tx: Transaction, repo: OrgRepo, booking_id: str) -> None:
        """Add the check that the booking awaits its payment, and its seat is held."""
        held = BookingItem.expires_at > self._clock()
        tx.check(
            "booking",
            BookingItem.at(repo, booking_id),
            when=(BookingItem.booking_status == "pending") & held,
            otherwise=self._meaning,
        )

    def _meaning(self, old: BookingItem | None) -> GreenroomError:
        refused = self._refusal(booking_of(old)) if old else NotFound()
        if refused is None:
            raise ValueError("a broken condition that no rule explains")
        return refused

    def _refusal(self, booking: Booking) -> GreenroomError | None:
        """Why a booking cannot be paid by card now."""
        if booking.booking_status != "pending":
            return refused_move(booking, "confirmed", "This booking awaits no card payment.")
        if booking.has_expired(self._clock()):
            return OfferExpired("The time to pay for this seat is over. Book again.")
        return None
