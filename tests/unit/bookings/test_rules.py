"""What keeps somebody from a class: every violated rule, in words of its own here."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from greenroom.bookings.domain import ClassSession
from greenroom.bookings.rules import (
    BookingChanged,
    ClassChanged,
    meaning,
    refusals_of_booking,
    refusals_of_waiting,
    refuse,
)
from greenroom.kernel.errors import (
    BookingClosed,
    ClassFull,
    GreenroomError,
    NotFound,
    Overlap,
    SeveralRefusals,
)
from greenroom.kernel.limits import Limits
from tests.unit.bookings.test_domain import MOMENT, STARTS, class_session

LIMITS = Limits(waitlist_cutoff_s=3600)
NOTICE, CUTOFF = timedelta(minutes=30), timedelta(hours=1)
ENDS = STARTS + timedelta(hours=1)
TIMES = [
    moment + nudge
    for moment in (STARTS - CUTOFF, STARTS - NOTICE, STARTS, ENDS)
    for nudge in (-MOMENT, timedelta(0), MOMENT)
]


def states() -> list[dict[str, Any]]:
    """Classes that differ in whatever decides."""
    return [
        {"status": status, "free": free, "waitlist_count": waiting, "waitlist_max": 2}
        for status, free, waiting in product(
            ("scheduled", "cancelled", "completed"), (0, 1), (0, 1, 2, 3)
        )
    ]


def codes(found: list[GreenroomError]) -> set[str]:
    assert len({one.code for one in found}) == len(found)
    return {one.code for one in found}


@pytest.mark.parametrize("staff", [False, True])
def test_a_seat_is_had_in_time_while_one_is_free_that_nobody_waits_for(staff: bool) -> None:
    for told, now in product(states(), TIMES):
        found = refusals_of_booking(class_session(**told), now, staff=staff, limits=LIMITS)

        wanted = set()
        if told["free"] == 0 or (told["waitlist_count"] and now < STARTS - CUTOFF):
            wanted.add("CLASS_FULL")
        if told["status"] == "cancelled":
            wanted.add("CLASS_CANCELLED")
        if told["status"] == "completed" or now >= (ENDS if staff else STARTS - NOTICE):
            wanted.add("BOOKING_CLOSED")
        assert codes(found) == wanted, (told, now)


def test_one_waits_before_the_cutoff_for_what_is_full_in_a_list_that_has_room() -> None:
    for told, now, notice in product(states(), TIMES, (30, 90)):
        klass = class_session(**told, notice_min=notice)
        found = refusals_of_waiting(klass, now, limits=LIMITS)

        wanted = set()
        if told["status"] == "cancelled":
            wanted.add("CLASS_CANCELLED")
        if told["status"] == "completed" or now >= STARTS - timedelta(minutes=notice):
            wanted.add("BOOKING_CLOSED")
        if now >= STARTS - CUTOFF:
            wanted.add("WAITLIST_CLOSED")
        if told["free"] == 1 and told["waitlist_count"] == 0:
            wanted.add("CLASS_NOT_FULL")
        if told["waitlist_count"] >= 2:
            wanted.add("WAITLIST_FULL")
        assert codes(found) == wanted, (told, now)


def test_that_it_is_full_is_told_last_with_how_many_wait() -> None:
    klass = class_session(free=0, waitlist_count=2, status="cancelled")

    found = refusals_of_booking(klass, ENDS, staff=False, limits=LIMITS)

    assert [one.code for one in found] == ["CLASS_CANCELLED", "BOOKING_CLOSED", "CLASS_FULL"]
    assert found[1].facts == {"closedAt": "2026-12-01T17:30:00.000000Z"}
    assert found[2].facts == {"waitlistCount": 2}


def test_what_a_broken_condition_means_is_told_from_the_class_as_it_was() -> None:
    seen: ClassSession = class_session()
    full, closed = ClassFull(), BookingClosed()

    assert isinstance(meaning(None, seen, [full]), NotFound)
    assert isinstance(meaning(class_session(edition=2), seen, [full]), ClassChanged)
    assert isinstance(meaning(class_session(), seen, []), ClassChanged)
    assert meaning(class_session(), seen, [full]) is full
    both = meaning(class_session(), seen, [full, closed])
    assert isinstance(both, SeveralRefusals)
    assert both.errors == (full, closed)


def test_whatever_else_is_violated_what_has_changed_is_read_again() -> None:
    refuse([])
    with pytest.raises(BookingChanged):
        refuse([ClassFull(), BookingChanged(), Overlap()])
    with pytest.raises(ClassFull) as refused:
        refuse([ClassFull(), Overlap()])
    assert [one["code"] for one in refused.value.facts["violations"]] == ["CLASS_FULL", "OVERLAP"]
