"""What the clock does to classes and bookings, each once and nothing forgotten."""

from datetime import timedelta
from typing import Any

import pytest

from greenroom.bookings.classes import next_due
from greenroom.bookings.sweeper import Swept
from greenroom.kernel.limits import CLASS_CLEARED_MAX
from tests.functions.test_edge_errors import raw_set
from tests.halls import CUTOFF, HOLD, OFFER, Hall
from tests.store.test_booking import MOMENT
from tests.store.test_seats import full
from tests.unit.bookings.test_domain import STARTS, class_session
from tests.unit.bookings.test_rules import LIMITS
from tests.world import World

OVER = timedelta(hours=1) + timedelta(seconds=LIMITS.no_show_after_s)


def due(hall: Hall) -> list[str]:
    """The classes that are to be looked at now."""
    return list(hall.wired.class_store.due(now=hall.world.clock(), limit=25))


def test_a_class_that_nothing_happens_to_is_looked_at_at_its_start_and_after_its_end(
    world: World,
) -> None:
    hall = Hall(world)
    hall.until_start(before=MOMENT)
    assert due(hall) == []
    hall.wait(MOMENT)
    assert hall.sweep() == Swept()
    hall.wait(OVER - MOMENT)
    assert due(hall) == []
    hall.wait(MOMENT)
    assert len(due(hall)) == 1

    assert hall.sweep() == Swept()

    assert hall.klass.status == "completed"
    hall.wait(timedelta(days=99))
    assert due(hall) == []
    hall.audit()


@pytest.mark.parametrize(
    ("told", "now", "wanted"),
    [
        ({}, -CUTOFF, timedelta(0)),
        ({}, -MOMENT, timedelta(0)),
        ({}, timedelta(0), OVER),
        ({"free": 1, "waitlist_count": 1}, -CUTOFF - MOMENT, None),
        ({"free": 0, "waitlist_count": 1}, -CUTOFF - MOMENT, timedelta(0)),
        ({"free": 1, "waitlist_count": 0}, -CUTOFF - MOMENT, timedelta(0)),
        ({"free": 1, "waitlist_count": 1}, -CUTOFF, timedelta(0)),
        ({"free": 0, "waitlist_count": 1}, timedelta(0), None),
        ({"status": "cancelled"}, -CUTOFF, None),
    ],
)
def test_a_class_is_looked_at_again_at_once_while_something_is_left_to_be_done(
    told: dict[str, Any], now: timedelta, wanted: timedelta | None
) -> None:
    klass, moment = class_session(**told), STARTS + now

    assert next_due(klass, moment, LIMITS) == (moment if wanted is None else STARTS + wanted)


def test_holds_and_offers_end_and_the_next_is_asked_until_nobody_is_left(world: World) -> None:
    crowd = full(world, waiting=2, price_cents=1500)
    hall, (ada,), (bob, _) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    hall.confirm(bob, paying="drop_in")
    hall.wait(HOLD - MOMENT)
    assert hall.sweep() == Swept()
    hall.wait(MOMENT)
    assert hall.sweep() == Swept(expired=1)
    assert crowd.statuses == ["expired", "offered"]
    assert hall.sweep() == Swept()
    hall.wait(OFFER)
    assert hall.sweep() == Swept(expired=1)
    assert (crowd.statuses, hall.counters) == (["expired", "expired"], (1, 0, 0, 0))
    hall.audit()


def test_at_the_start_nobody_waits_any_more_however_many_they_are(world: World) -> None:
    count = CLASS_CLEARED_MAX + 2
    crowd = full(world, waiting=count, waitlist_max=count)
    hall = crowd.hall
    hall.until_start()

    assert hall.sweep() == Swept(expired=CLASS_CLEARED_MAX)
    assert hall.sweep() == Swept(expired=2)

    assert (set(crowd.statuses), hall.counters) == ({"expired"}, (0, 1, 0, 0))
    assert due(hall) == []
    hall.audit()


def test_absences_are_noted_two_hours_after_the_end_however_many_they_are(world: World) -> None:
    count = CLASS_CLEARED_MAX + 2
    crowd = full(world, capacity=count)
    hall, (first, *_) = crowd.hall, crowd.seated
    hall.until_start()
    hall.note(first)
    hall.sweep()
    hall.wait(OVER)

    assert hall.sweep() == Swept(no_show=CLASS_CLEARED_MAX)
    assert hall.klass.status == "scheduled"
    assert hall.sweep() == Swept(no_show=1)

    assert (hall.klass.status, hall.counters) == ("completed", (0, count, 0, 0))
    assert hall.sweep() == Swept()
    hall.audit()


def test_a_seat_that_was_gained_and_not_offered_is_offered_by_the_sweep(world: World) -> None:
    crowd = full(world, waiting=2)
    hall = crowd.hall
    hall.wired.classes._change(hall.repo, hall.class_id, {"capacity": 2})  # and the process died

    assert hall.sweep() == Swept(offered=1)

    assert crowd.statuses == ["offered", "waitlisted"]
    assert due(hall) == []
    hall.audit()
    hall.replay()


def test_one_class_that_cannot_be_read_keeps_no_other_from_being_swept(world: World) -> None:
    hall = Hall(world)
    bad = hall.other()
    hall.until_start()
    hall.wait(OVER)
    raw_set(world, hall.repo.pk("K", bad.class_id), "CLASS", "capacity", {"S": "many"})

    swept = world.wiring("sweeper").booking_sweeper.sweep(world.clock())

    assert swept.failed == 1
    assert hall.klass.status == "completed"
