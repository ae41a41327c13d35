"""Commands about Stripe's events: those that are kept, and those that never came."""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from greenroom.kernel.errors import GreenroomError, NotFound
from greenroom.payments.shapes import EVENT_TYPES
from greenroom.wiring import Wiring
from ops.output import Output, table

TYPES_MAX = 20  # Stripe: types in one request for events
LISTED_MAX = 1000  # events shown at once


def listed(
    wired: Wiring, *, outcome: str | None, event_type: str | None, since: datetime, out: Output
) -> int:
    """The kept events since then, newest first. They are in no index, so the table is scanned."""
    out.progress("scanning the table ...")
    found = [
        event
        for event in wired.payment_store.events()
        if event.happened_at >= since
        and outcome in {None, event.outcome}
        and event_type in {None, event.event_type}
    ]
    found.sort(key=lambda event: event.happened_at, reverse=True)
    document = [
        {
            "id": event.event_id,
            "type": event.event_type,
            "happenedAt": event.happened_at,
            "outcome": event.outcome,
        }
        for event in found[:LISTED_MAX]
    ]
    rows = [
        (f"{one.happened_at:%Y-%m-%d %H:%M:%S}", one.outcome, one.event_type, one.event_id)
        for one in found[:LISTED_MAX]
    ]
    more = [f"and {len(found) - LISTED_MAX} older ones"] if len(found) > LISTED_MAX else []
    out.result({"items": document, "more": len(found) > LISTED_MAX}, [*table(rows), *more])
    return 0


def show(wired: Wiring, event_id: str, out: Output) -> int:
    """One event without its personal members, and what became of it."""
    kept = wired.payment_store.event(event_id)
    if kept is None:
        raise NotFound(f"No event {event_id} is kept.")
    body = json.loads(gzip.decompress(kept.raw))
    document = {
        "id": event_id,
        "outcome": kept.outcome,
        "receivedAt": kept.created_at,
        "event": body,
    }
    lines = [
        f"{event_id}  {kept.event_type}  {kept.outcome}",
        json.dumps(body, indent=2, ensure_ascii=False),
    ]
    out.result(document, lines)
    return 0


def replay(wired: Wiring, event_ids: list[str], out: Output) -> int:
    """Apply kept events once more: what was applied before changes nothing."""
    results: list[dict[str, Any]] = []
    for event_id in event_ids:
        try:
            outcome: str = wired.stripe_webhook.replay(event_id).outcome
            results.append({"id": event_id, "outcome": outcome})
        except GreenroomError as error:
            results.append({"id": event_id, "error": error.detail, "code": error.code})
    rows = [(one["id"], one.get("outcome") or f"FAILED: {one['error']}") for one in results]
    out.result({"items": results}, table(rows))
    return 1 if any("error" in one for one in results) else 0


def missed(wired: Wiring, *, since: datetime) -> list[tuple[str, bytes]]:
    """Stripe's events since then that never came to us, oldest first, with what they say."""
    found: dict[str, tuple[int, bytes]] = {}
    types = iter(EVENT_TYPES)
    while some := list(islice(types, TYPES_MAX)):
        for raw in wired.stripe.events(since=since, types=some):
            told = json.loads(raw)
            if wired.payment_store.event(told["id"]) is None:
                found[told["id"]] = (told["created"], raw)
    ordered = sorted(found.items(), key=lambda one: one[1][0])
    return [(event_id, raw) for event_id, (_, raw) in ordered]


def adopt(wired: Wiring, events: list[tuple[str, bytes]]) -> Iterator[tuple[str, str]]:
    """Apply events of Stripe's own list: the id of each, and what became of it."""
    for event_id, raw in events:
        yield event_id, wired.stripe_webhook.adopt(raw).outcome
