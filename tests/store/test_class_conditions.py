"""Each condition on a class holds exactly where its rule is not violated, on both engines."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from pynamodb.expressions.condition import Condition

from greenroom.bookings.class_items import class_item
from greenroom.bookings.conditions import (
    bookable,
    head_stays,
    is_scheduled,
    joinable,
    nobody_in,
    nobody_waits,
)
from greenroom.bookings.domain import ClassSession, Seats
from greenroom.bookings.rules import ClassChanged, refusals_of_booking, refusals_of_waiting
from greenroom.bookings.store import ClassStore, Refusals
from greenroom.kernel.errors import GreenroomError, NotFound
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import Limits
from tests.store.test_customers import OTHER, repo
from tests.store.test_passes import codes_of
from tests.unit.bookings.test_domain import STARTS, class_session
from tests.unit.bookings.test_rules import ENDS, LIMITS, TIMES, states
from tests.world import World


def stored(world: World, **told: Any) -> ClassSession:
    """A class with just these counters."""
    klass = class_session(class_session_id=new_id(), organization_id=repo().organization_id, **told)
    world.table.put_all([class_item(repo(), klass)])
    return klass


def found(
    world: World,
    klass: ClassSession,
    seats: Seats,
    when: Condition | None = None,
    refusals: Refusals = lambda _: [],
) -> list[str]:
    """The codes of what keeps these counters from changing now; nothing is changed."""
    store = ClassStore(world.table)
    tx = store.transaction()
    store.add_seats(tx, repo(), klass, seats, when=when, refusals=refusals)
    return [code for violation in tx.rehearse() for code in codes_of(violation.error)]


@pytest.mark.parametrize("staff", [False, True])
def test_a_seat_can_be_booked_exactly_where_no_rule_is_violated(world: World, staff: bool) -> None:
    for told in states():
        klass = stored(world, **told)
        for now in TIMES:
            rules = refusals_of_booking(klass, now, staff=staff, limits=LIMITS)
            when = bookable(now, klass, staff=staff, limits=LIMITS)

            def refusals(old: ClassSession, rules: list[GreenroomError] = rules) -> Any:
                return rules

            # Nothing is taken here, so that the condition alone decides.
            assert found(world, klass, Seats(), when, refusals) == [one.code for one in rules], (
                told,
                now,
            )


def test_the_waitlist_can_be_joined_exactly_where_no_rule_is_violated(world: World) -> None:
    for told, notice in product(states(), (30, 90)):
        klass = stored(world, **told, notice_min=notice)
        for now in TIMES:
            rules = refusals_of_waiting(klass, now, limits=LIMITS)
            when = joinable(now, klass, limits=LIMITS)

            def refusals(old: ClassSession, rules: list[GreenroomError] = rules) -> Any:
                return rules

            assert found(world, klass, Seats(waiting=1), when, refusals) == [
                one.code for one in rules
            ], (told, now)


@pytest.mark.parametrize("minutes", [0, 1])
def test_what_decides_is_the_limit_of_this_deployment(world: World, minutes: int) -> None:
    klass, limits = stored(world, waitlist_count=1), Limits(waitlist_cutoff_s=60 * minutes)
    klass = replace(klass, notice_min=0)
    cutoff = STARTS - timedelta(minutes=minutes)

    def verdicts(now: datetime) -> tuple[bool, bool]:
        booked = bookable(now, klass, staff=True, limits=limits)
        joined = joinable(now, klass, limits=limits)
        return not found(world, klass, Seats(), booked), not found(world, klass, Seats(), joined)

    assert verdicts(cutoff - timedelta(microseconds=1)) == (False, True)
    assert verdicts(cutoff) == (True, False)


COUNTED: list[tuple[Condition, str, tuple[int, ...]]] = [
    (nobody_waits(), "waitlist_count", (0,)),
    (nobody_in(), "waitlist_count", (0,)),
    (nobody_in(), "booked", (0,)),
    (nobody_in(), "held", (0,)),
    (head_stays(class_session(waitlist_joins=1)), "waitlist_joins", (1,)),
]


@pytest.mark.parametrize(("when", "counter", "good"), COUNTED, ids=range(len(COUNTED)))
def test_a_condition_on_a_counter_holds_at_no_other_number(
    world: World, when: Condition, counter: str, good: tuple[int, ...]
) -> None:
    held = {n for n in range(3) if not found(world, stored(world, **{counter: n}), Seats(), when)}

    assert held == set(good)


def test_only_a_class_that_takes_place_is_scheduled(world: World) -> None:
    statuses = ("scheduled", "cancelled", "completed")

    assert [
        one
        for one in statuses
        if not found(world, stored(world, status=one), Seats(), is_scheduled())
    ] == ["scheduled"]


@pytest.mark.parametrize("counter", ["free", "booked", "held", "waiting"])
def test_no_counter_falls_below_nothing(world: World, counter: str) -> None:
    name = "waitlist_count" if counter == "waiting" else counter
    for there, taken in product(range(3), range(3)):
        klass = stored(world, **{name: there})

        broken = found(world, klass, Seats(**{counter: -taken}))

        assert bool(broken) is (taken > there), (there, taken)
        assert not found(world, klass, Seats(**{counter: taken}))


def test_a_class_that_was_changed_since_is_read_again_whatever_else_is_violated(
    world: World,
) -> None:
    klass = stored(world, free=0, edition=2)
    seen, full = (
        replace(klass, edition=1),
        refusals_of_booking(klass, ENDS, staff=True, limits=LIMITS),
    )
    store = ClassStore(world.table)
    for of, wanted in ((repo(), ClassChanged), (repo(organization=OTHER), NotFound)):
        tx = store.transaction()
        store.add_seats(tx, of, seen, Seats(free=-1, booked=1), refusals=lambda _: full)
        with pytest.raises(wanted):
            tx.commit()
        tx = store.transaction()
        store.add_edited(tx, of, seen, replace(seen, name="Evening flow"))
        with pytest.raises(wanted):
            tx.commit()
