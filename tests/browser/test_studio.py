"""A studio's classes for those who work there: making them, the roster, booking for somebody."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.asked import Asked
from tests.browser.class_samples import (
    CLASS,
    CLIENT,
    HOUR_S,
    LEAD,
    ORG,
    OTHER_ORG,
    PACKAGE,
    booking,
    class_bookings,
    customer,
    full,
    klass,
    later,
    on_five,
    options,
    organization,
    relation,
    schedule,
    seated,
)
from tests.browser.samples import HOSTILE, page
from tests.browser.served import Served

BASE = f"organizations/{ORG}"
EACH = f"{BASE}/classes/{CLASS}"
PLACE = f"/studio/{ORG}/classes/{CLASS}"


@pytest.fixture
def window(served: Served) -> Served:
    """An admin of a studio with one class, somebody in it and somebody who waits."""
    served.says("GET", "organizations", {"items": [relation("admin")]})
    served.says("GET", BASE, organization("admin"))
    served.says("GET", f"{BASE}/classes", schedule(klass(startsAt=on_five(7 * 60))))
    served.says("GET", EACH, klass())
    in_it(served, seated(1, "Kim Kowalski"))
    waiting = [seated(7, "Will Wait", "waitlisted"), seated(8, "Wanda Wait", "waitlisted")]
    served.says("GET", f"{EACH}/waitlist", class_bookings(klass(), *waiting))
    served.says("GET", f"{BASE}/clients", page(customer()))
    served.says("GET", f"{BASE}/leads", page(customer("lead", name="Kit Lead")))
    served.says("GET", f"{BASE}/bookings/payment-options", options())
    return served


def in_it(window: Served, *items: dict[str, Any]) -> None:
    """From now on these are in the class."""
    window.says("GET", f"{EACH}/roster", class_bookings(klass(), *items))


def region(window: Served, name: str) -> Any:
    """A card of the page."""
    return window.page.get_by_role("region", name=name)


def test_the_month_says_how_many_have_booked(window: Served) -> None:
    """One studio opens by itself, and a class leads to its roster."""
    window.opens("/studio")

    row = window.page.locator(".class-row:visible")
    expect(row).to_contain_text("7 booked")
    row.click()

    expect(window.page).to_have_url(re.compile(f"#{PLACE}$"))
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Morning flow")


def test_who_works_in_several_studios_chooses(window: Served) -> None:
    """Those where they are only a customer are not among them."""
    window.says("GET", "organizations", {"items": [
        relation("admin"), relation("staff", organizationId=OTHER_ORG, name="North Gym"),
        relation("client", organizationId="x", name="Where I train"),
    ]})  # fmt: skip
    window.opens("/studio")

    expect(window.page.get_by_role("link", name="North Gym")).to_be_visible()
    expect(window.page.get_by_text("Where I train")).to_have_count(0)


def test_a_customer_finds_no_way_in(window: Served) -> None:
    """The page says whose it is; nothing of staff is asked for."""
    window.says("GET", BASE, organization("client"))
    window.opens(f"/studio/{ORG}/customers")

    expect(window.page.get_by_text("This page is for the studio's staff")).to_be_visible()
    assert window.requests("GET", f"{BASE}/clients") == []


def fill_class(window: Served) -> None:
    """Fill in the form of a new class."""
    for label, text in {
        "Name": "Evening flow", "Type": "yoga", "Seats": "12", "Begins": "2031-12-03T18:00",
        "Minutes": "75", "Price in USD": "18.50", "Instructor": "Bo",
    }.items():  # fmt: skip
        window.page.get_by_label(label, exact=label in ("Name", "Minutes")).fill(text)


def test_a_class_is_made_in_the_studios_own_time(window: Served) -> None:
    """What is typed is a time on its clock, and what is left out is not sent."""
    window.says("GET", BASE, organization("admin", timezone="America/New_York", waitlistMax=5))
    window.says("POST", f"{BASE}/classes", klass(), status=201)
    window.opens(f"/studio/{ORG}")
    window.page.get_by_role("link", name="New class").click()
    expect(window.page.get_by_label("Begins, New York time")).to_be_visible()

    fill_class(window)
    window.page.get_by_role("button", name="Make the class").click()

    expect(window.page).to_have_url(re.compile(f"#{PLACE}$"))
    [(body, headers)] = window.requests("POST", f"{BASE}/classes")
    assert body == {
        "name": "Evening flow", "type": "yoga", "startsAt": "2031-12-03T23:00:00.000Z",
        "durationMinutes": 75, "capacity": 12, "priceCents": 1850, "lateCancelFeeCents": 0,
        "instructor": "Bo", "lateCancelMinutes": 720, "noticeMinutes": 0, "waitlistMax": 5,
    }  # fmt: skip
    assert headers["idempotency-key"]


def test_a_time_that_the_clock_skips_is_refused_beside_the_field(window: Served) -> None:
    """Clocks go from 2:00 to 3:00 that night, so nothing is sent."""
    window.says("GET", BASE, organization("admin", timezone="Europe/Berlin"))
    window.opens(f"/studio/{ORG}/classes/new")
    fill_class(window)
    window.page.get_by_label("Begins").fill("2031-03-30T02:30")
    window.page.get_by_role("button", name="Make the class").click()

    expect(window.page.get_by_label("Begins")).to_be_focused()
    expect(window.page.get_by_text("so there is no such time")).to_be_visible()
    assert window.requests("POST", f"{BASE}/classes") == []


def test_refused_fields_are_marked_also_those_that_were_folded_away(window: Served) -> None:
    """The fold opens, and the words stand beside each."""
    errors = [{"field": "noticeMinutes", "message": "is too much", "type": "x"},
              {"field": "type", "message": "is no type", "type": "x"}]  # fmt: skip
    window.refuses("POST", f"{BASE}/classes", 422, "VALIDATION_FAILED", errors=errors)
    window.opens(f"/studio/{ORG}/classes/new")
    fill_class(window)

    window.page.get_by_role("button", name="Make the class").click()

    expect(window.page.get_by_label("Type")).to_be_focused()
    expect(window.page.get_by_text("is no type")).to_be_visible()
    expect(window.page.get_by_text("is too much")).to_be_visible()


def test_only_what_was_changed_is_sent_and_the_time_stays_while_somebody_is_in_it(
    window: Served,
) -> None:
    """A cleared text is sent as none."""
    window.says("PATCH", EACH, klass())
    window.opens(f"{PLACE}/edit")
    expect(window.page.get_by_label("Begins")).to_be_disabled()
    expect(window.page.get_by_label("Minutes", exact=True)).to_be_disabled()

    window.page.get_by_label("Seats", exact=True).fill("14")
    window.page.get_by_label("Instructor").fill("")
    window.page.get_by_role("button", name="Save").click()

    expect(window.page).to_have_url(re.compile(f"#{PLACE}$"))
    [(body, _)] = window.requests("PATCH", EACH)
    assert body == {"capacity": 14, "instructor": None}


def test_the_seats_of_a_class_are_changed_where_its_roster_is(window: Served) -> None:
    """Fewer than are taken is refused beside the field."""
    window.refuses("PATCH", EACH, 409, "CAPACITY_TAKEN", taken=7)
    window.opens(PLACE)
    seats = window.page.get_by_label("Seats of this class")
    seats.fill("5")
    window.page.get_by_role("button", name="Change seats").click()
    expect(seats).to_have_accessible_description("7 seats are taken already.")

    def changed(_asked: Asked) -> dict[str, Any]:
        window.says("GET", EACH, klass(capacity=12, free=5))
        return klass(capacity=12, free=5)

    window.says("PATCH", EACH, changed)
    seats.fill("12")
    window.page.get_by_role("button", name="Change seats").click()

    expect(region(window, "About this class")).to_contain_text("7 booked, 0 held, 5 free")
    assert [body for body, _ in window.requests("PATCH", EACH)] == [
        {"capacity": 5}, {"capacity": 12},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("label", "path", "after"),
    [("Check in", "attend", "attended"), ("No-show", "no-show", "no_show")],
)
def test_who_came_is_noted(window: Served, label: str, path: str, after: str) -> None:
    """The list is renewed, and the focus stays with the person."""

    def noted(_asked: Asked) -> dict[str, Any]:
        in_it(window, seated(1, "Kim Kowalski", after))
        return seated(1, "Kim Kowalski", after)

    window.says("POST", f"{BASE}/bookings/{seated(1, '')['bookingId']}/{path}", noted)
    window.opens(PLACE)

    window.page.get_by_role("button", name=f"{label}: Kim Kowalski").click()

    words = {"attended": "Attended", "no_show": "Did not come"}[after]
    row = region(window, "Roster").get_by_role("listitem")
    expect(row).to_contain_text(words)
    expect(row.get_by_role("button").first).to_be_focused()


def test_what_is_owed_at_the_studio_is_marked_paid(window: Served) -> None:
    """Only where something is owed."""
    owes = seated(1, "Sam Smith", paymentStatus="pending", consumed=None,
                  allowed=["cancel", "paid"])  # fmt: skip
    in_it(window, owes, seated(2, "Lee Long"))
    paid = {**owes, "paymentStatus": "paid", "allowed": ["cancel"]}

    def marked(_asked: Asked) -> dict[str, Any]:
        in_it(window, paid, seated(2, "Lee Long"))
        return paid

    window.says("POST", f"{BASE}/bookings/{owes['bookingId']}/paid", marked)
    window.opens(PLACE)
    expect(region(window, "Roster")).to_contain_text("US$15.00 to pay at the studio")

    window.page.get_by_role("button", name="Mark paid").click()

    expect(window.page.get_by_role("button", name="Mark paid")).to_have_count(0)
    expect(region(window, "Roster").get_by_role("listitem").first).to_contain_text("Paid")


@pytest.mark.parametrize(
    ("sure", "body"), [("Cancel late", {}), ("Waive that it is late", {"waiveLate": True})]
)
def test_a_late_cancel_may_be_waived(window: Served, sure: str, body: dict[str, Any]) -> None:
    """What it costs otherwise is said before."""
    starts = on_five(2 * HOUR_S)
    late = seated(1, "Kim Kowalski", startsAt=starts, lateCancelAt=later(starts, -720))
    in_it(window, late)
    path = f"{BASE}/bookings/{late['bookingId']}/cancel"
    window.says("POST", path, {**late, "bookingStatus": "cancelled"})
    window.opens(PLACE)

    window.page.get_by_role("button", name="Cancel: Kim Kowalski").click()
    dialog = window.page.get_by_role("dialog")
    expect(dialog).to_contain_text("The use of the package is not given back.")
    dialog.get_by_role("button", name=sure).click()

    expect(window.page.get_by_text("Cancelled for Kim Kowalski.")).to_be_visible()
    assert window.requests("POST", path)[0][0] == body


def test_a_refused_move_is_told_and_the_roster_renewed(window: Served) -> None:
    """Too early to check in, for instance."""
    path = f"{BASE}/bookings/{seated(1, '')['bookingId']}/attend"
    window.refuses("POST", path, 409, "CHECK_IN_CLOSED")
    window.opens(PLACE)

    window.page.get_by_role("button", name="Check in: Kim Kowalski").click()

    expect(window.page.get_by_text("Refused: CHECK_IN_CLOSED.")).to_be_visible()
    expect(window.page.get_by_role("button", name="Check in: Kim Kowalski")).to_be_enabled()


def test_those_who_wait_stand_in_their_order_and_can_be_removed(window: Served) -> None:
    """Whom a seat is offered stands in the roster."""
    in_it(window, seated(9, "Olu Offered", "offered"))
    window.opens(PLACE)

    waiting = region(window, "Waitlist").get_by_role("listitem")
    expect(waiting).to_have_count(2)
    expect(waiting.nth(0)).to_contain_text("1. Will Wait")
    expect(waiting.nth(1)).to_contain_text("2. Wanda Wait")
    expect(region(window, "Roster")).to_contain_text("A seat is held")
    waiting.nth(1).get_by_role("button", name="Remove: Wanda Wait").click()

    expect(window.page.get_by_role("dialog")).to_contain_text("The place is given up.")


def test_a_class_is_cancelled_after_a_question_that_says_for_how_many(window: Served) -> None:
    """Afterwards it says so."""
    window.says("GET", EACH, klass(waitlistCount=2))
    gone = klass(status="cancelled", bookable=False, reason="CLASS_CANCELLED")

    def cancelled(_asked: Asked) -> dict[str, Any]:
        window.says("GET", EACH, gone)
        in_it(window)
        return gone

    window.says("POST", f"{EACH}/cancel", cancelled)
    window.opens(PLACE)

    window.page.get_by_role("button", name="Cancel class").click()
    dialog = window.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Everybody in it (9) gets everything back")
    dialog.get_by_role("button", name="Cancel the class").click()

    expect(region(window, "About this class")).to_contain_text("Cancelled")
    expect(window.page.get_by_role("button", name="Cancel class")).to_have_count(0)


def choose(window: Served, name: str) -> Any:
    """Find and choose a customer; answers the card."""
    card = region(window, "Book for a customer")
    card.get_by_label("Find a customer").fill("Ki")
    card.get_by_role("button", name=name).click()
    expect(card.get_by_text(f"For {name}")).to_be_visible()
    return card


def test_a_class_is_booked_for_a_client_found_by_name(window: Served) -> None:
    """With the pass that can be used, once."""
    window.says("POST", f"{BASE}/bookings", booking(), status=201)
    window.opens(PLACE)

    card = choose(window, "Kim Kowalski")
    card.get_by_role("button", name="Book", exact=True).click()

    expect(window.page.get_by_text("Kim Kowalski: booked.")).to_be_visible()
    expect(card.get_by_label("Find a customer")).to_be_focused()
    [(body, headers)] = window.requests("POST", f"{BASE}/bookings")
    assert body == {"classSessionId": CLASS, "clientId": CLIENT, "use": {"packageId": PACKAGE}}
    assert headers["idempotency-key"]
    assert window.requests("GET", f"{BASE}/clients")
    assert window.requests("GET", f"{BASE}/leads")


def test_checking_only_says_what_would_be_written_and_books_nothing(window: Served) -> None:
    """A lead is named as one."""
    row = {"organization_id": ORG, "client_id": None, "customer_id": LEAD}
    window.says("POST", "test-booking", {
        "dryRun": True, "row": row, "booking": booking(clientId=None, customerId=LEAD),
    })  # fmt: skip
    window.opens(PLACE)

    card = choose(window, "Kit Lead")
    card.get_by_label("At the studio").check()
    card.get_by_role("button", name="Check only").click()

    expect(card.get_by_text("It would work.")).to_be_visible()
    card.get_by_text("What would be written").click()
    expect(card.locator("pre")).to_contain_text(f'"customer_id": "{LEAD}"')
    [(body, _)] = window.requests("POST", "test-booking")
    assert body == {
        "customerId": LEAD, "customerType": "lead", "classSessionId": CLASS,
        "organizationId": ORG, "use": "at_studio",
    }  # fmt: skip
    assert window.requests("POST", f"{BASE}/bookings") == []


@pytest.mark.parametrize("label", ["Check only", "Book"])
def test_every_violated_rule_is_shown_in_the_servers_words(window: Served, label: str) -> None:
    """About the customer, not to them."""
    rules = [{"code": code, "detail": f"Detail of {code}."} for code in ("CLASS_FULL", "OVERLAP")]
    for path in ("test-booking", f"{BASE}/bookings"):
        window.refuses("POST", path, 409, "CLASS_FULL", violations=rules)
    window.opens(PLACE)

    card = choose(window, "Kim Kowalski")
    card.get_by_role("button", name=label, exact=True).click()

    expect(card.locator(".bullets li")).to_have_text(
        ["Detail of CLASS_FULL.", "Detail of OVERLAP."]
    )


def test_a_customer_is_put_on_the_waitlist_of_a_full_class(window: Served) -> None:
    """Without a pass, which is used when they take a seat."""
    window.says("GET", EACH, full())
    window.says("POST", f"{BASE}/bookings", booking("waitlisted"), status=201)
    window.opens(PLACE)

    choose(window, "Kim Kowalski").get_by_role("button", name="Join the waitlist").click()

    expect(window.page.get_by_text("Kim Kowalski: on the waitlist.")).to_be_visible()
    [(body, _)] = window.requests("POST", f"{BASE}/bookings")
    assert body == {"classSessionId": CLASS, "clientId": CLIENT, "joinWaitlist": True}


def test_a_roster_is_looked_at_again_by_itself(window: Served) -> None:
    """Who books meanwhile appears, and what is being done keeps the focus."""
    window.page.clock.install()
    window.opens(PLACE)
    first = window.page.get_by_role("button", name="Check in: Kim Kowalski")
    first.focus()
    in_it(window, seated(1, "Kim Kowalski"), seated(2, "Lee Long"))

    window.page.clock.run_for(16_000)

    expect(region(window, "Roster").get_by_role("listitem")).to_have_count(2)
    expect(first).to_be_focused()


def test_a_roster_that_is_the_same_is_not_drawn_again(window: Served) -> None:
    """What somebody reads or points at stays where it is."""
    window.page.clock.install()
    window.opens(PLACE)
    row = region(window, "Roster").get_by_role("listitem")
    row.evaluate("(node) => (node.dataset.seen = 'yes')")
    looks = len(window.requests("GET", f"{EACH}/roster"))

    window.page.clock.run_for(16_000)
    window.page.wait_for_timeout(500)

    assert len(window.requests("GET", f"{EACH}/roster")) == looks + 1
    expect(row).to_have_attribute("data-seen", "yes")


def test_hostile_names_stay_text(window: Served) -> None:
    """What customers call themselves is shown, never run."""
    window.says("GET", EACH, klass(name=HOSTILE, description=HOSTILE))
    in_it(window, seated(1, HOSTILE))
    window.says(
        "GET", f"{EACH}/waitlist", class_bookings(klass(), seated(2, HOSTILE, "waitlisted"))
    )
    window.says("GET", f"{BASE}/clients", page(customer(name=HOSTILE, email=HOSTILE)))
    window.opens(PLACE)

    window.page.get_by_label("Find a customer").fill("x")
    expect(window.page.locator(".found").get_by_text(HOSTILE).first).to_be_visible()

    assert window.page.evaluate("window.hostile") is None
