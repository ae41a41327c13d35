"""A person's bookings in all their studios, and the way back from paying for a class."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.asked import Asked
from tests.browser.class_samples import (
    BOOKING,
    CLASS,
    DAY_S,
    ORG,
    OTHER_ORG,
    booking,
    detail,
    klass,
    on_five,
    options,
    organization,
    relation,
)
from tests.browser.samples import ago, page
from tests.browser.served import Served
from tests.browser.visit import SLOW_MS

BASE = f"organizations/{ORG}"
OTHER = f"organizations/{OTHER_ORG}"
OWN = f"{BASE}/bookings/{BOOKING}"
PAID = f"/classes/paid?booking_id={BOOKING}"
NORTH = {"organizationId": OTHER_ORG, "name": "North Gym"}


@pytest.fixture
def window(served: Served) -> Served:
    """A customer of two studios, with a booking in the first."""
    served.says("GET", "organizations", {"items": [
        relation(), relation("lead", customer={"kind": "lead", "id": "l1"}, **NORTH),
    ]})  # fmt: skip
    served.says("GET", BASE, organization())
    served.says("GET", OTHER, {**organization(), **NORTH})
    served.says("GET", f"{BASE}/classes/{CLASS}", klass())
    served.says("GET", f"{BASE}/bookings", page(booking()))
    served.says("GET", f"{BASE}/bookings/payment-options", options())
    served.says("GET", f"{OTHER}/bookings", page())
    served.says("GET", OWN, detail())
    return served


def card(window: Served, name: str) -> Any:
    """One studio's bookings."""
    return window.page.get_by_role("region", name=name)


def wait_all(window: Served) -> None:
    """Let all the time pass that the page waits for a confirmation."""
    expect(window.page.get_by_role("heading", level=1)).to_be_visible()
    for _ in range(14):
        window.page.clock.run_for(16_000)
        window.page.wait_for_timeout(50)


def test_bookings_of_all_studios_stand_together_those_to_come_first(window: Served) -> None:
    """The next class is on top; what is over stands below."""
    items = [
        booking("waitlisted", bookingId="b3", className="Third", startsAt=on_five(3 * DAY_S)),
        booking(bookingId="b2", className="Second", startsAt=on_five(DAY_S)),
        booking("late_cancelled", bookingId="b1", className="First", feeCents=500,
                startsAt=on_five(-DAY_S)),
    ]  # fmt: skip
    window.says("GET", f"{BASE}/bookings", page(*items))
    theirs = booking(bookingId="b9", className="Row")
    window.says("GET", f"{OTHER}/bookings", page(theirs))
    window.opens("/classes/mine")

    rows = card(window, "Cedar Street Studio").locator("li.entry")
    expect(rows).to_have_count(3)
    for row, words in zip(rows.all(), ["Second", "Third", "fee US$5.00"], strict=True):
        expect(row).to_contain_text(words)
    expect(card(window, "North Gym")).to_contain_text("Row")


def test_one_studio_that_fails_takes_no_other_with_it(window: Served) -> None:
    """It can be tried again by itself."""
    window.refuses("GET", f"{OTHER}/bookings", 503, "STORE_UNAVAILABLE")
    window.opens("/classes/mine")
    expect(card(window, "Cedar Street Studio")).to_contain_text("Morning flow")
    expect(window.page.get_by_text("Refused: STORE_UNAVAILABLE.")).to_be_visible()

    window.says("GET", f"{OTHER}/bookings", page(booking(className="Row")))
    window.page.get_by_role("button", name="Retry").click()

    expect(card(window, "North Gym")).to_contain_text("Row")


def test_a_booking_is_cancelled_where_all_stand(window: Served) -> None:
    """The list is true afterwards."""

    def cancelled(_asked: Asked) -> dict[str, Any]:
        window.says("GET", f"{BASE}/bookings", page(booking("cancelled")))
        return booking("cancelled")

    window.says("POST", f"{OWN}/cancel", cancelled)
    window.opens("/classes/mine")

    window.page.get_by_role("button", name="Cancel Morning flow").click()
    window.page.get_by_role("button", name="Cancel it").click()

    row = card(window, "Cedar Street Studio").locator("li.entry")
    expect(row).to_contain_text("Cancelled")
    expect(row.get_by_role("button")).to_have_count(0)
    expect(window.page.get_by_role("heading", level=1)).to_be_focused()


def test_more_bookings_are_loaded_page_by_page(window: Served) -> None:
    """Those before stand below those to come."""
    window.says("GET", f"{BASE}/bookings", page(booking(), cursor="c1"))
    window.opens("/classes/mine")
    more = window.page.get_by_role("button", name="Load more")
    expect(more).to_be_visible()
    old = booking("attended", bookingId="b0", className="Long ago", startsAt=on_five(-90 * DAY_S))
    window.says("GET", f"{BASE}/bookings", page(old))

    more.click()

    expect(card(window, "Cedar Street Studio")).to_contain_text("Long ago")


def test_nothing_booked_leads_to_the_classes(window: Served) -> None:
    """An empty page says what it is for."""
    window.says("GET", f"{BASE}/bookings", page())
    window.opens("/classes/mine")

    expect(window.page.get_by_text("No bookings yet")).to_be_visible()
    expect(window.page.get_by_role("link", name="See the classes")).to_be_visible()


def test_after_paying_the_page_waits_for_the_confirmation(window: Served) -> None:
    """The studio is found by the booking, also in another tab."""
    window.refuses("GET", OWN, 404, "NOT_FOUND")
    found = f"{OTHER}/bookings/{BOOKING}"
    window.says("GET", found, detail("pending"))
    window.opens(PAID)
    expect(window.page.get_by_text("Your payment is being confirmed…")).to_be_visible()

    paid = detail(paymentStatus="paid", purchaseId="p1", consumed=None)
    window.says("GET", found, paid)

    expect(window.page.get_by_text("You are booked", exact=True)).to_be_visible()
    expect(window.page.get_by_role("link", name="See your booking")).to_have_attribute(
        "href", f"#/classes/{OTHER_ORG}/{CLASS}"
    )


def test_a_payment_that_takes_long_is_not_paid_twice(window: Served) -> None:
    """After a while the person may look again."""
    window.page.clock.install()
    window.says("GET", OWN, detail("pending"))
    window.opens(PAID)
    expect(window.page.get_by_text("Your payment is being confirmed…")).to_be_visible()
    wait_all(window)

    expect(window.page.get_by_text("Your payment is not confirmed yet")).to_be_visible(
        timeout=SLOW_MS
    )
    window.says("GET", OWN, detail(paymentStatus="paid"))
    window.page.get_by_role("button", name="Check again").click()

    expect(window.page.get_by_text("You are booked", exact=True)).to_be_visible()


def test_who_left_the_payment_page_is_told_that_the_seat_is_held(window: Served) -> None:
    """Nothing was paid, and it can be gone on with."""
    window.says("GET", OWN, detail("pending"))
    window.says("GET", f"{BASE}/bookings", page(booking("pending")))
    window.opens(f"/classes/pay?booking_id={BOOKING}&organization_id={ORG}&checkout=cancelled")
    expect(window.page.get_by_text("Nothing was paid", exact=True)).to_be_visible()

    window.page.get_by_role("link", name="Go on with your booking").click()

    expect(window.page.get_by_role("button", name="Pay now")).to_be_visible()


@pytest.mark.parametrize(
    ("payment", "words"),
    [("refund_due", "goes back the way you paid"), ("pending", "Nothing was taken.")],
)
def test_a_payment_that_came_too_late_is_told(window: Served, payment: str, words: str) -> None:
    """What becomes of the money, and where it stands."""
    window.page.clock.install()
    window.says("GET", OWN, detail("expired", paymentStatus=payment))
    window.opens(PAID)
    wait_all(window)

    expect(window.page.get_by_text("You are not booked")).to_be_visible()
    expect(window.page.get_by_text(re.compile(words))).to_be_visible()
    expect(window.page.get_by_role("link", name="Your purchases")).to_be_visible()


def test_a_seat_that_is_had_after_its_hold_ran_out_is_waited_for(window: Served) -> None:
    """The payment was in time, only its news came late."""
    window.says("GET", OWN, detail("expired"))
    with window.page.expect_response(f"**/api/{OWN}"):
        window.opens(PAID)
    expect(window.page.get_by_text("Your payment is being confirmed…")).to_be_visible()

    window.says("GET", OWN, detail(paymentStatus="paid", purchaseId="p1", consumed=None))

    expect(window.page.get_by_text("You are booked", exact=True)).to_be_visible()


def test_a_booking_of_somebody_else_is_not_shown(window: Served) -> None:
    """Whichever studio is asked."""
    window.refuses("GET", OWN, 404, "NOT_FOUND")
    window.refuses("GET", f"{OTHER}/bookings/{BOOKING}", 404, "NOT_FOUND")
    window.opens(PAID)

    expect(window.page.get_by_text("This booking is not among yours")).to_be_visible()


def test_a_hold_that_runs_out_goes_from_the_list(window: Served) -> None:
    """Nobody presses a button that is too late."""
    window.says("GET", f"{BASE}/bookings", page(booking("pending", expiresAt=ago(-3))))
    window.opens("/classes/mine")
    expect(window.page.get_by_role("button", name="Pay now")).to_be_visible()

    expect(window.page.get_by_role("button", name="Pay now")).to_have_count(0)
