"""Rows of the usage log and their sums: once each, and never in the way of an answer."""

import json
from typing import Any

import pytest

from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.usage_log import FACTS, Scene, assert_sums_are_those_of_the_rows, logged, sums
from tests.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def test_a_row_is_put_and_counted_in_one_call(scene: Scene) -> None:
    calls = faults.count(lambda: scene.log.write(FACTS))

    assert calls == {"TransactWriteItems": 1}
    (row,) = logged(scene.world)
    assert row["PK"].startswith("T#ps#d5e14446-f19e-4b29-8fb0-9551869348dd#L#20261121#")
    assert row["preschool_id"] == FACTS["tenant_id"]
    assert "organization_id" not in row
    assert row["GSI1PK"] == f"USER#{FACTS['user_id']}#AI#202611"
    assert {name: row[name] for name in FACTS if name != "tenant_id"} == {
        name: value for name, value in FACTS.items() if name != "tenant_id"
    }
    assert_sums_are_those_of_the_rows(scene.world)


def test_a_row_that_is_written_again_is_there_once(scene: Scene) -> None:
    states = [scene.log.write(FACTS) for _ in range(3)]

    assert states == ["stored", "stored", "stored"]
    assert len(logged(scene.world)) == 1
    ((_, counts),) = sums(scene.world, "usage_platform").items()
    assert counts["calls"] == 1


def test_another_attempt_is_another_row(scene: Scene) -> None:
    scene.log.write(FACTS | {"status": "failed"})
    scene.log.write(FACTS | {"attempt": 2})

    assert [row["attempt"] for row in logged(scene.world)] == [1, 2]
    assert_sums_are_those_of_the_rows(scene.world)


@pytest.mark.parametrize("kind", ["timeout_before", "unavailable", "throttle", "conflict"])
def test_what_the_table_does_not_take_is_spilled(scene: Scene, kind: Any) -> None:
    with faults.plan(Fault(kind=kind, times=faults.FOR_EVER)):
        assert scene.log.write(FACTS) == "spilled"

    assert logged(scene.world) == []
    (body,) = scene.queue.bodies
    assert json.loads(body)["usage"]["request_id"] == FACTS["request_id"]
    assert scene.alarms == []


def test_a_conflict_that_passes_is_waited_for(scene: Scene) -> None:
    with faults.plan(Fault(kind="conflict", at=1)):
        assert scene.log.write(FACTS) == "stored"

    assert scene.queue.bodies == []


def test_what_neither_takes_is_a_line_that_wakes_somebody(scene: Scene) -> None:
    scene.queue.down = True

    with faults.plan(Fault(kind="timeout_before", times=faults.FOR_EVER)):
        assert scene.log.write(FACTS) == "lost"

    (line,) = scene.alarms
    assert (line["alarm"], line["error_code"]) == ("USAGE_LOG_LOST", "QUEUE_UNAVAILABLE")
    assert line["usage_request_id"] == FACTS["request_id"]
    assert line["row"]


def test_a_row_of_a_person_alone_is_in_their_own_partition(scene: Scene) -> None:
    scene.log.write({k: v for k, v in FACTS.items() if not k.startswith("tenant")})

    (row,) = logged(scene.world)
    assert row["PK"].startswith(f"USER#{FACTS['user_id']}#L#20261121#")
    assert sums(scene.world, "usage_tenant") == {}
    assert_sums_are_those_of_the_rows(scene.world)


def test_a_row_of_nobody_is_kept_and_counted_for_the_platform(scene: Scene) -> None:
    assert scene.log.write({"service_type": "exam_generation"}) == "stored"

    (row,) = logged(scene.world)
    assert row["PK"].startswith("USER#nobody#L#")
    assert "GSI1PK" not in row
    assert_sums_are_those_of_the_rows(scene.world)
