"""Booking a class by card over HTTP: the page comes with the booking, and once more when asked."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from greenroom.organizations.principal import CustomerKind
from tests.fakes.stripe import Stripe, open_stripe
from tests.seats import HOLD_S, PRICE_CENTS, CardStudio, Guest, audit_seats
from tests.studios import Class
from tests.world import Reply, World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

CHECKOUTS = "/v1/checkout/sessions"


@pytest.fixture
def stripe(world: World, tmp_path: Path) -> Iterator[Stripe]:
    with open_stripe(tmp_path, world) as running:
        yield running


@pytest.fixture
def studio(stripe: Stripe) -> CardStudio:
    return CardStudio(stripe.world)


@pytest.fixture
def held(studio: CardStudio) -> Class:
    return studio.hold_class(capacity=1, priceCents=PRICE_CENTS)


def book(guest: Guest, held: Class, key: str | None = None, **told: Any) -> Reply:
    headers = {"idempotency-key": key} if key else {}
    body = {"classSessionId": held.class_session_id, "use": "drop_in", **told}
    return guest.call("POST /bookings", body, headers=headers)


def again(guest: Guest, booked: Reply, **options: Any) -> Reply:
    return guest.call(f"POST /bookings/{booked.body['bookingId']}/checkout", **options)


def pay(stripe: Stripe, page: str) -> None:
    stripe.act(f"checkout/{page.rpartition('/')[2]}/pay")
    stripe.settle()


@pytest.mark.parametrize("kind", ["client", "lead"])
def test_a_seat_by_card_is_held_and_comes_with_the_page_where_it_is_paid(
    stripe: Stripe, studio: CardStudio, held: Class, kind: CustomerKind
) -> None:
    guest = studio.guest(kind)

    booked = book(guest, held)

    assert booked.status == 201, booked.text
    assert (booked.body["bookingStatus"], booked.body["paymentStatus"]) == ("pending", "pending")
    assert "checkout" in booked.body["allowed"]
    assert held.counters == (0, 0, 1, 0)
    page = again(guest, booked)
    assert page.body["checkoutUrl"] == booked.body["checkoutUrl"]
    pay(stripe, booked.body["checkoutUrl"])
    shown = guest.call(f"GET /bookings/{booked.body['bookingId']}").body
    assert (shown["bookingStatus"], shown["paymentStatus"]) == ("confirmed", "paid")
    assert shown["purchaseId"] == page.body["purchaseId"]
    assert "checkout" not in shown["allowed"]
    assert held.counters == (0, 1, 0, 0)


def test_a_repeat_of_the_request_gets_the_same_booking_and_the_same_page(
    stripe: Stripe, studio: CardStudio, held: Class
) -> None:
    guest = studio.guest()

    first, second = book(guest, held, "k"), book(guest, held, "k")

    assert second.body["bookingId"] == first.body["bookingId"]
    assert second.body["checkoutUrl"] == first.body["checkoutUrl"]
    assert len(stripe.requests(CHECKOUTS)) == 1
    pay(stripe, first.body["checkoutUrl"])
    assert book(guest, held, "k").body["checkoutUrl"] is None


def test_a_booking_stands_although_stripe_does_not_answer(
    stripe: Stripe, studio: CardStudio, held: Class
) -> None:
    guest = studio.guest()
    stripe.fault("POST", CHECKOUTS, "status", status=400)

    booked = book(guest, held)

    assert (booked.status, booked.body["checkoutUrl"]) == (201, None), booked.text
    page = again(guest, booked)
    assert page.status == 200, page.text
    pay(stripe, page.body["checkoutUrl"])
    assert held.counters == (0, 1, 0, 0)


def test_what_is_not_paid_by_card_has_no_page(studio: CardStudio, held: Class) -> None:
    guest = studio.guest()
    package = studio.package(guest.ref)

    booked = book(guest, held, use={"packageId": package})

    assert (booked.status, booked.body["checkoutUrl"]) == (201, None)
    assert again(guest, booked).code == "INVALID_TRANSITION"


def test_nobody_else_is_sent_to_pay(studio: CardStudio, held: Class) -> None:
    guest, stranger = studio.guest(), studio.guest()
    booked = book(guest, held)
    route = f"/bookings/{booked.body['bookingId']}/checkout"

    assert studio.staff(f"POST {route}").code == "FORBIDDEN"
    assert stranger.call(f"POST {route}").code == "FORBIDDEN"
    assert CardStudio(studio.world).guest().call(f"POST {route}").status == 404
    elsewhere = studio.world.person().call(f"POST {studio.home}{route}")
    assert elsewhere.status == 404


def test_whoever_impersonates_a_customer_books_and_does_not_pay(
    stripe: Stripe, studio: CardStudio, held: Class
) -> None:
    guest = studio.guest()
    guest.person.claims["act"] = {"sub": "user_support"}

    booked = book(guest, held)

    assert (booked.status, booked.body["checkoutUrl"]) == (201, None)
    assert again(guest, booked).code == "IMPERSONATED"
    assert stripe.requests(CHECKOUTS) == []
    del guest.person.claims["act"]
    assert again(guest, booked).status == 200


def test_an_offer_is_taken_by_card(stripe: Stripe, studio: CardStudio, held: Class) -> None:
    first, guest = studio.guest(), studio.guest()
    taken = book(first, held)
    pay(stripe, taken.body["checkoutUrl"])
    waiting = book(guest, held, joinWaitlist=True)
    assert (waiting.body["bookingStatus"], waiting.body["checkoutUrl"]) == ("waitlisted", None)
    route = f"POST /bookings/{waiting.body['bookingId']}/confirm"
    first.call(f"POST /bookings/{taken.body['bookingId']}/cancel", {})

    confirmed = guest.call(route, {"use": "drop_in"})

    assert (confirmed.status, confirmed.body["bookingStatus"]) == (200, "pending")
    pay(stripe, confirmed.body["checkoutUrl"])
    assert held.counters == (0, 1, 0, 0)
    stripe.world.sweep()
    stripe.settle()
    shown = first.call(f"GET /bookings/{taken.body['bookingId']}").body
    assert (shown["bookingStatus"], shown["paymentStatus"]) == ("cancelled", "refunded")
    audit_seats(stripe.world)


def test_a_seat_that_was_held_too_long_goes_to_the_next_and_its_payment_back(
    stripe: Stripe, studio: CardStudio, held: Class
) -> None:
    late, guest = studio.guest(), studio.guest()
    booked = book(late, held)
    waiting = book(guest, held, joinWaitlist=True)
    studio.world.clock.move(HOLD_S)
    assert again(late, booked).code == "OFFER_EXPIRED"
    studio.world.sweep()
    assert held.status(waiting) == "offered"

    pay(stripe, booked.body["checkoutUrl"])

    assert held.status(booked) == "expired"
    studio.world.sweep()
    stripe.settle()
    shown = late.call(f"GET /bookings/{booked.body['bookingId']}").body
    assert (shown["bookingStatus"], shown["paymentStatus"]) == ("expired", "refunded")
    assert held.status(waiting) == "offered"
    audit_seats(stripe.world)


def test_the_sweep_of_one_minute_ends_what_is_over_and_gives_back_what_is_due(
    stripe: Stripe, studio: CardStudio
) -> None:
    held = studio.hold_class(
        capacity=1, priceCents=PRICE_CENTS, starts_in=timedelta(days=2), lateCancelMinutes=60
    )
    guest = studio.guest()
    booked = book(guest, held)
    pay(stripe, booked.body["checkoutUrl"])
    assert studio.staff(f"POST /classes/{held.class_session_id}/cancel").status == 200

    swept = studio.world.sweep()

    assert swept["refunds_refunded"] == 1
    stripe.settle()
    shown = guest.call(f"GET /bookings/{booked.body['bookingId']}").body
    assert (shown["bookingStatus"], shown["paymentStatus"]) == ("cancelled", "refunded")
