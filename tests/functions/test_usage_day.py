"""A whole day of mixed traffic: what admins see is what the log, the quotas and the ledgers say.

Nothing is added up by the code that is tested: rows are read raw, and summed here.
"""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from greenroom.kernel.ids import new_id
from greenroom.kernel.tenants import TenantKind
from greenroom.usage.log import UsageLog
from greenroom.usage.log_store import LogStore
from tests.fakes.provider import OFFER, Reply, completion, failing
from tests.proxies import ASK, EXAM, SCHEMA, make_tenant
from tests.quotas import Metered
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault
from tests.usage_log import FACTS, Bucket, assert_sums_are_those_of_the_rows, logged, plain
from tests.world import Person, World

DAY = "2026-11-21"
CALLS = 60
SUMS = {
    "calls": "calls",
    "ok": "ok",
    "failed": "failed",
    "cancelled": "cancelled",
    "crashed": "crashed",
    "units": "units",
    "input_tokens": "inputTokens",
    "output_tokens": "outputTokens",
    "cost_micros": "costMicros",
    "processing_time_ms": "processingMs",
}
FIGURES = {
    "debit": ("creditsDebited", -1),
    "void": ("creditsGivenBack", 1),
    "purchase": ("creditsBought", 1),
    "reversal": ("creditsReversed", -1),
    "grant": ("creditsGranted", 1),
    "adjustment": ("creditsGranted", 1),
}


class Day:
    """People and tenants, and what they do from morning to night; the same in every run."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = random.Random(6)
        self.people = [world.person() for _ in range(6)]
        ids = [person.user_id for person in self.people]
        self.tenants: list[tuple[TenantKind, str, list[Person]]] = []
        for kind, some in (("preschool", ids[:3]), ("preschool", ids[2:5]), ("organization", ids)):
            tenant_id = new_id()
            make_tenant(world, kind, tenant_id, dict.fromkeys(some, "admin"))  # type: ignore[arg-type]
            members = [person for person in self.people if person.user_id in some]
            self.tenants.append((kind, tenant_id, members))  # type: ignore[arg-type]

    def run(self) -> Counter[str]:
        """The whole day; how the calls were answered."""
        answers: Counter[str] = Counter()
        for number in range(CALLS):
            self.world.clock.move(self.chance.randrange(60, 600))
            answers[self._generates(number)] += 1
            if number % 10 == 0:
                self._interviews(self.people[number // 10])
                self.world.sweep()
        self.world.clock.move(600)
        self.world.sweep()
        return answers

    def _generates(self, number: int) -> str:
        kind, tenant_id, members = self.chance.choice(self.tenants)
        person = self.chance.choice(members)
        body: dict[str, Any] = {"serviceType": "exam_generation", "input": EXAM}
        if number % 3 == 0:
            body = {"serviceType": "structured_generation", "input": {"prompt": "Why?"}}
            body["schema"] = SCHEMA
        if number % 4:
            body["tenant"] = {"kind": kind, "id": tenant_id}
        if number % 5 == 0:
            body |= {"metadata": {"n": number}, "somethingNew": [number]}
        if number % 7 == 0:
            self.world.provider.script(ASK, failing(httpx.ReadTimeout))
        elif number % 11 == 0:
            self.world.provider.script(ASK, completion("no JSON at all"))
        elif number % 13 == 0:
            self.world.provider.script(ASK, self._cancels(person, number))
        return self._sends(person, body, number)

    def _sends(self, person: Person, body: Any, number: int) -> str:
        headers = {"idempotency-key": f"key-{number}"}
        crash = [Fault(kind="crash_before", operation=f"POST /v1{ASK}")] if number % 17 == 5 else []
        try:
            with faults.plan(*crash):
                answer = person.call("POST /api/ai/generate", body, headers=headers)
        except Crash:
            return "crashed"
        if number % 9 == 0:  # sent again: the same answer, or a new attempt
            person.call("POST /api/ai/generate", body, headers=headers)
        return str(answer.status)

    def _cancels(self, person: Person, number: int) -> Reply:
        """The model's answer, before which the person gives up."""

        def reply(request: httpx.Request) -> httpx.Response:
            headers = {"idempotency-key": f"key-{number}"}
            cancelled = person.call("POST /api/ai/generate/cancel", headers=headers)
            assert cancelled.status == 200, cancelled.text
            return self.world.provider.feedback(request)

        return reply

    def _interviews(self, person: Person) -> None:
        started = person.start({"jobTitle": "Teacher"})
        assert started.status == 201
        session_id = started.body["sessionId"]
        if self.chance.random() < 0.5:
            assert person.call(f"POST /api/sessions/{session_id}/cancel").status == 200
            return
        assert person.exchange(started, OFFER).status == 201
        turns = [
            {"role": role, "content": "I teach. " * 5, "timestamp": n}
            for n, role in enumerate(["assistant", "user"] * 4)
        ]
        saved = {"sessionId": session_id, "messages": turns}
        assert person.call("POST /api/interviews", saved).status == 201
        self.world.feedback()


@pytest.fixture
def day(world: World) -> Day:
    world.clock.now -= timedelta(hours=11, minutes=50)  # it begins soon after midnight
    return Day(world)


def usage(world: World, by: str) -> tuple[list[Any], Any]:
    """All lines of a report of the day, and its totals."""
    items: list[Any] = []
    query = f"GET /api/admin/usage?from={DAY}&to={DAY}&by={by}&limit=2"
    cursor = ""
    while True:
        reply = world.person("user_admin").call(query + cursor)
        assert reply.status == 200, reply.text
        items += reply.body["items"]
        if reply.body["nextCursor"] is None:
            return items, reply.body["totals"]
        cursor = f"&cursor={reply.body['nextCursor']}"


def added(rows: list[Any]) -> dict[str, int]:
    """Rows of the log added up as a report says it."""
    found: Counter[str] = Counter()
    for row in rows:
        found["calls"] += 1
        found[row["status"]] += 1
        for name in ("input_tokens", "output_tokens", "cost_micros", "processing_time_ms"):
            found[name] += row.get(name) or 0
        if row["status"] == "ok":
            found["units"] += row["units"]
    return {told: found[name] for name, told in SUMS.items()}


def told(line: Any) -> dict[str, int]:
    return {name: line[name] for name in SUMS.values()}


def test_a_days_report_is_the_sum_of_its_log_its_reservations_and_its_ledgers(day: Day) -> None:
    world = day.world
    answers = day.run()
    assert f"{world.clock():%Y-%m-%d}" == DAY
    assert set(answers) >= {"200", "502", "504", "409", "crashed"}

    _a_table_that_is_away_for_a_moment(day)
    for _ in range(2):
        world.invoke("reconcile", {})

    rows = logged(world)
    assert len(rows) >= CALLS
    assert {row["status"] for row in rows} == {"ok", "failed", "cancelled", "crashed"}
    _agrees_with_the_log(world, rows)
    _agrees_with_the_reservations(world, rows)
    _agrees_with_the_ledgers(world)
    Metered(world).audit()
    assert_sums_are_those_of_the_rows(world)


def _a_table_that_is_away_for_a_moment(day: Day) -> None:
    """Rows that were spilled meanwhile come in late, each more than once."""
    bucket = Bucket()
    log = UsageLog(
        LogStore(day.world.hasty_table),
        queue=lambda: bucket,
        clock=day.world.clock,
        note=lambda *_: None,
        report=lambda *_: None,
    )
    for number in range(5):
        facts = FACTS | {
            "request_id": f"late-{number}",
            "user_id": day.people[number].user_id,
            "tenant_id": day.tenants[0][1],
            "status": "failed",
            "units": None,
        }
        with faults.plan(Fault(kind="timeout_after", times=faults.FOR_EVER)):
            assert log.write(facts) == "spilled"
    assert day.world.redrive(*bucket.bodies, *bucket.bodies) == []


def _agrees_with_the_log(world: World, rows: list[Any]) -> None:
    (line,), totals = usage(world, "day")
    assert told(line) == told(totals) == added(rows)
    for by, name in (("service", "service_type"), ("user", "user_id")):
        items, _ = usage(world, by)
        wire = {"service": "serviceType", "user": "userId"}[by]
        expected = {
            one: added([r for r in rows if r[name] == one]) for one in {r[name] for r in rows}
        }
        assert {item[wire]: told(item) for item in items} == expected
    items, _ = usage(world, "tenant")
    tenants = {
        (r.get("tenant_kind"), r.get("preschool_id") or r.get("organization_id")) for r in rows
    }
    of = {(item["tenantKind"], item["tenantId"]): told(item) for item in items}
    assert of == {
        (kind, one): added(
            [r for r in rows if r.get("tenant_kind") == kind
             and one in (r.get("preschool_id"), r.get("organization_id"))]
        )
        for kind, one in tenants
        if kind is not None
    }  # fmt: skip


def _agrees_with_the_reservations(world: World, rows: list[Any]) -> None:
    """What quotas have settled is what the log calls used, owner by owner."""
    settled: Counter[tuple[str, str]] = Counter()
    for raw in world.rows():
        if raw["kind"]["S"] == "reservation":
            row = plain(raw)
            if row["state"] == "settled":
                settled[row["PK"].rpartition("#R#")[0], row["service"]] += row["units"]
    used: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["status"] == "ok":
            used[row["PK"].partition("#L#")[0], row["service_type"]] += row["units"]
    assert settled == used
    _, totals = usage(world, "day")
    assert totals["units"] == sum(settled.values()) > 0


def _agrees_with_the_ledgers(world: World) -> None:
    expected: Counter[str] = Counter()
    balances = 0
    for raw in world.rows():
        row = plain(raw) if raw["kind"]["S"] in {"ledger_entry", "session"} else {}
        if row.get("kind") == "ledger_entry":
            name, sign = FIGURES[row["entry"]]
            expected[name] += sign * row["amount"]
        elif row.get("type") == "interview":
            expected["interviewsStarted"] += 1
        if raw["kind"]["S"] == "user":
            balances += int(raw["credits"]["N"])
    (line,), totals = usage(world, "day")
    takings = line["takings"]
    assert takings == totals["takings"]
    assert takings.pop("interviewsStarted") == expected.pop("interviewsStarted") > 0
    assert {name: round(value * 100) for name, value in takings.items() if value} == expected
    came_in = takings["creditsGranted"] + takings["creditsBought"] + takings["creditsGivenBack"]
    assert round((came_in - takings["creditsDebited"]) * 100) == balances
