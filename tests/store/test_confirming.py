"""Taking a seat that is held: offered, or waiting for its payment."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from greenroom.bookings.domain import Booking
from greenroom.bookings.rules import BookingChanged, ClassChanged, refuse
from greenroom.bookings.service import PassWanted
from greenroom.kernel.errors import InvalidTransition, NotFound, OfferExpired
from greenroom.kernel.ids import new_id
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.studio import Studio as Settings
from tests.halls import CUTOFF, HOLD, OFFER, Guest, Hall
from tests.store.test_booking import MOMENT, everything, refusal, told
from tests.store.test_seats import full
from tests.store.test_vacating import called_off
from tests.world import START, World


def offered(world: World, **options: Any) -> tuple[Hall, Guest]:
    """A class with one seat, and who is offered it."""
    crowd = full(world, waiting=1, price_cents=1500)
    hall, (ada,), (bob,) = crowd.hall, crowd.seated, crowd.queue
    if options:
        bob = hall.guest(**options)
        hall.cancel(crowd.queue[0])
        hall.join(bob)
    hall.cancel(ada)
    return hall, bob


@pytest.mark.parametrize("of", ["package", "membership"])
@pytest.mark.parametrize("kind", ["client", "lead"])
def test_a_pass_is_used_by_the_confirmation_and_not_before(
    world: World, of: Any, kind: Any
) -> None:
    hall, bob = offered(world, of=of, kind=kind)
    assert hall.left(bob) == 3

    hall.confirm(bob)

    booking = hall.booking(bob)
    assert (booking.booking_status, booking.payment_status) == ("confirmed", "covered")
    assert booking.expires_at is None
    assert (hall.left(bob), hall.counters) == (2, (0, 1, 0, 0))
    assert hall.confirm(bob) == booking, "who confirms again is told how it stands"
    assert hall.left(bob) == 2
    hall.audit()


@pytest.mark.parametrize("paying", [None, "at_studio"])
def test_without_a_pass_it_is_to_be_paid_at_the_studio(world: World, paying: Any) -> None:
    hall, bob = offered(world)

    booking = hall.confirm(bob, paying=paying)

    assert (booking.booking_status, booking.payment_status) == ("confirmed", "pending")
    assert hall.left(bob) == 3
    hall.audit()


def test_by_card_the_seat_is_held_once_more_and_the_time_is_taken(world: World) -> None:
    hall, bob = offered(world)
    hall.wait(OFFER - MOMENT)
    other = hall.other()

    booking = hall.confirm(bob, paying="drop_in")

    assert (booking.booking_status, booking.payment_status) == ("pending", "pending")
    assert booking.expires_at == world.clock() + HOLD
    assert hall.counters == (0, 0, 1, 0)
    assert told(refusal(lambda: other.book(bob))) == ["OVERLAP"]
    assert hall.confirm(bob, paying="drop_in") == booking, "who confirms again is told the same"
    assert isinstance(refusal(lambda: hall.confirm(bob)), InvalidTransition)
    hall.wait(HOLD)
    assert isinstance(refusal(lambda: hall.confirm(bob, paying="drop_in")), OfferExpired)
    hall.audit()


def test_an_offer_can_be_taken_until_its_last_moment_swept_or_not(world: World) -> None:
    hall, bob = offered(world)
    hall.wait(OFFER)
    for _ in range(2):
        assert isinstance(refusal(lambda: hall.confirm(bob)), OfferExpired)
        assert hall.left(bob) == 3
        hall.sweep()
    assert hall.status(bob) == "expired"
    hall, bob = offered(world)
    hall.wait(OFFER - MOMENT)
    assert hall.confirm(bob).booking_status == "confirmed"
    hall.audit()


@pytest.mark.parametrize("moves_on", [OFFER, timedelta(0)])
def test_that_the_offer_is_over_is_a_condition_of_the_very_transaction(
    world: World, moves_on: timedelta
) -> None:
    """The time between reading and writing counts."""
    hall, bob = offered(world)
    confirming, seen, klass = hall.wired.confirming, hall.booking(bob), hall.klass
    hall.wait(moves_on)
    moved = replace(seen, booking_status="confirmed", expires_at=None)
    tx = confirming._confirming(hall.repo, klass, seen, moved)
    if not moves_on:
        hall.confirm(bob)

    (error,) = [one.error for one in tx.attempt() if one.step == "booking"]

    assert isinstance(error, OfferExpired if moves_on else BookingChanged)


def test_only_what_is_offered_is_confirmed(world: World) -> None:
    crowd = full(world, waiting=1)
    hall, (ada,), (bob,) = crowd.hall, crowd.seated, crowd.queue

    for guest in (ada, bob):
        assert isinstance(refusal(lambda guest=guest: hall.confirm(guest)), InvalidTransition)
    hall.cancel(bob)
    assert isinstance(refusal(lambda: hall.confirm(bob)), InvalidTransition)
    hall.made[bob.ref] = new_id()
    assert isinstance(refusal(lambda: hall.confirm(bob)), NotFound)


def test_every_rule_that_keeps_somebody_from_an_offered_seat_is_told_at_once(
    world: World,
) -> None:
    hall, bob = offered(world, uses=1)
    other = hall.other(capacity=3)
    other.book(bob)
    hall.wired.customers.change(hall.repo, bob.ref, {"status": "closed"})
    called_off(hall)
    hall.settings = Settings(requires_prepayment=True)
    before = everything(world)

    assert told(refusal(lambda: hall.confirm(bob))) == [
        "CLASS_CANCELLED",
        "CUSTOMER_INACTIVE",
        "OVERLAP",
        "NO_REMAINING_USE",
    ]
    unpaid = refusal(lambda: hall.confirm(bob, paying=None))
    assert told(unpaid)[0] == "PREPAYMENT_REQUIRED"
    assert told(unpaid)[1:] == ["CLASS_CANCELLED", "CUSTOMER_INACTIVE", "OVERLAP"]
    by_card = refusal(lambda: hall.confirm(bob, paying="drop_in"))
    assert told(by_card) == ["CLASS_CANCELLED", "CUSTOMER_INACTIVE", "OVERLAP"]
    assert everything(world) == before
    hall.audit()


def test_a_studio_that_wants_to_be_paid_before_does_not_take_a_promise(world: World) -> None:
    hall, bob = offered(world)
    hall.settings = Settings(requires_prepayment=True)

    assert told(refusal(lambda: hall.confirm(bob, paying=None))) == ["PREPAYMENT_REQUIRED"]
    assert hall.status(bob) == "offered"
    assert hall.confirm(bob, paying="at_studio").booking_status == "confirmed"
    hall.audit()


def test_a_pass_that_is_not_good_for_the_class_is_told_with_all_reasons(world: World) -> None:
    hall, bob = offered(world)
    until = START + timedelta(days=1)
    bad = hall.home.package(bob.ref, uses=1, valid_until=until, class_types=("box",))
    paying = PassWanted(kind="package", pass_id=bad)

    assert told(refusal(lambda: hall.confirm(bob, paying=paying))) == [
        "PASS_EXPIRED",
        "PASS_NOT_FOR_CLASS",
    ]
    nothing = PassWanted(kind="membership", pass_id=new_id())
    assert isinstance(refusal(lambda: hall.confirm(bob, paying=nothing)), NotFound)
    assert hall.status(bob) == "offered"


# Payments by card


def pay(hall: Hall, guest: Guest, *, purchase_id: str = "purchase") -> Booking:
    """The steps of a payment that came, done at once; all violations are raised as one."""
    tx = hall.world.table.transaction()
    system = OrgRepo.of_system(hall.repo.organization_id)
    made = hall.made[guest.ref]
    if hall.wired.confirming.add_paid(tx, system, made, purchase_id=purchase_id):
        refuse(violation.error for violation in tx.attempt())
    return hall.booking(guest)


@pytest.mark.parametrize("waited", [timedelta(0), HOLD, HOLD + timedelta(hours=1)])
def test_a_payment_confirms_a_hold_also_one_that_is_over_but_was_not_handed_on(
    world: World, waited: timedelta
) -> None:
    hall = Hall(world, told={"price_cents": 1500})
    guest = hall.guest()
    hall.hold(guest)
    hall.wait(waited)

    paid = pay(hall, guest)

    assert (paid.booking_status, paid.payment_status) == ("confirmed", "paid")
    assert (paid.purchase_id, paid.expires_at) == ("purchase", None)
    assert hall.counters == (0, 1, 0, 0)
    hall.sweep()
    assert hall.status(guest) == "confirmed"
    hall.audit()


def expired(world: World, **options: Any) -> tuple[Hall, Guest]:
    """A class, and somebody whose hold of a seat was over before they had paid."""
    hall = Hall(world, told={"price_cents": 1500}, **options)
    guest = hall.guest()
    hall.hold(guest)
    hall.wait(HOLD)
    hall.sweep()
    assert hall.status(guest) == "expired"
    return hall, guest


def test_a_payment_that_comes_after_the_hold_takes_a_seat_anew(world: World) -> None:
    hall, guest = expired(world)

    paid = pay(hall, guest)

    assert (paid.booking_status, paid.payment_status) == ("confirmed", "paid")
    assert hall.counters == (0, 1, 0, 0)
    hall.audit()


def test_a_late_payment_takes_no_seat_from_anybody(world: World) -> None:
    hall, guest = expired(world)
    other = hall.guest()
    hall.book(other)
    assert told(refusal(lambda: pay(hall, guest))) == ["CLASS_FULL"]
    hall.join(hall.guest())
    hall.wired.classes._change(hall.repo, hall.class_id, {"capacity": 2})
    assert told(refusal(lambda: pay(hall, guest))) == ["CLASS_FULL"], "it is theirs who wait"
    assert hall.status(guest) == "expired"
    hall.audit()


def test_a_late_payment_does_not_seat_who_is_in_the_class_or_elsewhere_by_now(
    world: World,
) -> None:
    hall, guest = expired(world, capacity=2)
    first = hall.made[guest.ref]
    hall.book(guest)
    again, hall.made[guest.ref] = hall.made[guest.ref], first
    assert told(refusal(lambda: pay(hall, guest))) == ["ALREADY_BOOKED", "OVERLAP"]
    hall.made[guest.ref] = again
    hall.cancel(guest)
    hall.other().book(guest)
    hall.made[guest.ref] = first
    assert told(refusal(lambda: pay(hall, guest))) == ["OVERLAP"]
    hall.audit()


def test_a_late_payment_seats_nobody_in_a_class_that_has_begun_or_is_called_off(
    world: World,
) -> None:
    hall, guest = expired(world)
    hall.until_start(before=MOMENT)
    assert pay(hall, guest).booking_status == "confirmed"
    hall, guest = expired(world)
    hall.until_start()
    assert refusal(lambda: pay(hall, guest)).code == "BOOKING_CLOSED"
    hall, guest = expired(world)
    hall.call_off()
    assert told(refusal(lambda: pay(hall, guest))) == ["CLASS_CANCELLED"]
    hall.audit()


@pytest.mark.parametrize(
    "changes", [{"duration_min": 30}, {"starts_at": START + timedelta(days=9)}]
)
def test_a_late_payment_seats_nobody_at_a_time_that_they_did_not_book(
    world: World, changes: dict[str, Any]
) -> None:
    hall, guest = expired(world)
    hall.change(**changes)

    assert isinstance(refusal(lambda: pay(hall, guest)), InvalidTransition)

    assert hall.counters == (1, 0, 0, 0)
    hall.audit()


def test_a_payment_of_what_awaits_none_is_refused(world: World) -> None:
    hall = Hall(world, capacity=3, told={"price_cents": 1500})
    ada, bob = hall.guests(2)
    hall.hold(ada)
    paid = pay(hall, ada)
    assert pay(hall, ada) == paid, "the same payment once more"
    other_payment = refusal(lambda: pay(hall, ada, purchase_id="another"))
    assert isinstance(other_payment, InvalidTransition)
    hall.hold(bob)
    hall.cancel(bob)
    assert isinstance(refusal(lambda: pay(hall, bob)), InvalidTransition)
    other, cleo = offered(world)
    assert isinstance(refusal(lambda: pay(other, cleo)), InvalidTransition)
    hall.made[bob.ref] = new_id()
    assert isinstance(refusal(lambda: pay(hall, bob)), NotFound)
    hall.audit()


def test_a_hold_in_a_class_that_was_called_off_is_not_paid_any_more(world: World) -> None:
    hall = Hall(world, told={"price_cents": 1500})
    guest = hall.guest()
    hall.hold(guest)
    called_off(hall)

    assert told(refusal(lambda: pay(hall, guest))) == ["CLASS_CANCELLED"]

    hall.sweep()
    assert (hall.status(guest), hall.counters) == ("cancelled", (1, 0, 0, 0))
    hall.audit()


@pytest.mark.parametrize("act", ["cancel", "change", "expire"])
def test_what_changes_while_a_payment_is_being_booked_is_read_again(world: World, act: str) -> None:
    hall = Hall(world, told={"price_cents": 1500})
    guest = hall.guest()
    hall.hold(guest)
    tx = world.table.transaction()
    hall.wired.confirming.add_paid(tx, hall.repo, hall.made[guest.ref], purchase_id="p")
    if act == "change":
        hall.change(name="Evening flow")
    elif act == "cancel":
        hall.cancel(guest)
    else:
        hall.wait(HOLD)
        hall.sweep()

    errors = [type(violation.error) for violation in tx.attempt()]

    assert set(errors) == ({ClassChanged} if act == "change" else {BookingChanged, ClassChanged})
    hall.audit()


def test_what_is_paid_at_the_studio_is_noted_once(world: World) -> None:
    hall = Hall(world, capacity=4, told={"price_cents": 1500})
    ada, bob, cleo, dan = hall.guests(4)
    confirming = hall.wired.confirming
    for guest in (ada, dan):
        hall.book(guest, paying=None)
    hall.book(bob)
    hall.hold(cleo)

    paid = confirming.paid_at_studio(hall.repo, hall.made[ada.ref])

    assert (paid, paid.payment_status) == (hall.booking(ada), "paid")
    assert confirming.paid_at_studio(hall.repo, hall.made[ada.ref]) == paid
    for guest in (bob, cleo):
        with pytest.raises(InvalidTransition):
            confirming.paid_at_studio(hall.repo, hall.made[guest.ref])
    hall.cancel(dan)
    with pytest.raises(InvalidTransition):
        confirming.paid_at_studio(hall.repo, hall.made[dan.ref])
    assert hall.cancel(ada).payment_status == "paid", "the studio gives it back"
    hall.audit()


def test_who_cancelled_late_without_having_paid_may_still_pay(world: World) -> None:
    hall = Hall(world, told={"price_cents": 1500})
    guest = hall.guest()
    hall.book(guest, paying=None)
    hall.until_start(before=CUTOFF)
    assert hall.cancel(guest).payment_status == "pending"

    paid = hall.wired.confirming.paid_at_studio(hall.repo, hall.made[guest.ref])

    assert (paid.booking_status, paid.payment_status) == ("late_cancelled", "paid")
    hall.audit()
