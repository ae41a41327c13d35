"""Stripe events for tests: the fixtures, and those that are made of them."""

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from greenroom.payments.shapes import read_event

FOLDER = Path(__file__).parents[2] / "fixtures" / "stripe"
FILES = sorted(FOLDER.glob("*.json"))

Json = dict[str, Any]
_Event = TypeVar("_Event")


@cache
def _text(number: int) -> str:
    (path,) = FOLDER.glob(f"{number:02}.*.json")
    return path.read_text()


def fixture(number: int, *, type: str | None = None, at_s: int | None = None) -> Json:  # noqa: A002
    """The event of that number, maybe under another type and time."""
    event: Json = json.loads(_text(number))
    event["type"] = type or event["type"]
    event["created"] = at_s or event["created"]
    return event


def changed(event: Json, **members: Any) -> Json:
    """The event with other members of its object; the time ``created`` is the event's."""
    other = copy.deepcopy(event)
    other["data"]["object"].update(members)
    return other


def raw(event: Any) -> bytes:
    return json.dumps(event).encode()


def read(event: Json, kind: type[_Event]) -> _Event:
    """The event as we read it, which is of this kind."""
    found = read_event(raw(event))
    assert isinstance(found, kind), found
    return found


def invoice_payment(payment_intent_id: str, invoice_id: str) -> Json:
    """The event that says which payment paid an invoice; no fixture of Stripe's is of it."""
    event = fixture(20, type="invoice_payment.paid")
    event["id"] = f"evt_{invoice_id}_{payment_intent_id}"
    event["data"]["object"] = {
        "id": f"inpay_{payment_intent_id}",
        "object": "invoice_payment",
        "amount_paid": 2900,
        "amount_requested": 2900,
        "currency": "usd",
        "invoice": invoice_id,
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": payment_intent_id, "type": "payment_intent"},
        "status": "paid",
    }
    return event


def dispute(status: str, at_s: int, *, type: str = "updated") -> Json:  # noqa: A002
    event = fixture(30, type=f"charge.dispute.{type}", at_s=at_s)
    return changed(event, status=status)


# The set of the payment facts. 27: all of it went back. 28: the partial refund failed at the bank.
# 31 and 33: the money moves beside the dispute's status. 34: lost. 35: only an inquiry.
REVERSALS: dict[int, Callable[[], Json]] = {
    25: lambda: fixture(25),
    26: lambda: fixture(26),
    27: lambda: changed(fixture(25, at_s=1_790_006_000), amount_refunded=1500, refunded=True),
    28: lambda: changed(
        fixture(26, type="refund.failed", at_s=1_790_007_000),
        status="failed",
        failure_reason="lost_or_stolen_card",
    ),
    30: lambda: fixture(30),
    31: lambda: dispute("under_review", 1_790_020_600, type="funds_withdrawn"),
    32: lambda: fixture(32),
    33: lambda: dispute("won", 1_790_900_001, type="funds_reinstated"),
    34: lambda: dispute("lost", 1_790_900_000, type="closed"),
    35: lambda: dispute("warning_needs_response", 1_790_020_000, type="created"),
}
