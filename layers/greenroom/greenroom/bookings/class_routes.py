"""The routes of classes."""

from typing import Final

from greenroom.bookings.schema import (
    ChangeClass,
    ClassBookings,
    ClassView,
    CreateClass,
    Schedule,
)
from greenroom.kernel.errors import (
    CapacityTaken,
    ClassCancelled,
    ClassHasBookings,
    Forbidden,
    IdempotencyMismatch,
    InvalidTransition,
)
from greenroom.web.route import Route

HOME: Final = "/api/organizations/{organizationId}"

SCHEDULE = Route(
    f"GET {HOME}/classes",
    summary="The classes of a month",
    answers={200: Schedule, 304: None},
    query={"month": "UTC month, such as `2026-12`; this month without it"},
)
CREATE = Route(
    f"POST {HOME}/classes",
    summary="Make a class",
    body=CreateClass,
    answers={201: ClassView},
    errors=(Forbidden, IdempotencyMismatch),
    spends=True,
)
DETAIL = Route(
    f"GET {HOME}/classes/{{classSessionId}}",
    summary="One class as it stands",
    answers={200: ClassView},
)
CHANGE = Route(
    f"PATCH {HOME}/classes/{{classSessionId}}",
    summary="Change a class; seats that it gains are offered to whoever waits",
    body=ChangeClass,
    answers={200: ClassView},
    errors=(Forbidden, CapacityTaken, ClassHasBookings, ClassCancelled, InvalidTransition),
)
CANCEL = Route(
    f"POST {HOME}/classes/{{classSessionId}}/cancel",
    summary="Cancel a class; everything that was used or paid for it is given back",
    answers={200: ClassView},
    errors=(Forbidden, ClassCancelled, InvalidTransition),
)
ROSTER = Route(
    f"GET {HOME}/classes/{{classSessionId}}/roster",
    summary="Who is in a class",
    answers={200: ClassBookings},
    errors=(Forbidden,),
)
WAITLIST = Route(
    f"GET {HOME}/classes/{{classSessionId}}/waitlist",
    summary="Who waits for a seat, the head first",
    answers={200: ClassBookings},
    errors=(Forbidden,),
)
