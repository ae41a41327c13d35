"""Seats of a class when everybody wants them at once, on both engines.

Each act is one transaction, so whatever comes out is what would have come out one after the other.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from greenroom.bookings.service import Booked
from tests.halls import OFFER, Guest, Hall, outcome
from tests.store.things import at_once
from tests.world import World

often = pytest.mark.parametrize("time", range(3))


def race(*acts: Callable[[], object]) -> list[str]:
    """What becomes of these acts, begun at one moment, in their order."""
    return [outcome(one) for one in at_once(len(acts), lambda n: acts[n]())]


def full(world: World, *, waiting: int = 0, capacity: int = 1, **told: Any) -> "Crowd":
    """A class whose seats are booked with packages, and whose waitlist has so many on it."""
    hall = Hall(world, capacity=capacity, told={"waitlist_max": 30, **told})
    seated, queue = hall.guests(capacity), hall.guests(waiting)
    for guest in seated:
        hall.book(guest)
    for guest in queue:
        world.clock.move(1)
        hall.join(guest)
    return Crowd(hall, seated, queue)


class Crowd:
    """Who is in a class, and who waits, the head first."""

    def __init__(self, hall: Hall, seated: Sequence[Guest], queue: Sequence[Guest]) -> None:
        self.hall = hall
        self.seated = seated
        self.queue = queue

    @property
    def statuses(self) -> list[str]:
        """How those stand who came to wait."""
        return [self.hall.status(one) for one in self.queue]


def test_ten_seats_are_booked_by_ten_of_forty(world: World) -> None:
    hall = Hall(world, capacity=10)
    guests = hall.guests(40, uses=1)

    outcomes = race(*[lambda one=one: hall.book(one) for one in guests])

    assert Counter(outcomes) == {"confirmed": 10, "CLASS_FULL": 30}
    assert hall.counters == (0, 10, 0, 0)
    assert sum(hall.left(guest) == 0 for guest in guests) == 10
    hall.audit()


def test_who_cannot_have_a_seat_at_once_is_on_the_waitlist_at_once(world: World) -> None:
    hall = Hall(world, capacity=3, told={"waitlist_max": 5})
    guests = hall.guests(16)

    outcomes = race(*[lambda one=one: hall.book(one, join_waitlist=True) for one in guests])

    assert Counter(outcomes) == {"confirmed": 3, "waitlisted": 5, "WAITLIST_FULL": 8}
    assert hall.counters == (0, 3, 0, 5)
    assert sum(hall.left(guest) == 2 for guest in guests) == 3
    hall.audit()
    hall.replay()


@pytest.mark.parametrize("of", ["package", "membership"])
def test_one_customer_sixteen_times_at_once_has_one_booking_and_one_use(
    world: World, of: Any
) -> None:
    hall = Hall(world, capacity=20)
    guest = hall.guest(of=of)

    outcomes = race(*[lambda: hall.book(guest)] * 16)

    assert Counter(outcomes) == {"confirmed": 1, "ALREADY_BOOKED": 15}
    assert hall.counters == (19, 1, 0, 0)
    assert hall.left(guest) == 2
    hall.audit()


def test_one_customer_in_classes_of_one_time_at_once_is_in_one_of_them(world: World) -> None:
    hall = Hall(world, capacity=9, told={"duration_minutes": 60})
    later = hall.other(capacity=9, starts_in=hall.starts_in + timedelta(minutes=30))
    after = hall.other(capacity=9, starts_in=hall.starts_in + timedelta(minutes=60))
    guest = hall.guest(uses=9)

    outcomes = race(*[lambda one=one: one.book(guest) for one in [hall, later, after] * 5])

    counts = Counter(outcomes)
    assert counts["confirmed"] in {1, 2}  # the middle one, or the two around it
    assert set(counts) <= {"confirmed", "OVERLAP", "ALREADY_BOOKED"}
    assert hall.left(guest) == 9 - counts["confirmed"]
    hall.audit()


def test_a_week_with_two_uses_is_used_twice_whichever_classes_are_booked(world: World) -> None:
    halls = [Hall(world, capacity=3)]
    halls += [halls[0].other(capacity=3, starts_in=timedelta(days=3, hours=n)) for n in (1, 2, 3)]
    guest = halls[0].guest(of="membership", uses=2)

    outcomes = race(*[lambda one=one: one.book(guest) for one in halls * 3])

    counts = Counter(outcomes)
    assert counts["confirmed"] == 2
    assert set(counts) == {"confirmed", "NO_REMAINING_USE", "ALREADY_BOOKED"}
    halls[0].audit()


def test_one_key_sixteen_times_at_once_is_one_booking_that_all_are_told(world: World) -> None:
    hall = Hall(world, capacity=20)
    guest = hall.guest()

    told = at_once(16, lambda _: hall.book(guest, key="k", request_hash="h"))

    assert all(isinstance(one, Booked) for one in told), told
    answers = [one for one in told if isinstance(one, Booked)]
    assert sorted(one.replayed for one in answers) == [False] + [True] * 15
    assert len({one.booking for one in answers}) == 1
    assert hall.left(guest) == 2
    hall.audit()


def test_seats_that_become_free_at_once_go_to_whoever_waits_longest(world: World) -> None:
    crowd = full(world, capacity=16, waiting=20)
    hall = crowd.hall

    outcomes = race(*[lambda one=one: hall.cancel(one) for one in crowd.seated])

    assert outcomes == ["cancelled"] * 16
    assert crowd.statuses == ["offered"] * 16 + ["waitlisted"] * 4
    assert hall.counters == (0, 0, 16, 4)
    hall.audit()
    assert hall.replay().contested == 16


@often
def test_of_two_seats_and_one_who_waits_one_seat_is_for_everybody(world: World, time: int) -> None:
    crowd = full(world, capacity=2, waiting=1)
    hall, (one, other) = crowd.hall, crowd.seated

    assert race(lambda: hall.cancel(one), lambda: hall.cancel(other)) == ["cancelled"] * 2

    assert crowd.statuses == ["offered"]
    assert hall.counters == (1, 0, 1, 0)
    hall.audit()


def test_one_booking_that_is_cancelled_eight_times_at_once_gives_back_once(world: World) -> None:
    crowd = full(world, waiting=2)
    hall, (ada,) = crowd.hall, crowd.seated

    assert race(*[lambda: hall.cancel(ada)] * 8) == ["cancelled"] * 8

    assert hall.left(ada) == 3
    assert crowd.statuses == ["offered", "waitlisted"]
    hall.audit()


def test_who_comes_while_somebody_leaves_never_has_the_seat_of_those_who_wait(
    world: World,
) -> None:
    crowd = full(world, waiting=2)
    hall, (ada,) = crowd.hall, crowd.seated
    strangers, patient = hall.guests(6), hall.guests(6)

    outcomes = race(
        lambda: hall.cancel(ada),
        *[lambda one=one: hall.book(one) for one in strangers],
        *[lambda one=one: hall.book(one, join_waitlist=True) for one in patient],
    )

    assert outcomes == ["cancelled"] + ["CLASS_FULL"] * 6 + ["waitlisted"] * 6
    assert crowd.statuses == ["offered", "waitlisted"]
    assert hall.counters == (0, 0, 1, 7)
    assert all(hall.left(one) == 3 for one in (*crowd.queue, *strangers, *patient))
    hall.audit()
    hall.replay()


@often
def test_an_offer_is_taken_or_passed_on_and_never_both(world: World, time: int) -> None:
    crowd = full(world, waiting=2)
    hall, (ada,), (bob, _) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    hall.wait(OFFER - timedelta(microseconds=1))

    def sweep_in_time() -> str:
        hall.wait(timedelta(microseconds=1))
        return str(hall.sweep().expired)

    outcomes = race(lambda: hall.confirm(bob), sweep_in_time)

    if outcomes == ["confirmed", "0"]:
        assert crowd.statuses == ["confirmed", "waitlisted"]
        assert hall.left(bob) == 2
    else:
        assert outcomes == ["OFFER_EXPIRED", "1"]
        assert crowd.statuses == ["expired", "offered"]
        assert hall.left(bob) == 3
    hall.audit()


def test_a_smaller_class_never_has_fewer_seats_than_are_taken(world: World) -> None:
    hall = Hall(world, capacity=8)
    guests = hall.guests(8)

    outcomes = race(
        *[lambda one=one: hall.book(one) for one in guests],
        *[lambda n=n: str(hall.change(capacity=n).capacity) for n in (4, 2, 6)],
    )

    booked, changes = Counter(outcomes[:8]), set(outcomes[8:])
    assert set(booked) <= {"confirmed", "CLASS_FULL"}
    assert changes <= {"4", "2", "6", "CAPACITY_TAKEN"}
    free, taken, held, waiting = hall.counters
    assert (taken, held, waiting) == (booked["confirmed"], 0, 0)
    assert free >= 0
    hall.audit()


@often
def test_a_class_that_is_called_off_is_left_by_everybody_whenever_they_came(
    world: World, time: int
) -> None:
    crowd = full(world, capacity=2, waiting=3)
    hall, (ada, eve), (head, *_) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    strangers, patient = hall.guests(4), hall.guests(4)

    outcomes = race(
        lambda: str(hall.call_off().status),
        lambda: hall.confirm(head),
        lambda: hall.cancel(eve),
        *[lambda one=one: hall.book(one, join_waitlist=True) for one in strangers],
        *[lambda one=one: hall.join(one) for one in patient],
    )

    hall.sweep()
    assert outcomes[0] == outcomes[2] == "cancelled"
    assert outcomes[1] in {"confirmed", "CLASS_CANCELLED", "INVALID_TRANSITION"}
    assert set(outcomes[3:]) <= {"waitlisted", "CLASS_CANCELLED"}
    assert hall.counters == (2, 0, 0, 0)
    everybody = (*crowd.seated, *crowd.queue, *strangers, *patient)
    assert {hall.left(one) for one in everybody} == {3}
    rows = hall.audit()
    assert {row["booking_status"] for row in rows.by_kind["booking"]} == {"cancelled"}
    assert not [row for row in rows.rows if "GSI2PK" in row]


@often
def test_a_late_cancellation_and_the_check_in_at_once_are_one_of_the_two(
    world: World, time: int
) -> None:
    crowd = full(world)
    hall, (ada,) = crowd.hall, crowd.seated
    hall.until_start(before=timedelta(minutes=30))

    outcomes = race(lambda: hall.cancel(ada), lambda: hall.note(ada))

    assert outcomes in (
        ["late_cancelled", "INVALID_TRANSITION"],
        ["INVALID_TRANSITION", "attended"],
    )
    assert hall.left(ada) == 2
    hall.audit()
