"""What the server says of expert sessions, in the shapes of ``schemas/openapi.json``."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.browser.person import ME

INTAKE = "0199a1b2-0000-7000-8000-00000000000a"
SESSION = "0199a1b2-0000-7000-8000-00000000000b"
EXPERT = "0b6f7d5e-0000-5000-8000-0000000000ee"
PURCHASE = "0199a1b2-0000-7000-8000-00000000000c"
HOSTILE = '<img src=x onerror="window.hostile = 1"><script>window.hostile = 1</script>'


def ago(seconds: float) -> str:
    """The time so many seconds ago; negative ones are to come."""
    at = datetime.now(UTC) - timedelta(seconds=seconds)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def page(*items: dict[str, Any], cursor: str | None = None) -> dict[str, Any]:
    """A page of a list."""
    return {"items": list(items), "nextCursor": cursor}


def plan(sku: str, name: str, cents: int, kind: str, **change: Any) -> dict[str, Any]:
    """A plan as ``GET /products`` shows it."""
    return {
        "sku": sku, "kind": "session", "name": name, "description": f"{name} with an expert.",
        "amountCents": cents, "currency": "usd", "credits": None, "months": None,
        "sessionType": kind, "priceCredits": None, **change,
    }  # fmt: skip


PLANS = page(
    plan("trial", "Trial session", 0, "chat"),
    plan("free", "Free session", 0, "chat"),
    plan("quick", "Quick chat", 999, "chat", priceCredits=2.0),
    plan("standard", "Video session", 2999, "video", priceCredits=6.0),
    plan("diagnostic", "Diagnostic session", 4999, "diagnostic"),
)


def intake(**change: Any) -> dict[str, Any]:
    """``GET /intake/{id}`` of a paid plan whose waiver is signed."""
    return {
        "intakeId": INTAKE, "plan": "quick", "planName": "Quick chat", "sessionType": "chat",
        "status": "waived", "isFree": False, "amountCents": 999, "currency": "usd",
        "credits": 2.0, "vehicle": {"make": "Volvo", "model": "V60", "year": 2019},
        "concern": "It rattles when cold.", "answers": {"since": "Monday"}, "urgent": True,
        "isSpecialist": False, "preferredMechanicId": None, "routingType": "broadcast",
        "workshopId": None,
        "waiver": {"required": True, "version": "1", "signedAt": ago(60)},
        "sessionId": None, "createdAt": ago(120), "expiresAt": ago(-600_000),
        "next": f"/intake/pay?intake_id={INTAKE}", **change,
    }  # fmt: skip


def event(kind: str, *, by: str | None = None, seconds_ago: float = 60) -> dict[str, Any]:
    """Something that happened to a session."""
    return {
        "id": f"{kind}-{seconds_ago}", "eventType": kind, "userId": by,
        "at": ago(seconds_ago), "metadata": {},
    }  # fmt: skip


def session(status: str, **change: Any) -> dict[str, Any]:
    """``GET /sessions/{id}`` of a chat that this person asked for."""
    taken = status not in ("pending", "expired")
    over = status in ("completed", "cancelled", "expired")
    return {
        "sessionId": SESSION, "type": "chat", "status": status, "plan": "quick",
        "paymentMethod": "stripe", "jobTitle": None, "company": None, "startedAt": ago(180),
        "liveAt": ago(75) if status in ("live", "completed") else None,
        "endedAt": ago(5) if over else None, "completedAt": None, "feedbackStatus": None,
        "messageCount": 0, "userId": "user_1", "userUuid": ME, "customerUserId": ME,
        "expertId": EXPERT if taken else None, "queuedAt": ago(180),
        "offeredAt": ago(170), "waiverSignedAt": ago(200), "purchaseId": PURCHASE,
        "cost": 0, "charged": False, "givenBack": False, "attempt": 1, "connectedAt": None,
        "deadline": None if over else ago(-1500), "intakeId": INTAKE, "stripeSessionId": "cs_1",
        "metadata": {},
        "participants": [{"userId": ME, "role": "customer", "joinedAt": ago(180)}],
        "assignment": {
            "round": 1, "status": "accepted" if taken else "queued", "queuedAt": ago(180),
            "offeredAt": ago(170), "acceptedAt": ago(90) if taken else None,
            "expertId": EXPERT if taken else None, "preferredMechanicId": None,
            "routingType": "broadcast", "workshopId": None, "wave": 1,
        },
        "offers": [],
        "events": [event("created", by=ME, seconds_ago=180), event("offered", seconds_ago=170)],
        **change,
    }  # fmt: skip


def listed(status: str, **change: Any) -> dict[str, Any]:
    """A session as lists show it."""
    names = ("sessionId", "type", "status", "plan", "paymentMethod", "jobTitle", "company",
             "startedAt", "liveAt", "endedAt", "completedAt", "feedbackStatus",
             "messageCount")  # fmt: skip
    whole = session(status, **change)
    return {name: whole[name] for name in names}


def expert(**change: Any) -> dict[str, Any]:
    """``GET /experts/me``."""
    return {
        "expertId": ME, "name": "Robin Reed", "status": "online", "approved": True,
        "maxActive": 3, "activeCount": 0, "isSpecialist": True,
        "skills": ["brakes", "hybrids"], "workshopId": "north-7", **change,
    }  # fmt: skip


def online(name: str = "Kim Kowalski", **change: Any) -> dict[str, Any]:
    """Somebody of ``GET /experts``."""
    return {
        "expertId": EXPERT, "name": name, "isSpecialist": True,
        "skills": ["brakes", "electrics"], "workshopId": "north-7", **change,
    }  # fmt: skip


def offer(number: int = 1, **change: Any) -> dict[str, Any]:
    """Somebody's question, offered for 40 more seconds."""
    return {
        "id": f"offer-{number}", "sessionId": SESSION, "type": "chat", "plan": "quick",
        "urgent": False, "status": "pending", "offeredAt": ago(5), "expiresAt": ago(-40),
        **change,
    }  # fmt: skip


def queued(number: int = 1, **change: Any) -> dict[str, Any]:
    """Somebody's question in the queue."""
    return {
        "sessionId": f"{SESSION}-{number}", "type": "video", "plan": "standard", "urgent": False,
        "isSpecialist": False, "routingType": "broadcast", "workshopId": None,
        "preferredMechanicId": None, "queuedAt": ago(200), "position": number, **change,
    }  # fmt: skip


def message(number: int, text: str, *, by: str = EXPERT) -> dict[str, Any]:
    """Something that was written."""
    return {
        "id": f"m-{number}", "userId": by, "role": "customer" if by == ME else "expert",
        "text": text, "at": ago(60 - number),
    }  # fmt: skip


def purchase(status: str, **change: Any) -> dict[str, Any]:
    """A purchase as ``GET /api/purchases`` lists it."""
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, status)),
        "sku": "credits_3", "kind": "credits", "name": "Three VocahireCredits", "quantity": 1,
        "credits": 3, "amountCents": 1500, "currency": "usd", "status": status, "reason": None,
        "createdAt": "2026-11-20T08:00:00Z", "paidAt": None, "checkoutUrl": None,
        "redeemable": False, "refundable": False, "sessionId": None,
        "intakeId": None, "organizationId": None, "bookingId": None, **change,
    }  # fmt: skip


WAIVER = {
    "version": "1",
    "title": "Advice from a distance",
    "text": "An expert cannot see or hear your vehicle as somebody beside it could.\n\n"
    "What they say is advice. You decide what you do with it.\n\nDo not drive a vehicle that is "
    "not safe.",
}
