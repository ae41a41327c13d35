"""Booking a class: how it is paid, every rule against it, the waitlist, and one's own booking."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.asked import Asked
from tests.browser.class_samples import (
    BOOKING,
    CHECKOUT,
    CLASS,
    CLIENT,
    DAY_S,
    HOUR_S,
    MEMBERSHIP,
    ORG,
    PACKAGE,
    booking,
    detail,
    full,
    klass,
    later,
    on_five,
    option,
    options,
    organization,
    relation,
)
from tests.browser.samples import HOSTILE, ago, page
from tests.browser.served import Served

PLACE = f"/classes/{ORG}/{CLASS}"
BASE = f"organizations/{ORG}"
OWN = f"{BASE}/bookings/{BOOKING}"


@pytest.fixture
def window(served: Served) -> Served:
    """A client in front of a class that they may book, with every way to pay."""
    served.says("GET", "organizations", {"items": [relation()]})
    served.says("GET", BASE, organization())
    served.says("GET", f"{BASE}/classes/{CLASS}", klass())
    served.says("GET", f"{BASE}/bookings", page())
    served.says("GET", f"{BASE}/bookings/payment-options", options())
    return served


def has(window: Served, status: str, **change: Any) -> None:
    """From now on the client's booking of the class is so."""
    window.says("GET", f"{BASE}/bookings", page(booking(status, **change)))
    window.says("GET", OWN, detail(status, **change))


def then(window: Served, status: str, **change: Any) -> Any:
    """A reply after which the client's booking is so."""

    def reply(_asked: Asked) -> dict[str, Any]:
        has(window, status, **change)
        return booking(status, **change)

    return reply


def own(window: Served) -> Any:
    """The panel of one's own booking."""
    return window.page.locator(".own-booking")


def book(window: Served) -> None:
    """Press Book."""
    window.page.get_by_role("button", name="Book", exact=True).click()


def test_the_first_pass_that_can_be_used_is_offered_and_books_once(window: Served) -> None:
    """The customer is named, the key is the intention's, and the booking gets the focus."""
    window.says("POST", f"{BASE}/bookings", then(window, "confirmed"), status=201)
    window.opens(PLACE)
    expect(window.page.get_by_label("Ten classes")).to_be_checked()
    expect(window.page.get_by_text("4 uses left", exact=False).first).to_be_visible()

    book(window)

    expect(own(window).get_by_role("heading", name="You are booked")).to_be_focused()
    [(body, headers)] = window.requests("POST", f"{BASE}/bookings")
    assert body == {"classSessionId": CLASS, "clientId": CLIENT, "use": {"packageId": PACKAGE}}
    assert headers["idempotency-key"]


@pytest.mark.parametrize(
    ("label", "use"),
    [("Twice a week", {"membershipId": MEMBERSHIP}), ("At the studio", "at_studio")],
)
def test_another_way_to_pay_is_chosen(window: Served, label: str, use: Any) -> None:
    """It is what is sent."""
    window.says("POST", f"{BASE}/bookings", then(window, "confirmed"), status=201)
    window.opens(PLACE)

    window.page.get_by_label(label).check()
    book(window)

    expect(own(window)).to_be_visible()
    assert window.requests("POST", f"{BASE}/bookings")[0][0]["use"] == use


def test_a_free_class_takes_no_use_of_a_pass_by_itself(window: Served) -> None:
    """Whoever wants it so may still choose the pass."""
    free = option("at_studio", name="Free", amountCents=0)
    window.says("GET", f"{BASE}/bookings/payment-options", options(option("package"), free))
    window.opens(PLACE)

    expect(window.page.get_by_label("Free", exact=True)).to_be_checked()
    expect(window.page.get_by_label("Ten classes")).to_be_enabled()


def test_a_pass_that_cannot_be_used_says_why_and_cannot_be_chosen(window: Served) -> None:
    """Every reason in words; what can be used is chosen before it."""
    spent = option("package", usable=False, reason="NO_REMAINING_USE", remaining=0,
                   reasons=["NO_REMAINING_USE", "PASS_EXPIRED"], validUntil=ago(DAY_S))  # fmt: skip
    closed = option("at_studio", usable=False, reason="PREPAYMENT_REQUIRED",
                    reasons=["PREPAYMENT_REQUIRED"])  # fmt: skip
    window.says("GET", f"{BASE}/bookings/payment-options",
                options(spent, closed, option("membership")))  # fmt: skip
    window.opens(PLACE)

    expect(window.page.get_by_label("Twice a week")).to_be_checked()
    pass_ = window.page.get_by_label("Ten classes")
    expect(pass_).to_be_disabled()
    expect(pass_).to_have_accessible_description(
        re.compile("no use is left; it ends before the class, on")
    )
    expect(window.page.get_by_label("At the studio")).to_have_accessible_description(
        re.compile("the studio wants this class paid in advance")
    )


def test_without_a_way_to_pay_nothing_is_sent(window: Served) -> None:
    """The button rests, and the person is told whom to ask."""
    spent = option("package", usable=False, reason="PASS_INACTIVE", reasons=["PASS_INACTIVE"])
    window.says("GET", f"{BASE}/bookings/payment-options", options(spent))
    window.opens(PLACE)

    expect(window.page.get_by_text("There is no way to pay for this class yet.")).to_be_visible()
    expect(window.page.get_by_role("button", name="Book", exact=True)).to_be_disabled()


def test_a_card_is_paid_at_the_provider(window: Served) -> None:
    """The seat is held meanwhile, and the way back knows the booking."""
    there = f"{window.url}/icon.svg?paying"
    window.says("POST", f"{BASE}/bookings", booking("pending", checkoutUrl=there), status=201)
    window.opens(PLACE)

    window.page.get_by_label("By card, now").check()
    window.page.get_by_role("button", name="Book and pay").click()

    expect(window.page).to_have_url(there)
    assert window.requests("POST", f"{BASE}/bookings")[0][0]["use"] == "drop_in"


def test_a_payment_page_that_cannot_be_opened_now_is_offered_again(window: Served) -> None:
    """The seat is held all the same, and nobody is told that they are booked."""
    window.says("POST", f"{BASE}/bookings", then(window, "pending"), status=201)
    window.opens(PLACE)

    window.page.get_by_label("By card, now").check()
    window.page.get_by_role("button", name="Book and pay").click()

    expect(own(window).get_by_role("heading", name="Pay to keep your seat")).to_be_focused()
    expect(own(window).get_by_role("button", name="Pay now")).to_be_visible()
    expect(window.page.get_by_text("You are booked.")).to_have_count(0)


def test_every_violated_rule_is_shown_at_once(window: Served) -> None:
    """Nobody finds them out one by one; the same booking again has the same key."""
    window.refuses("POST", f"{BASE}/bookings", 409, "CLASS_FULL", violations=[
        {"code": "CLASS_FULL", "detail": "Full."},
        {"code": "PASS_EXPIRED", "detail": "Ends.", "validUntil": "2026-11-01T00:00:00Z"},
        {"code": "OVERLAP", "detail": "Another.", "bookingId": "b9"},
        {"code": "NEW_RULE", "detail": HOSTILE},
    ])  # fmt: skip
    window.opens(PLACE)

    book(window)

    rules = window.page.get_by_role("alert").get_by_role("listitem")
    expect(rules).to_have_text([
        "The class is full.", "Your pass: it ends before the class, on 1 November 2026.",
        "You are in another class at that time.", HOSTILE,
    ])  # fmt: skip
    expect(window.page.get_by_role("button", name="Join the waitlist")).to_have_count(0)
    book(window)
    expect(rules).to_have_count(4)
    keys = {headers["idempotency-key"] for _, headers in
            window.requests("POST", f"{BASE}/bookings")}  # fmt: skip
    assert len(keys) == 1
    assert window.page.evaluate("window.hostile") is None


def test_a_class_that_filled_meanwhile_offers_its_waitlist(window: Served) -> None:
    """One press more, and the person stands in it."""
    window.refuses("POST", f"{BASE}/bookings", 409, "CLASS_FULL")
    window.opens(PLACE)
    book(window)
    expect(window.page.get_by_text("The class is full.")).to_be_visible()

    window.says("POST", f"{BASE}/bookings", then(window, "waitlisted"), status=201)
    window.page.get_by_role("button", name="Join the waitlist").click()

    expect(own(window).get_by_text("You are number 2.")).to_be_visible()
    body = window.requests("POST", f"{BASE}/bookings")[-1][0]
    assert body == {"classSessionId": CLASS, "clientId": CLIENT, "joinWaitlist": True}


def test_a_full_class_says_how_many_wait_and_is_waited_for(window: Served) -> None:
    """Nothing is asked about paying before there is a seat."""
    window.says("GET", f"{BASE}/classes/{CLASS}", full())
    window.says("POST", f"{BASE}/bookings", then(window, "waitlisted"), status=201)
    window.opens(PLACE)
    expect(window.page.get_by_text("2 people wait: you would be number 3.")).to_be_visible()

    window.page.get_by_role("button", name="Join the waitlist").click()

    expect(own(window).get_by_role("heading", name="You are on the waitlist")).to_be_focused()
    assert window.requests("GET", f"{BASE}/bookings/payment-options") == []


def test_a_refused_wait_is_told(window: Served) -> None:
    """With the server's reason in the person's words."""
    window.says("GET", f"{BASE}/classes/{CLASS}", full())
    window.refuses("POST", f"{BASE}/bookings", 409, "WAITLIST_CLOSED")
    window.opens(PLACE)

    window.page.get_by_role("button", name="Join the waitlist").click()

    expect(window.page.get_by_role("alert")).to_contain_text("You cannot join the waitlist.")
    expect(window.page.get_by_role("alert")).to_contain_text("since the class begins soon")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"free": 0, "waitlistCount": 20, "reason": "CLASS_FULL"}, "Its waitlist is full, too."),
        ({"free": 0, "waitlistMax": 0, "reason": "CLASS_FULL"}, "It has no waitlist."),
        ({"reason": "BOOKING_CLOSED"}, "Booking is closed"),
        ({"reason": "CLASS_CANCELLED", "status": "cancelled"}, "This class was cancelled"),
        ({"reason": "OTHER", "status": "completed"}, "This class is over"),
    ],
)
def test_a_class_that_cannot_be_booked_says_why(
    window: Served, change: dict[str, Any], words: str
) -> None:
    """There is no button that would be refused."""
    window.says("GET", f"{BASE}/classes/{CLASS}", klass(bookable=False, **change))
    window.opens(PLACE)

    expect(window.page.get_by_text(words).first).to_be_visible()
    expect(window.page.get_by_role("button", name=re.compile("^(Book|Join)"))).to_have_count(0)


def test_a_held_seat_is_taken_with_a_pass_within_its_time(window: Served) -> None:
    """The use is named with the confirmation, since nothing was taken before."""
    has(window, "offered")
    window.says("POST", f"{OWN}/confirm", then(window, "confirmed"))
    window.opens(PLACE)
    timer = own(window).get_by_role("timer")
    before = timer.text_content()
    expect(timer).not_to_have_text(before or "")

    window.page.get_by_label("Twice a week").check()
    window.page.get_by_role("button", name="Take the seat").click()

    expect(own(window).get_by_role("heading", name="You are booked")).to_be_focused()
    [(body, _)] = window.requests("POST", f"{OWN}/confirm")
    assert body == {"use": {"membershipId": MEMBERSHIP}}


def test_a_held_seat_that_cannot_be_taken_so_says_why(window: Served) -> None:
    """The offer stays as long as it lasts."""
    has(window, "offered")
    window.refuses("POST", f"{OWN}/confirm", 409, "NO_REMAINING_USE")
    window.opens(PLACE)

    window.page.get_by_role("button", name="Take the seat").click()

    expect(window.page.get_by_role("alert")).to_contain_text("Your pass: no use is left.")
    expect(window.page.get_by_role("button", name="Take the seat")).to_be_enabled()


def test_an_offer_that_runs_out_gives_way_to_what_is_true_then(window: Served) -> None:
    """The page looks again by itself, and says so."""
    has(window, "offered", expiresAt=ago(-3))
    window.says("GET", f"{BASE}/classes/{CLASS}", full())
    window.opens(PLACE)
    expect(window.page.get_by_role("button", name="Take the seat")).to_be_visible()
    has(window, "expired")

    expect(window.page.get_by_role("button", name="Join the waitlist")).to_be_visible()
    expect(window.page.get_by_text("Your last booking of this class: Expired")).to_be_visible()
    expect(window.page.locator("#announcer")).to_have_text("The time to take the seat is over.")


def test_who_waits_hears_of_a_seat_without_a_reload(window: Served) -> None:
    """The page looks for it while it is open."""
    has(window, "waitlisted")
    window.opens(PLACE)
    expect(own(window).get_by_text("You are number 2.")).to_be_visible()

    has(window, "offered")

    expect(window.page.get_by_role("button", name="Take the seat")).to_be_visible()
    expect(window.page.locator("#announcer")).to_have_text("A seat is held")


def test_a_hold_is_paid_later_or_given_up(window: Served) -> None:
    """Its time runs, and the payment page opens again."""
    has(window, "pending")
    there = f"{window.url}/icon.svg?paying"
    window.refuses("POST", f"{OWN}/checkout", 503, "PROVIDER_THROTTLED")
    window.opens(PLACE)
    pay = window.page.get_by_role("button", name="Pay now")
    pay.click()
    expect(window.page.get_by_text("Refused: PROVIDER_THROTTLED.")).to_be_visible()

    window.says("POST", f"{OWN}/checkout", {**CHECKOUT, "checkoutUrl": there})
    pay.click()

    expect(window.page).to_have_url(there)


def cancel(window: Served, sure: str = "Cancel it") -> Any:
    """Press Cancel and then say so; answers the dialogue's words."""
    window.page.get_by_role("button", name="Cancel my booking").click()
    dialog = window.page.get_by_role("dialog")
    words = dialog.text_content()
    dialog.get_by_role("button", name=sure).click()
    return words


def test_cancelling_in_time_says_what_is_given_back(window: Served) -> None:
    """And then the class can be booked again."""
    has(window, "confirmed")
    window.says("POST", f"{OWN}/cancel", then(window, "cancelled"))
    window.opens(PLACE)

    words = cancel(window)

    assert "This is in time" in words
    assert "The use of the package is given back." in words
    expect(window.page.get_by_role("heading", name="Book", exact=True)).to_be_focused()
    assert window.requests("POST", f"{OWN}/cancel")[0][0] == {}


def test_cancelling_late_says_what_it_costs_and_may_be_thought_over(window: Served) -> None:
    """Nothing is sent while it is kept."""
    starts = on_five(6 * HOUR_S)
    change = {"startsAt": starts, "lateCancelFeeCents": 500, "lateCancelAt": later(starts, -720)}
    has(window, "confirmed", **change)
    window.opens(PLACE)

    words = cancel(window, "Keep it")

    assert "It is late" in words
    assert "The use of the package is not given back. A fee of US$5.00 is noted." in words
    expect(window.page.get_by_role("button", name="Cancel my booking")).to_be_focused()
    assert window.requests("POST", f"{OWN}/cancel") == []


def test_a_refused_cancellation_is_told_and_what_is_true_is_shown(window: Served) -> None:
    """The class has begun meanwhile."""
    has(window, "confirmed")

    def refused(asked: Asked) -> None:
        has(window, "attended")
        asked.fulfill(status=409, json={"code": "BOOKING_CLOSED", "detail": "It has begun."})

    window.says("POST", f"{OWN}/cancel", refused)
    window.opens(PLACE)

    cancel(window)

    expect(window.page.get_by_text("It has begun.")).to_be_visible()
    expect(own(window).get_by_role("heading", name="You were there")).to_be_visible()


def test_staff_who_are_no_customers_are_shown_how_to_become_one(window: Served) -> None:
    """And the way to the roster."""
    window.says("GET", BASE, organization("staff"))
    window.opens(PLACE)

    expect(window.page.get_by_role("link", name="Become a customer, too")).to_be_visible()
    expect(window.page.get_by_role("link", name="Roster")).to_have_attribute(
        "href", f"#/studio/{ORG}/classes/{CLASS}"
    )


def test_a_class_that_does_not_exist_leads_back_to_the_others(window: Served) -> None:
    """As one of another studio does."""
    window.refuses("GET", f"{BASE}/classes/{CLASS}", 404, "NOT_FOUND")
    window.opens(PLACE)

    expect(window.page.get_by_role("heading", level=1)).to_have_text("There is no such class")
    expect(window.page.get_by_role("link", name="All classes")).to_be_visible()
