"""The transactions of a world in the very order in which they happened.

Threads race as ever; only the moment at which DynamoDB is asked to commit is theirs alone, so that
the order of the records is the order of the effects. From that, whoever waits for a seat at any
instant is known exactly, and not guessed from times.
"""

import re
import threading
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pynamodb.connection import Connection

from tests.reliability import faults
from tests.studios import Studio
from tests.world import World

Request = dict[str, Any]

_ADDED = re.compile(r"ADD (.*?)(?: DELETE |$)")
COUNTERS = ("free", "booked", "held", "waitlist_count")


class Journal:
    """A connection that notes each transaction which it committed."""

    def __init__(self, inner: Connection) -> None:
        self.inner = inner
        self.committed: list[list[Request]] = []
        self._tokens: set[str] = set()
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def dispatch(self, operation: str, request: Request) -> Request:
        """Send it; a transaction alone, and noted if it came about."""
        if operation != "TransactWriteItems":
            return self.inner.dispatch(operation, request)
        # Where calls take turns, nobody may have this one's while he waits for his own.
        with nullcontext() if faults.take_turns() else self._lock:
            try:
                answer = self.inner.dispatch(operation, request)
            except BaseException:
                if faults.acted_unheard():
                    self._note(request)
                raise
            self._note(request)
        return answer

    def _note(self, request: Request) -> None:
        """Once, also if the same request was sent again."""
        if request["ClientRequestToken"] not in self._tokens:
            self._tokens.add(request["ClientRequestToken"])
            self.committed.append(request["TransactItems"])


def journal_of(world: World) -> Journal:
    """Note the transactions of this world from here on."""
    journal = Journal(world.table.connection)
    world.table.connection = journal  # type: ignore[assignment]
    return journal


@dataclass
class Hall:
    """A class as it stood after each transaction."""

    starts_at: datetime
    counters: dict[str, int]
    waiting: list[str] = field(default_factory=list)


@dataclass
class Told:
    """What a journal showed. ``contested`` promotions had somebody else waiting to be passed by."""

    promotions: int = 0
    contested: int = 0
    seated: int = 0


def replay(journal: Journal, studio: Studio, *, cutoff: timedelta) -> Told:
    """Go through the transactions of a studio one by one and fail at the first unfair one.

    - ``free + booked + held`` is the capacity at every instant, and nothing is below nothing.
    - Whoever is offered a seat joined before everybody else who waits at that instant.
    - Nobody takes a free seat past somebody who waits, before the cutoff.
    """
    told, halls = Told(), dict[str, Hall]()
    for steps in journal.committed:
        writes = [next(iter(step.items())) for step in steps]
        for operation, step in writes:
            pk, sk = _place(step)
            if sk != "CLASS" or not pk.startswith(f"T#org#{studio.organization_id}#"):
                continue
            if operation == "Put":
                item = step["Item"]
                counters = {name: int(item[name]["N"]) for name in (*COUNTERS, "capacity")}
                halls[pk] = Hall(datetime.fromisoformat(item["starts_at"]["S"]), counters)
            elif operation == "Update":
                _turn(halls[pk], pk, step, writes, told, cutoff)
    return told


def _turn(
    hall: Hall,
    pk: str,
    update: Request,
    writes: list[tuple[str, Request]],
    told: Told,
    cutoff: timedelta,
) -> None:
    changes, events = _added(update), _events(writes)
    before = list(hall.waiting)
    for name, change in changes.items():
        if name in hall.counters:
            hall.counters[name] += change
    for operation, step in writes:
        place, sk = _place(step)
        if place == pk and sk.startswith("WAIT#"):
            if operation == "Put":
                hall.waiting.append(sk)
            else:
                hall.waiting.remove(sk)
    counters = hall.counters
    assert min(counters.values()) >= 0, counters
    taken = counters["booked"] + counters["held"]
    assert counters["free"] + taken == counters["capacity"], counters
    assert counters["waitlist_count"] == len(hall.waiting), counters
    if "offered" in events:
        told.promotions += 1
        told.contested += len(before) > 1
        gone = set(before) - set(hall.waiting)
        assert gone == {min(before)}, (gone, before)
    elif changes.get("free", 0) < 0 and "capacity" not in changes:
        told.seated += 1
        (at,) = events.values()
        late = at >= hall.starts_at - cutoff
        assert late or not before, ("somebody was passed by", before)


def _added(update: Request) -> dict[str, int]:
    """What an update adds to each attribute."""
    names = update.get("ExpressionAttributeNames", {})
    values = update.get("ExpressionAttributeValues", {})
    found = _ADDED.search(update["UpdateExpression"])
    pairs = [one.split() for one in found[1].split(", ")] if found else []
    return {names[name]: int(values[value]["N"]) for name, value in pairs}


def _events(writes: list[tuple[str, Request]]) -> dict[str, datetime]:
    """The events that a transaction notes: when each was."""
    rows = [step["Item"] for operation, step in writes if operation == "Put"]
    return {
        row["event_type"]["S"]: datetime.fromisoformat(row["created_at"]["S"]).astimezone(UTC)
        for row in rows
        if row["kind"]["S"] == "booking_event"
    }


def _place(step: Request) -> tuple[str, str]:
    key = step.get("Key") or step["Item"]
    return key["PK"]["S"], key["SK"]["S"]
