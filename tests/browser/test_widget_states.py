"""The widget on a studio's own site: every state of it, whatever the API says."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.asked import Asked
from tests.browser.conftest import size_of
from tests.browser.kept import Keeper
from tests.browser.widget_samples import KEY, STUDIO, TOKEN, booked, booking, class_on
from tests.browser.widget_site import Site, third_party

NOW = datetime(2099, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def studio_site(files: str) -> Iterator[str]:
    """A studio's own site; our files are on a server of another origin."""
    with third_party(files) as address:
        yield address


@pytest.fixture(scope="module")
def visitor(browser: Browser, studio_site: str) -> Iterator[Keeper]:
    """The window of all visitors, in March 2099."""
    keeper = Keeper(browser, f"{studio_site}/", now=NOW)
    yield keeper
    keeper.close()


@pytest.fixture
def site(
    visitor: Keeper, studio_site: str, files: str, request: pytest.FixtureRequest
) -> Iterator[Site]:
    """A visitor's window on it."""
    with visitor.lend(**size_of(request)) as window:
        yield Site(window, studio_site, files)


def open_form(site: Site, **changes: Any) -> None:
    """Come to the form of a class."""
    site.lists(class_on(4, **changes))
    site.opens()
    site.widget.get_by_role("button", name="Vinyasa Flow").click()


def fill(site: Site, name: str = "Robin Reed", email: str = "robin@example.com") -> None:
    site.widget.get_by_label("Your name").fill(name)
    site.widget.get_by_label("E-mail").fill(email)


def submit(site: Site) -> None:
    site.widget.locator("button[type=submit]").click()


def posts(site: Site) -> list[tuple[Any, str]]:
    """Bodies and wish names of the bookings that were asked for."""
    return [
        (body, headers["idempotency-key"])
        for method, path, body, headers in site.asked
        if (method, path) == ("POST", "/bookings")
    ]


def test_a_month_shows_what_can_be_booked_and_why_the_rest_cannot(site: Site) -> None:
    site.lists(
        class_on(4, free=2),
        class_on(5, bookable=False, waitlistOpen=True, reason="CLASS_FULL", free=0),
        class_on(6, bookable=False, reason="CLASS_FULL", free=0),
        class_on(7, bookable=False, reason="CLASS_CANCELLED"),
        class_on(8, bookable=False, reason="BOOKING_CLOSED", priceCents=0),
    )
    site.opens()

    expect(site.widget.get_by_role("heading", level=2)).to_have_text("Cedar Street Studio")
    lines = site.widget.get_by_role("listitem")
    expect(lines).to_have_count(5)
    expect(lines.nth(0)).to_contain_text("£15.00 · 2 seats left")
    expect(lines.nth(0).get_by_role("button")).to_have_text("Book")
    expect(lines.nth(1).get_by_role("button")).to_have_text("Join waitlist")
    for line, state in ((2, "Full"), (3, "Cancelled"), (4, "Booking closed")):
        expect(lines.nth(line)).to_contain_text(state)
        expect(lines.nth(line).get_by_role("button")).to_have_count(0)
    expect(lines.nth(4)).to_contain_text("Free")


def test_what_a_studio_writes_is_text_whatever_it_looks_like(site: Site) -> None:
    evil = '<img src=x onerror="document.title=1">'
    site.says("GET", "", {**STUDIO, "name": evil})
    site.lists(class_on(4, name=evil, instructor=evil, location=evil))
    site.opens()

    expect(site.widget.get_by_role("heading", level=2)).to_have_text(evil)
    expect(site.widget.locator("img")).to_have_count(0)


def test_months_are_paged_and_the_past_is_not(site: Site) -> None:
    site.opens()
    expect(site.widget.get_by_text("No classes in this month.")).to_be_visible()
    before = site.widget.get_by_role("button", name="Previous month")
    expect(before).to_be_disabled()

    site.widget.get_by_role("button", name="Next month").click()

    expect(site.widget.get_by_role("group", name="Month")).to_contain_text("April 2099")
    expect(before).to_be_enabled()
    before.click()
    expect(before).to_be_disabled()
    expect(site.widget.get_by_role("heading", level=2)).to_be_focused()


@pytest.mark.parametrize(
    ("zone", "months"),
    [
        ("UTC", ["2099-03"]),
        ("America/Los_Angeles", ["2099-03", "2099-04"]),
        ("Pacific/Auckland", ["2099-02", "2099-03"]),
    ],
)
def test_a_month_is_the_studios_own(site: Site, zone: str, months: list[str]) -> None:
    months_asked: list[str] = []
    edges = [
        class_on(1, name="Edge of February", startsAt="2099-02-28T20:00:00.000000Z",
                 endsAt="2099-03-02T20:00:00.000000Z"),
        class_on(31, name="Edge of April", startsAt="2099-04-01T03:00:00.000000Z",
                 endsAt="2099-04-01T04:00:00.000000Z"),
    ]  # fmt: skip

    def answer(asked: Asked) -> None:
        month = asked.request.url.partition("month=")[2]
        months_asked.append(month)
        found = [one for one in edges if one["startsAt"].startswith(month)]
        origin = asked.request.headers["origin"]
        asked.fulfill(json={"items": found}, headers={"Access-Control-Allow-Origin": origin})

    site.says("GET", "", {**STUDIO, "timezone": zone})
    site.says("GET", "/schedule", answer)
    site.opens()

    expect(site.widget.get_by_role("heading", level=2)).to_be_visible()
    assert sorted(months_asked) == months
    of_february = site.widget.get_by_text("Edge of February")
    expect(of_february).to_have_count(1 if zone == "Pacific/Auckland" else 0)
    expect(site.widget.get_by_text("Edge of April")).to_have_count(1 if "Angeles" in zone else 0)
    expect(site.widget.get_by_text("Times are those of the studio")).to_have_count(
        0 if zone == "UTC" else 1
    )


def test_a_booking_shows_what_was_booked_and_a_link_to_it(site: Site) -> None:
    site.says("POST", "/bookings", booked(), status=201)
    open_form(site)
    expect(site.widget.get_by_role("heading", level=2)).to_be_focused()
    fill(site, "  Robin Reed ")
    submit(site)

    expect(site.widget.get_by_role("heading", level=2)).to_have_text("You are booked")
    expect(site.widget.get_by_text("£15.00 at the studio")).to_be_visible()
    link = site.widget.get_by_role("link", name="Your booking's own link").get_attribute("href")
    assert link == f"{site.url}#greenroom={TOKEN}"
    ((body, wish),) = posts(site)
    assert body == {
        "classSessionId": class_on(4)["classSessionId"],
        "name": "Robin Reed",
        "email": "robin@example.com",
        "joinWaitlist": False,
    }
    assert len(wish) == 32


@pytest.mark.parametrize(("name", "email"), [("", "a@b.example"), ("Robin", ""), ("Robin", "a@b")])
def test_a_form_that_cannot_be_right_is_not_sent(site: Site, name: str, email: str) -> None:
    open_form(site)
    fill(site, name, email)
    submit(site)

    wrong = site.widget.locator("input[aria-invalid=true]")
    expect(wrong).to_have_count(1)
    expect(wrong).to_be_focused()
    described = wrong.get_attribute("aria-describedby")
    expect(site.widget.locator(f"[id='{described}']")).to_contain_text("Please")
    assert posts(site) == []


def test_fields_that_the_api_refuses_are_marked(site: Site) -> None:
    errors = [{"field": "email", "message": "x", "type": "value_error"}]
    site.refuses("POST", "/bookings", 422, "VALIDATION_FAILED", errors=errors)
    open_form(site)
    fill(site)
    submit(site)

    expect(site.widget.get_by_label("E-mail")).to_be_focused()
    expect(site.widget.get_by_text("This cannot be right.")).to_be_visible()


def test_pressing_again_after_silence_is_the_same_wish_and_another_wish_is_not(site: Site) -> None:
    site.says("POST", "/bookings", lambda asked: asked.abort())
    open_form(site)
    fill(site)
    submit(site)
    alert = site.widget.get_by_role("alert")
    expect(alert).to_contain_text("cannot be reached")
    submit(site)
    expect(alert).to_contain_text("cannot be reached")
    fill(site, "Robin Read")
    submit(site)
    expect(site.widget.locator("button[type=submit]")).to_be_enabled()

    names = [wish for _, wish in posts(site)]
    assert len(names) == 3
    assert names[0] == names[1] != names[2]


def test_who_is_too_late_may_wait_with_what_they_typed(site: Site) -> None:
    site.refuses("POST", "/bookings", 409, "CLASS_FULL", waitlistCount=0)
    open_form(site)
    fill(site)
    submit(site)

    expect(site.widget.get_by_role("alert")).to_contain_text("CLASS_FULL")
    site.says(
        "POST", "/bookings", booked(bookingStatus="waitlisted", waitlistPosition=3), status=201
    )
    site.widget.get_by_role("button", name="Join the waitlist instead").click()
    expect(site.widget.get_by_label("Your name")).to_have_value("Robin Reed")
    submit(site)

    expect(site.widget.get_by_role("heading", level=2)).to_have_text("You are on the waitlist")
    expect(site.widget.get_by_text("3 on the waitlist")).to_be_visible()
    assert [body["joinWaitlist"] for body, _ in posts(site)] == [False, True]


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (409, "PREPAYMENT_REQUIRED", "paid in advance"),
        (409, "ALREADY_BOOKED", "already"),
        (429, "RATE_LIMITED", "Try again in 30 min."),
        (403, "ORIGIN_NOT_ALLOWED", "has to allow http://127.0.0.1:"),
        (500, "INTERNAL_ERROR", "Refused: INTERNAL_ERROR."),
    ],
)
def test_a_refusal_is_put_in_words(site: Site, status: int, code: str, words: str) -> None:
    site.refuses("POST", "/bookings", status, code, retry_after="1795")
    open_form(site)
    fill(site)
    submit(site)

    expect(site.widget.get_by_role("alert")).to_contain_text(words)


@pytest.mark.parametrize(
    ("status", "code", "words", "again"),
    [
        (404, "NOT_FOUND", "not available any more", False),
        (403, "ORIGIN_NOT_ALLOWED", "Booking is not open on this site", False),
        (503, "STORE_UNAVAILABLE", "Refused: STORE_UNAVAILABLE.", True),
    ],
)
def test_a_widget_that_cannot_begin_says_why(
    site: Site, status: int, code: str, words: str, again: bool
) -> None:
    site.refuses("GET", "", status, code)
    site.opens()

    expect(site.widget.get_by_role("alert")).to_contain_text(words)
    button = site.widget.get_by_role("button", name="Try again")
    expect(button).to_have_count(1 if again else 0)
    if again:
        site.says("GET", "", STUDIO)
        button.click()
        expect(site.widget.get_by_text("No classes in this month.")).to_be_visible()


def test_the_trap_is_out_of_the_way_of_people(site: Site) -> None:
    open_form(site)
    trap = site.widget.locator("input[name=website]")

    assert trap.get_attribute("tabindex") == "-1"
    assert site.widget.get_by_role("textbox").count() == 3
    assert site.page.evaluate("document.documentElement.scrollWidth") <= 1280
    box = trap.bounding_box()
    assert box is not None
    assert box["x"] < 0


def test_a_link_shows_its_booking_and_cancels_it_after_a_question(site: Site) -> None:
    site.says("GET", f"/bookings/{TOKEN}", booking())
    after = booking(bookingStatus="cancelled", allowed=[])
    site.says("POST", f"/bookings/{TOKEN}/cancel", after)
    site.opens(f"#greenroom={TOKEN}")
    cancel = site.widget.get_by_role("button", name="Cancel this booking")
    cancel.click()
    expect(site.widget.get_by_role("alert")).to_contain_text("Cancel this booking?")
    site.widget.get_by_role("button", name="Keep it").click()
    cancel.click()
    site.widget.get_by_role("button", name="Yes, cancel").click()

    expect(site.widget.locator("dl")).to_contain_text("Cancelled")
    expect(cancel).to_have_count(0)
    site.widget.get_by_role("button", name="See all classes").click()
    expect(site.widget.get_by_text("No classes in this month.")).to_be_visible()
    assert site.page.url == site.url


def test_a_late_cancellation_is_warned_of(site: Site) -> None:
    late = booking(lateCancelAt="2099-03-01T00:00:00.000000Z")
    site.says("GET", f"/bookings/{TOKEN}", late)
    site.opens(f"#greenroom={TOKEN}")
    site.widget.get_by_role("button", name="Cancel this booking").click()

    expect(site.widget.get_by_role("alert")).to_contain_text("may charge a fee")


def test_an_offered_seat_is_taken_through_its_link(site: Site) -> None:
    offered = booking(
        bookingStatus="offered", expiresAt="2099-03-02T09:30:00.000000Z", allowed=["confirm"]
    )
    site.says("GET", f"/bookings/{TOKEN}", offered)
    site.says("POST", f"/bookings/{TOKEN}/confirm", booking())
    site.opens(f"#greenroom={TOKEN}")
    expect(site.widget.locator("dl")).to_contain_text("A seat is yours until")
    site.widget.get_by_role("button", name="Take the seat").click()

    expect(site.widget.locator("dl")).to_contain_text("Booked")


def test_a_link_that_is_no_good_leads_to_the_classes(site: Site) -> None:
    site.refuses("GET", f"/bookings/{TOKEN}", 403, "INVALID_LINK")
    site.opens(f"#greenroom={TOKEN}")

    expect(site.widget.get_by_role("alert")).to_contain_text("This link is not valid")
    site.widget.get_by_role("button", name="See all classes").click()
    expect(site.widget.get_by_text("No classes in this month.")).to_be_visible()


def test_the_pages_own_styles_and_scripts_do_not_reach_in(site: Site) -> None:
    site.opens()
    expect(site.widget.get_by_role("heading", level=2)).to_be_visible()

    assert site.page.evaluate("document.querySelectorAll('section').length") == 0
    font = "(e) => getComputedStyle(e).fontFamily"
    assert "Georgia" not in site.widget.get_by_role("heading", level=2).evaluate(font)
    assert KEY in site.page.content()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        pytest.param(w, s, marks=pytest.mark.window(width=w, scheme=s))
        for w in (390, 1280)
        for s in ("light", "dark")
    ],
)
def test_nothing_is_wider_than_the_window_and_everything_is_readable(
    site: Site, width: int, scheme: str
) -> None:
    site.lists(class_on(4, name="Pilates" * 12), class_on(5, location="R" * 90))
    site.says("POST", "/bookings", booked(className="Y" * 80), status=201)
    site.opens()
    expect(site.widget.get_by_role("listitem")).to_have_count(2)
    section = site.widget.locator("section")
    ground = section.evaluate("(e) => getComputedStyle(e).backgroundColor")
    assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(23, 30, 26)")

    def fits() -> bool:
        return bool(site.page.evaluate("document.documentElement.scrollWidth") <= width)

    assert fits()
    site.widget.get_by_role("button", name="Pilates").click()
    assert fits()
    fill(site)
    submit(site)
    expect(site.widget.get_by_role("heading", level=2)).to_have_text("You are booked")
    assert fits()


def test_the_keyboard_is_enough_to_book(site: Site) -> None:
    site.says("POST", "/bookings", booked(), status=201)
    site.lists(class_on(4))
    site.opens()
    book = site.widget.get_by_role("button", name="Book Vinyasa Flow")
    expect(book).to_be_visible()
    for _ in range(5):
        if book.evaluate("(e) => e.getRootNode().activeElement === e"):
            break
        site.page.keyboard.press("Tab")
    site.page.keyboard.press("Enter")
    expect(site.widget.get_by_role("heading", level=2)).to_have_text("Book: Vinyasa Flow")
    site.page.keyboard.press("Tab")
    site.page.keyboard.type("Robin Reed")
    site.page.keyboard.press("Tab")
    site.page.keyboard.type("robin@example.com")
    site.page.keyboard.press("Enter")

    expect(site.widget.get_by_role("heading", level=2)).to_have_text("You are booked")
