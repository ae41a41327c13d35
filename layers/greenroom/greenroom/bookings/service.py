"""Booking a seat, or a place on the waitlist: planned from one read, done in ONE transaction.

The transaction holds class, customer, seat, agenda, pass, booking and event with the condition of
each, so every violated rule is known at once, and a dry run asks the very same conditions.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from greenroom.bookings.booking_store import BookingStore
from greenroom.bookings.conditions import bookable, joinable
from greenroom.bookings.domain import (
    Booking,
    BookingEvent,
    BookingStatus,
    ClassSession,
    Seats,
    first_payment,
)
from greenroom.bookings.rules import (
    ClassChanged,
    refusals_of_booking,
    refusals_of_waiting,
    refuse,
)
from greenroom.bookings.seat_store import SeatStore
from greenroom.bookings.store import ClassStore
from greenroom.customers.domain import Customer
from greenroom.customers.service import Customers
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    AlreadyBooked,
    ClassFull,
    ClassNotFull,
    GreenroomError,
    IdempotencyMismatch,
    Overlap,
    PrepaymentRequired,
    Refused,
)
from greenroom.kernel.ids import new_id, studio_id_of
from greenroom.kernel.limits import WAITLIST_MAX, Limits
from greenroom.kernel.telemetry import refusals
from greenroom.kernel.turns import Overtaken, in_turn
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.studio import Studio
from greenroom.passes.domain import PassKind
from greenroom.passes.service import Passes
from greenroom.table.transaction import Transaction, Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class PassWanted:
    """A pass of the customer's that is to be used."""

    kind: PassKind
    pass_id: str


class End(Protocol):
    """Ends a booking that counts no more: a hold or an offer whose time is over.

    With ``waits`` also a place on a waitlist from which nothing is offered any more.
    """

    def __call__(self, repo: OrgRepo, booking_id: str, now: datetime, *, waits: bool) -> bool:
        """Whether it did."""


# Drop-in: by card, the seat is held meanwhile. At studio: the staff say that they are paid there.
Paying = PassWanted | Literal["drop_in", "at_studio"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be booked for whom.

    ``add_customer`` adds the step that the customer stands, or is made; without it they must be
    active. ``source`` says where it came from (``staff``, ``client``, ``widget``).
    """

    class_session_id: str
    customer: CustomerRef
    customer_name: str
    source: str
    user_id: str | None = None
    paying: Paying = None
    join_waitlist: bool = False
    request_hash: str | None = None
    key: str | None = None
    add_customer: Callable[[Transaction], None] | None = None

    @classmethod
    def of(cls, customer: Customer, **wanted: Any) -> "Wish":
        """The wish for a customer that was looked up."""
        return cls(customer=customer.ref, customer_name=customer.name, **wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What a wish became, and whether an earlier request with the same key had done it.

    A dry run has the very item that would be written as ``row``.
    """

    booking: Booking
    replayed: bool = False
    row: dict[str, Any] | None = None


class Bookings:
    """Makes bookings."""

    def __init__(
        self,
        store: BookingStore,
        *,
        classes: ClassStore,
        seats: SeatStore,
        customers: Customers,
        passes: Passes,
        end: End,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._store = store
        self._classes = classes
        self._seats = seats
        self._customers = customers
        self._passes = passes
        self._end = end
        self._clock = clock
        self._limits = limits

    def book(self, repo: OrgRepo, studio: Studio, wish: Wish, *, dry_run: bool = False) -> Booked:
        """Give the customer a seat, or all the reasons why not; a dry run writes nothing.

        With ``join_waitlist`` a full class gives a place on its waitlist instead. A hold or an
        offer of the customer's that is over keeps them from nothing, swept or not; nor does their
        place on the waitlist, once free seats are everybody's. Only a dry run takes them as they
        stand.

        Raises:
            NotFound: no such class, customer or pass in this organisation.
            ClassFull, ClassCancelled, BookingClosed, CustomerInactive, AlreadyBooked, Overlap,
                PrepaymentRequired, NoRemainingUse, PassExpired, PassNotYetValid, PassInactive,
                PassNotForClass: the first violated rule; its ``violations`` name all.
            IdempotencyMismatch: the key was used for another request.
        """
        with _counted(dry_run=dry_run):
            return in_turn(lambda: self._book(repo, studio, wish, dry_run=dry_run))

    def join(self, repo: OrgRepo, wish: Wish, *, dry_run: bool = False) -> Booked:
        """Give the customer the last place on the waitlist of a full class.

        Raises:
            NotFound, ClassCancelled, BookingClosed, CustomerInactive, AlreadyBooked,
                IdempotencyMismatch: as for ``book``.
            ClassNotFull, WaitlistFull, WaitlistClosed: there is nothing to wait for.
        """

        def join() -> Booked:
            klass = self._classes.load(repo, wish.class_session_id)
            return self._done(repo, self._waiting(repo, wish, klass), wish, dry_run=dry_run)

        with _counted(dry_run=dry_run):
            return in_turn(join)

    def load(self, repo: OrgRepo, booking_id: str) -> Booking:
        """A booking, for the staff and for its customer.

        Raises:
            NotFound: there is no such booking.
            Forbidden: another customer asks.
        """
        booking = self._store.load(repo, booking_id)
        repo.require(booking.customer)
        return booking

    def detail(
        self, repo: OrgRepo, booking_id: str
    ) -> tuple[Booking, list[BookingEvent], int | None]:
        """A booking with its moves, and its place on the waitlist, if it waits (1 is the head).

        Raises:
            NotFound: there is no such booking.
            Forbidden: another customer asks.
        """
        booking, events = self._store.detail(repo, booking_id)
        repo.require(booking.customer)
        if booking.booking_status != "waitlisted":
            return booking, events, None
        waiting = self._seats.waiting(repo, booking.class_session_id, limit=WAITLIST_MAX)
        place = waiting.index(booking_id) + 1 if booking_id in waiting else None
        return booking, events, place

    def of_customer(
        self, repo: OrgRepo, ref: CustomerRef, *, limit: int, cursor: str | None
    ) -> tuple[list[Booking], str | None]:
        """A page of a customer's bookings, the last class first."""
        return self._store.of_customer(repo, ref, limit=limit, cursor=cursor)

    def _book(self, repo: OrgRepo, studio: Studio, wish: Wish, *, dry_run: bool) -> Booked:
        klass = self._classes.load(repo, wish.class_session_id)
        told = before(studio, klass.price_cents, wish.paying)
        attempt = self._seated(repo, wish, klass)
        try:
            return self._done(repo, attempt, wish, dry_run=dry_run, told=told)
        except ClassFull as full:
            if not wish.join_waitlist or len(full.facts["violations"]) > 1:
                raise
        waiting = self._waiting(repo, wish, klass, instead=True)
        try:
            return self._done(repo, waiting, wish, dry_run=dry_run)
        except Refused as refusal:
            told = refusal.facts.get("violations", ())
            if all(one["code"] != ClassNotFull.code for one in told):
                raise
            raise ClassChanged from refusal  # a seat became free in between, and may be theirs

    def _done(
        self,
        repo: OrgRepo,
        attempt: "_Attempt",
        wish: Wish,
        *,
        dry_run: bool,
        told: list[GreenroomError] | None = None,
    ) -> Booked:
        """Do it, or rehearse it where it may not be done anyhow."""
        tx, booking = attempt.tx, attempt.booking
        told = told or []
        violations = tx.rehearse() if dry_run or told else tx.attempt()
        earlier = self._store.existing(violations)
        if earlier is not None and not dry_run:
            same_class = earlier.class_session_id == wish.class_session_id
            if not same_class or earlier.request_hash != wish.request_hash:
                raise IdempotencyMismatch
            return Booked(booking=earlier, replayed=True)
        errors = told + [one.error for one in violations if not _is_key(one)]
        if not dry_run:
            self._make_way(repo, errors)
        refuse(_without_echo(errors))
        return Booked(booking=booking, row=self._store.row(tx) if dry_run else None)

    def _make_way(self, repo: OrgRepo, errors: list[GreenroomError]) -> None:
        """End what of the customer's own keeps them from this class, if it counts no more.

        Raises:
            Overtaken: something was ended: begin again.
        """
        own = [one for one in errors if isinstance(one, AlreadyBooked | Overlap)]
        waits, now = len(errors) == 1, self._clock()  # nothing else keeps them from a free seat
        if [one for one in own if self._end(repo, one.facts["bookingId"], now, waits=waits)]:
            raise Overtaken

    def _seated(self, repo: OrgRepo, wish: Wish, klass: ClassSession) -> "_Attempt":
        """The transaction that gives a seat: booked, or held for a card payment."""
        now, staff = self._clock(), repo.principal.is_staff
        held = wish.paying == "drop_in" and klass.price_cents > 0
        booking = self._drafted(repo, wish, klass, now, "pending" if held else "confirmed")
        if held:
            hold = now + timedelta(seconds=self._limits.booking_hold_s)
            booking = replace(booking, expires_at=hold)
        use = None
        if isinstance(wish.paying, PassWanted):
            use = self._passes.use_of(
                repo, wish.customer, wish.paying.kind, wish.paying.pass_id, klass.facts
            )
            booking = replace(booking, use=use)
        tx = self._store.transaction()
        self._classes.add_seats(
            tx,
            repo,
            klass,
            Seats(free=-1, booked=0 if held else 1, held=1 if held else 0),
            when=bookable(now, klass, staff=staff, limits=self._limits),
            refusals=lambda old: refusals_of_booking(old, now, staff=staff, limits=self._limits),
        )
        self._add_common(tx, repo, wish, booking)
        self._seats.add_to_agenda(tx, repo, booking, takes_time=True)
        if use is not None:
            self._passes.add_use(tx, repo, wish.customer, use, klass.facts)
        return _Attempt(tx, booking)

    def _waiting(
        self, repo: OrgRepo, wish: Wish, klass: ClassSession, *, instead: bool = False
    ) -> "_Attempt":
        """The transaction that gives a place on the waitlist; nothing is used or paid yet.

        ``instead`` of a seat: where one is free by now, no rule refuses, and it is tried again.
        """
        now, staff, limits = self._clock(), repo.principal.is_staff, self._limits

        def refusals(old: ClassSession) -> list[GreenroomError]:
            if instead and not refusals_of_booking(old, now, staff=staff, limits=limits):
                return []
            return refusals_of_waiting(old, now, limits=limits)

        booking = replace(
            self._drafted(repo, wish, klass, now, "waitlisted"),
            joined_at=now,
            payment_status=first_payment(klass.price_cents, has_pass=False),
        )
        tx = self._store.transaction()
        self._classes.add_seats(
            tx,
            repo,
            klass,
            Seats(waiting=1, joins=1),
            when=joinable(now, klass, limits=limits),
            refusals=refusals,
        )
        self._add_common(tx, repo, wish, booking)
        self._seats.add_to_agenda(tx, repo, booking, takes_time=False)
        self._seats.add_place(tx, repo, booking)
        return _Attempt(tx, booking)

    def _add_common(self, tx: Transaction, repo: OrgRepo, wish: Wish, booking: Booking) -> None:
        if wish.add_customer is not None:
            wish.add_customer(tx)
        else:
            self._customers.add_active(tx, repo, wish.customer)
        self._seats.add_seat(tx, repo, booking)
        self._store.add_booking(tx, repo, booking)
        tx.count("BookingsMade", status=booking.booking_status)
        self._store.add_event(
            tx,
            repo,
            booking.booking_id,
            "created",
            facts={"to": booking.booking_status, "source": wish.source},
        )

    def _drafted(
        self,
        repo: OrgRepo,
        wish: Wish,
        klass: ClassSession,
        now: datetime,
        status: BookingStatus,
    ) -> Booking:
        whose = (repo.organization_id, repo.principal.actor)
        made = studio_id_of("booking", *whose, wish.key) if wish.key else new_id()
        return Booking(
            booking_id=made,
            organization_id=repo.organization_id,
            class_session_id=klass.class_session_id,
            customer=wish.customer,
            customer_name=wish.customer_name,
            booking_status=status,
            payment_status=first_payment(
                klass.price_cents, has_pass=isinstance(wish.paying, PassWanted)
            ),
            class_name=klass.name,
            class_type=klass.type,
            starts_at=klass.starts_at,
            duration_min=klass.duration_min,
            amount_cents=klass.price_cents,
            currency=klass.currency,
            created_at=now,
            source=wish.source,
            late_cancel_min=klass.late_cancel_min,
            late_cancel_fee_cents=klass.late_cancel_fee_cents,
            user_id=wish.user_id,
            request_hash=wish.request_hash,
        )


def _counted(*, dry_run: bool) -> AbstractContextManager[None]:
    """Bookings that are refused are counted by code; a dry run only asks."""
    return nullcontext() if dry_run else refusals("BookingRejected", label="code")


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A transaction, and the booking that it makes."""

    tx: Transaction
    booking: Booking


def before(studio: Studio, price_cents: int, paying: Paying) -> list[GreenroomError]:
    """The one rule that is no condition: how the studio wants to be paid, read with the caller."""
    unpaid = paying is None and price_cents > 0
    return [PrepaymentRequired()] if studio.requires_prepayment and unpaid else []


def _without_echo(errors: list[GreenroomError]) -> list[GreenroomError]:
    """The violations, without the overlap of a booking with itself."""
    booked = {one.facts.get("bookingId") for one in errors if isinstance(one, AlreadyBooked)}
    return [
        one
        for one in errors
        if not (isinstance(one, Overlap) and one.facts.get("bookingId") in booked)
    ]


def _is_key(violation: Violation) -> bool:
    """Whether it says only that a dry run's key was used before."""
    return violation.step == "booking"
