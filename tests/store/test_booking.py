"""Booking a seat or a place on the waitlist: who gets it, and every reason why not, at once."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from greenroom.bookings.service import PassWanted
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import (
    AlreadyBooked,
    ClassFull,
    GreenroomError,
    IdempotencyMismatch,
    NotFound,
    PrepaymentRequired,
)
from greenroom.kernel.ids import new_id
from greenroom.organizations.studio import Studio as Settings
from tests.halls import CUTOFF, HOLD, OFFER, Hall, outcome
from tests.store.test_seats import full
from tests.world import START, World

MOMENT = timedelta(microseconds=1)


def refusal(act: Any) -> GreenroomError:
    """Why something is refused."""
    with pytest.raises(GreenroomError) as refused:
        act()
    return refused.value


def told(error: GreenroomError) -> list[str]:
    """The codes of all that is violated."""
    return [one["code"] for one in error.facts["violations"]]


def everything(world: World) -> list[str]:
    """All rows, comparable."""
    return sorted(json.dumps(row, sort_keys=True) for row in world.rows())


@pytest.mark.parametrize("kind", ["client", "lead"])
def test_a_booking_with_a_package_uses_one_and_takes_a_seat_and_the_time(
    world: World, kind: Any
) -> None:
    hall = Hall(world, capacity=2, told={"price_cents": 1500})
    guest = hall.guest(kind)

    booking = hall.book(guest, by=guest.repo).booking

    assert (booking.booking_status, booking.payment_status) == ("confirmed", "covered")
    assert booking == hall.booking(guest)
    assert (hall.left(guest), hall.counters) == (2, (1, 1, 0, 0))
    rows = hall.audit()
    (event,) = rows.by_kind["booking_event"]
    assert (event["event_type"], event["actor"].partition(":")[0]) == ("created", kind)


@pytest.mark.parametrize(
    ("paying", "price_cents", "status", "payment", "held"),
    [
        (None, 1500, "confirmed", "pending", 0),
        (None, 0, "confirmed", "free", 0),
        ("at_studio", 1500, "confirmed", "pending", 0),
        ("drop_in", 1500, "pending", "pending", 1),
        ("drop_in", 0, "confirmed", "free", 0),
    ],
)
def test_without_a_pass_it_is_free_or_to_be_paid_and_by_card_the_seat_is_held(
    world: World, paying: Any, price_cents: int, status: str, payment: str, held: int
) -> None:
    hall = Hall(world, told={"price_cents": price_cents})
    guest = hall.guest()

    booking = hall.book(guest, paying=paying).booking

    assert (booking.booking_status, booking.payment_status) == (status, payment)
    assert hall.counters == (0, 1 - held, held, 0)
    assert booking.expires_at == (world.clock() + HOLD if held else None)
    assert hall.left(guest) == 3
    hall.audit()


def test_a_full_class_an_expired_pass_and_another_booking_are_told_in_one_answer(
    world: World,
) -> None:
    crowd = full(world)
    hall, guest = crowd.hall, crowd.hall.guest(uses=1)
    late = hall.home.package(guest.ref, uses=1, valid_until=START + timedelta(days=1))
    same_time = hall.other(capacity=2)
    same_time.book(guest)

    refused = refusal(lambda: hall.book(guest, paying=PassWanted(kind="package", pass_id=late)))

    assert isinstance(refused, ClassFull)
    assert told(refused) == ["CLASS_FULL", "OVERLAP", "PASS_EXPIRED"]
    assert refused.facts["violations"][1]["bookingId"] == same_time.made[guest.ref]
    hall.audit()


def test_whoever_is_in_the_class_already_is_told_so_and_not_of_an_overlap_with_themselves(
    world: World,
) -> None:
    hall = Hall(world, capacity=2)
    guest = hall.guest()
    hall.book(guest)

    refused = refusal(lambda: hall.book(guest))

    assert isinstance(refused, AlreadyBooked)
    assert told(refused) == ["ALREADY_BOOKED"]
    assert refused.facts["bookingId"] == hall.made[guest.ref]
    assert refused.facts["bookingStatus"] == "confirmed"


def test_a_lead_and_a_client_of_one_id_are_two_customers(world: World) -> None:
    hall = Hall(world, capacity=2)
    client = hall.guest()
    same = hall.home.customer("lead", customer_id=client.ref.customer_id)
    lead = replace(client, customer=same)

    assert outcome(hall.book(client)) == "confirmed"
    assert outcome(hall.book(lead, paying=None)) == "confirmed"
    assert isinstance(refusal(lambda: hall.other().book(lead)), NotFound), "the pass is a client's"
    hall.audit()


def test_of_what_is_not_there_nothing_else_is_told(world: World) -> None:
    crowd = full(world)
    hall, guest = crowd.hall, crowd.hall.guest()
    nobody = replace(guest, customer=replace(guest.customer, ref=replace(guest.ref, kind="lead")))
    none = PassWanted(kind="package", pass_id=new_id())
    member = PassWanted(kind="membership", pass_id=new_id())

    for act in (
        lambda: hall.book(nobody, paying=None),
        lambda: hall.book(guest, paying=none),
        lambda: hall.book(guest, paying=member),
        lambda: hall.book(guest, class_session_id=new_id()),
        lambda: hall.join(nobody),
        lambda: hall.join(guest, class_session_id=new_id()),
        lambda: Hall(world).book(guest, class_session_id=hall.class_id, paying=None),
    ):
        refused = refusal(act)
        assert isinstance(refused, NotFound)
        assert refused.facts == {}


def test_a_closed_customer_neither_books_nor_waits(world: World) -> None:
    hall, crowd = Hall(world), full(world)
    guest, other = hall.guest(), crowd.hall.guest()
    hall.wired.customers.change(hall.repo, guest.ref, {"status": "closed"})
    hall.wired.customers.change(crowd.hall.repo, other.ref, {"status": "closed"})

    assert told(refusal(lambda: hall.book(guest))) == ["CUSTOMER_INACTIVE"]
    assert told(refusal(lambda: crowd.hall.join(other))) == ["CUSTOMER_INACTIVE"]
    hall.audit()
    crowd.hall.audit()


def test_who_adds_the_customer_answers_for_them(world: World) -> None:
    """The widget makes a lead in the transaction of their booking."""
    hall = Hall(world)
    guest = hall.guest()
    steps: list[str] = []

    hall.book(guest, add_customer=lambda tx: steps.append(f"after {len(tx.steps)}"))

    assert steps == ["after 1"]


@pytest.mark.parametrize("paying", [None, "at_studio", "drop_in", "pass"])
@pytest.mark.parametrize("price_cents", [0, 1500])
def test_a_studio_that_wants_to_be_paid_before_takes_a_pass_a_card_or_its_own_word(
    world: World, paying: Any, price_cents: int
) -> None:
    hall = Hall(world, told={"price_cents": price_cents})
    hall.settings = Settings(requires_prepayment=True)
    guest = hall.guest()
    how = guest.paying if paying == "pass" else paying

    if paying is None and price_cents:
        before = everything(world)
        refused = refusal(lambda: hall.book(guest, paying=how, class_session_id=hall.class_id))
        assert isinstance(refused, PrepaymentRequired)
        assert told(refused) == ["PREPAYMENT_REQUIRED"]
        assert everything(world) == before
    else:
        hall.book(guest, paying=how)
    hall.audit()


def test_that_it_must_be_paid_before_is_told_with_all_else(world: World) -> None:
    crowd = full(world, price_cents=1500)
    crowd.hall.settings = Settings(requires_prepayment=True)
    stranger = crowd.hall.guest()

    refused = refusal(lambda: crowd.hall.book(stranger, paying=None, join_waitlist=True))

    assert told(refused) == ["PREPAYMENT_REQUIRED", "CLASS_FULL"]


# The waitlist


def test_only_who_says_so_waits_when_a_class_is_full(world: World) -> None:
    crowd = full(world)
    hall, patient, hasty = crowd.hall, *crowd.hall.guests(2)

    waiting = hall.book(patient, join_waitlist=True).booking

    assert (waiting.booking_status, waiting.use, waiting.joined_at) == (
        "waitlisted",
        None,
        world.clock(),
    )
    assert hall.left(patient) == 3
    assert told(refusal(lambda: hall.book(hasty))) == ["CLASS_FULL"]
    assert hall.counters == (0, 1, 0, 1)
    hall.audit()


def test_who_may_not_book_anyhow_does_not_wait_for_it_either(world: World) -> None:
    crowd = full(world)
    hall, guest = crowd.hall, crowd.hall.guest(uses=1)
    hall.other(starts_in=timedelta(days=5)).book(guest)

    refused = refusal(lambda: hall.book(guest, join_waitlist=True))

    assert told(refused) == ["CLASS_FULL", "NO_REMAINING_USE"]
    assert hall.counters == (0, 1, 0, 0)


def test_nobody_waits_for_what_is_free_or_twice_or_past_the_end_of_the_list(world: World) -> None:
    hall = Hall(world, told={"waitlist_max": 1})
    ada, bob, cleo = hall.guests(3)
    assert told(refusal(lambda: hall.join(ada))) == ["CLASS_NOT_FULL"]
    hall.book(ada)
    hall.join(bob)

    assert told(refusal(lambda: hall.join(bob))) == ["WAITLIST_FULL", "ALREADY_BOOKED"]
    assert told(refusal(lambda: hall.join(cleo))) == ["WAITLIST_FULL"]
    assert told(refusal(lambda: hall.book(cleo, join_waitlist=True))) == ["WAITLIST_FULL"]
    hall.change(waitlist_max=2)
    hall.join(cleo)
    assert hall.wired.classes.waitlist(hall.repo, hall.class_id)[1] == [
        hall.booking(bob),
        hall.booking(cleo),
    ]
    hall.audit()


def test_who_waits_may_be_in_another_class_at_the_time_but_takes_no_seat_there(
    world: World,
) -> None:
    crowd = full(world, waiting=1)
    hall, (ada,), (bob,) = crowd.hall, crowd.seated, crowd.queue
    other = hall.other(capacity=2)
    other.book(bob)
    hall.cancel(ada)

    assert told(refusal(lambda: hall.confirm(bob))) == ["OVERLAP"]
    assert hall.left(bob) == 2
    other.cancel(bob)
    hall.confirm(bob)
    assert hall.left(bob) == 2
    hall.audit()


def test_past_the_cutoff_nobody_waits_any_more_and_a_free_seat_is_everybodys(
    world: World,
) -> None:
    crowd = full(world, waiting=2)
    hall, (ada,), (bob, cleo), stranger = (
        crowd.hall,
        crowd.seated,
        crowd.queue,
        crowd.hall.guest(),
    )
    hall.until_start(before=CUTOFF)

    assert told(refusal(lambda: hall.join(stranger))) == ["WAITLIST_CLOSED"]
    assert told(refusal(lambda: hall.book(bob))) == ["CLASS_FULL", "ALREADY_BOOKED"]
    assert hall.status(bob) == "waitlisted"
    hall.cancel(ada, waived=True)
    assert hall.counters == (1, 0, 0, 2)
    first = hall.made[bob.ref]
    hall.book(bob)  # their own place on the waitlist does not keep them from it

    assert hall.status(bob) == "confirmed"
    assert hall.wired.bookings.load(hall.repo, first).booking_status == "expired"
    assert hall.counters == (0, 1, 0, 1)
    assert told(refusal(lambda: hall.book(stranger))) == ["CLASS_FULL"]
    assert told(refusal(lambda: hall.book(cleo))) == ["CLASS_FULL", "ALREADY_BOOKED"]
    assert hall.status(cleo) == "waitlisted"
    hall.audit()


def test_before_the_cutoff_a_place_on_the_waitlist_is_kept(world: World) -> None:
    crowd = full(world, waiting=1)
    hall, (bob,) = crowd.hall, crowd.queue
    hall.until_start(before=CUTOFF + MOMENT)

    assert told(refusal(lambda: hall.book(bob))) == ["CLASS_FULL", "ALREADY_BOOKED"]
    assert hall.status(bob) == "waitlisted"


# Times


def test_customers_book_until_the_notice_and_the_staff_until_the_end(world: World) -> None:
    hall = Hall(world, capacity=9, told={"notice_minutes": 30})
    ada, bob, cleo, dan = hall.guests(4)
    hall.until_start(before=timedelta(minutes=30) + MOMENT)
    hall.book(ada, by=ada.repo)
    hall.wait(MOMENT)

    refused = refusal(lambda: hall.book(bob, by=bob.repo))
    assert told(refused) == ["BOOKING_CLOSED"]
    assert refused.facts["closedAt"] == to_text(world.clock())
    hall.book(bob)
    hall.until_start()
    hall.wait(timedelta(hours=1) - MOMENT)
    hall.book(cleo)
    hall.wait(MOMENT)
    assert told(refusal(lambda: hall.book(dan))) == ["BOOKING_CLOSED"]
    hall.audit()


def test_a_class_that_was_called_off_is_booked_by_nobody(world: World) -> None:
    crowd = full(world, waiting=1)
    stranger = crowd.hall.guest()
    crowd.hall.call_off()

    assert told(refusal(lambda: crowd.hall.book(stranger))) == ["CLASS_CANCELLED"]
    assert "CLASS_CANCELLED" in told(refusal(lambda: crowd.hall.join(stranger)))


# What is over


def test_a_hold_of_ones_own_that_is_over_keeps_nobody_from_the_class(world: World) -> None:
    hall = Hall(world, told={"price_cents": 1500})
    guest = hall.guest()
    hall.hold(guest)
    first = hall.made[guest.ref]
    hall.wait(HOLD - MOMENT)
    assert told(refusal(lambda: hall.book(guest))) == ["CLASS_FULL", "ALREADY_BOOKED"]
    hall.wait(MOMENT)
    assert told(refusal(lambda: hall.try_out(guest))) == ["CLASS_FULL", "ALREADY_BOOKED"]
    assert hall.status(guest) == "pending", "a dry run writes nothing"

    hall.book(guest)

    assert hall.wired.bookings.load(hall.repo, first).booking_status == "expired"
    assert (hall.status(guest), hall.counters) == ("confirmed", (0, 1, 0, 0))
    hall.audit()


def test_a_hold_that_is_over_keeps_nobody_from_another_class_of_the_time(world: World) -> None:
    hall = Hall(world, told={"price_cents": 1500})
    other, guest = hall.other(), hall.guest()
    hall.hold(guest)
    assert told(refusal(lambda: other.book(guest))) == ["OVERLAP"]
    held = hall.made[guest.ref]
    hall.wait(HOLD)

    other.book(guest)

    assert hall.wired.bookings.load(hall.repo, held).booking_status == "expired"
    assert hall.counters == (1, 0, 0, 0)
    hall.audit()


def test_what_was_ones_own_goes_to_whoever_waits_when_it_is_over(world: World) -> None:
    crowd = full(world, waiting=2)
    hall, (ada,), (bob, cleo) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    hall.wait(OFFER)

    again = hall.book(bob, join_waitlist=True).booking

    assert again.booking_status == "waitlisted"
    assert hall.status(cleo) == "offered"
    assert hall.counters == (0, 0, 1, 1)
    hall.audit()
    hall.replay()


def test_a_hold_of_ones_own_that_is_over_keeps_nobody_from_waiting_again(world: World) -> None:
    crowd = full(world, waiting=2)
    hall, (ada,), (bob, cleo) = crowd.hall, crowd.seated, crowd.queue
    hall.cancel(ada)
    hall.wait(OFFER)

    assert outcome(hall.join(bob)) == "waitlisted"

    assert hall.status(cleo) == "offered"
    hall.audit()


# Idempotency


def test_a_key_that_was_used_for_something_else_is_refused(world: World) -> None:
    hall = Hall(world, capacity=5)
    other, ada, bob = hall.other(starts_in=timedelta(days=9)), *hall.guests(2)
    first = hall.book(ada, key="k", request_hash="h").booking

    for act in (
        lambda: hall.book(bob, key="k", request_hash="other"),
        lambda: other.book(ada, key="k", request_hash="h"),
    ):
        assert isinstance(refusal(act), IdempotencyMismatch)
    again = hall.book(ada, key="k", request_hash="h")
    assert (again.replayed, again.booking) == (True, first)
    assert outcome(hall.book(bob, key="k", request_hash="h2", by=bob.repo)) == "confirmed"
    assert hall.counters == (3, 2, 0, 0)
    hall.audit()


def test_a_key_of_one_waitlist_is_not_one_of_another(world: World) -> None:
    """The class is told by the path there, and not by the body."""
    crowd, other = full(world), full(world)
    other.hall.home = crowd.hall.home
    hall, guest = crowd.hall, crowd.hall.guest()
    second = hall.other(starts_in=timedelta(days=9))
    second.book(hall.guest())
    hall.join(guest, key="k", request_hash="h")

    assert isinstance(
        refusal(lambda: second.join(guest, key="k", request_hash="h")), IdempotencyMismatch
    )
    assert hall.join(guest, key="k", request_hash="h").replayed
    assert second.counters == (0, 1, 0, 0)


def test_a_repeat_is_told_what_became_of_the_booking_meanwhile(world: World) -> None:
    crowd = full(world, waiting=0)
    hall, (ada,), guest = crowd.hall, crowd.seated, crowd.hall.guest()

    def book() -> Any:
        return hall.book(guest, join_waitlist=True, key="k", request_hash="h")

    assert (book().booking.booking_status, book().replayed) == ("waitlisted", True)
    hall.cancel(ada)
    assert outcome(book()) == "offered"
    hall.confirm(guest)
    assert outcome(book()) == "confirmed"
    hall.call_off()
    assert outcome(book()) == "cancelled"
    hall.audit()


# Dry runs


@pytest.mark.parametrize("waits", [False, True])
def test_a_dry_run_shows_the_very_row_and_writes_nothing(world: World, waits: bool) -> None:
    crowd = full(world)
    hall = crowd.hall if waits else crowd.hall.other()
    guest = hall.guest()
    before = everything(world)

    dry = hall.try_out(guest, join_waitlist=True, key="k", request_hash="h")

    assert everything(world) == before
    real = hall.book(guest, join_waitlist=True, key="k", request_hash="h").booking
    assert dry.row is not None
    assert dry.booking == real
    (row,) = [one for one in hall.audit().by_kind["booking"] if one["PK"].endswith(real.booking_id)]
    assert dry.row == row
    repeated = refusal(lambda: hall.try_out(guest, key="k", request_hash="h"))
    assert "ALREADY_BOOKED" in told(repeated), "a dry run asks what is so now"


def test_a_dry_run_is_refused_as_the_booking_would_be(world: World) -> None:
    crowd = full(world)
    hall, guest = crowd.hall, crowd.hall.guest(uses=1)
    hall.other(capacity=2).book(guest)

    dry, real = refusal(lambda: hall.try_out(guest)), refusal(lambda: hall.book(guest))

    assert told(dry) == told(real) == ["CLASS_FULL", "OVERLAP", "NO_REMAINING_USE"]
    assert dry.facts == real.facts


# Whose it is


def test_a_booking_is_shown_to_its_customer_and_the_staff_with_its_place_in_the_line(
    world: World,
) -> None:
    crowd = full(world, waiting=2)
    hall, (_, cleo) = crowd.hall, crowd.queue
    bookings = hall.wired.bookings

    booking, events, place = bookings.detail(cleo.repo, hall.made[cleo.ref])

    assert (booking, place) == (hall.booking(cleo), 2)
    assert [one.event_type for one in events] == ["created"]
    (ada,) = crowd.seated
    assert bookings.detail(hall.repo, hall.made[ada.ref])[2] is None
    for act in (bookings.load, bookings.detail):
        assert refusal(lambda act=act: act(ada.repo, booking.booking_id)).code == "FORBIDDEN"
        assert isinstance(refusal(lambda act=act: act(hall.repo, new_id())), NotFound)
        assert isinstance(
            refusal(lambda act=act: act(Hall(world).repo, booking.booking_id)), NotFound
        )
