"""The widget on a studio's own site, with the whole product behind it."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.studio_admin import StudioAdmin
from tests.browser.visit import SLOW_MS, Cloud, Visit

WINDOWS = [
    pytest.param(width, scheme, marks=pytest.mark.window(width=width, scheme=scheme))
    for width, scheme in ((390, "light"), (1280, "dark"))
]


@pytest.fixture
def studio(cloud: Cloud) -> StudioAdmin:
    return StudioAdmin(cloud)


def widget_of(page: Page) -> Locator:
    return page.locator("[data-greenroom=widget]")


def come(visit: Visit, studio: StudioAdmin, *, site: str | None = None) -> Locator:
    """Come to the studio's site: its widget."""
    visit.page.goto(f"{site or visit.cloud.studio_site}/?key={studio.key}")
    widget = widget_of(visit.page)
    expect(widget.get_by_role("heading", level=2)).to_be_visible(timeout=SLOW_MS)
    return widget


def find_class(widget: Locator) -> Locator:
    """The class's line, in this month or the next."""
    line = widget.get_by_role("listitem")
    if line.count() == 0:
        widget.get_by_role("button", name="Next month").click()
    expect(line).to_be_visible(timeout=SLOW_MS)
    return line


def book(widget: Locator, *, name: str, waiting: bool = False) -> None:
    """Fill in the form and send it."""
    find_class(widget).get_by_role("button").click()
    widget.get_by_label("Your name").fill(name)
    widget.get_by_label("E-mail").fill(f"{name.replace(' ', '.').lower()}@example.com")
    label = "Join the waitlist" if waiting else "Book this class"
    widget.get_by_role("button", name=label).click()
    heading = "You are on the waitlist" if waiting else "You are booked"
    expect(widget.get_by_role("heading", level=2)).to_have_text(heading, timeout=SLOW_MS)


def link_of(widget: Locator) -> str:
    link: str | None
    link = widget.get_by_role("link", name="Your booking's own link").get_attribute("href")
    assert link is not None
    return link


def look(page: Page, name: str, folder: Path) -> None:
    """Keep what the page looks like, for whoever wants to see (``GREENROOM_SCREENSHOTS``)."""
    kept = os.environ.get("GREENROOM_SCREENSHOTS")
    page.screenshot(path=Path(kept or folder) / f"widget-{name}.png", full_page=True)


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_a_visitor_books_as_a_lead_and_cancels_by_the_link(
    visit: Visit, studio: StudioAdmin, width: int, scheme: str, tmp_path: Path
) -> None:
    class_id = studio.hold_class()
    widget = come(visit, studio)
    find_class(widget)
    look(visit.page, f"schedule-{width}-{scheme}", tmp_path)
    book(widget, name=visit.name)
    link = link_of(widget)
    look(visit.page, f"booked-{width}-{scheme}", tmp_path)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width

    (entry,) = studio.roster(class_id)
    assert (entry["customerName"], entry["clientId"]) == (visit.name, None)
    assert entry["customerId"]

    visit.page.goto("about:blank")
    visit.page.goto(link)
    widget.get_by_role("button", name="Cancel this booking").click(timeout=SLOW_MS)
    look(visit.page, f"cancel-{width}-{scheme}", tmp_path)
    widget.get_by_role("button", name="Yes, cancel").click()
    expect(widget.locator("dl")).to_contain_text("Cancelled", timeout=SLOW_MS)
    assert studio.roster(class_id) == []


def test_a_visitor_waits_and_takes_the_seat_that_somebody_leaves(
    visit: Visit, other_visit: Visit, studio: StudioAdmin, tmp_path: Path
) -> None:
    class_id = studio.hold_class(capacity=1)
    first = come(visit, studio)
    book(first, name=visit.name)
    second = come(other_visit, studio)
    book(second, name=other_visit.name, waiting=True)
    expect(second.locator("dl")).to_contain_text("1 on the waitlist")
    link = link_of(second)

    visit.page.goto(link_of(first))
    first.get_by_role("button", name="Cancel this booking").click(timeout=SLOW_MS)
    first.get_by_role("button", name="Yes, cancel").click()
    expect(first.locator("dl")).to_contain_text("Cancelled", timeout=SLOW_MS)
    other_visit.page.goto("about:blank")
    other_visit.page.goto(link)
    expect(second.locator("dl")).to_contain_text("A seat is yours until", timeout=SLOW_MS)
    look(other_visit.page, "offered", tmp_path)
    second.get_by_role("button", name="Take the seat").click()
    expect(second.locator("dl")).to_contain_text("Booked", timeout=SLOW_MS)

    (entry,) = studio.roster(class_id)
    assert (entry["customerName"], entry["bookingStatus"]) == (other_visit.name, "confirmed")


def test_a_site_that_the_studio_has_not_allowed_shows_why(
    visit: Visit, studio: StudioAdmin
) -> None:
    studio.hold_class()
    foreign = visit.cloud.studio_site.replace("127.0.0.1", "localhost")

    widget = come(visit, studio, site=foreign)

    expect(widget.get_by_role("alert")).to_contain_text(f"has to allow {foreign} first")
    expect(widget.get_by_role("listitem")).to_have_count(0)


def test_a_browser_does_not_even_send_a_booking_from_a_foreign_site(
    visit: Visit, studio: StudioAdmin
) -> None:
    class_id = studio.hold_class()
    visit.page.goto(f"{visit.cloud.studio_site.replace('127.0.0.1', 'localhost')}/")

    told = visit.page.evaluate(
        """async ([url, body]) => {
             const headers = { "Content-Type": "application/json" };
             try {
               const answer = await fetch(url, { method: "POST", headers, body });
               return answer.status;
             } catch (refused) {
               return String(refused);
             }
           }""",
        [
            f"{visit.cloud.url}/api/widget/{studio.key}/bookings",
            f'{{"classSessionId": "{class_id}", "name": "X", "email": "x@example.com"}}',
        ],
    )

    assert told == "TypeError: Failed to fetch"
    assert studio.roster(class_id) == []


def test_our_own_page_shows_a_booking_whose_studio_has_no_site(
    visit: Visit, studio: StudioAdmin, tmp_path: Path
) -> None:
    studio.hold_class()
    widget = come(visit, studio)
    book(widget, name=visit.name)
    token = link_of(widget).partition("#")[2]

    visit.page.goto(f"{visit.cloud.url}/manage.html?key={studio.key}#{token}")
    expect(widget.locator("dl")).to_contain_text("Booked", timeout=SLOW_MS)
    look(visit.page, "manage", tmp_path)
    widget.get_by_role("button", name="Cancel this booking").click()
    widget.get_by_role("button", name="Yes, cancel").click()
    expect(widget.locator("dl")).to_contain_text("Cancelled", timeout=SLOW_MS)

    visit.page.goto(f"{visit.cloud.url}/manage.html")
    expect(visit.page.get_by_text("This link is not complete.")).to_be_visible()
