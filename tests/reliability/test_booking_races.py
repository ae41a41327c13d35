"""Everybody books at once, over HTTP: ten seats are ten seats, and the waitlist is a line."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from greenroom.customers.domain import Customer
from tests.auditing import audit
from tests.halls import CUTOFF, OFFER
from tests.journal import journal_of, replay
from tests.parallel import together
from tests.studios import Class, Studio
from tests.world import Reply, World


def customers_with_packages(studio: Studio, count: int) -> list[tuple[Customer, str]]:
    """So many customers, every third a lead, each with one use."""
    made = [studio.customer("lead" if n % 3 == 0 else "client") for n in range(count)]
    return [(one, studio.package(one.ref, uses=1)) for one in made]


def booking(held: Class, one: Customer, package: str, **told: Any) -> Callable[[], Reply]:
    return lambda: held.book(one, use={"packageId": package}, **told)


def codes(replies: list[Reply]) -> Counter[str]:
    """What was answered: the code of a refusal, or the booking's state."""
    return Counter(
        one.body["bookingStatus"] if one.status < 300 else f"{one.status} {one.code}"
        for one in replies
    )


def test_of_forty_who_book_ten_seats_at_once_ten_have_one(world: World) -> None:
    studio = Studio(world)
    held = studio.hold_class(capacity=10)
    crowd = customers_with_packages(studio, 40)

    replies = together(*[booking(held, *one) for one in crowd])

    assert codes(replies) == {"confirmed": 10, "409 CLASS_FULL": 30}
    assert held.counters == (0, 10, 0, 0)
    used = [studio.remaining(one.ref, package) == 0 for one, package in crowd]
    assert used == [reply.status == 201 for reply in replies]
    refused = [reply.body["violations"] for reply in replies if reply.status == 409]
    assert {len(violations) for violations in refused} == {1}
    rows = audit(world, studio)
    assert len(rows.by_kind["seat"]) == len(rows.by_kind["booking"]) == 10


def test_one_customer_twice_at_once_has_one_booking_and_one_use(world: World) -> None:
    studio = Studio(world)
    held, one = studio.hold_class(), studio.customer()
    package = studio.package(one.ref, uses=5)

    replies = together(*[booking(held, one, package)] * 2)

    assert codes(replies) == {"confirmed": 1, "409 ALREADY_BOOKED": 1}
    assert held.counters == (9, 1, 0, 0)
    assert studio.remaining(one.ref, package) == 4
    audit(world, studio)


def test_one_key_at_once_is_one_booking_told_twice_and_once_marked_as_replayed(
    world: World,
) -> None:
    studio = Studio(world)
    held, one = studio.hold_class(), studio.customer()
    package = studio.package(one.ref, uses=5)

    first, second = together(*[booking(held, one, package, headers={"idempotency-key": "k"})] * 2)

    assert (first.status, first.body) == (second.status, second.body) == (201, first.body)
    marks = [one.headers.get("Idempotency-Replayed") for one in (first, second)]
    assert sorted(marks, key=str) == [None, "true"]
    assert held.counters == (9, 1, 0, 0)
    assert studio.remaining(one.ref, package) == 4
    audit(world, studio)


def test_a_seat_that_becomes_free_goes_down_the_line_and_to_nobody_else(world: World) -> None:
    journal = journal_of(world)
    studio = Studio(world)
    held = studio.hold_class(capacity=1)
    (ada, pass_of_ada), *crowd = customers_with_packages(studio, 13)
    line, strangers, patient = crowd[:3], crowd[3:8], crowd[8:]
    seat = held.book(ada, use={"packageId": pass_of_ada})
    places = []
    for one, _ in line:
        world.clock.move(1)
        places.append(held.join(one))

    _, *replies = together(
        lambda: held.act(seat, "cancel"),
        *[booking(held, *one) for one in strangers],
        *[booking(held, *one, joinWaitlist=True) for one in patient],
    )

    assert codes(replies) == {"409 CLASS_FULL": 5, "waitlisted": 4}
    assert [held.status(one) for one in places] == ["offered", "waitlisted", "waitlisted"]
    for turn in range(3):  # nobody answers
        world.clock.move(OFFER.total_seconds())
        together(world.sweep, *[booking(held, *one) for one in strangers])
        left = ["expired"] * (turn + 1) + ["offered", "waitlisted"]
        assert [held.status(one) for one in places] == left[:3]
    used = [studio.remaining(one.ref, package) for one, package in crowd]
    assert used == [1] * len(crowd), "nothing is used by an offer"
    (offered,) = [one for one in replies if one.status == 201 and held.status(one) == "offered"]
    who = next(one for one in patient if one[0].ref.customer_id in offered.text)
    taken = held.act(offered, "confirm", {"use": {"packageId": who[1]}})
    assert (taken.status, studio.remaining(who[0].ref, who[1])) == (200, 0)
    assert held.counters == (0, 1, 0, 3)
    audit(world, studio)
    assert replay(journal, studio, cutoff=CUTOFF).contested >= 3
