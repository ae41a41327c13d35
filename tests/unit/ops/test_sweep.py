"""``ops sweep``: what is due is shown, and done as the schedules would."""

import re
from pathlib import Path

import pytest

from ops.sweep import WORKS
from tests.books import Operator
from tests.contract.class_deeds import Front
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.world import World

ROOT = Path(__file__).parents[3]


@pytest.fixture
def operator(world: World) -> Operator:
    return Operator(world)


def started_long_ago(world: World) -> None:
    ada = world.person()
    ada.credits()
    assert ada.start().status == 201
    world.clock.move(3600)


def counts(found: dict[str, list[dict[str, object]]], of: str) -> dict[object, object]:
    return {one["work"]: one["count"] for one in found[of]}


def test_every_kind_of_work_is_looked_at() -> None:
    page = (ROOT / "docs" / "table.md").read_text(encoding="utf-8")
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "layers" / "greenroom" / "greenroom").rglob("*.py")
    )
    told = set(re.findall(r"`DUE#(\w+)#", page)) | set(re.findall(r"DUE#(\w+) until", code))

    assert set(WORKS) == told


def test_what_is_due_is_shown_and_left_with_dry_run(operator: Operator, world: World) -> None:
    started_long_ago(world)
    before = world.rows()

    code, found = operator.run("sweep", "--dry-run")

    assert code == 1
    assert counts(found, "due")["session"] == 1
    assert world.rows() == before


def test_what_is_due_is_done_and_nothing_is_left(operator: Operator, world: World) -> None:
    started_long_ago(world)
    front = Front(world).is_offered()
    world.clock.move(3600)

    code, found = operator.run("sweep")

    assert code == 0
    assert found["done"]["sessions_given_back"] == 1
    assert found["done"]["bookings_expired"] == 1
    assert found["left"] == []
    assert front.class_.counters[2] == 0
    assert operator.run("sweep")[1]["done"] == {}


def test_more_than_one_sweep_takes_at_once_is_done(operator: Operator, world: World) -> None:
    for _ in range(3):
        person = world.person()
        person.credits()
        person.start()
    world.clock.move(3600)

    _, said = operator.say("sweep")

    assert "session" in said
    assert "0 still due" in said


def test_a_table_that_is_away_is_told(operator: Operator, world: World) -> None:
    with faults.plan(Fault(kind="unavailable", times=faults.FOR_EVER)):
        assert operator.run("sweep")[0] == 3
