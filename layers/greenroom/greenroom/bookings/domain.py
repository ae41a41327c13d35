"""A class, a booking, their states, and what of a booking goes back when. Pure.

``free + booked + held == capacity`` at every instant: booked seats are those of confirmed bookings
(also of those who came, and of those who did not), held ones await a card payment or the answer
of whom they were offered.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from greenroom.kernel.errors import InvalidTransition
from greenroom.kernel.limits import Limits
from greenroom.organizations.principal import CustomerRef
from greenroom.passes.domain import ClassFacts, Use

ClassStatus = Literal["scheduled", "cancelled", "completed"]
BookingStatus = Literal[
    "pending",
    "confirmed",
    "waitlisted",
    "offered",
    "cancelled",
    "late_cancelled",
    "attended",
    "no_show",
    "expired",
]
Attended = Literal["attended", "no_show"]
# Covered: a pass was used. Void: nothing is owed any more. Refund due: a card payment is on its
# way back.
PaymentStatus = Literal["free", "covered", "pending", "paid", "void", "refund_due", "refunded"]

HELD: Final[frozenset[str]] = frozenset({"pending", "offered"})
SEATED: Final[frozenset[str]] = frozenset({"confirmed", "attended", "no_show"})
OPEN: Final[frozenset[str]] = HELD | {"confirmed", "waitlisted"}

_MOVES: Final[dict[BookingStatus, tuple[BookingStatus, ...]]] = {
    "pending": ("confirmed", "cancelled", "expired"),
    "waitlisted": ("offered", "cancelled", "expired"),
    "offered": ("confirmed", "pending", "cancelled", "expired"),
    "confirmed": ("cancelled", "late_cancelled", "attended", "no_show"),
    "attended": ("no_show",),
    "no_show": ("attended",),
    "expired": ("confirmed",),  # a card payment that came late, while a seat is free
    "cancelled": (),
    "late_cancelled": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSession:
    """One class on one day. ``edition`` counts changes of anything but its counters."""

    class_session_id: str
    organization_id: str
    name: str
    type: str
    starts_at: datetime
    duration_min: int
    capacity: int
    free: int
    booked: int
    held: int
    waitlist_count: int
    waitlist_joins: int
    waitlist_max: int
    status: ClassStatus
    price_cents: int
    currency: str
    late_cancel_min: int
    late_cancel_fee_cents: int
    notice_min: int
    edition: int
    created_at: datetime
    description: str | None = None
    instructor: str | None = None
    location: str | None = None
    request_hash: str | None = None

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.duration_min)

    @property
    def facts(self) -> ClassFacts:
        """What decides whether a pass is good for it."""
        return ClassFacts(class_type=self.type, starts_at=self.starts_at)

    def closes_at(self, *, staff: bool) -> datetime:
        """Until when it is booked: the staff also let in whoever comes late."""
        return self.ends_at if staff else self.starts_at - timedelta(minutes=self.notice_min)

    def offers_until(self, limits: Limits) -> datetime:
        """The cutoff: from then on nothing is offered, and the waitlist keeps nobody out."""
        return self.starts_at - timedelta(seconds=limits.waitlist_cutoff_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A customer's place in a class, or on its waitlist.

    ``expires_at`` ends a hold or an offer. ``joined_at`` is their place on the waitlist.
    ``amount_cents`` is the class's price, ``late_cancel_min`` and ``late_cancel_fee_cents`` are its
    terms, all as they were booked. ``purchase_id`` is the card payment, ``fee_cents`` what a late
    cancellation costs. ``rev`` counts its moves: each is conditioned on it. ``has_rows`` says
    whether its seat and its time are sure to be in rows of their own: not those of version 1.
    """

    booking_id: str
    organization_id: str
    class_session_id: str
    customer: CustomerRef
    customer_name: str
    booking_status: BookingStatus
    payment_status: PaymentStatus
    class_name: str
    class_type: str
    starts_at: datetime
    duration_min: int
    amount_cents: int
    currency: str
    created_at: datetime
    source: str
    late_cancel_min: int
    late_cancel_fee_cents: int
    rev: int = 1
    user_id: str | None = None
    use: Use | None = None
    expires_at: datetime | None = None
    joined_at: datetime | None = None
    purchase_id: str | None = None
    fee_cents: int = 0
    request_hash: str | None = None
    has_rows: bool = True

    @property
    def ends_at(self) -> datetime:
        """When its class is over."""
        return self.starts_at + timedelta(minutes=self.duration_min)

    @property
    def late_from(self) -> datetime:
        """From then on a cancellation is a late one."""
        return self.starts_at - timedelta(minutes=self.late_cancel_min)

    @property
    def is_open(self) -> bool:
        """Whether it is not over: it has a seat, is held one, or waits."""
        return self.booking_status in OPEN

    @property
    def takes_time(self) -> bool:
        """Whether it keeps its customer from another class at the time."""
        return self.booking_status in SEATED | {"pending"}

    def has_expired(self, now: datetime) -> bool:
        """Whether its hold or offer counts no more, swept or not."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingEvent:
    """One move of a booking. ``actor`` is who made it: a role and a user's id, or our schedule."""

    event_id: str
    event_type: str
    actor: str
    at: datetime
    facts: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """How a move changes the counters of a class."""

    free: int = 0
    booked: int = 0
    held: int = 0
    waiting: int = 0
    joins: int = 0

    def __add__(self, other: "Seats") -> "Seats":
        return Seats(
            free=self.free + other.free,
            booked=self.booked + other.booked,
            held=self.held + other.held,
            waiting=self.waiting + other.waiting,
            joins=self.joins + other.joins,
        )


def customer_columns(ref: CustomerRef) -> tuple[str | None, str | None]:
    """``client_id`` and ``customer_id`` of a customer: exactly one (origin 004)."""
    return (ref.customer_id, None) if ref.kind == "client" else (None, ref.customer_id)


def refuse_move(booking: Booking, target: BookingStatus) -> None:
    """Let a booking move only as its state allows.

    Raises:
        InvalidTransition: with ``from``, ``to`` and ``allowed``.
    """
    if target not in _MOVES[booking.booking_status]:
        raise refused_move(booking, target, "The booking's state does not allow this.")


def refused_move(booking: Booking, target: BookingStatus, detail: str) -> InvalidTransition:
    """The refusal of a move."""
    facts: dict[str, Any] = {"from": booking.booking_status, "to": target}
    return InvalidTransition(detail, allowed=list(_MOVES[booking.booking_status]), **facts)


def cancelled_as(booking: Booking, now: datetime, *, waived: bool) -> BookingStatus:
    """What a cancellation now makes of a booking; only a confirmed one can be late."""
    late = booking.booking_status == "confirmed" and now >= booking.late_from and not waived
    return "late_cancelled" if late else "cancelled"


def payment_after(booking: Booking, *, gives_back: bool) -> PaymentStatus:
    """How the payment stands once the booking ended before its class.

    What was paid by card goes back by card; what was paid at the studio, the studio gives back.
    """
    if not gives_back or booking.payment_status in {"free", "refunded"}:
        return booking.payment_status
    if booking.payment_status == "paid" and booking.purchase_id is not None:
        return "refund_due"
    return "paid" if booking.payment_status == "paid" else "void"


def first_payment(amount_cents: int, *, has_pass: bool) -> PaymentStatus:
    """How the payment of a new booking stands."""
    if has_pass:
        return "covered"
    return "free" if amount_cents == 0 else "pending"
