"""What the public widget takes and shows: nothing that a visitor does not need."""

import unicodedata
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from greenroom.bookings.domain import BookingStatus, PaymentStatus
from greenroom.customers.domain import email_of
from greenroom.kernel.limits import CUSTOMER_NAME_CHARS_MAX, EMAIL_CHARS_MAX
from greenroom.web.wire import Timestamp, Wire, storable

_LETTERS: Final = frozenset({"L", "N"})  # Unicode's general categories, by their first letter
_REFUSED: Final = frozenset({"Cc", "Cn", "Co", "Cs", "Zl", "Zp"})
# They turn the direction of what stands after them, also of what we write there.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _name(text: str) -> str:
    told = unicodedata.normalize("NFKC", text)
    if any(unicodedata.category(one) in _REFUSED or one in _TURNING for one in told):
        raise ValueError("has characters that no name has")
    plain = " ".join(told.split())
    if len(plain) > CUSTOMER_NAME_CHARS_MAX:
        raise ValueError(f"has more than {CUSTOMER_NAME_CHARS_MAX} characters")
    if not any(unicodedata.category(one)[0] in _LETTERS for one in plain):
        raise ValueError("has no letter")
    return plain


# Lengths are checked before the text is looked at, and a name's again once it is normalised.
PersonName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=CUSTOMER_NAME_CHARS_MAX),
    storable,
    AfterValidator(_name),
]
Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=EMAIL_CHARS_MAX),
    storable,
    AfterValidator(email_of),
]
Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9][0-9 ().\/-]{2,30}$")
]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class BookAsVisitor(Wire):
    """``POST /widget/{key}/bookings``. People leave ``website`` empty, since they do not see it."""

    class_session_id: Id
    name: PersonName
    email: Email = Field(json_schema_extra={"format": "email"})
    phone: Phone | None = None
    join_waitlist: bool = Field(default=False, strict=True)
    website: str = ""


class WidgetView(Wire):
    """Whose widget it is. Times are best shown in ``timezone`` (IANA)."""

    name: str | None
    image_url: str | None
    timezone: str
    requires_prepayment: bool


class WidgetClass(Wire):
    """One class. ``reason`` says why it is not bookable now, as the code of a refusal."""

    class_session_id: str
    name: str
    type: str
    description: str | None
    instructor: str | None
    location: str | None
    starts_at: Timestamp
    ends_at: Timestamp
    free: int
    price_cents: int
    currency: str
    bookable: bool
    waitlist_open: bool
    reason: str | None


class WidgetSchedule(Wire):
    """The classes of one UTC month (``2026-12``), in the order of their start."""

    month: str
    items: list[WidgetClass]


class WidgetBooking(Wire):
    """What its link shows of a booking: never who booked it.

    ``expiresAt`` ends an offer. A cancellation from ``lateCancelAt`` on is late.
    """

    class_name: str
    instructor: str | None
    location: str | None
    starts_at: Timestamp
    ends_at: Timestamp
    booking_status: BookingStatus
    payment_status: PaymentStatus
    amount_cents: int
    currency: str
    expires_at: Timestamp | None
    waitlist_position: int | None
    late_cancel_at: Timestamp
    late_cancel_fee_cents: int
    fee_cents: int
    allowed: list[Literal["cancel", "confirm"]]


class WidgetBooked(Wire):
    """The booking, and what manages it: the token, and a page of ours for it if there is one."""

    booking: WidgetBooking
    manage_token: str
    manage_url: str | None
