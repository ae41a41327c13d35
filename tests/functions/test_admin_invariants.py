"""Admins ask whether counters agree with their rows: all of them, page by page, read only."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from greenroom.kernel.tenants import Tenant
from greenroom.table.pool import Answer
from greenroom.usage.domain import Payer, Plan, Service, Ticket
from tests import aws
from tests.aws import Asked, Way
from tests.books import Vandal
from tests.expertise import claim, expert, session_of
from tests.reliability import faults
from tests.studios import Studio
from tests.till import Till
from tests.world import Person, World

Json = dict[str, Any]
EXAM = Service("exam_generation", units=3)


class Scene:
    """A world in which everything that is counted has something to count."""

    def __init__(self, world: World) -> None:
        world.rewire(EXPERT_SIGNUP="open")
        self.world = world
        self.ada = world.person()
        self.ada.credits()
        till = Till(world)
        till.outcome(till.paid(till.seed(self.ada)))
        self.helper = expert(world)
        assert claim(self.helper, session_of(self.ada).session_id).status == 200
        self.studio = Studio(world)
        self.held = self.studio.hold_class(capacity=1)
        self.held.book(self.studio.customer())
        self.held.join(self.studio.customer())
        wired = world.wiring("admin")
        self.school = wired.tenants.create(
            "preschool", "Elm", tenant_id=None, members={self.ada.user_id: "admin"}, actor="test"
        )
        for payer in (Payer(self.ada.user_id), Payer(self.ada.user_id, self.school)):
            for n in range(3):
                ticket = wired.meter.reserve(
                    payer, EXAM, plan=Plan(), request_id=f"r{n}", request_hash="h"
                )
                assert isinstance(ticket, Ticket)
                if n == 0:
                    wired.meter.release(ticket, reason="failed")
                elif n == 1:
                    wired.meter.settle(ticket, answer=None)

    @property
    def period(self) -> str:
        return f"{self.world.clock():%Y-%m}"


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def violations(world: World, limit: int = 100) -> tuple[list[Json], dict[str, int]]:
    """All that does not agree, and how many things of each section were compared."""
    found: list[Json] = []
    checked: dict[str, int] = {}
    cursor = ""
    while True:
        path = f"GET /api/admin/invariants?limit={limit}{cursor}"
        reply = world.person("user_admin").call(path)
        assert reply.status == 200, reply.text
        assert reply.body["checked"] <= limit
        found += reply.body["violations"]
        section = reply.body["section"]
        checked[section] = checked.get(section, 0) + reply.body["checked"]
        if reply.body["nextCursor"] is None:
            return found, checked
        cursor = f"&cursor={reply.body['nextCursor']}"


@pytest.mark.parametrize("limit", [1, 100])
def test_what_agrees_is_compared_whole_and_nothing_is_found(scene: Scene, limit: int) -> None:
    found, checked = violations(scene.world, limit)

    assert found == []
    people = sum(row["kind"]["S"] == "user" for row in scene.world.rows())
    assert checked == {"people": people, "classes": 1, "tenants": 2}


def test_nothing_is_written_by_that(scene: Scene) -> None:
    before = scene.world.rows()

    with faults.plan() as plan:
        violations(scene.world)

    assert {call.operation for call in plan.calls} <= faults.READS
    assert scene.world.rows() == before


def wrong_balance(scene: Scene, vandal: Vandal) -> None:
    vandal.change(f"USER#{scene.ada.user_id}", "ACCOUNT", credits=9900)


def wrong_expert(scene: Scene, vandal: Vandal) -> None:
    vandal.change(f"USER#{scene.helper.user_id}", "EXPERT", active_count=2)


def of_class(**changes: Any) -> Callable[[Scene, Vandal], None]:
    def change(scene: Scene, vandal: Vandal) -> None:
        pk = Tenant("organization", scene.studio.organization_id).pk(
            "K", scene.held.class_session_id
        )
        vandal.change(pk, "CLASS", **changes)

    return change


def of_seat(scene: Scene, vandal: Vandal) -> None:
    row = next(
        row
        for row in scene.world.rows()
        if row["kind"]["S"] == "seat" and row["booking_status"]["S"] == "confirmed"
    )
    vandal.remove(row["PK"]["S"], row["SK"]["S"])


def of_wait(scene: Scene, vandal: Vandal) -> None:
    row = next(row for row in scene.world.rows() if row["kind"]["S"] == "waiting")
    vandal.remove(row["PK"]["S"], row["SK"]["S"])


def of_quota(of: str, **changes: Any) -> Callable[[Scene, Vandal], None]:
    def change(scene: Scene, vandal: Vandal) -> None:
        sk = f"QUOTA#{EXAM.name}#{scene.period}"
        owner = f"USER#{scene.ada.user_id}" if of == "person" else scene.school.pk()
        within = f"#U#{scene.ada.user_id}" if of == "member" else ""
        vandal.change(owner, sk + within, **changes)

    return change


def lost_reservation(scene: Scene, vandal: Vandal) -> None:
    vandal.remove(f"USER#{scene.ada.user_id}#R#r1", "RESERVATION")


@pytest.mark.parametrize(
    ("harm", "rules"),
    [
        (wrong_balance, {"balance_is_the_ledgers_sum"}),
        (wrong_expert, {"active_is_the_sessions"}),
        (of_class(free=1), {"capacity_is_divided"}),
        (of_class(free=2, booked=-1), {"booked_is_the_seats", "capacity_is_divided"}),
        (of_class(booked=0, held=1), {"booked_is_the_seats", "held_is_the_seats"}),
        (of_class(waitlist_count=0), {"waitlist_is_the_rows"}),
        (of_seat, {"booked_is_the_seats"}),
        (of_wait, {"waitlist_is_the_rows"}),
        (of_quota("person", available=0), {"quota_is_the_reservations"}),
        (of_quota("person", adjusted=7), {"quota_is_the_reservations"}),
        (of_quota("member", available=0), {"quota_is_the_reservations"}),
        (of_quota("tenant", available=0), {"quota_is_the_reservations"}),
        (lost_reservation, {"quota_is_the_reservations"}),
    ],
    ids=lambda value: value.__name__ if callable(value) else ",".join(sorted(value)),
)
def test_a_counter_that_does_not_agree_is_found(
    scene: Scene, harm: Callable[[Scene, Vandal], None], rules: set[str]
) -> None:
    harm(scene, Vandal(scene.world))

    found, _ = violations(scene.world)

    assert {one["rule"] for one in found} == rules


def test_a_violation_says_of_what_and_how(scene: Scene) -> None:
    of_class(waitlist_count=4)(scene, Vandal(scene.world))

    ((found,), _) = violations(scene.world)

    assert found == {
        "rule": "waitlist_is_the_rows",
        "subject": scene.held.class_session_id,
        "facts": {
            "organization_id": scene.studio.organization_id,
            "places": 1,
            "seats": 1,
            "waitlist_count": 4,
        },
    }


def test_what_only_one_of_two_looks_saw_was_work_under_way(scene: Scene) -> None:
    """The counter is right again before the second look."""
    vandal, looks = Vandal(scene.world), [0]
    of_class(waitlist_count=4)(scene, vandal)

    def mend(asked: Asked, way: Way) -> Answer:
        if asked.operation == "Query" and b'"#K#' not in asked.body and b"#K#" in asked.body:
            looks[0] += 1
            if looks[0] == 2:
                of_class(waitlist_count=1)(scene, vandal)
        return way(asked)

    with aws.watched(mend):
        found, _ = violations(scene.world)

    assert looks[0] == 2
    assert found == []


def test_a_function_that_has_no_time_left_says_where_to_go_on(world: World) -> None:
    for _ in range(3):
        world.person().credits()

    reply = world.person("user_admin").call("GET /api/admin/invariants", remaining_ms=4_000)

    assert reply.body["checked"] == 0
    assert reply.body["nextCursor"] is not None


def test_violations_as_csv_hold_no_formula(scene: Scene) -> None:
    wrong_balance(scene, Vandal(scene.world))

    reply = scene.world.person("user_admin").call(
        "GET /api/admin/invariants?limit=100", headers={"accept": "text/csv"}
    )

    (row,) = csv.DictReader(io.StringIO(reply.text.removeprefix("\ufeff"), newline=""))
    assert (row["rule"], row["subject"]) == ("balance_is_the_ledgers_sum", "balance")
    assert reply.headers["X-Next-Cursor"]


def test_a_cursor_names_a_section_that_there_is(world: World) -> None:
    forged = {
        "WyJwbGFjZXMiLG51bGxd": ["places", None],
        "WyJjbGFzc2VzIiwiWzksbnVsbF0iXQ": ["classes", "[9,null]"],
        "WyJjbGFzc2VzIiwieCJd": ["classes", "x"],
        "WyJwZW9wbGUiLCJ4Il0": ["people", "x"],
        "WyJ0ZW5hbnRzIiwieCJd": ["tenants", "x"],
    }
    for cursor in forged:
        reply = world.person("user_admin").call(f"GET /api/admin/invariants?cursor={cursor}")
        assert (reply.status, reply.body["field"]) == (400, "cursor")


def test_a_person_who_is_somebody_elses_member_is_no_part_of_it(scene: Scene) -> None:
    bob: Person = scene.world.person()
    bob.credits()

    assert violations(scene.world)[0] == []
