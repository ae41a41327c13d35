"""Classes: made once, changed only as far as nobody is harmed, and called off for everybody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from greenroom.bookings.class_items import ClassItem
from greenroom.bookings.domain import ClassSession
from greenroom.bookings.schema import CreateClass
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import (
    CapacityTaken,
    IdempotencyMismatch,
    InvalidTransition,
    NotFound,
)
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import CLASS_CLEARED_MAX
from greenroom.organizations.repo import OrgRepo
from tests.halls import CUTOFF, Hall, outcome
from tests.store.test_booking import MOMENT, everything, refusal, told
from tests.store.test_seats import full
from tests.store.test_vacating import called_off
from tests.store.things import at_once
from tests.world import START, World

LATER = START + timedelta(days=5)
DAY_IN_DECEMBER = START + timedelta(days=20)


def fresh(hall: Hall, **options: Any) -> Any:
    body = CreateClass(
        name="Flow", type="yoga", starts_at=to_text(LATER), duration_minutes=60, capacity=3
    ).told(hall.settings)
    return hall.wired.classes.make(hall.repo, body, **{"request_hash": "h", **options})


def test_a_class_is_made_once_for_each_key(world: World) -> None:
    hall = Hall(world)

    made: list[Any] = at_once(8, lambda _: fresh(hall, key="k"))

    assert sorted(one.replayed for one in made) == [False] + [True] * 7
    assert len({one.klass for one in made}) == 1
    assert made[0].klass == hall.wired.classes.load(hall.repo, made[0].klass.class_session_id)
    assert not fresh(hall, key="other").replayed
    assert not fresh(hall, key=None).replayed
    assert isinstance(refusal(lambda: fresh(hall, key="k", request_hash="x")), IdempotencyMismatch)
    assert not Hall(world).wired.classes.month(Hall(world).repo, "2026-12")[1]


def test_a_month_has_its_classes_in_their_order(world: World) -> None:
    hall = Hall(world)
    classes = hall.wired.classes
    second = hall.other(starts_in=timedelta(days=2))
    december = hall.other(starts_in=timedelta(days=20))
    shown = classes.month(hall.repo, None)
    assert (shown[0], [one.class_session_id for one in shown[1]]) == (
        "2026-11",
        [second.class_id, hall.class_id],
    )
    hall.change(starts_at=DAY_IN_DECEMBER)
    second.change(starts_at=LATER)
    assert classes.month(hall.repo, "2026-11") == ("2026-11", [second.klass])
    assert [one.class_session_id for one in classes.month(hall.repo, "2026-12")[1]] == sorted(
        [hall.class_id, december.class_id]
    )


# Capacity


def test_seats_that_a_class_gains_are_free_or_offered_to_whoever_waits(world: World) -> None:
    crowd = full(world, waiting=2)
    hall = crowd.hall

    assert hall.change(capacity=2) == hall.klass
    assert crowd.statuses == ["offered", "waitlisted"]
    assert hall.counters == (0, 1, 1, 1)
    grown = hall.change(capacity=9)
    assert (grown.free, grown.capacity, grown.edition) == (6, 9, 3)
    assert crowd.statuses == ["offered", "offered"]
    hall.audit()
    hall.replay()


def test_a_class_loses_free_seats_only(world: World) -> None:
    crowd = full(world, waiting=1, capacity=2)
    hall, (ada, _) = crowd.hall, crowd.seated
    hall.change(capacity=5)
    assert hall.counters == (2, 2, 1, 0)

    for capacity in (1, 2):
        refused = refusal(lambda capacity=capacity: hall.change(capacity=capacity))
        assert isinstance(refused, CapacityTaken)
        assert told(refused) == ["CAPACITY_TAKEN"]
        assert refused.facts["taken"] == 3
    assert hall.change(capacity=3).free == 0
    hall.cancel(ada)
    assert hall.change(capacity=2).free == 0
    hall.audit()


def test_what_stays_as_it_is_is_not_written(world: World) -> None:
    hall = Hall(world)
    seen, before = hall.klass, everything(world)

    assert hall.change(capacity=1, name="Morning flow") == seen
    assert hall.change() == seen

    assert everything(world) == before


def test_all_that_may_change_changes_and_a_text_can_be_taken_away(world: World) -> None:
    crowd = full(world, waiting=1)
    hall = crowd.hall
    changes: dict[str, Any] = {
        "name": "Evening flow",
        "type": "pilates",
        "description": "Bring a mat.",
        "instructor": "Eve",
        "location": "Hall 2",
        "price_cents": 900,
        "late_cancel_min": 5,
        "late_cancel_fee_cents": 1,
        "notice_min": 7,
        "waitlist_max": 0,
    }

    changed = hall.change(**changes)

    assert {name: getattr(changed, name) for name in changes} == changes
    assert hall.counters == (0, 1, 0, 1)
    assert hall.change(description=None, instructor=None).instructor is None
    assert hall.klass.description is None
    hall.audit()


# Time


@pytest.mark.parametrize("who", ["booked", "held", "waiting"])
@pytest.mark.parametrize("changes", [{"starts_at": LATER}, {"duration_min": 30}])
def test_the_time_of_a_class_moves_only_while_nobody_is_in_it(
    world: World, who: str, changes: dict[str, Any]
) -> None:
    crowd = full(world, waiting=1, price_cents=1500)
    hall, (ada,), (bob,) = crowd.hall, crowd.seated, crowd.queue
    if who == "waiting":  # the only one left, past the cutoff
        hall.until_start(before=CUTOFF)
        hall.cancel(ada, waived=True)
    elif who == "held":
        hall.cancel(ada)
    else:
        hall.cancel(bob)

    assert told(refusal(lambda: hall.change(**changes))) == ["CLASS_HAS_BOOKINGS"]

    hall.cancel(ada if who == "booked" else bob)
    moved = hall.change(**changes)
    assert (moved.starts_at, moved.duration_min) != (START, 60)
    assert moved.ends_at == moved.starts_at + timedelta(minutes=moved.duration_min)
    later = hall.guest()
    assert outcome(hall.book(later)) == "confirmed"
    item = world.table.get(ClassItem.at(hall.repo, hall.class_id))
    assert item is not None
    assert item.ends_at == moved.ends_at
    hall.audit()


def test_both_reasons_why_a_class_cannot_be_changed_are_told(world: World) -> None:
    hall = full(world, capacity=2).hall

    refused = refusal(lambda: hall.change(capacity=1, starts_at=LATER))

    assert isinstance(refused, CapacityTaken)
    assert told(refused) == ["CAPACITY_TAKEN", "CLASS_HAS_BOOKINGS"]


def test_a_class_that_moves_is_looked_at_at_its_new_time(world: World) -> None:
    hall = Hall(world)
    hall.change(starts_at=LATER)
    hall.until_start(before=MOMENT)
    assert list(hall.wired.class_store.due(now=world.clock(), limit=9)) == []
    hall.wait(MOMENT)
    assert list(hall.wired.class_store.due(now=world.clock(), limit=9)) == [
        hall.repo.pk("K", hall.class_id)
    ]


# The end


def test_what_was_called_off_stays_so(world: World) -> None:
    hall = Hall(world)
    assert hall.call_off().status == "cancelled"
    edition = hall.klass.edition

    assert hall.call_off().edition == edition
    for changes in ({"capacity": 2}, {"name": "Evening flow"}):
        changing = lambda changes=changes: hall.change(**changes)  # noqa: E731
        assert told(refusal(changing)) == ["CLASS_CANCELLED"]
    assert isinstance(
        refusal(lambda: Hall(world).wired.classes.cancel(hall.repo, new_id())), NotFound
    )


def test_what_is_over_is_neither_changed_nor_called_off(world: World) -> None:
    hall = Hall(world)
    hall.wait(timedelta(days=9))
    hall.sweep()
    assert hall.klass.status == "completed"

    for act in (hall.call_off, lambda: hall.change(capacity=2)):
        refused = refusal(act)
        assert isinstance(refused, InvalidTransition)
        assert refused.facts["from"] == "completed"
    hall.audit()


def test_one_request_gives_so_many_bookings_back_and_the_sweeps_the_others(world: World) -> None:
    hall = Hall(world, capacity=CLASS_CLEARED_MAX + 2)
    guests = hall.guests(CLASS_CLEARED_MAX + 2)
    for guest in guests:
        hall.book(guest)

    assert hall.call_off().booked == 2
    swept = hall.sweep()

    assert (swept.withdrawn, hall.counters) == (2, (CLASS_CLEARED_MAX + 2, 0, 0, 0))
    assert {hall.left(guest) for guest in guests} == {3}
    assert not [row for row in hall.audit().rows if "GSI2PK" in row]


def test_the_roster_has_everybody_with_a_seat_by_name_and_nobody_who_waits(world: World) -> None:
    crowd = full(world, waiting=2, capacity=2)
    hall, (ada, _) = crowd.hall, crowd.seated
    hall.cancel(ada)

    klass, seated = hall.wired.classes.roster(hall.repo, hall.class_id)

    assert klass == hall.klass
    assert [one.customer_name for one in seated] == ["Customer 2", "Customer 3"]
    assert [one.booking_status for one in seated] == ["confirmed", "offered"]
    for act in (hall.wired.classes.roster, hall.wired.classes.waitlist):
        assert isinstance(refusal(lambda act=act: act(hall.repo, new_id())), NotFound)


# What changes in between


@pytest.mark.parametrize("act", ["book", "join", "cancel", "confirm", "leave", "fill"])
def test_whatever_was_read_of_a_class_that_changes_meanwhile_is_read_again(
    world: World, act: str
) -> None:
    crowd = full(world, waiting=2)
    hall, (ada,), (bob, cleo) = crowd.hall, crowd.seated, crowd.queue
    other = hall.other()
    if act == "confirm":
        hall.cancel(ada)
    if act == "fill":
        hall.wired.classes._change(hall.repo, hall.class_id, {"capacity": 2})
    store, loads = hall.wired.class_store, 0
    load = store.load

    def changed_meanwhile(repo: OrgRepo, class_session_id: str) -> ClassSession:
        nonlocal loads
        found = load(repo, class_session_id)
        loads += 1
        if loads == 1:
            hall.wired.classes._change(repo, class_session_id, {"name": "Evening flow"})
        return found

    store.load = changed_meanwhile  # type: ignore[method-assign]
    acts: dict[str, Callable[[], object]] = {
        "book": lambda: other.book(bob),
        "join": lambda: hall.join(hall.guest()),
        "cancel": lambda: hall.cancel(ada),
        "confirm": lambda: hall.confirm(bob),
        "leave": lambda: hall.cancel(cleo),
        "fill": lambda: str(hall.wired.vacating.fill(hall.repo, hall.class_id)),
    }

    done = outcome(acts[act]())

    store.load = load  # type: ignore[method-assign]
    wanted = {"join": "waitlisted", "cancel": "cancelled", "leave": "cancelled", "fill": "1"}
    assert done == wanted.get(act, "confirmed")
    changed = other if act == "book" else hall
    assert changed.klass.name == "Evening flow"
    if act == "book":
        assert other.booking(bob).class_name == "Evening flow"
    hall.audit()


def test_nobody_is_seated_in_a_class_as_it_was(world: World) -> None:
    """Called off between reading and writing: nothing of what was planned happens."""
    hall = Hall(world)
    guest = hall.guest()
    attempt = hall.wired.bookings._seated(hall.repo, hall.wish(guest), hall.klass)
    called_off(hall)

    assert [one.step for one in attempt.tx.attempt()] == ["class"]
    assert hall.counters == (1, 0, 0, 0)
