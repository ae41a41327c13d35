"""Finding a class: the studios of a person, joining one, its month, and what waits for them."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.asked import Asked
from tests.browser.class_samples import (
    BOOKING,
    CHECKOUT,
    CLASS,
    DAY_S,
    HOUR_S,
    ORG,
    OTHER_ORG,
    booking,
    full,
    klass,
    on_five,
    organization,
    relation,
    schedule,
)
from tests.browser.samples import HOSTILE, ago, page
from tests.browser.served import Served

STUDIO = f"/classes/{ORG}"


@pytest.fixture
def window(served: Served) -> Served:
    """A client of one studio, whose month has one class."""
    served.says("GET", "organizations", {"items": [relation()]})
    served.says("GET", f"organizations/{ORG}", organization())
    served.says("GET", f"organizations/{ORG}/classes", schedule(klass(startsAt=soon())))
    served.says("GET", f"organizations/{ORG}/bookings", page())
    return served


def soon() -> str:
    """A start that is to come and in this month, however late in the month it is."""
    return on_five(120 + 5 * 60)


def at(place: str) -> re.Pattern[str]:
    """An address that ends with that place of the page."""
    return re.compile(re.escape(f"#{place}") + "$")


def rows(window: Served) -> Any:
    """The classes that are shown."""
    return window.page.locator(".class-row:visible")


def test_who_is_in_no_studio_joins_by_a_pasted_link(window: Served) -> None:
    """The studio is taken out of the link, and its schedule opens."""

    def joined(_asked: Asked) -> dict[str, Any]:
        window.says("GET", "organizations", {"items": [relation()]})
        return organization()

    window.says("GET", "organizations", {"items": []})
    window.says("POST", f"organizations/{ORG}/me", joined)
    window.opens("/classes")
    expect(window.page.get_by_role("heading", name="You are in no studio yet")).to_be_visible()

    window.page.get_by_label("Link or id").fill(f"http://x.test/#/classes/join?studio={ORG}")
    window.page.get_by_role("button", name="Join").click()

    expect(window.page).to_have_url(at(STUDIO))
    expect(window.page.get_by_text("You can book its classes now", exact=False)).to_have_count(0)
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Cedar Street Studio")
    [(body, _)] = window.requests("POST", f"organizations/{ORG}/me")
    assert body == {"name": "Robin Reed"}


def test_a_studio_that_does_not_exist_is_told_beside_the_field(window: Served) -> None:
    """A link has filled the field in already."""
    window.refuses("POST", "organizations/nowhere/me", 404, "NOT_FOUND")
    window.opens("/classes/join?studio=nowhere")

    window.page.get_by_role("button", name="Join").click()

    field = window.page.get_by_label("Link or id")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("There is no such studio"))


def test_one_studio_opens_by_itself_and_of_several_one_is_chosen_and_remembered(
    window: Served,
) -> None:
    """Back leads to where the person was before."""
    window.opens("/balance")
    window.page.get_by_role("link", name="Classes", exact=True).click()
    expect(window.page).to_have_url(at(STUDIO))
    window.page.go_back()
    expect(window.page).to_have_url(at("/balance"))
    window.page.evaluate("localStorage.clear()")
    both = [relation(), relation(organizationId=OTHER_ORG, name="North Gym")]
    window.says("GET", "organizations", {"items": both})
    window.says("GET", f"organizations/{OTHER_ORG}", {
        **organization(), "organizationId": OTHER_ORG, "name": "North Gym"})  # fmt: skip
    window.says("GET", f"organizations/{OTHER_ORG}/classes", schedule())
    window.says("GET", f"organizations/{OTHER_ORG}/bookings", page())
    window.page.goto("about:blank")
    window.opens("/classes")

    window.page.get_by_role("link", name="North Gym").click()

    expect(window.page.get_by_role("heading", level=1)).to_have_text("North Gym")
    expect(window.page.get_by_role("heading", level=1)).to_be_focused()
    window.page.get_by_role("link", name="Classes", exact=True).click()
    expect(window.page).to_have_url(at(f"/classes/{OTHER_ORG}"))
    window.page.get_by_label("Studio", exact=True).select_option("Cedar Street Studio")
    expect(window.page).to_have_url(at(STUDIO))


def test_a_month_shows_how_full_each_class_is_its_price_and_own_bookings(window: Served) -> None:
    """What is over is folded away."""
    start = soon()
    items = [
        klass(classSessionId="k1", name="Flow", startsAt=start, free=1, booked=9),
        full(classSessionId="k2", name="Barre", startsAt=start),
        klass(classSessionId="k3", name="Open mat", startsAt=start, priceCents=0),
        klass(classSessionId="k4", name="Box", startsAt=start, status="cancelled",
              bookable=False, reason="CLASS_CANCELLED"),
        klass(classSessionId="k5", name="Row", startsAt=start, bookable=False,
              reason="BOOKING_CLOSED", currency="jpy"),
    ]  # fmt: skip
    now = datetime.now(UTC)
    if now.day > 1 or now.hour >= 2:
        over = {"status": "completed", "bookable": False, "reason": "BOOKING_CLOSED"}
        items.append(klass(classSessionId="k6", startsAt=on_five(-2 * HOUR_S), **over))
    window.says("GET", f"organizations/{ORG}/classes", schedule(*items))
    own = booking("waitlisted", classSessionId="k2", startsAt=start)
    window.says("GET", f"organizations/{ORG}/bookings", page(own))
    window.opens(STUDIO)

    expect(rows(window)).to_have_count(5)
    for name, words in {
        "Flow": ["1 seat free", "US$15.00", "Ana Alvarez"],
        "Barre": ["On the waitlist", "Full, 2 waiting"],
        "Open mat": ["3 of 10 seats free", "Free"],
        "Box": ["Cancelled"],
        "Row": ["Booking closed", "JP¥1,500"],
    }.items():
        row = rows(window).filter(has_text=name)
        for each in words:
            expect(row).to_contain_text(each)
    if len(items) > 5:
        window.page.get_by_text("Earlier this month (1)").click()
        expect(rows(window)).to_have_count(6)


def test_the_months_beside_it_are_a_step_away(window: Served) -> None:
    """The address says which, so that Back and a reload keep it."""
    window.opens(f"{STUDIO}?month=2031-12")
    heading = window.page.locator("#month")
    expect(heading).to_have_text("December 2031")

    window.page.get_by_role("link", name="Next month, January 2032").click()
    expect(heading).to_have_text("January 2032")
    window.page.go_back()
    expect(heading).to_have_text("December 2031")
    window.page.get_by_role("link", name="Previous month, November 2031").click()

    expect(heading).to_have_text("November 2031")
    expect(window.page.get_by_text("No classes this month")).to_be_visible()
    window.page.get_by_role("link", name="This month").click()
    expect(rows(window)).to_have_count(1)


def test_the_studios_clock_stands_beside_the_readers_where_it_differs(window: Served) -> None:
    """Named by its place."""
    window.says("GET", f"organizations/{ORG}", organization(timezone="Asia/Tokyo"))
    window.page.emulate_media(color_scheme="dark")
    window.opens(STUDIO)

    expect(window.page.get_by_text("The studio's clock, in Tokyo, stands beside")).to_be_visible()
    expect(rows(window).first).to_contain_text("in Tokyo")


def test_a_month_that_cannot_be_loaded_is_tried_again(window: Served) -> None:
    """The heading and the months stay usable."""
    window.refuses("GET", f"organizations/{ORG}/classes", 503, "STORE_UNAVAILABLE")
    window.opens(STUDIO)
    expect(window.page.get_by_text("Refused: STORE_UNAVAILABLE.")).to_be_visible()

    window.says("GET", f"organizations/{ORG}/classes", schedule(klass(startsAt=soon())))
    window.page.get_by_role("button", name="Retry").click()

    expect(rows(window)).to_have_count(1)


def test_a_stranger_is_told_the_same_as_of_no_studio_and_may_join(window: Served) -> None:
    """Nothing of it is shown before."""
    window.refuses("GET", f"organizations/{OTHER_ORG}", 404, "NOT_FOUND")
    window.opens(f"/classes/{OTHER_ORG}")

    expect(window.page.get_by_role("heading", level=1)).to_have_text("You are not in this studio")
    window.page.get_by_role("link", name="Join this studio").click()

    expect(window.page.get_by_label("Link or id")).to_have_value(OTHER_ORG)


def test_an_offer_and_an_unpaid_seat_stand_on_top_with_their_time(window: Served) -> None:
    """They are announced, and go when their time is over."""
    start = on_five(DAY_S)
    window.says("GET", f"organizations/{ORG}/bookings", page(
        booking("offered", className="Barre", startsAt=start, expiresAt=ago(-50)),
        booking("pending", className="Flow", startsAt=start, bookingId="b2"),
    ))  # fmt: skip
    there = f"{window.url}/icon.svg?paying"
    window.says("POST", f"organizations/{ORG}/bookings/b2/checkout",
                {**CHECKOUT, "checkoutUrl": there})  # fmt: skip
    window.page.clock.install()
    window.opens(STUDIO)

    waiting = window.page.locator(".waiting-bookings .notice")
    expect(waiting).to_have_count(2)
    expect(waiting.first).to_contain_text("A seat is held for you: Barre")
    expect(waiting.first.get_by_role("timer")).to_have_attribute("data-short", "")
    expect(window.page.locator("#announcer")).to_contain_text("A seat in Barre is held for you.")
    window.page.clock.fast_forward(51_000)
    expect(waiting.filter(has_text="Barre")).to_have_count(0)
    waiting.get_by_role("button", name="Pay now").click()

    expect(window.page).to_have_url(there)


def test_who_works_there_and_is_no_customer_has_no_bookings_to_ask_for(window: Served) -> None:
    """Their schedule is the same, without their own marks."""
    window.says("GET", f"organizations/{ORG}", organization("staff"))
    window.opens(STUDIO)

    expect(rows(window)).to_have_count(1)
    assert window.requests("GET", f"organizations/{ORG}/bookings") == []


def test_hostile_words_of_a_studio_stay_text(window: Served) -> None:
    """What a studio writes is shown, never run."""
    window.says("GET", f"organizations/{ORG}", {**organization(), "name": HOSTILE})
    each = klass(startsAt=soon(), name=HOSTILE, type=HOSTILE, instructor=HOSTILE,
                 location=HOSTILE)  # fmt: skip
    window.says("GET", f"organizations/{ORG}/classes", schedule(each))
    own = booking("offered", className=HOSTILE, classSessionId=CLASS, bookingId=BOOKING)
    window.says("GET", f"organizations/{ORG}/bookings", page(own))
    window.opens(STUDIO)

    expect(rows(window).get_by_text(HOSTILE).first).to_be_visible()
    assert window.page.evaluate("window.hostile") is None
