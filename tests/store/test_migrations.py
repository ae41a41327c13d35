"""The framework of migrations: killed, resumed, raced, rehearsed, undone."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from greenroom.kernel.errors import Conflict, NotFound, StoreUnavailable
from greenroom.kernel.limits import MIGRATION_LEASE_S, MIGRATION_TRIES_MAX
from greenroom.migrations.domain import Change, Found, Left, Place, Row
from greenroom.migrations.progress import Counts, Pace
from greenroom.migrations.service import Migrations
from greenroom.migrations.store import MigrationStore
from greenroom.table.table import Table
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault
from tests.store.moving import Forget, Paint, unhurried
from tests.store.things import Thing, at_once, put_raw, refused
from tests.world import MovableClock, World, client_of

Rows = list[dict[str, Any]]
THINGS = 12
PAGE = 5


def migrations(world: World, *known: Any, page_rows: int = PAGE) -> Migrations:
    """What another process would make for itself."""
    store = MigrationStore(world.table, page_rows=page_rows)
    return Migrations(store, known or (Paint(), Forget()), clock=world.clock, pace=unhurried)


@pytest.fixture
def old(world: World) -> World:
    """A table whose things are all of version 1, with an attribute that nobody knows."""
    for number in range(3):
        put_raw(world.table, PK="PALETTE", SK=str(number), kind="test_palette", colour=f"c{number}")
    for number in range(THINGS):
        plant(world.table, number)
    return world


def plant(table: Table, place: int, **more: Any) -> None:
    name = f"{place:03}"
    row = {"kind": "test_thing", "v": 1, "number": place, "mystery": "kept", "old.name": name}
    put_raw(table, PK="THINGS#A", SK=f"THING#{name}", **row | more)


def rows(world: World, *, progress: bool = False) -> Rows:
    """All rows, without how far migrations have come."""
    kept = [row for row in world.rows() if progress or row["PK"]["S"] != "SYS#MIG"]
    return sorted(kept, key=lambda row: (row["PK"]["S"], row["SK"]["S"]))


def things(world: World) -> Rows:
    return [row for row in rows(world) if row["kind"]["S"] == "test_thing"]


def is_painted(row: Any) -> bool:
    colour = f"c{int(row['number']['N']) % 3}"
    return (row["v"], row["colour"]) == ({"N": "2"}, {"S": colour})


# A run


def test_a_run_changes_what_needs_it_and_nothing_else_of_it(old: World) -> None:
    before = things(old)

    outcome = migrations(old).run(1)

    assert (outcome.counts.changed, outcome.counts.troubled) == (THINGS, 0)
    assert outcome.counts.read >= THINGS + 3
    for was, now in zip(before, things(old), strict=True):
        assert is_painted(now)
        assert {**now, "v": {"N": "1"}} == {**was, "colour": now["colour"]}


def test_a_run_of_what_was_run_changes_nothing(old: World) -> None:
    migrations(old).run(1)
    before = rows(old)

    again = migrations(old).run(1)

    assert (again.counts.changed, again.counts.as_it_should_be) == (0, THINGS)
    assert rows(old) == before


def test_a_rehearsal_says_what_a_run_does_and_writes_nothing(old: World) -> None:
    plant(old.table, 99, v="one")
    before = rows(old, progress=True)

    with faults.plan() as plan:
        told = migrations(old).rehearse(1)
    after = rows(old, progress=True)
    done = migrations(old).run(1)

    assert before == after
    assert {call.operation for call in plan.calls} == {"Scan", "BatchGetItem"}
    assert (told.counts.changed, told.counts.unreadable) == (THINGS, 1)
    assert done.counts.changed == told.counts.changed
    assert {(one.place, one.word) for one in done.examples} == {
        (one.place, one.word) for one in told.examples
    }


def test_what_cannot_be_read_is_counted_and_named_and_stops_nobody(old: World) -> None:
    plant(old.table, 50, v="one")
    put_raw(old.table, PK="THINGS#A", SK="THING#051", kind="test_thing", number=1)
    put_raw(old.table, PK="THINGS#A", SK="THING#052", v=1, number=1)
    put_raw(old.table, PK="THINGS#A", SK="THING#053", kind=7, v=1, number=1)
    put_raw(old.table, PK="THINGS#A", SK="ODD", kind="test_thing", v=1, number=1)

    outcome = migrations(old).run(1)

    assert (outcome.counts.changed, outcome.counts.unreadable) == (THINGS, 5)
    assert {one.place[1]: one.word for one in outcome.troubles} == {
        "THING#050": "cannot be read: v is no number",
        "THING#051": "cannot be read: v is no whole number",
        "THING#052": "cannot be read: it has no kind",
        "THING#053": "cannot be read: it has no kind",
        "ODD": "cannot be read: it is at no thing's place",
    }


def test_what_a_person_has_to_decide_is_left_and_named(old: World) -> None:
    client_of(old.endpoint).delete_item(
        TableName=old.table_name, Key={"PK": {"S": "PALETTE"}, "SK": {"S": "1"}}
    )

    outcome = migrations(old).run(1)

    assert (outcome.counts.changed, outcome.counts.left) == (8, 4)
    assert {one.word for one in outcome.troubles} == {
        f"no_colour (number={number})" for number in (1, 4, 7, 10)
    }
    assert sum(row["v"] == {"N": "1"} for row in things(old)) == 4


def test_a_migration_that_nobody_wrote_is_not_found(old: World) -> None:
    for act in (migrations(old).run, migrations(old).rehearse, migrations(old).verify):
        with pytest.raises(NotFound, match="There is no migration 7"):
            act(7)


# Order


def test_migrations_run_in_their_order_and_are_undone_in_the_other(old: World) -> None:
    with pytest.raises(Conflict, match="Migration 1 has to be run to its end first"):
        migrations(old).run(2)
    with pytest.raises(Conflict, match="Migration 1 was never run"):
        migrations(old).run(1, "back")
    migrations(old).run(1)
    migrations(old).run(2)

    with pytest.raises(Conflict, match="Migration 2 has to be undone first"):
        migrations(old).run(1, "back")

    migrations(old).run(2, "back")
    migrations(old).run(1, "back")


def test_a_way_back_that_has_only_begun_still_holds_the_earlier_one(old: World) -> None:
    migrations(old).run(1)
    migrations(old).run(2)
    with faults.plan(Fault(kind="crash_after", operation="Scan")), pytest.raises(Crash):
        migrations(old).run(2, "back")
    old.clock.move(MIGRATION_LEASE_S + 1)

    with pytest.raises(Conflict, match="Migration 2 has to be undone first"):
        migrations(old).run(1, "back")


def test_what_takes_away_from_older_readers_has_to_be_named(old: World) -> None:
    assert [one.number for one in migrations(old).pending()] == [1]
    migrations(old).run(1)
    assert migrations(old).pending() == []
    migrations(old).run(1, "back")
    assert [one.number for one in migrations(old).pending()] == [1]


# The way back


def test_the_way_back_gives_back_the_very_rows(old: World) -> None:
    original = rows(old)
    migrations(old).run(1)
    painted = rows(old)
    migrations(old).run(2)
    assert not any("old.name" in row for row in things(old))

    migrations(old).run(2, "back")
    assert rows(old) == painted

    migrations(old).run(1, "back")
    assert rows(old) == original


def test_a_run_may_turn_round_in_the_middle(old: World) -> None:
    original = rows(old)
    crash = Fault(kind="crash_after", at=7, operation="TransactWriteItems")
    with faults.plan(crash), pytest.raises(Crash):
        migrations(old).run(1)
    old.clock.move(MIGRATION_LEASE_S + 1)

    back = migrations(old).run(1, "back")

    assert (back.resumed, back.counts.changed) == (False, 7)
    assert rows(old) == original


# Dying and going on


@pytest.mark.parametrize("direction", ["forward", "back"])
@pytest.mark.parametrize("kind", ["crash_before", "crash_after"])
def test_a_run_that_dies_at_any_call_is_gone_on_with(
    old: World, make_old: Callable[[], World], direction: Any, kind: Any
) -> None:
    if direction == "back":
        migrations(old).run(1)
    points = faults.points(lambda: migrations(old).run(1, direction))
    wanted = rows(old)
    assert points > THINGS

    for point in range(1, points + 1):
        world = make_old()
        if direction == "back":
            migrations(world).run(1)
        with faults.plan(Fault(kind=kind, at=point)), pytest.raises(Crash):
            migrations(world).run(1, direction)
        world.clock.move(MIGRATION_LEASE_S + 1)

        outcome = migrations(world).run(1, direction)

        assert rows(world) == wanted
        counts = outcome.counts
        assert counts.changed + counts.as_it_should_be == THINGS, point
        assert migrations(world).verify(1).count == (0 if direction == "forward" else 2 * THINGS)


@pytest.fixture
def make_old(old: World, make_world: Callable[..., World]) -> Callable[[], World]:
    """More tables as the old one was."""
    original = rows(old)

    def make() -> World:
        world = make_world()
        for row in original:
            client_of(world.endpoint).put_item(TableName=world.table_name, Item=row)
        return world

    return make


@pytest.mark.parametrize("kind", ["timeout_after", "throttle", "unavailable"])
def test_an_answer_that_is_lost_once_changes_nothing(
    old: World, make_old: Callable[[], World], kind: Any
) -> None:
    clean = make_old()
    points = faults.points(lambda: migrations(clean).run(1))

    for point in range(1, points + 1, 3):
        world = make_old()
        with faults.plan(Fault(kind=kind, at=point)) as plan:
            outcome = migrations(world).run(1)

        assert plan.fired
        assert outcome.counts.changed == THINGS
        assert rows(world) == rows(clean)


def test_a_run_goes_on_at_its_cursor_with_its_counts(old: World) -> None:
    with faults.plan() as whole:
        migrations(old).rehearse(1)
    with faults.plan(Fault(kind="crash_before", at=3, operation="Scan")), pytest.raises(Crash):
        migrations(old).run(1)
    old.clock.move(MIGRATION_LEASE_S + 1)

    with faults.plan() as rest:
        outcome = migrations(old).run(1)

    assert outcome.resumed
    assert len(rest.of("Scan")) == len(whole.of("Scan")) - 2
    assert "ExclusiveStartKey" in rest.of("Scan")[0].request
    assert outcome.counts.changed == THINGS
    assert outcome.counts.read >= len(things(old))


def test_a_store_that_fails_lets_the_next_run_go_on_at_once(old: World) -> None:
    plan = faults.plan(Fault(kind="unavailable", at=2, times=faults.FOR_EVER, operation="Scan"))
    with plan, pytest.raises(StoreUnavailable):
        migrations(old).run(1)

    assert migrations(old).run(1).resumed


def test_a_run_that_is_interrupted_lets_the_next_one_go_on_at_once(old: World) -> None:
    def stop(_: Counts) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrations(old).run(1, told=stop)

    outcome = migrations(old).run(1)
    assert outcome.counts.changed + outcome.counts.as_it_should_be == THINGS


# One at a time


def test_a_lease_of_another_run_is_respected_and_taken_over_when_it_is_over(old: World) -> None:
    with faults.plan(Fault(kind="crash_before", at=3, operation="Scan")), pytest.raises(Crash):
        migrations(old).run(1)
    held = migrations(old).progress()[1]
    until = held.lease_until

    with faults.plan() as plan, pytest.raises(Conflict, match=f"run by {held.runner}"):
        migrations(old).run(1)
    with pytest.raises(Conflict, match="run by"):
        migrations(old).run(1, "back")
    old.clock.now = until

    assert {call.operation for call in plan.calls} == {"Query"}
    outcome = migrations(old).run(1)
    assert (outcome.resumed, outcome.counts.changed) == (True, THINGS)


def test_of_many_runs_at_once_one_is_run(old: World) -> None:
    results = at_once(6, lambda _: migrations(old).run(1))

    refused_ones = [one for one in results if isinstance(one, Conflict)]
    done = [one for one in results if not isinstance(one, BaseException)]
    assert len(done) + len(refused_ones) == 6
    assert sum(one.counts.changed for one in done) == THINGS
    assert all(is_painted(row) for row in things(old))


def test_of_two_who_saw_the_same_run_stopped_one_takes_it_over(old: World) -> None:
    with faults.plan(Fault(kind="crash_before", at=3, operation="Scan")), pytest.raises(Crash):
        migrations(old).run(1)
    old.clock.move(MIGRATION_LEASE_S + 1)
    store = MigrationStore(old.table)
    stopped = store.progress()[1]
    first, second = (replace(stopped, runner=name) for name in ("first", "second"))

    store.take(first, before=stopped)
    with pytest.raises(Conflict, match="Somebody else"):
        store.take(second, before=stopped)

    assert store.progress()[1].runner == "first"


def test_a_run_that_lost_its_lease_without_knowing_stops_and_does_no_harm(old: World) -> None:
    pages: list[Counts] = []

    def overtaken(counts: Counts) -> None:
        pages.append(counts)
        old.clock.move(MIGRATION_LEASE_S + 1)
        migrations(old).run(1)

    with pytest.raises(Conflict, match="Somebody else runs migration 1 now"):
        migrations(old).run(1, told=overtaken)

    assert len(pages) == 1
    assert migrations(old).progress()[1].is_done
    assert all(is_painted(row) for row in things(old))


def test_a_slow_page_keeps_its_lease(old: World) -> None:
    class Slow(Paint):
        def forward(self, row: Row, found: Found) -> Change | Left | None:
            old.clock.move(MIGRATION_LEASE_S / 2)
            return super().forward(row, found)

    leases: list[bool] = []

    class Watched(Slow):
        def needs(self, row: Row) -> Iterable[Place]:
            leases.append(migrations(old).progress()[1].is_held(old.clock()))
            return super().needs(row)

    start = old.clock()
    migrations(old, Watched(), page_rows=100).run(1)

    assert old.clock() - start > timedelta(seconds=2 * MIGRATION_LEASE_S)
    assert all(leases)


# Beside those who write


def test_writers_beside_a_run_lose_nothing_and_are_not_undone(old: World) -> None:
    done = Event()
    added = dict.fromkeys(range(THINGS), 0)

    def write() -> None:
        while not done.is_set():
            for number in added:
                tx = old.table.transaction()
                key = Thing.at(f"{number:03}")
                step = Thing.number.add(3)
                tx.update("thing", key, step, when=Thing.pk.exists(), otherwise=refused("gone"))
                tx.commit()
                added[number] += 3

    writer = Thread(target=write)
    writer.start()
    outcomes = [migrations(old).run(1) for _ in range(3)]
    done.set()
    writer.join()

    assert sum(one.counts.changed for one in outcomes) == THINGS
    assert sum(added.values()) > 0
    for number, row in enumerate(things(old)):
        assert row["number"] == {"N": str(number + added[number])}
        assert is_painted(row)
        assert row["mystery"] == {"S": "kept"}


class Raced(Paint):
    """Somebody writes the row of number 0 after it was read, so many times."""

    def __init__(self, world: World, times: int) -> None:
        self.world = world
        self.times = times

    def forward(self, row: Row, found: Found) -> Change | Left | None:
        planned = super().forward(row, found)
        if int(row["number"]["N"]) % THINGS == 0 and self.times:
            self.times -= 1
            plant(self.world.table, 0, number=int(row["number"]["N"]) + 3 * THINGS)
        return planned


def test_a_row_that_changed_meanwhile_is_read_again(old: World) -> None:
    outcome = migrations(old, Raced(old, times=2)).run(1)

    assert outcome.counts.changed == THINGS
    first = things(old)[0]
    assert first["number"] == {"N": str(6 * THINGS)}
    assert is_painted(first)


def test_a_row_that_always_changes_is_counted_and_named_and_stops_nobody(old: World) -> None:
    outcome = migrations(old, Raced(old, times=MIGRATION_TRIES_MAX)).run(1)

    assert (outcome.counts.changed, outcome.counts.overtaken) == (THINGS - 1, 1)
    (trouble,) = outcome.troubles
    assert trouble.place == ("THINGS#A", "THING#000")
    assert migrations(old).run(1).counts.changed == 1


def test_what_decides_about_a_row_is_part_of_its_condition(old: World) -> None:
    """A shadow that somebody makes after the look, and a colour that goes, are seen."""

    class Meddled(Paint):
        def forward(self, row: Row, found: Found) -> Change | Left | None:
            planned = super().forward(row, found)
            if row["SK"]["S"] == "THING#000" and ("THINGS#A", "SHADOW#000") not in found:
                put_raw(old.table, PK="THINGS#A", SK="SHADOW#000", kind="test_shadow", v=1, own=1)
            return planned

    outcome = migrations(old, Meddled()).run(1)

    assert outcome.counts.changed == THINGS
    shadow = next(row for row in rows(old) if row["SK"]["S"] == "SHADOW#000")
    assert shadow["own"] == {"N": "1"}


def test_a_row_that_is_removed_meanwhile_is_no_trouble(old: World) -> None:
    class Removed(Paint):
        def forward(self, row: Row, found: Found) -> Change | Left | None:
            planned = super().forward(row, found)
            if row["SK"]["S"] == "THING#003":
                client_of(old.endpoint).delete_item(
                    TableName=old.table_name, Key={"PK": row["PK"], "SK": row["SK"]}
                )
            return planned

    outcome = migrations(old, Removed()).run(1)

    assert (outcome.counts.changed, outcome.counts.troubled) == (THINGS - 1, 0)
    assert not any(row["SK"]["S"].endswith("#003") for row in rows(old))


# Verification


def test_verification_finds_what_is_not_as_it_should_be(old: World) -> None:
    migrations(old).run(1)
    assert migrations(old).verify(1).count == 0
    plant(old.table, 1)
    plant(old.table, 2, v=2)
    plant(old.table, 3, v="three")
    client_of(old.endpoint).delete_item(
        TableName=old.table_name, Key={"PK": {"S": "THINGS#A"}, "SK": {"S": "SHADOW#004"}}
    )
    before = rows(old, progress=True)

    seen = migrations(old).verify(1)

    assert {(fault.rule, fault.place[1]) for fault in seen.faults} == {
        ("is_of_version_2", "THING#001"),
        ("has_a_colour", "THING#002"),
        ("can_be_read", "THING#003"),
        ("has_a_shadow", "THING#004"),
    }
    assert (seen.count, seen.looked_at) == (4, THINGS)
    assert rows(old, progress=True) == before


# Pace


def test_a_pace_spreads_what_is_written_and_never_makes_up_for_a_rest() -> None:
    clock, slept = MovableClock(), list[float]()

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        clock.move(seconds)

    pace = Pace(4, monotonic=lambda: clock().timestamp(), sleep=sleep)
    for _ in range(3):
        pace.wait()
    clock.move(10)
    for _ in range(2):
        pace.wait()

    assert slept == [0.25, 0.25, 0.25]


def test_a_run_writes_at_its_pace_and_a_rehearsal_at_none(old: World) -> None:
    slept: list[float] = []
    paces: list[int] = []

    def pace(per_s: int) -> Pace:
        paces.append(per_s)
        return Pace(per_s, monotonic=lambda: 0.0, sleep=slept.append)

    store = MigrationStore(old.table)
    paced = Migrations(store, (Paint(),), clock=old.clock, pace=pace)
    paced.rehearse(1)
    assert not paces
    paced.run(1, per_s=10)

    assert paces == [10]
    assert len(slept) == THINGS - 1
    assert sum(slept) == pytest.approx(sum(n / 10 for n in range(1, THINGS)))
