"""Who came: noted around the class, corrected for a week, and by the clock if nobody did."""

from datetime import timedelta
from typing import Any

import pytest

from greenroom.bookings.domain import Attended
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import CheckInClosed, InvalidTransition, NotFound
from greenroom.kernel.ids import new_id
from greenroom.organizations.repo import OrgRepo
from tests.store.test_booking import MOMENT, refusal
from tests.store.test_seats import full
from tests.world import World

OPENS = timedelta(minutes=30)
CLASS = timedelta(hours=1)
WEEK = timedelta(days=7)


def test_who_came_is_noted_from_half_an_hour_before_the_class(world: World) -> None:
    hall, (ada,) = (crowd := full(world)).hall, crowd.seated
    hall.until_start(before=OPENS + MOMENT)
    refused = refusal(lambda: hall.note(ada))
    assert isinstance(refused, CheckInClosed)
    opens_at, closes_at = hall.klass.starts_at - OPENS, hall.klass.ends_at + WEEK
    assert refused.facts == {"opensAt": to_text(opens_at), "closesAt": to_text(closes_at)}
    hall.wait(MOMENT)

    came = hall.note(ada)

    assert came == hall.booking(ada)
    assert (came.booking_status, came.rev) == ("attended", 2)
    assert hall.note(ada) == came, "who notes it again is told how it stands"
    assert (hall.counters, hall.left(ada)) == ((0, 1, 0, 0), 2)
    hall.audit()


def test_nobody_has_missed_a_class_that_has_not_begun(world: World) -> None:
    hall, (ada,) = (crowd := full(world)).hall, crowd.seated
    hall.until_start(before=MOMENT)
    assert isinstance(refusal(lambda: hall.note(ada, "no_show")), CheckInClosed)
    hall.wait(MOMENT)

    assert hall.note(ada, "no_show").booking_status == "no_show"
    assert (hall.counters, hall.left(ada)) == ((0, 1, 0, 0), 2)
    hall.audit()


def test_what_was_noted_is_corrected_for_a_week(world: World) -> None:
    hall, (ada,) = (crowd := full(world)).hall, crowd.seated
    hall.until_start()
    notes: list[Attended] = ["no_show", "attended", "no_show"]
    for came in notes:
        assert hall.note(ada, came).booking_status == came
    hall.wait(CLASS + WEEK)
    hall.note(ada)
    hall.wait(MOMENT)
    assert isinstance(refusal(lambda: hall.note(ada, "no_show")), CheckInClosed)
    assert hall.note(ada).booking_status == "attended"
    assert hall.booking(ada).rev == 5
    hall.audit()


@pytest.mark.parametrize("came", ["attended", "no_show"])
def test_only_who_has_a_seat_came_or_did_not(world: World, came: Any) -> None:
    crowd = full(world, waiting=2, capacity=3)
    hall, (ada, eve, fay), (bob, cleo) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)  # Bob is offered the seat
    hall.until_start(before=OPENS)
    hall.cancel(eve)
    assert hall.status(eve) == "late_cancelled"
    hall.until_start()

    for guest in (ada, eve, bob, cleo):
        assert isinstance(refusal(lambda guest=guest: hall.note(guest, came)), InvalidTransition)
    assert hall.note(fay, came).booking_status == came
    hall.made[ada.ref] = new_id()
    assert isinstance(refusal(lambda: hall.note(ada, came)), NotFound)
    hall.audit()


def test_the_clock_notes_absences_however_late_it_comes_to_it(world: World) -> None:
    hall, (ada, bob) = (crowd := full(world, capacity=2)).hall, crowd.seated
    hall.until_start()
    hall.note(bob)
    hall.wait(4 * WEEK)

    hall.sweep()

    assert (hall.status(ada), hall.status(bob)) == ("no_show", "attended")
    assert hall.klass.status == "completed"
    hall.audit()


def test_the_clock_says_of_nobody_too_early_that_they_did_not_come(world: World) -> None:
    hall, (ada,) = (crowd := full(world)).hall, crowd.seated
    system = OrgRepo.of_system(hall.repo.organization_id)

    with pytest.raises(CheckInClosed):
        hall.wired.attendance.note(system, hall.made[ada.ref], "no_show")
