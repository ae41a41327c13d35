"""What the widget's API says, for tests that play it; held to the OpenAPI document."""

from typing import Any

KEY = "wk_AbcdefghijklmnopqrstuvwX"
TOKEN = "w1.k1.YWJj.ZGVm"
STUDIO: dict[str, Any] = {
    "name": "Cedar Street Studio",
    "imageUrl": None,
    "timezone": "Europe/London",
    "requiresPrepayment": False,
}


def class_on(day: int, **changes: Any) -> dict[str, Any]:
    """A class of next month, as the schedule tells visitors."""
    return {
        "classSessionId": f"00000000-0000-7000-8000-0000000000{day:02}",
        "name": "Vinyasa Flow",
        "type": "yoga",
        "description": None,
        "instructor": "Ines",
        "location": "Room 2",
        "startsAt": f"2099-03-{day:02}T18:00:00.000000Z",
        "endsAt": f"2099-03-{day:02}T19:00:00.000000Z",
        "free": 12,
        "priceCents": 1500,
        "currency": "gbp",
        "bookable": True,
        "waitlistOpen": False,
        "reason": None,
        **changes,
    }


def booking(**changes: Any) -> dict[str, Any]:
    """A booking as its link shows it."""
    one = class_on(4)
    return {
        **{name: one[name] for name in ("startsAt", "endsAt", "instructor", "location")},
        "className": one["name"],
        "bookingStatus": "confirmed",
        "paymentStatus": "pending",
        "amountCents": 1500,
        "currency": "gbp",
        "waitlistPosition": None,
        "expiresAt": None,
        "lateCancelAt": "2099-03-04T06:00:00.000000Z",
        "lateCancelFeeCents": 500,
        "feeCents": 0,
        "allowed": ["cancel"],
        **changes,
    }


def booked(**changes: Any) -> dict[str, Any]:
    """The answer to a booking."""
    return {"booking": booking(**changes), "manageToken": TOKEN, "manageUrl": None}


def schedule(*classes: dict[str, Any]) -> dict[str, Any]:
    """A month's classes."""
    return {"month": "2099-03", "items": list(classes)}
