"""Leaving a class: what is given back, and who has the seat next."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from greenroom.kernel.errors import BookingClosed, Forbidden, InvalidTransition, NotFound
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import CLASS_FILLED_MAX
from tests.halls import CUTOFF, HOLD, LATE, OFFER, Hall, outcome
from tests.store.test_booking import MOMENT, refusal
from tests.store.test_seats import full
from tests.world import World


def called_off(hall: Hall) -> None:
    """The class is cancelled, and the process died before anybody was told."""
    hall.wired.classes._cancel(hall.repo, hall.class_id)


@pytest.mark.parametrize("of", ["package", "membership"])
def test_in_time_the_use_the_seat_and_the_time_go_back(world: World, of: Any) -> None:
    hall = Hall(world)
    other, guest = hall.other(), hall.guest(of=of)
    hall.book(guest)
    hall.until_start(before=LATE + MOMENT)

    left = hall.cancel(guest, by=guest.repo)

    assert left == hall.booking(guest)
    assert (left.booking_status, left.payment_status, left.fee_cents) == ("cancelled", "void", 0)
    assert (hall.counters, hall.left(guest)) == ((1, 0, 0, 0), 3)
    other.book(guest)
    assert hall.cancel(guest) == left, "who cancels again is told how it stands"
    assert hall.left(guest) == 2
    hall.audit()


@pytest.mark.parametrize("of", ["package", "membership"])
def test_late_the_seat_goes_on_and_the_use_does_not_come_back(world: World, of: Any) -> None:
    crowd = full(world, waiting=1, late_cancel_fee_cents=700)
    hall, (bob,) = crowd.hall, crowd.queue
    other, eve = hall.other(capacity=2), hall.guest(of=of)
    hall.change(capacity=2)  # Bob is offered the second seat
    hall.confirm(bob)
    hall.change(capacity=3)
    hall.book(eve)
    hall.change(late_cancel_fee_cents=0)  # the fee is what it was when it was booked
    hall.until_start(before=LATE)

    left = hall.cancel(eve)

    assert (left.booking_status, left.payment_status) == ("late_cancelled", "covered")
    assert (left.fee_cents, hall.left(eve)) == (700, 2)
    assert hall.counters == (1, 2, 0, 0)
    assert hall.cancel(eve) == left
    assert outcome(other.book(eve)) == "confirmed", "the time is free again"
    hall.audit()


def test_the_staff_may_waive_that_it_is_late(world: World) -> None:
    hall, guest = (crowd := full(world)).hall, crowd.seated[0]
    hall.until_start()

    left = hall.cancel(guest, waived=True)

    assert (left.booking_status, left.fee_cents, hall.left(guest)) == ("cancelled", 0, 3)
    hall.audit()


def test_nobody_is_late_for_a_class_that_does_not_take_place(world: World) -> None:
    crowd = full(world)
    hall, (ada,) = crowd.hall, crowd.seated
    hall.until_start(before=LATE)
    called_off(hall)

    left = hall.cancel(ada, by=ada.repo)

    assert (left.booking_status, left.fee_cents, hall.left(ada)) == ("cancelled", 0, 3)
    hall.audit()


def test_from_the_start_on_only_the_staff_cancel(world: World) -> None:
    crowd = full(world, capacity=2)
    hall, (ada, bob) = crowd.hall, crowd.seated
    hall.until_start(before=MOMENT)
    assert hall.cancel(bob, by=bob.repo).booking_status == "late_cancelled"
    hall.wait(MOMENT)

    refused = refusal(lambda: hall.cancel(ada, by=ada.repo))

    assert isinstance(refused, BookingClosed)
    assert hall.cancel(ada).booking_status == "late_cancelled"
    hall.audit()


def test_what_is_over_or_never_was_is_not_cancelled(world: World) -> None:
    crowd = full(world, waiting=1)
    hall, (ada,), (bob,) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    hall.wait(OFFER)
    hall.sweep()
    assert hall.status(bob) == "expired"

    for act in (lambda: hall.cancel(bob), lambda: hall.cancel(bob, waived=True)):
        assert isinstance(refusal(act), InvalidTransition)
    hall.book(bob)
    hall.until_start()
    hall.note(bob)
    assert isinstance(refusal(lambda: hall.cancel(bob)), InvalidTransition)
    hall.made[bob.ref] = new_id()
    assert isinstance(refusal(lambda: hall.cancel(bob)), NotFound)
    hall.audit()


def test_who_does_not_wait_any_more_leaves_the_line(world: World) -> None:
    crowd = full(world, waiting=3)
    hall, (ada,), (bob, cleo, dan) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(cleo)
    hall.cancel(bob)

    assert hall.counters == (0, 1, 0, 1)
    hall.cancel(ada)
    assert crowd.statuses == ["cancelled", "cancelled", "offered"]
    assert hall.booking(cleo).payment_status == "free"
    hall.audit()
    assert dan in crowd.queue


@pytest.mark.parametrize("held", ["offer", "hold"])
def test_who_gives_a_held_seat_up_hands_it_on(world: World, held: str) -> None:
    crowd = full(world, waiting=2, price_cents=1500)
    hall, (ada,), (bob, cleo) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    if held == "hold":
        hall.confirm(bob, paying="drop_in")
        assert hall.booking(bob).expires_at == world.clock() + HOLD

    left = hall.cancel(bob, by=bob.repo)

    assert (left.booking_status, left.payment_status) == ("cancelled", "void")
    assert left.expires_at is None
    assert crowd.statuses == ["cancelled", "offered"]
    assert hall.counters == (0, 0, 1, 0)
    assert hall.left(bob) == 3
    hall.cancel(cleo)
    assert hall.counters == (1, 0, 0, 0)
    hall.audit()


def test_what_was_paid_by_card_is_on_its_way_back_in_time_and_not_late(world: World) -> None:
    returned: list[tuple[str, str]] = []
    crowd = full(world, capacity=3, price_cents=1500)
    hall, (ada, bob, cleo) = crowd.hall, crowd.seated
    hall.wired.vacating._give_back = lambda _tx, one, why: returned.append((one.booking_id, why))
    for guest in (ada, bob, cleo):
        booking = hall.booking(guest)
        tx = world.table.transaction()
        moved = replace(booking, payment_status="paid", purchase_id=new_id(), use=None)
        hall.wired.booking_store.add_move(tx, hall.repo, booking, moved)
        tx.commit()

    assert hall.cancel(ada).payment_status == "refund_due"
    hall.until_start()
    assert hall.cancel(bob).payment_status == "paid"
    hall.wired.vacating.withdraw(hall.repo, hall.made[cleo.ref])
    assert hall.booking(cleo).payment_status == "refund_due"
    assert returned == [(hall.made[ada.ref], "cancelled"), (hall.made[cleo.ref], "class_cancelled")]


# Offers


def test_an_offer_stands_for_half_an_hour_and_never_past_the_cutoff(world: World) -> None:
    crowd = full(world, waiting=2, capacity=2)
    hall, (ada, eve), (bob, cleo) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    assert hall.booking(bob).expires_at == world.clock() + OFFER
    hall.confirm(bob)
    hall.until_start(before=CUTOFF + timedelta(minutes=10))

    hall.cancel(eve, waived=True)

    assert hall.booking(cleo).expires_at == hall.klass.starts_at - CUTOFF
    hall.until_start(before=CUTOFF + MOMENT)
    hall.sweep()
    assert hall.status(cleo) == "offered"
    hall.wait(MOMENT)
    hall.sweep()
    assert (hall.status(cleo), hall.counters) == ("expired", (1, 1, 0, 0))
    hall.audit()


def test_from_the_cutoff_on_a_seat_that_becomes_free_is_free(world: World) -> None:
    crowd = full(world, waiting=1, capacity=2)
    hall, (ada, eve), (bob,) = crowd.hall, crowd.seated, crowd.queue
    hall.until_start(before=CUTOFF)

    hall.cancel(ada, waived=True)

    assert (hall.status(bob), hall.counters) == ("waitlisted", (1, 1, 0, 1))
    hall.sweep()
    assert hall.change(capacity=3).free == 2
    assert hall.status(bob) == "waitlisted"
    hall.cancel(bob)
    hall.cancel(eve, waived=True)
    assert hall.counters == (3, 0, 0, 0)
    hall.audit()


def test_nobody_is_offered_a_seat_in_a_class_that_does_not_take_place(world: World) -> None:
    crowd = full(world, waiting=2, capacity=2)
    hall, (ada, _), (bob, _) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    called_off(hall)
    hall.cancel(bob)

    assert crowd.statuses == ["cancelled", "waitlisted"]
    assert hall.counters == (1, 1, 0, 1)
    hall.sweep()
    assert hall.counters == (2, 0, 0, 0)
    assert crowd.statuses == ["cancelled", "cancelled"]
    hall.audit()


def test_seats_are_offered_in_the_order_of_joining_whoever_frees_them(world: World) -> None:
    crowd = full(world, waiting=6, capacity=2)
    hall, (ada, eve), queue = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    assert crowd.statuses == ["offered"] + ["waitlisted"] * 5
    hall.cancel(queue[0])
    assert crowd.statuses == ["cancelled", "offered"] + ["waitlisted"] * 4
    hall.wait(OFFER)
    hall.sweep()
    assert crowd.statuses[1:] == ["expired", "offered"] + ["waitlisted"] * 3
    hall.change(capacity=3)
    assert crowd.statuses[2:] == ["offered"] * 2 + ["waitlisted"] * 2
    hall.cancel(eve)
    assert crowd.statuses[2:] == ["offered"] * 3 + ["waitlisted"]
    assert hall.counters == (0, 0, 3, 1)
    hall.audit()
    assert hall.replay().contested == 5


# What the clock and the class end


def test_a_hold_ends_at_its_time_once_and_only_a_hold_ends_so(world: World) -> None:
    crowd = full(world, waiting=2, price_cents=1500)
    hall, (ada,), (bob, cleo) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    vacating, now = hall.wired.vacating, world.clock()
    made = [hall.made[one.ref] for one in (ada, bob, cleo)]

    assert not any(vacating.expire(hall.repo, one, now + OFFER - MOMENT) for one in made)
    assert [vacating.expire(hall.repo, one, now + OFFER) for one in made] == [False, True, True]
    assert [vacating.expire(hall.repo, one, now + OFFER) for one in made] == [False] * 3
    facts = [row["facts"] for row in hall.audit().by_kind["booking_event"]]
    assert sum("offer_over" in one for one in facts) == 2
    hall.hold(ada)
    assert vacating.expire(hall.repo, hall.made[ada.ref], world.clock() + HOLD)
    facts = [row["facts"] for row in hall.audit().by_kind["booking_event"]]
    assert sum("hold_over" in one for one in facts) == 1
    assert hall.counters == (1, 0, 0, 0)


def test_only_who_waits_for_a_class_that_has_begun_is_told_so(world: World) -> None:
    crowd = full(world, waiting=1)
    hall, made = crowd.hall, [crowd.hall.made[one.ref] for one in (*crowd.seated, *crowd.queue)]
    vacating, starts_at = hall.wired.vacating, hall.klass.starts_at

    assert not any(vacating.give_up(hall.repo, one, starts_at - MOMENT) for one in made)
    assert [vacating.give_up(hall.repo, one, starts_at) for one in made] == [False, True]
    assert not any(vacating.give_up(hall.repo, one, starts_at) for one in made)
    assert (crowd.statuses, hall.counters) == (["expired"], (0, 1, 0, 0))
    hall.audit()


def test_only_what_counts_no_more_makes_way(world: World) -> None:
    crowd = full(world, waiting=2)
    hall, (ada,), (bob, cleo) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    vacating, cutoff = hall.wired.vacating, hall.klass.starts_at - CUTOFF
    offered, waiting = hall.made[bob.ref], hall.made[cleo.ref]

    def end(booking_id: str, now: Any, *, waits: bool) -> bool:
        return vacating.end(hall.repo, booking_id, now, waits=waits)

    assert not end(waiting, cutoff - MOMENT, waits=True)
    assert not end(waiting, cutoff, waits=False)
    assert not end(offered, world.clock() + OFFER - MOMENT, waits=True)
    assert end(waiting, cutoff, waits=True)
    assert end(offered, world.clock() + OFFER, waits=False)
    assert not end(waiting, cutoff, waits=True)
    assert hall.counters == (1, 0, 0, 0)
    hall.audit()


def test_a_class_that_is_called_off_gives_everything_back_to_everybody_in_it(
    world: World,
) -> None:
    crowd = full(world, waiting=2, capacity=4, price_cents=1500)
    hall, (ada, eve, fay, gus), (bob, cleo) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    hall.confirm(bob, paying="drop_in")
    hall.until_start(before=timedelta(minutes=10))
    assert outcome(hall.cancel(gus)) == "late_cancelled"
    assert outcome(hall.note(eve)) == "attended"
    hall.sweep()
    hall.hold(hall.guest())

    klass = hall.call_off()

    assert (klass.status, hall.counters) == ("cancelled", (3, 1, 0, 0))
    everybody = (ada, bob, cleo, eve, fay, gus)
    assert [hall.status(one) for one in everybody] == [
        *("cancelled", "expired", "cancelled"),
        *("attended", "cancelled", "late_cancelled"),
    ]
    assert [hall.left(one) for one in everybody] == [3, 3, 3, 2, 3, 2]
    assert hall.booking(fay).fee_cents == 0
    assert hall.call_off() == hall.klass
    hall.sweep()
    rows = hall.audit()
    assert not [row for row in rows.rows if "GSI2PK" in row]


def test_one_request_offers_so_many_seats_and_the_next_sweep_the_others(world: World) -> None:
    count = CLASS_FILLED_MAX + 2
    crowd = full(world, waiting=count, waitlist_max=count)
    hall = crowd.hall

    hall.change(capacity=count + 1)

    assert crowd.statuses == ["offered"] * CLASS_FILLED_MAX + ["waitlisted"] * 2
    stranger = hall.guest()
    assert refusal(lambda: hall.book(stranger)).code == "CLASS_FULL"
    hall.sweep()
    assert crowd.statuses == ["offered"] * count
    hall.audit()
    hall.replay()


def test_nobody_cancels_for_somebody_else(world: World) -> None:
    crowd = full(world, waiting=1)
    (ada,), (bob,) = crowd.seated, crowd.queue

    with pytest.raises(Forbidden):
        crowd.hall.wired.bookings.load(bob.repo, crowd.hall.made[ada.ref])
