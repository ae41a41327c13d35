"""Clerk as tests play it: its events, and messages that it signed."""

import base64
import copy
import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from greenroom.kernel.clock import epoch_ms
from tests.world import SECRETS, Person, Reply, World

FIXTURES = Path(__file__).parent / "fixtures" / "clerk"
ROUTE = "POST /api/webhooks/clerk"
SECRET = SECRETS["CLERK_WEBHOOK_SECRETS"]


def fixture(name: str) -> dict[str, Any]:
    """An event as Clerk documents it."""
    event: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
    return event


def signature(raw: bytes, *, message_id: str, at_s: int, secret: str = SECRET) -> str:
    """The header ``svix-signature``. Source: Standard Webhooks specification 1.0."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{at_s}.".encode() + raw
    mac = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"


@dataclass
class Message:
    """One webhook message; it may be delivered more than once."""

    world: World
    raw: bytes
    message_id: str = field(default_factory=lambda: f"msg_{uuid.uuid4().hex}")

    def deliver(self, **headers: str) -> Reply:
        """Send it, signed now; ``headers`` replace ours (``svix_id`` is ``svix-id``)."""
        at_s = int(self.world.clock().timestamp())
        sent = {
            "content-type": "application/json",
            "svix-id": self.message_id,
            "svix-timestamp": str(at_s),
            "svix-signature": signature(self.raw, message_id=self.message_id, at_s=at_s),
        }
        sent |= {name.replace("_", "-"): text for name, text in headers.items()}
        return self.world.call(ROUTE, self.raw.decode(), headers=sent)


def message(world: World, event: Any) -> Message:
    """The message of an event."""
    return Message(world, json.dumps(event, indent=2).encode())


def tell(world: World, event: Any) -> str:
    """Deliver an event as a new message: the outcome."""
    reply = message(world, event).deliver()
    assert reply.status == 200, reply.text
    assert reply.body["received"] is True
    outcome: str = reply.body["outcome"]
    return outcome


def person_event(
    person: Person,
    kind: str = "user.updated",
    *,
    at: datetime | None = None,
    email: str | None = None,
    verified: bool = True,
    name: str | None = "Ada Lovelace",
    image_url: str | None = None,
) -> dict[str, Any]:
    """News of somebody, in the shape of the fixtures."""
    event = copy.deepcopy(fixture("user.created"))
    data = event["data"]
    at_ms = epoch_ms(at or person.world.clock())
    first, _, last = (name or "").partition(" ")
    address = copy.deepcopy(data["email_addresses"][0])
    address["email_address"] = email
    address["verification"]["status"] = "verified" if verified else "unverified"
    data |= {
        "id": person.clerk_id,
        "first_name": first or None,
        "last_name": last or None,
        "image_url": image_url,
        "email_addresses": [address] if email else [],
        "primary_email_address_id": address["id"] if email else None,
        "updated_at": at_ms,
    }
    return event | {"type": kind, "timestamp": at_ms, "data": data}


def deletion(person: Person, *, at: datetime | None = None) -> dict[str, Any]:
    """The news that somebody was deleted."""
    event = fixture("user.deleted")
    event["data"]["id"] = person.clerk_id
    return event | {"timestamp": epoch_ms(at or person.world.clock())}
