"""Taking a held seat: who was offered it, or whose card payment came; and paying at the studio."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from greenroom.bookings.booking_items import BookingItem
from greenroom.bookings.booking_store import BookingStore
from greenroom.bookings.conditions import bookable, is_scheduled
from greenroom.bookings.domain import (
    Booking,
    ClassSession,
    Seats,
    first_payment,
    refuse_move,
    refused_move,
)
from greenroom.bookings.rules import BookingChanged, refusals_of_booking, refuse
from greenroom.bookings.seat_store import SeatStore
from greenroom.bookings.service import PassWanted, Paying, before
from greenroom.bookings.store import ClassStore
from greenroom.customers.service import Customers
from greenroom.kernel.clock import Clock, to_text
from greenroom.kernel.errors import (
    BookingClosed,
    ClassCancelled,
    GreenroomError,
    InvalidTransition,
    OfferExpired,
)
from greenroom.kernel.limits import Limits
from greenroom.kernel.telemetry import refusals
from greenroom.kernel.turns import in_turn
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.studio import Studio
from greenroom.passes.service import Passes
from greenroom.table.transaction import Transaction


class Confirming:
    """Confirms bookings that have a seat held."""

    def __init__(
        self,
        store: BookingStore,
        *,
        classes: ClassStore,
        seats: SeatStore,
        customers: Customers,
        passes: Passes,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._store = store
        self._classes = classes
        self._seats = seats
        self._customers = customers
        self._passes = passes
        self._clock = clock
        self._limits = limits

    def confirm(self, repo: OrgRepo, studio: Studio, booking_id: str, paying: Paying) -> Booking:
        """Take the seat that was offered; now, and not before, a pass is used.

        Who pays by card has it held once more until the payment comes. Who confirms again is told
        how the booking stands.

        Raises:
            NotFound: there is no such booking or pass.
            OfferExpired: the offer's time is over; it goes to the next.
            InvalidTransition: nothing is offered.
            ClassCancelled, CustomerInactive, Overlap, PrepaymentRequired, NoRemainingUse,
                PassExpired, PassNotYetValid, PassInactive, PassNotForClass: see ``violations``.
        """
        with refusals("BookingRejected", label="code"):
            return in_turn(lambda: self._confirm(repo, studio, booking_id, paying))

    def add_paid(
        self, tx: Transaction, repo: OrgRepo, booking_id: str, *, purchase_id: str
    ) -> bool:
        """Add the steps that confirm a booking whose card payment came.

        A hold that is over but was not handed on yet still counts; after that the seat is taken
        anew if one is free. False where this very payment has confirmed it before: nothing is
        added then.

        Raises:
            NotFound: there is no such booking.
            InvalidTransition: it was cancelled, or is confirmed already, or its class is at
                another time by now.

        The steps fail with ``Overtaken``, ``ClassCancelled``, ``ClassFull``, ``BookingClosed``,
        ``AlreadyBooked`` or ``Overlap``.
        """
        seen = self._store.load(repo, booking_id)
        if seen.purchase_id == purchase_id and seen.payment_status == "paid":
            return False
        refuse_move(seen, "confirmed")
        if seen.booking_status == "offered":
            raise refused_move(seen, "confirmed", "The booking awaits no payment.")
        klass = self._classes.load(repo, seen.class_session_id)
        paid = replace(
            seen,
            booking_status="confirmed",
            payment_status="paid",
            purchase_id=purchase_id,
            expires_at=None,
        )
        self._store.add_move(tx, repo, seen, paid, otherwise=lambda _: BookingChanged())
        if seen.booking_status == "pending":
            self._add_taken(tx, repo, klass)
            self._seats.add_seat_move(tx, repo, seen, "confirmed", name="seat")
        else:
            _refuse_moved(klass, seen)
            self._add_seated_anew(tx, repo, klass, paid)
        facts = {"from": seen.booking_status, "to": "confirmed", "purchaseId": purchase_id}
        self._store.add_event(tx, repo, booking_id, "paid", facts=facts, name="booking_event")
        return True

    def paid_at_studio(self, repo: OrgRepo, booking_id: str) -> Booking:
        """Note that the studio was paid, once; who notes it again is told how it stands.

        Raises:
            NotFound: there is no such booking.
            InvalidTransition: nothing is to be paid at the studio.
        """

        def pay() -> Booking:
            seen = self._store.load(repo, booking_id)
            if seen.payment_status == "paid":
                return seen
            seated = seen.booking_status in {"confirmed", "attended", "no_show", "late_cancelled"}
            if not seated or seen.payment_status != "pending":
                told: dict[str, Any] = {"from": seen.payment_status, "to": "paid", "allowed": []}
                raise InvalidTransition("There is nothing to be paid at the studio.", **told)
            tx = self._store.transaction()
            moved = replace(seen, payment_status="paid")
            self._store.add_move(tx, repo, seen, moved)
            self._store.add_event(tx, repo, booking_id, "paid_at_studio")
            refuse(violation.error for violation in tx.attempt())
            return replace(moved, rev=seen.rev + 1)

        return in_turn(pay)

    def _confirm(self, repo: OrgRepo, studio: Studio, booking_id: str, paying: Paying) -> Booking:
        now = self._clock()
        seen = self._store.load(repo, booking_id)
        if seen.booking_status == "expired" or seen.has_expired(now):
            raise OfferExpired
        became = "pending" if _by_card(seen, paying) else "confirmed"
        if seen.booking_status == became and seen.joined_at is not None:
            return seen
        if seen.booking_status != "offered":
            raise refused_move(seen, "confirmed", "No seat is offered to this booking.")
        klass = self._classes.load(repo, seen.class_session_id)
        told = before(studio, seen.amount_cents, paying)
        moved = self._taken(repo, klass, seen, paying, now)
        tx = self._confirming(repo, klass, seen, moved)
        violations = tx.rehearse() if told else tx.attempt()
        refuse(told + [violation.error for violation in violations])
        return replace(moved, rev=seen.rev + 1)

    def _taken(
        self, repo: OrgRepo, klass: ClassSession, seen: Booking, paying: Paying, now: datetime
    ) -> Booking:
        """The booking as its customer takes the seat: confirmed, or held for a card payment."""
        if _by_card(seen, paying):
            hold = now + timedelta(seconds=self._limits.booking_hold_s)
            return replace(seen, booking_status="pending", expires_at=hold)
        use = None
        if isinstance(paying, PassWanted):
            use = self._passes.use_of(repo, seen.customer, paying.kind, paying.pass_id, klass.facts)
        return replace(
            seen,
            booking_status="confirmed",
            payment_status=first_payment(seen.amount_cents, has_pass=use is not None),
            use=use,
            expires_at=None,
        )

    def _confirming(
        self,
        repo: OrgRepo,
        klass: ClassSession,
        seen: Booking,
        moved: Booking,
    ) -> Transaction:
        now = self._clock()
        tx = self._store.transaction()
        if moved.booking_status == "confirmed":
            self._add_taken(tx, repo, klass)
        else:
            self._classes.add_seats(
                tx, repo, klass, Seats(), when=is_scheduled(), refusals=_refusals_of_taking
            )
        self._customers.add_active(tx, repo, seen.customer)
        self._seats.add_seat_move(tx, repo, seen, moved.booking_status, name="seat")
        self._seats.add_to_agenda(tx, repo, moved, takes_time=True)
        if moved.use is not None:
            self._passes.add_use(tx, repo, seen.customer, moved.use, klass.facts)
        self._store.add_move(
            tx,
            repo,
            seen,
            moved,
            when=BookingItem.expires_at > now,
            otherwise=lambda old: OfferExpired() if old.has_expired(now) else BookingChanged(),
        )
        facts = {"from": seen.booking_status, "to": moved.booking_status}
        self._store.add_event(tx, repo, seen.booking_id, moved.booking_status, facts=facts)
        return tx

    def _add_taken(self, tx: Transaction, repo: OrgRepo, klass: ClassSession) -> None:
        self._classes.add_seats(
            tx,
            repo,
            klass,
            Seats(held=-1, booked=1),
            when=is_scheduled(),
            refusals=_refusals_of_taking,
        )

    def _add_seated_anew(
        self, tx: Transaction, repo: OrgRepo, klass: ClassSession, paid: Booking
    ) -> None:
        """Add the steps that seat somebody whose hold was over when the payment came."""
        now = self._clock()
        if now >= klass.starts_at:
            raise BookingClosed(closedAt=to_text(klass.starts_at))
        self._classes.add_seats(
            tx,
            repo,
            klass,
            Seats(free=-1, booked=1),
            when=bookable(now, klass, staff=True, limits=self._limits),
            refusals=lambda old: refusals_of_booking(old, now, staff=True, limits=self._limits),
        )
        self._seats.add_seat(tx, repo, paid)
        self._seats.add_to_agenda(tx, repo, paid, takes_time=True)


def _by_card(seen: Booking, paying: Paying) -> bool:
    """Whether the seat is held until a card payment comes; who pays nothing just has it."""
    return paying == "drop_in" and seen.amount_cents > 0


def _refuse_moved(klass: ClassSession, seen: Booking) -> None:
    """Seat nobody in a class at a time that they did not book."""
    if (klass.starts_at, klass.duration_min) != (seen.starts_at, seen.duration_min):
        raise refused_move(seen, "confirmed", "The class is at another time by now.")


def _refusals_of_taking(old: ClassSession) -> list[GreenroomError]:
    """Why a held seat cannot be taken: only that the class does not take place."""
    return [ClassCancelled()] if old.status == "cancelled" else []
