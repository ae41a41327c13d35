"""What the server says of studios and their classes, in the shapes of ``schemas/openapi.json``."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.browser.person import ME
from tests.browser.samples import ago

ORG = "0199a1b2-0000-7000-8000-0000000000a1"
OTHER_ORG = "0199a1b2-0000-7000-8000-0000000000a2"
CLASS = "0199a1b2-0000-7000-8000-0000000000c1"
BOOKING = "0199a1b2-0000-7000-8000-0000000000b1"
CLIENT = "0199a1b2-0000-7000-8000-0000000000d1"
LEAD = "0199a1b2-0000-7000-8000-0000000000d2"
PACKAGE = "0199a1b2-0000-7000-8000-0000000000e1"
MEMBERSHIP = "0199a1b2-0000-7000-8000-0000000000e2"
HOUR_S = 3600
DAY_S = 24 * HOUR_S


def on_five(seconds_ahead: float) -> str:
    """A time so many seconds ahead, on full five minutes as classes begin."""
    at = datetime.now(UTC) + timedelta(seconds=seconds_ahead)
    at -= timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def later(moment: str, minutes: float) -> str:
    """A time after another, or before it."""
    at = datetime.fromisoformat(moment) + timedelta(minutes=minutes)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def relation(role: str = "client", **change: Any) -> dict[str, Any]:
    """A studio of ``GET /organizations``."""
    known = {"client": {"kind": "client", "clientId": CLIENT, "customerId": None},
             "lead": {"kind": "lead", "clientId": None, "customerId": LEAD}}  # fmt: skip
    return {
        "organizationId": ORG, "name": "Cedar Street Studio", "slug": "cedar-street",
        "imageUrl": None, "role": role, "customer": known.get(role), **change,
    }  # fmt: skip


def organization(role: str = "client", **change: Any) -> dict[str, Any]:
    """``GET /organizations/{id}`` for a client or for staff; ``change`` is of its settings."""
    works = role in ("admin", "staff")
    widget = {"key": "wk_1", "allowedOrigins": ["https://studio.example"], "enabled": True}
    return {
        **relation(role),
        "studio": {
            "timezone": "UTC", "currency": "usd", "requiresPrepayment": False,
            "lateCancelMinutes": 720, "noticeMinutes": 0, "waitlistMax": 20,
            "widget": widget if works else None, **change,
        },
    }  # fmt: skip


def klass(**change: Any) -> dict[str, Any]:
    """A class in two days with three of ten seats free."""
    starts = change.get("startsAt") or on_five(2 * DAY_S)
    minutes = change.get("durationMinutes", 60)
    return {
        "classSessionId": CLASS, "organizationId": ORG, "name": "Morning flow", "type": "yoga",
        "description": "Bring a mat.", "instructor": "Ana Alvarez", "location": "Room 2",
        "startsAt": starts, "endsAt": later(starts, minutes), "durationMinutes": minutes,
        "capacity": 10, "free": 3, "booked": 7, "held": 0, "waitlistCount": 0, "waitlistMax": 20,
        "status": "scheduled", "priceCents": 1500, "currency": "usd", "lateCancelMinutes": 720,
        "lateCancelFeeCents": 0, "noticeMinutes": 0, "bookable": True, "reason": None, **change,
    }  # fmt: skip


def full(**change: Any) -> dict[str, Any]:
    """A class without a free seat, for which two people wait."""
    return klass(free=0, booked=10, waitlistCount=2, bookable=False, reason="CLASS_FULL", **change)


def schedule(*items: dict[str, Any]) -> dict[str, Any]:
    """A month of classes."""
    return {"month": datetime.now(UTC).strftime("%Y-%m"), "items": list(items)}


def booking(status: str = "confirmed", **change: Any) -> dict[str, Any]:
    """A booking as lists show it, paid with a package where it is confirmed."""
    starts = change.get("startsAt") or on_five(2 * DAY_S)
    seated = status in ("confirmed", "attended", "no_show", "late_cancelled")
    use = {"kind": "package", "id": PACKAGE, "period": None} if seated else None
    held = {"pending": ago(-600), "offered": ago(-1500)}
    allowed = {"confirmed": ["cancel"], "waitlisted": ["cancel"],
               "offered": ["cancel", "confirm"], "pending": ["cancel", "checkout"]}  # fmt: skip
    return {
        "bookingId": BOOKING, "organizationId": ORG, "classSessionId": CLASS,
        "className": "Morning flow", "classType": "yoga", "startsAt": starts,
        "endsAt": later(starts, 60), "clientId": CLIENT, "customerId": None,
        "customerName": "Robin Reed", "bookingStatus": status,
        "paymentStatus": "covered" if seated else "pending", "amountCents": 1500,
        "currency": "usd", "consumed": use, "expiresAt": held.get(status),
        "lateCancelAt": later(starts, -720), "lateCancelFeeCents": 0, "feeCents": 0,
        "purchaseId": None, "source": "client", "createdAt": ago(HOUR_S),
        "allowed": allowed.get(status, []), "checkoutUrl": None, **change,
    }  # fmt: skip


def detail(status: str = "confirmed", **change: Any) -> dict[str, Any]:
    """``GET …/bookings/{id}``."""
    place = 2 if status == "waitlisted" else None
    event = {"eventType": "created", "actor": "client", "at": ago(HOUR_S), "facts": {}}
    return booking(status, **{"waitlistPosition": place, "events": [event], **change})


def option(kind: str = "package", **change: Any) -> dict[str, Any]:
    """A way to pay for a class."""
    names = {"package": "Ten classes", "membership": "Twice a week", "drop_in": "Drop-in",
             "at_studio": "At the studio"}  # fmt: skip
    ids = {"package": PACKAGE, "membership": MEMBERSHIP}
    is_pass = kind in ids
    return {
        "kind": kind, "id": ids.get(kind), "name": names[kind], "usable": True, "reason": None,
        "reasons": [], "remaining": 4 if is_pass else None,
        "validUntil": ago(-90 * DAY_S) if is_pass else None,
        "amountCents": 0 if is_pass else 1500, "currency": "usd", **change,
    }  # fmt: skip


def options(*items: dict[str, Any]) -> dict[str, Any]:
    """``GET …/bookings/payment-options``: all four kinds, unless named."""
    kinds = ("package", "membership", "drop_in", "at_studio")
    return {"items": list(items) or [option(kind) for kind in kinds]}


def class_bookings(each: dict[str, Any], *items: dict[str, Any]) -> dict[str, Any]:
    """The roster of a class, or its waitlist."""
    return {"classSession": each, "items": list(items)}


def seated(number: int, name: str, status: str = "confirmed", **change: Any) -> dict[str, Any]:
    """A booking of somebody, as staff see it in a roster."""
    allowed = {"confirmed": ["cancel", "attend", "no-show"], "attended": ["no-show"],
               "no_show": ["attend"], "waitlisted": ["cancel"], "pending": ["cancel"],
               "offered": ["cancel", "confirm"]}  # fmt: skip
    return booking(status, **{
        "bookingId": f"{BOOKING}-{number}", "clientId": f"{CLIENT}-{number}",
        "customerName": name, "allowed": allowed.get(status, []), **change,
    })  # fmt: skip


def customer(kind: str = "client", **change: Any) -> dict[str, Any]:
    """A client or a lead, as staff see them."""
    ids = {"clientId": CLIENT, "customerId": None}
    return {
        **(ids if kind == "client" else {"clientId": None, "customerId": LEAD}), "kind": kind,
        "name": "Kim Kowalski", "email": "kim@example.com", "phone": None,
        "notes": "Left knee.", "status": "active", "userId": ME if kind == "client" else None,
        "convertedTo": None, "createdAt": ago(30 * DAY_S), "updatedAt": ago(DAY_S), **change,
    }  # fmt: skip


def a_pass(kind: str = "package", **change: Any) -> dict[str, Any]:
    """A pass of a client."""
    package = kind == "package"
    return {
        "passId": PACKAGE if package else MEMBERSHIP, "kind": kind,
        "name": "Ten classes" if package else "Twice a week", "clientId": CLIENT,
        "customerId": None, "uses": 10 if package else None, "remaining": 4 if package else None,
        "usesPerPeriod": None if package else 2, "period": None if package else "week",
        "usedInPeriod": None if package else 1, "validFrom": ago(DAY_S),
        "validUntil": ago(-90 * DAY_S), "classTypes": [], "status": "active",
        "createdAt": ago(DAY_S), **change,
    }  # fmt: skip


def member(**change: Any) -> dict[str, Any]:
    """Somebody who works in a studio."""
    return {"userId": ME, "name": "Robin Reed", "email": "robin@example.com", "role": "admin",
            **change}  # fmt: skip


CARD = {"paymentMethodId": "pm_1", "brand": "visa", "last4": "4242", "expMonth": 4, "expYear": 2031}
CHECKOUT = {
    "checkoutUrl": "https://pay.example/cs_1", "checkoutSessionId": "cs_1", "purchaseId": "p1",
    "expiresAt": ago(-1800),
}  # fmt: skip
