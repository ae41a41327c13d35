"""Scenes of the usage log: what is in it, and a queue that takes what the table did not."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from greenroom.kernel.errors import Unavailable
from greenroom.table.table import Table
from greenroom.usage.drift import row_of
from greenroom.usage.log import UsageLog
from greenroom.usage.log_store import LogStore
from greenroom.usage.redriving import Redriving
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.world import World

Row = dict[str, Any]
FACTS: Row = {
    "request_id": "0199f3a8-7c1e-7d43-9a55-3f0f6c2b8e11",
    "user_id": "6f0c1e0a-5d3b-5b8e-9a77-2f3a64c6d0b1",
    "at": "2026-11-21T12:00:00.000000Z",
    "tenant_kind": "preschool",
    "tenant_id": "d5e14446-f19e-4b29-8fb0-9551869348dd",
    "service_type": "exam_generation",
    "status": "ok",
    "model": "gpt-5-mini",
    "input_tokens": 812,
    "output_tokens": 1900,
    "cost_micros": 4003,
    "units": 1,
    "processing_time_ms": 4120,
}


class Bucket:
    """A queue in memory; it can be down."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.down = False

    def send(self, body: str) -> None:
        if self.down:
            raise Unavailable(code="QUEUE_UNAVAILABLE")
        self.bodies.append(body)


class Scene:
    """A log over a world's table, with all that it notes."""

    def __init__(self, world: World, *, table: Table | None = None) -> None:
        self.world = world
        self.queue = Bucket()
        self.noted: list[tuple[str, Row]] = []
        self.alarms: list[Row] = []
        self.store = LogStore(table or world.hasty_table)
        self.log = UsageLog(
            self.store,
            queue=lambda: self.queue,
            clock=world.clock,
            note=lambda message, facts: self.noted.append((message, facts)),
            report=lambda _, facts: self.alarms.append(facts),
        )

    @property
    def redriving(self) -> Redriving:
        """How the world's own function stores what comes late."""
        return self.world.wiring("usage_log").redriving

    def store_patiently(self, facts: Row) -> bool:
        """Write a row with the time that a function has for what may wait."""
        return LogStore(self.world.table).add(row_of(facts, now=self.world.clock()))


def spilled(scene: Scene, **facts: Any) -> str:
    """The message of a row that the table did not take."""
    with faults.plan(Fault(kind="timeout_before", times=faults.FOR_EVER)):
        assert scene.log.write({**FACTS, **facts}) == "spilled"
    return scene.queue.bodies.pop()


def plain(raw: Row) -> Row:
    """A row of the table without DynamoDB's types."""
    return {name: _value(value) for name, value in raw.items()}


def logged(world: World) -> list[Row]:
    """All rows of the log, in the order of their keys."""
    rows = [plain(raw) for raw in world.rows() if raw["kind"]["S"] == "ai_log"]
    for row in rows:
        if "metadata" in row:
            row["metadata"] = json.loads(row["metadata"])
    return sorted(rows, key=lambda row: (row["at"], row["request_id"], row["attempt"]))


def sums(world: World, kind: str) -> dict[tuple[str, str, str], Counter[str]]:
    """The sums of a kind by owner, day and service; shards added up."""
    found: dict[tuple[str, str, str], Counter[str]] = {}
    for raw in world.rows():
        if raw["kind"]["S"] != kind:
            continue
        row = plain(raw)
        _, day, service = row["SK"].split("#")
        owner = "" if kind == "usage_platform" else row["PK"]
        counts = {name: value for name, value in row.items() if name in COUNTERS}
        found.setdefault((owner, day, service), Counter()).update(counts)
    return found


COUNTERS = (
    "calls",
    "ok",
    "failed",
    "cancelled",
    "crashed",
    "units",
    "input_tokens",
    "output_tokens",
    "cost_micros",
    "processing_ms",
)


def counted(rows: Iterable[Row], owner: Callable[[Row], str | None]) -> dict[Any, Counter[str]]:
    """What the sums have to be, added up from rows of the log alone."""
    found: dict[Any, Counter[str]] = {}
    for row in rows:
        whose = owner(row)
        if whose is None:
            continue
        place = (whose, row["at"][:10], row.get("service_type") or "unknown")
        add = Counter(calls=1)
        if row.get("status"):
            add[row["status"]] += 1
        if row.get("status") == "ok":
            add["units"] += row.get("units") or 0
        for name in ("input_tokens", "output_tokens", "cost_micros"):
            add[name] += row.get(name) or 0
        add["processing_ms"] += row.get("processing_time_ms") or 0
        found.setdefault(place, Counter()).update(+add)
    return found


def tenant_of(row: Row) -> str | None:
    """The partition of the sums of a row's tenant."""
    if row.get("preschool_id"):
        return f"T#ps#{row['preschool_id']}"
    return f"T#org#{row['organization_id']}" if row.get("organization_id") else None


def user_of(row: Row) -> str | None:
    """The partition of the sums of a row's person."""
    return f"USER#{row['user_id']}" if row.get("user_id") else None


def assert_sums_are_those_of_the_rows(world: World) -> None:
    """Every sum of the table is what its rows add up to."""
    rows = logged(world)
    assert sums(world, "usage_platform") == counted(rows, lambda _: "")
    assert sums(world, "usage_tenant") == counted(rows, tenant_of)
    assert sums(world, "usage_user") == counted(rows, user_of)


def _value(value: Row) -> Any:
    ((kind, held),) = value.items()
    if kind == "N":
        return int(held)
    if kind == "L":
        return [_value(one) for one in held]
    return None if kind == "NULL" else held
