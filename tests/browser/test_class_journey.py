"""A studio and its customers, each in a window, with the whole product behind them."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.screenshots import Screenshots
from tests.browser.visit import SLOW_MS, Visit

WINDOWS = [
    pytest.param(width, scheme, marks=pytest.mark.window(width=width, scheme=scheme))
    for width, scheme in ((1280, "light"), (390, "dark"))
]


def region(visit: Visit, name: str) -> Any:
    """A card of the page."""
    return visit.page.get_by_role("region", name=name)


def open_studio(admin: Visit) -> None:
    """The studio's own pages, whose entry is in the navigation as soon as Clerk has told."""
    page = admin.page
    entry = page.get_by_role("link", name="Studio", exact=True)
    for _ in range(10):
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=SLOW_MS)
        page.wait_for_timeout(1000)
        if entry.count():
            break
    entry.click()
    expect(page.get_by_role("heading", name="Schedule")).to_be_visible(timeout=SLOW_MS)


def make_class(admin: Visit, name: str, starts_at: datetime, **fields: str) -> None:
    """Fill in and send the form of a new class; ends on its page."""
    page = admin.page
    page.get_by_role("link", name="Schedule", exact=True).click()
    page.get_by_role("link", name="New class").click()
    page.get_by_label("Name", exact=True).fill(name, timeout=SLOW_MS)
    page.get_by_label("Type").fill("yoga")
    page.get_by_label("Begins").fill(starts_at.strftime("%Y-%m-%dT%H:%M"))
    for label, text in fields.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Make the class").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name, timeout=SLOW_MS)
    expect(region(admin, "Roster")).to_contain_text("Nobody has booked yet", timeout=SLOW_MS)


def make_client(admin: Visit, client: Visit) -> None:
    """A client with a package of five uses."""
    page = admin.page
    page.get_by_role("link", name="Customers", exact=True).click()
    page.get_by_role("link", name="New client").click()
    page.get_by_label("Name", exact=True).fill(client.name, timeout=SLOW_MS)
    page.get_by_label("E-mail").fill(client.email)
    page.get_by_role("button", name="Add the client").click()
    page.get_by_text("Give a pass").click(timeout=SLOW_MS)
    page.get_by_label("Name of the pass").fill("Five classes")
    page.get_by_label("Uses", exact=True).fill("5")
    page.get_by_role("button", name="Give the pass").click()
    expect(region(admin, "Passes")).to_contain_text("5 of 5 uses left", timeout=SLOW_MS)


def join_link(admin: Visit) -> str:
    """The link that the studio gives to its customers."""
    admin.page.get_by_role("link", name="Settings", exact=True).click()
    shown = admin.page.locator("pre").filter(has_text="classes/join")
    return shown.text_content(timeout=SLOW_MS) or ""


def join(customer: Visit, link: str) -> None:
    """Sign in and come in by the studio's link."""
    customer.sign_in()
    customer.page.goto(link)
    customer.page.get_by_role("button", name="Join").click(timeout=SLOW_MS)
    expect(customer.page.locator("#month")).to_be_visible(timeout=SLOW_MS)


def find_class(customer: Visit, name: str, starts_at: datetime) -> None:
    """Open a class from the schedule, in this month or the next."""
    page = customer.page
    month = starts_at.strftime("%B %Y")
    if page.locator("#month").text_content() != month:
        page.get_by_role("link", name="Next month").click()
        expect(page.locator("#month")).to_have_text(month)
    page.locator(".class-row").filter(has_text=name).click(timeout=SLOW_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text(name, timeout=SLOW_MS)


def own(customer: Visit) -> Any:
    """The panel of one's own booking."""
    return customer.page.locator(".own-booking")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_a_class_fills_is_waited_for_and_the_next_is_promoted(
    visit: Visit,
    other_visit: Visit,
    third_visit: Visit,
    width: int,
    scheme: str,
    tmp_path: Path,
) -> None:
    """A client books with a package, another waits, and takes the seat when it is given up."""
    admin, client, waiting = visit, other_visit, third_visit
    shots = Screenshots("classes", tmp_path, width)
    starts_at = (datetime.now(UTC) + timedelta(days=2)).replace(hour=18, minute=0)
    admin.sign_in(studio=f"Studio {uuid.uuid4().hex[:8]}")
    open_studio(admin)
    make_class(admin, "Morning flow", starts_at, Seats="1", Price="15")
    make_client(admin, client)
    shots.take(admin, "customer")
    link = join_link(admin)
    shots.take(admin, "settings")

    join(client, link)
    shots.take(client, "schedule")
    find_class(client, "Morning flow", starts_at)
    expect(client.page.get_by_label("Five classes")).to_be_checked(timeout=SLOW_MS)
    shots.take(client, "book")
    client.page.get_by_role("button", name="Book", exact=True).click()
    expect(own(client)).to_contain_text("Paid with a pass", timeout=SLOW_MS)
    shots.take(client, "booked")

    join(waiting, link)
    find_class(waiting, "Morning flow", starts_at)
    waiting.page.get_by_role("button", name="Join the waitlist").click(timeout=SLOW_MS)
    expect(own(waiting)).to_contain_text("You are number 1.", timeout=SLOW_MS)
    shots.take(waiting, "waiting")

    client.page.get_by_role("button", name="Cancel my booking").click()
    dialog = client.page.get_by_role("dialog")
    expect(dialog).to_contain_text("The use of the package is given back.")
    dialog.get_by_role("button", name="Cancel it").click()
    expect(client.page.get_by_text("Cancelled.", exact=True)).to_be_visible(timeout=SLOW_MS)

    # The page of who waits looks by itself.
    take = waiting.page.get_by_role("button", name="Take the seat")
    expect(take).to_be_visible(timeout=SLOW_MS)
    shots.take(waiting, "offered")
    waiting.page.get_by_label("At the studio").check()
    take.click()
    expect(own(waiting)).to_contain_text("US$15.00 to pay at the studio", timeout=SLOW_MS)

    page = admin.page
    page.get_by_role("link", name="Schedule", exact=True).click()
    expect(page.locator("#month")).to_be_visible(timeout=SLOW_MS)
    find_class(admin, "Morning flow", starts_at)
    roster = region(admin, "Roster")
    expect(roster).to_contain_text(waiting.name, timeout=SLOW_MS)
    roster.get_by_role("button", name=f"Mark paid: {waiting.name}").click()
    expect(roster.get_by_role("button", name="Mark paid")).to_have_count(0, timeout=SLOW_MS)
    shots.take(admin, "roster")

    check_in_now(admin, client, shots)

    client.page.get_by_role("link", name="Classes", exact=True).click()
    client.page.get_by_role("link", name="My bookings").click(timeout=SLOW_MS)
    expect(client.page.locator("li.entry").filter(has_text="Attended")).to_be_visible(
        timeout=SLOW_MS
    )
    shots.take(client, "bookings")


def check_in_now(admin: Visit, client: Visit, shots: Screenshots) -> None:
    """A class that begins in some minutes: checked first, then booked for the client."""
    soon = datetime.now(UTC) + timedelta(minutes=15)
    make_class(admin, "Evening flow", soon - timedelta(minutes=soon.minute % 5), Seats="8")
    card = region(admin, "Book for a customer")
    card.get_by_label("Find a customer").fill(client.name[:6])
    card.get_by_role("button", name=re.compile(re.escape(client.name))).click(timeout=SLOW_MS)
    card.get_by_role("button", name="Check only").click(timeout=SLOW_MS)
    expect(card.get_by_text("It would work.")).to_be_visible(timeout=SLOW_MS)
    shots.take(admin, "checked")
    card.get_by_role("button", name="Book", exact=True).click()
    check_in = admin.page.get_by_role("button", name=f"Check in: {client.name}")
    check_in.click(timeout=SLOW_MS)
    expect(region(admin, "Roster")).to_contain_text("1 of 1 here", timeout=SLOW_MS)


@pytest.mark.timeout(400)
def test_a_lead_of_the_widget_becomes_a_client(
    visit: Visit, other_visit: Visit, tmp_path: Path
) -> None:
    """The key is made and the site allowed on the page; what a visitor books there stays theirs."""
    admin, visitor = visit, other_visit
    shots = Screenshots("classes", tmp_path, 1280)
    starts_at = (datetime.now(UTC) + timedelta(days=2)).replace(hour=18, minute=0)
    admin.sign_in(studio=f"Studio {uuid.uuid4().hex[:8]}")
    open_studio(admin)
    make_class(admin, "Morning flow", starts_at, Seats="5", Price="15")
    page = admin.page
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("button", name="Make a key").click(timeout=SLOW_MS)
    sites = page.get_by_label("Sites that may show it")
    sites.fill(admin.cloud.studio_site, timeout=SLOW_MS)
    page.get_by_label("The widget is on").check()
    page.get_by_role("button", name="Save the widget").click()
    expect(page.get_by_text("Saved.")).to_be_visible(timeout=SLOW_MS)
    shots.take(admin, "widget")
    there = page.get_by_role("link", name="See it on a site").get_attribute("href") or ""

    visitor.page.goto(there)
    line = visitor.page.get_by_role("listitem").filter(has_text="Morning flow")
    expect(visitor.page.get_by_role("heading", level=2).last).to_be_visible(timeout=SLOW_MS)
    if starts_at.month != datetime.now(UTC).month:
        visitor.page.get_by_role("button", name="Next month").click()
    line.get_by_role("button").click(timeout=SLOW_MS)
    visitor.page.get_by_label("Your name").fill(visitor.name)
    visitor.page.get_by_label("E-mail").fill(visitor.email)
    visitor.page.get_by_role("button", name="Book this class").click()
    expect(visitor.page.get_by_text("You are booked").first).to_be_visible(timeout=SLOW_MS)

    page.get_by_role("link", name="Schedule", exact=True).click()
    find_class(admin, "Morning flow", starts_at)
    region(admin, "Roster").get_by_role("link", name=visitor.name).click(timeout=SLOW_MS)
    page.get_by_role("button", name="Make a client").click(timeout=SLOW_MS)
    page.get_by_role("dialog").get_by_role("button", name="Make a client").click()
    expect(page.get_by_text("with 1 booking and 0 passes.")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_role("link", name="Morning flow")).to_be_visible(timeout=SLOW_MS)
    expect(page.locator(".lead")).to_contain_text("Client")
    shots.take(admin, "client")


@pytest.mark.timeout(400)
def test_a_class_is_paid_by_card_and_paid_back(visit: Visit, other_visit: Visit) -> None:
    """The seat is held meanwhile; cancelling in time sends the money back."""
    admin, lead = visit, other_visit
    starts_at = (datetime.now(UTC) + timedelta(days=2)).replace(hour=18, minute=0)
    admin.sign_in(studio=f"Studio {uuid.uuid4().hex[:8]}")
    open_studio(admin)
    make_class(admin, "Morning flow", starts_at, Seats="5", Price="15")
    join(lead, join_link(admin))
    find_class(lead, "Morning flow", starts_at)

    page = lead.page
    page.get_by_label("By card, now").check(timeout=SLOW_MS)
    page.get_by_role("button", name="Book and pay").click()
    page.get_by_role("button", name="Pay $15.00 with a card").click(timeout=SLOW_MS)
    expect(page.get_by_text("You are booked", exact=True)).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("link", name="See your booking").click()
    expect(own(lead)).to_contain_text("Paid", timeout=SLOW_MS)
    page.get_by_role("button", name="Cancel my booking").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("US$15.00 go back the way they were paid.")
    dialog.get_by_role("button", name="Cancel it").click()

    expect(page.get_by_text("Your last booking of this class:")).to_contain_text(
        re.compile("Refund"), timeout=SLOW_MS
    )
    page.get_by_role("link", name="Purchases", exact=True).click()
    bought = page.locator("li.entry").filter(has_text="Morning flow")
    expect(bought).to_contain_text(re.compile("Goes back|Refund"), timeout=SLOW_MS)
