"""Classes and bookings on the wire."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from greenroom.bookings.agenda import BUCKET_MIN
from greenroom.bookings.domain import BookingStatus, ClassStatus, PaymentStatus
from greenroom.customers.schema import CustomerView
from greenroom.kernel.limits import (
    CAPACITY_MAX,
    CLASS_MINUTES_MAX,
    CLASS_TEXT_CHARS_MAX,
    WAITLIST_MAX,
)
from greenroom.organizations.principal import CustomerKind
from greenroom.organizations.studio import Studio
from greenroom.passes.domain import PassKind
from greenroom.web.wire import Timestamp, Wire, storable, without_null

PRICE_CENTS_MAX = 1_000_000
PRICE_CENTS_MIN = 50  # Stripe takes no smaller payment by card
MINUTES_BEFORE_MAX = 30 * 24 * 60  # of notice, and of a late cancellation


def _payable(cents: int) -> int:
    if 0 < cents < PRICE_CENTS_MIN:
        raise ValueError(f"must be 0, or at least {PRICE_CENTS_MIN}")
    return cents


Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
    storable,
]
Text = Annotated[str, StringConstraints(max_length=CLASS_TEXT_CHARS_MAX), storable]
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Cents = Annotated[int, Field(ge=0, le=PRICE_CENTS_MAX, strict=True)]
Price = Annotated[
    Cents,
    AfterValidator(_payable),
    Field(json_schema_extra={"not": {"minimum": 1, "maximum": PRICE_CENTS_MIN - 1}}),
]
MinutesBefore = Annotated[int, Field(ge=0, le=MINUTES_BEFORE_MAX, strict=True)]
Capacity = Annotated[int, Field(ge=1, le=CAPACITY_MAX, strict=True)]
WaitlistMax = Annotated[int, Field(ge=0, le=WAITLIST_MAX, strict=True)]
Duration = Annotated[
    int, Field(ge=BUCKET_MIN, le=CLASS_MINUTES_MAX, multiple_of=BUCKET_MIN, strict=True)
]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


# Of this century: the calendar's own ends are no moments to reckon with.
_MOMENT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt ].+")


def _as_text(value: Any) -> Any:
    """Only ISO 8601: seconds since 1970 would be taken for a moment, too."""
    if not isinstance(value, str) or _MOMENT.fullmatch(value) is None:
        raise ValueError("must be a moment such as 2027-01-11T07:00:00Z")
    return value


def _on_five_minutes(moment: datetime) -> datetime:
    """The moment in UTC, whose clock the agendas and the months go by."""
    in_utc = moment.astimezone(UTC)
    if in_utc.second or in_utc.microsecond or in_utc.minute % BUCKET_MIN:
        raise ValueError(f"must be on a full {BUCKET_MIN} minutes of UTC")
    return in_utc


Start = Annotated[AwareDatetime, BeforeValidator(_as_text), AfterValidator(_on_five_minutes)]


class CreateClass(Wire):
    """``POST …/classes``: what is left out is as the studio usually has it."""

    name: Name
    type: Kind
    starts_at: Start
    duration_minutes: Duration
    capacity: Capacity
    description: Text | None = None
    instructor: Name | None = None
    location: Name | None = None
    price_cents: Price = 0
    currency: Annotated[str, Field(pattern=r"^[a-z]{3}$")] | None = None
    late_cancel_minutes: MinutesBefore | None = None
    late_cancel_fee_cents: Cents = 0
    notice_minutes: MinutesBefore | None = None
    waitlist_max: WaitlistMax | None = None

    def told(self, studio: Studio) -> dict[str, Any]:
        """What a class is made of, by the names of the domain."""
        usual = {
            "currency": studio.currency,
            "late_cancel_minutes": studio.late_cancel_minutes,
            "notice_minutes": studio.notice_minutes,
            "waitlist_max": studio.waitlist_max,
        }
        given = {name: getattr(self, name) for name in type(self).model_fields}
        told = {name: usual.get(name) if one is None else one for name, one in given.items()}
        return {DOMAIN_NAMES.get(name, name): value for name, value in told.items()}


_TEXTS = {"description", "instructor", "location"}


def _only_texts_may_be_null(schema: dict[str, Any]) -> None:
    without_null(*(name for name in schema["properties"] if name not in _TEXTS))(schema)


class ChangeClass(Wire):
    """``PATCH …/classes/{id}``: what is left out stays; null takes a text away."""

    model_config = ConfigDict(json_schema_extra=_only_texts_may_be_null)

    name: Name | None = None
    type: Kind | None = None
    starts_at: Start | None = None
    duration_minutes: Duration | None = None
    capacity: Capacity | None = None
    description: Text | None = None
    instructor: Name | None = None
    location: Name | None = None
    price_cents: Price | None = None
    late_cancel_minutes: MinutesBefore | None = None
    late_cancel_fee_cents: Cents | None = None
    notice_minutes: MinutesBefore | None = None
    waitlist_max: WaitlistMax | None = None

    @field_validator("*")
    @classmethod
    def _only_texts_are_taken_away(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name not in _TEXTS:
            raise ValueError("is not null; leave it out to change nothing")
        return value

    def changes(self) -> dict[str, Any]:
        """What is to be changed, by the names of the domain."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return {DOMAIN_NAMES.get(name, name): value for name, value in given.items()}


DOMAIN_NAMES = {
    "duration_minutes": "duration_min",
    "late_cancel_minutes": "late_cancel_min",
    "notice_minutes": "notice_min",
}


class ClassView(Wire):
    """One class. ``reason`` says why it is not bookable now, as the code of a refusal."""

    class_session_id: str
    organization_id: str
    name: str
    type: str
    description: str | None
    instructor: str | None
    location: str | None
    starts_at: Timestamp
    ends_at: Timestamp
    duration_minutes: int
    capacity: int
    free: int
    booked: int
    held: int
    waitlist_count: int
    waitlist_max: int
    status: ClassStatus
    price_cents: int
    currency: str
    late_cancel_minutes: int
    late_cancel_fee_cents: int
    notice_minutes: int
    bookable: bool
    reason: str | None


class Schedule(Wire):
    """The classes of one UTC month (``2026-12``), in the order of their start."""

    month: str
    items: list[ClassView]


class UsePackage(Wire):
    """A package pays."""

    package_id: Id


class UseMembership(Wire):
    """A membership pays."""

    membership_id: Id


Use = Literal["drop_in", "at_studio"] | UsePackage | UseMembership


class Customer(Wire):
    """Whose booking it is: a client, a lead, or an id alone that is looked up as both.

    A customer who is signed in may leave all three out.
    """

    client_id: Id | None = None
    customer_id: Id | None = None
    customer_ref: Id | None = None

    def named(self) -> dict[str, str | None]:
        """The three, as they are looked up."""
        return {
            "client_id": self.client_id,
            "customer_id": self.customer_id,
            "customer_ref": self.customer_ref,
        }


class JoinWaitlist(Customer):
    """``POST …/classes/{id}/waitlist``."""


class Book(Customer):
    """``POST …/bookings``. Without ``use`` it is paid at the studio, if the studio allows that."""

    class_session_id: Id
    use: Use | None = None
    join_waitlist: bool = Field(default=False, strict=True)


class TestBooking(Wire):
    """``POST /test-booking``: the checks of a booking; ``commit`` makes it."""

    customer_id: Id
    customer_type: CustomerKind
    class_session_id: Id
    organization_id: Id
    use: Use | None = None
    commit: bool = Field(default=False, strict=True)


class CancelBooking(Wire):
    """``POST …/bookings/{id}/cancel``; the staff may waive that it is late."""

    waive_late: bool = Field(default=False, strict=True)


class ConfirmBooking(Wire):
    """``POST …/bookings/{id}/confirm``: how the offered seat is paid."""

    use: Use | None = None


class Consumed(Wire):
    """What a booking has used of a pass; the period is that of the class."""

    kind: PassKind
    id: str
    period: str | None


class BookingView(Wire):
    """One booking. ``expiresAt`` ends a hold or an offer; from ``lateCancelAt`` it is late."""

    booking_id: str
    organization_id: str
    class_session_id: str
    class_name: str
    class_type: str
    starts_at: Timestamp
    ends_at: Timestamp
    client_id: str | None
    customer_id: str | None
    customer_name: str
    booking_status: BookingStatus
    payment_status: PaymentStatus
    amount_cents: int
    currency: str
    consumed: Consumed | None
    expires_at: Timestamp | None
    late_cancel_at: Timestamp
    late_cancel_fee_cents: int
    fee_cents: int
    purchase_id: str | None
    source: str
    created_at: Timestamp
    allowed: list[str]
    checkout_url: str | None = None


class BookingEventView(Wire):
    """One move of a booking."""

    event_type: str
    actor: str
    at: Timestamp
    facts: dict[str, str]


class BookingDetail(BookingView):
    """A booking with its moves, and its place on the waitlist (1 is the head)."""

    waitlist_position: int | None
    events: list[BookingEventView]


class BookingPage(Wire):
    """A page of bookings."""

    items: list[BookingView]
    next_cursor: str | None


class ClassBookings(Wire):
    """Everybody in a class, or on its waitlist, with the class as it stands."""

    class_session: ClassView
    items: list[BookingView]


class DryRun(Wire):
    """A booking that was not made: the very row that would be written, and how it would look."""

    dry_run: Literal[True] = True
    row: dict[str, Any]
    booking: BookingView


class PaymentOption(Wire):
    """One way to pay for a class; ``reasons`` are the codes of every rule against it."""

    kind: Literal["package", "membership", "drop_in", "at_studio"]
    id: str | None
    name: str
    usable: bool
    reason: str | None
    reasons: list[str]
    remaining: int | None
    valid_until: Timestamp | None
    amount_cents: int
    currency: str


class PaymentOptions(Wire):
    """Every way to pay for a class."""

    items: list[PaymentOption]


class Moved(Wire):
    """How much of a lead's this very request has moved."""

    bookings: int
    passes: int


class ConvertedView(Wire):
    """The client that a lead became."""

    client: CustomerView
    moved: Moved
