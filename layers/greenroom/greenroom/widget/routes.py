"""The routes of the public widget. Nobody is signed in; the key and the origin say who may."""

from greenroom.kernel.errors import (
    AlreadyBooked,
    BookingClosed,
    ClassCancelled,
    ClassFull,
    CustomerInactive,
    IdempotencyMismatch,
    InvalidLink,
    InvalidTransition,
    OfferExpired,
    OriginNotAllowed,
    Overlap,
    PrepaymentRequired,
    StoreUnavailable,
    TooManyRequests,
    Unavailable,
    WaitlistClosed,
    WaitlistFull,
)
from greenroom.kernel.limits import BODY_WIDGET_MAX
from greenroom.web.route import Route
from greenroom.widget.schema import (
    BookAsVisitor,
    WidgetBooked,
    WidgetBooking,
    WidgetSchedule,
    WidgetView,
)

_HOME = "/api/widget/{key}"
_DOOR = (OriginNotAllowed, StoreUnavailable)
_LINK = (*_DOOR, InvalidLink, Unavailable)

SHOW = Route(
    f"GET {_HOME}",
    summary="Whose widget it is",
    answers={200: WidgetView},
    auth="public",
    errors=_DOOR,
)
SCHEDULE = Route(
    f"GET {_HOME}/schedule",
    summary="A month of classes, as far as a visitor needs to know them",
    answers={200: WidgetSchedule},
    auth="public",
    query={"month": "A UTC month, such as `2026-12`; this one without it"},
    errors=_DOOR,
)
BOOK = Route(
    f"POST {_HOME}/bookings",
    summary="Book a class without a login: whoever is new becomes a lead",
    body=BookAsVisitor,
    body_max=BODY_WIDGET_MAX,
    answers={201: WidgetBooked},
    auth="public",
    spends=True,
    errors=(
        *_DOOR,
        AlreadyBooked,
        BookingClosed,
        ClassCancelled,
        ClassFull,
        CustomerInactive,
        IdempotencyMismatch,
        Overlap,
        PrepaymentRequired,
        TooManyRequests,
        Unavailable,
        WaitlistClosed,
        WaitlistFull,
    ),
)
LINK = Route(
    f"GET {_HOME}/bookings/{{token}}",
    summary="The booking that a signed link manages",
    answers={200: WidgetBooking},
    auth="public",
    errors=_LINK,
)
CANCEL = Route(
    f"POST {_HOME}/bookings/{{token}}/cancel",
    summary="Cancel the booking that a signed link manages",
    answers={200: WidgetBooking},
    auth="public",
    errors=(*_LINK, BookingClosed, InvalidTransition),
)
CONFIRM = Route(
    f"POST {_HOME}/bookings/{{token}}/confirm",
    summary="Take the seat that was offered to whoever waits",
    answers={200: WidgetBooking},
    auth="public",
    errors=(
        *_LINK,
        BookingClosed,
        ClassCancelled,
        CustomerInactive,
        InvalidTransition,
        OfferExpired,
        Overlap,
        PrepaymentRequired,
    ),
)


def _preflight(of: Route) -> Route:
    return Route(
        f"OPTIONS {of.path}",
        summary=f"Whether a page of the origin may call this (CORS preflight of {of.method})",
        answers={204: None},
        auth="public",
        errors=_DOOR,
    )


MAY_SHOW = _preflight(SHOW)
MAY_SEE = _preflight(SCHEDULE)
MAY_BOOK = _preflight(BOOK)
MAY_LINK = _preflight(LINK)
MAY_CANCEL = _preflight(CANCEL)
MAY_CONFIRM = _preflight(CONFIRM)
