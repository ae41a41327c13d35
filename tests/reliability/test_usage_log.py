"""A row of the usage log is there once, whichever way it came and whatever broke on that way."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from greenroom.kernel.ids import user_id_of
from greenroom.usage.redriving import Redriving
from tests.reliability import faults
from tests.reliability.every_call import fail_at_every_call
from tests.reliability.faults import Crash, Fault
from tests.reliability.test_erasure_crashes import used
from tests.usage_log import (
    FACTS,
    Scene,
    assert_sums_are_those_of_the_rows,
    logged,
    spilled,
    sums,
    tenant_of,
)
from tests.world import Person, World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def facts_of(person: Person, **facts: Any) -> dict[str, Any]:
    return FACTS | {"user_id": person.user_id} | facts


def is_usage(row: Any) -> bool:
    """Whether a raw row is one of the log or its sums."""
    return str(row["kind"]["S"]).startswith(("ai_log", "usage_"))


def test_a_spilled_row_that_is_delivered_three_times_is_stored_once(scene: Scene) -> None:
    body = spilled(scene)

    assert [scene.world.redrive(body, body), scene.world.redrive(body)] == [[], []]

    (row,) = logged(scene.world)
    assert row["request_id"] == FACTS["request_id"]
    assert_sums_are_those_of_the_rows(scene.world)


def test_a_row_whose_answer_was_lost_is_stored_and_spilled_and_there_once(scene: Scene) -> None:
    with faults.plan(Fault(kind="timeout_after", times=faults.FOR_EVER)):
        assert scene.log.write(FACTS) == "spilled"
    assert len(logged(scene.world)) == 1

    assert scene.world.redrive(*scene.queue.bodies) == []

    assert len(logged(scene.world)) == 1
    assert_sums_are_those_of_the_rows(scene.world)


def test_a_spilled_row_is_as_it_would_have_been(scene: Scene, make_world: Any) -> None:
    facts = FACTS | {"metadata": {"name": "Zoë 👩🏽‍🏫", "score": float("nan")}, "extra": [1, 2.5]}
    other = Scene(make_world())
    other.log.write(facts)
    scene.world.rewire()

    scene.world.redrive(spilled(scene, **facts))

    assert logged(scene.world) == logged(other.world)


def test_a_message_comes_again_while_the_table_is_away(scene: Scene) -> None:
    body = spilled(scene)

    with faults.plan(Fault(kind="unavailable", times=faults.FOR_EVER)):
        scene.world.table.patience = scene.world.hasty_table.patience
        assert scene.world.redrive(body, "nonsense") == ["0", "1"]

    assert scene.world.redrive(body) == []
    assert len(logged(scene.world)) == 1


@pytest.mark.parametrize("kind", ["crash_before", "crash_after"])
def test_a_consumer_that_dies_is_followed_by_another(scene: Scene, kind: Any) -> None:
    body = spilled(scene)

    with faults.plan(Fault(kind=kind)), suppress(Crash):
        scene.world.redrive(body)
    scene.world.redrive(body)

    assert len(logged(scene.world)) == 1
    assert_sums_are_those_of_the_rows(scene.world)


def test_a_process_that_dies_while_it_writes_leaves_the_whole_row_or_nothing(scene: Scene) -> None:
    for kind, rows in (("crash_before", 0), ("crash_after", 1)):
        with faults.plan(Fault(kind=kind)), pytest.raises(Crash):  # type: ignore[arg-type]
            scene.log.write(FACTS)
        assert len(logged(scene.world)) == rows
        assert_sums_are_those_of_the_rows(scene.world)


def test_many_at_once_are_counted_each_once(scene: Scene) -> None:
    """The same rows come directly and from the queue, of several people and tenants."""
    rows = [
        FACTS
        | {
            "request_id": f"r{number}",
            "user_id": f"u{number % 3}",
            "tenant_id": f"p{number % 2}",
            "status": ("ok", "failed", "cancelled", "crashed")[number % 4],
        }
        for number in range(24)
    ]
    bodies = [json.dumps({"usage": row}) for row in rows]
    with ThreadPoolExecutor(8) as pool:
        written = [pool.submit(scene.store_patiently, row) for row in rows]
        redriven = [pool.submit(scene.redriving.take_message, body) for body in bodies]
        stored = [one.result() for one in written]
        late = [one.result()[1] for one in redriven]

    assert stored.count(True) + late.count("stored") == 24
    assert stored.count(False) + late.count("known") == 24
    assert len(logged(scene.world)) == 24
    assert_sums_are_those_of_the_rows(scene.world)
    assert sum(counts["calls"] for counts in sums(scene.world, "usage_platform").values()) == 24


def test_a_lost_row_is_in_its_line_and_restored_once(scene: Scene) -> None:
    facts = FACTS | {"metadata": {"note": "🧒" * 1000}}
    scene.queue.down = True
    with faults.plan(Fault(kind="timeout_before", times=faults.FOR_EVER)):
        assert scene.log.write(facts) == "lost"
    (line,) = scene.alarms
    assert len(json.dumps(line)) < 2000, "lines are cut by CloudWatch at 256 KB; a row never is"

    done = [scene.redriving.take_line(line["row"])[1] for _ in range(2)]

    assert done == ["stored", "known"]
    (row,) = logged(scene.world)
    assert row["metadata"] == facts["metadata"]
    assert_sums_are_those_of_the_rows(scene.world)


# People who are deleted, before or meanwhile


def test_of_the_deleted_the_tenants_figures_stay_and_name_nobody(scene: Scene) -> None:
    world, ada, bob = scene.world, scene.world.person(), scene.world.person()
    for person in (ada, bob):
        for number in range(30):
            month = ("2025-11", "2026-10", "2026-11")[number % 3]
            alone = {"tenant_kind": None, "tenant_id": None} if number % 2 else {}
            at = f"{month}-{21 + number % 5}T12:00:00.{number:06}Z"
            facts = facts_of(
                person, request_id=f"{person.clerk_id}-{number}", at=at, metadata={"pupil": "Zoë"}
            )
            assert scene.store_patiently(facts | alone)
    figures = {kind: sums(world, kind) for kind in ("usage_platform", "usage_tenant")}

    assert ada.call("DELETE /api/user").status == 202

    assert ada.user_id not in json.dumps([row for row in world.rows() if is_usage(row)])
    left = [row for row in logged(world) if row.get("user_id") is None]
    assert len(left) == 15
    for row in left:
        assert row["PK"].startswith("T#ps#")
        assert row.keys().isdisjoint({"metadata", "GSI1PK", "GSI1SK", "correlation_id", "flags"})
        assert row["cost_micros"] == FACTS["cost_micros"]
    assert len(logged(world)) == 15 + 30
    assert {kind: sums(world, kind) for kind in figures} == figures
    assert {owner for owner, _, _ in sums(world, "usage_user")} == {f"USER#{bob.user_id}"}


@pytest.mark.parametrize("kind", ["crash_before", "crash_after"])
def test_an_erasure_that_dies_at_any_call_is_finished_by_the_next(world: World, kind: Any) -> None:
    forgetting = world.wiring("sweeper").log_forgetting

    def prepare() -> Person:
        person = world.person()
        used(world, person)
        return person

    def erase(person: Person) -> None:
        while not forgetting.run(person.user_id):
            pass

    def check(person: Person) -> None:
        assert person.user_id not in json.dumps([row for row in world.rows() if is_usage(row)])

    fail_at_every_call(kind, prepare=prepare, act=erase, audit=lambda _: None, check=check)


def test_rows_that_the_index_showed_late_are_erased_by_the_last_round(world: World) -> None:
    """The first round found the sums alone, and deleted them."""
    ada = world.person()
    used(world, ada)
    world.table.empty(f"USER#{ada.user_id}", sk_prefix="USAGE#")

    while not world.wiring("sweeper").log_forgetting.run(ada.user_id):
        pass

    assert ada.user_id not in json.dumps([row for row in world.rows() if is_usage(row)])


def test_of_the_deleted_a_late_row_keeps_the_figures_of_the_tenant_alone(scene: Scene) -> None:
    ada = scene.world.person()
    body = spilled(scene, **facts_of(ada, metadata={"pupil": "Zoë"}))
    assert ada.call("DELETE /api/user").status == 202

    assert [scene.world.redrive(body) for _ in range(2)] == [[], []]

    (row,) = logged(scene.world)
    assert "user_id" not in row
    assert "GSI1PK" not in row
    assert row["metadata"] == {}
    assert row["cost_micros"] == FACTS["cost_micros"]
    assert sums(scene.world, "usage_user") == {}
    assert [owner for owner, _, _ in sums(scene.world, "usage_tenant")] == [tenant_of(row)]
    assert_sums_are_those_of_the_rows(scene.world)


def test_of_the_deleted_a_late_row_that_was_theirs_alone_is_dropped(scene: Scene) -> None:
    ada = scene.world.person()
    body = spilled(scene, **facts_of(ada, tenant_kind=None, tenant_id=None))
    assert ada.call("DELETE /api/user").status == 202

    assert scene.world.redrive(body) == []

    assert logged(scene.world) == []
    assert sums(scene.world, "usage_platform") == {}


def test_somebody_who_was_never_seen_here_is_not_deleted(scene: Scene) -> None:
    body = spilled(scene, user_id=user_id_of("user_nobody_has_seen"))

    assert scene.world.redrive(body) == []

    assert len(logged(scene.world)) == 1
    assert isinstance(scene.redriving, Redriving)
