"""Every view of classes and studios fits a phone and a desk, and can be read by a machine."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.class_samples import (
    BOOKING,
    CARD,
    CLASS,
    CLIENT,
    DAY_S,
    HOUR_S,
    LEAD,
    ORG,
    OTHER_ORG,
    a_pass,
    booking,
    class_bookings,
    customer,
    detail,
    full,
    klass,
    later,
    member,
    on_five,
    option,
    options,
    organization,
    relation,
    schedule,
    seated,
)
from tests.browser.faults import LONG, WINDOWS, faults_of
from tests.browser.samples import page
from tests.browser.served import Served

BASE = f"organizations/{ORG}"
EACH = f"{BASE}/classes/{CLASS}"
PLACE = f"/classes/{ORG}/{CLASS}"
STUDIO = f"/studio/{ORG}"
ROSTER = f"{STUDIO}/classes/{CLASS}"
MANY = klass(name=LONG, type="y" * 32, instructor=LONG, location=LONG, description=LONG)
RULES = [{"code": code, "detail": LONG} for code in ("CLASS_FULL", "OVERLAP", "NEW")]


@pytest.fixture
def window(served: Served) -> Served:
    """A window in front of studios with something long in every list."""
    two = [relation(name=LONG), relation("staff", organizationId=OTHER_ORG, name="North Gym")]
    served.says("GET", "organizations", {"items": two})
    served.says("GET", BASE, {**organization(timezone="Asia/Kathmandu"), "name": LONG})
    start = on_five(10 * 60)
    served.says("GET", f"{BASE}/classes", schedule(
        {**MANY, "startsAt": start, "endsAt": later(start, 60)},
        full(classSessionId="k2", startsAt=start, priceCents=1_000_000, currency="xyz"),
        klass(classSessionId="k3", startsAt=on_five(-2 * HOUR_S), status="cancelled"),
    ))  # fmt: skip
    served.says("GET", EACH, MANY)
    served.says("GET", f"{BASE}/bookings", page(
        booking("offered", className=LONG, classSessionId="k2"),
        booking("pending", className=LONG, classSessionId="k3", bookingId="b2"),
        booking("late_cancelled", className=LONG, classSessionId="k4", bookingId="b3",
                feeCents=500, startsAt=on_five(-DAY_S)),
    ))  # fmt: skip
    served.says("GET", f"{BASE}/bookings/{BOOKING}", detail())
    served.says("GET", f"{BASE}/bookings/payment-options", options(
        option("package", name=LONG),
        option("membership", name=LONG, usable=False, reason="PASS_NOT_FOR_CLASS",
               reasons=["PASS_NOT_FOR_CLASS", "PASS_EXPIRED"]),
        option("drop_in", amountCents=1_000_000), option("at_studio"),
    ))  # fmt: skip
    owes: dict[str, Any] = {"paymentStatus": "pending", "consumed": None,
            "allowed": ["cancel", "attend", "no-show", "paid"]}  # fmt: skip
    served.says("GET", f"{EACH}/roster", class_bookings(
        MANY, seated(1, LONG, **owes), seated(2, "Al", "attended"), seated(3, LONG, "offered"),
        seated(4, LONG, "late_cancelled")))  # fmt: skip
    served.says("GET", f"{EACH}/waitlist", class_bookings(
        MANY, seated(5, LONG, "waitlisted"), seated(6, "Bo", "waitlisted")))  # fmt: skip
    for name in ("clients", "leads"):
        kind = name.removesuffix("s")
        long = customer(kind, name=LONG, email=f"{LONG}@example.com", phone="1" * 40)
        served.says("GET", f"{BASE}/{name}", page(long, customer(kind), cursor="c"))
        served.says("GET", f"{BASE}/{name}/{CLIENT if kind == 'client' else LEAD}", long)
    served.says("GET", f"{BASE}/packages", {"items": [a_pass(name=LONG, classTypes=[LONG])]})
    served.says("GET", f"{BASE}/memberships", {"items": [
        a_pass("membership", status="frozen"), a_pass("membership", validUntil=None)]})  # fmt: skip
    served.says("GET", f"{BASE}/payment-methods", {"items": [CARD]})
    served.says("GET", f"{BASE}/members", {"items": [member(name=LONG, email=f"{LONG}@x.test")]})
    return served


def at(place: str) -> Callable[[Served], None]:
    """A place of the page, as a client sees it."""

    def opens(window: Served) -> None:
        window.says("GET", BASE, {**organization(timezone="Asia/Kathmandu"), "name": LONG})
        window.opens(place)

    return opens


def staff(place: str, role: str = "admin") -> Callable[[Served], None]:
    """A place of the page, as staff see it."""

    def opens(window: Served) -> None:
        window.says("GET", BASE, {**organization(role, timezone="Asia/Kathmandu"), "name": LONG})
        window.opens(place)

    return opens


def one(status: str) -> Callable[[Served], None]:
    """The class with a booking in that state."""

    def opens(window: Served) -> None:
        window.says("GET", f"{BASE}/bookings/{BOOKING}", detail(status))
        window.says("GET", f"{BASE}/bookings", page(booking(status)))
        window.opens(PLACE)
        expect(window.page.locator(".own-booking")).to_be_visible()

    return opens


def unbooked(change: dict[str, Any]) -> Callable[[Served], None]:
    """The class without a booking of it."""

    def opens(window: Served) -> None:
        window.says("GET", EACH, {**MANY, **change})
        window.says("GET", f"{BASE}/bookings", page())
        window.opens(PLACE)

    return opens


def refused(window: Served) -> None:
    """A booking that violates several rules."""
    window.refuses("POST", f"{BASE}/bookings", 409, "CLASS_FULL", violations=RULES)
    unbooked({})(window)
    window.page.get_by_role("button", name="Book", exact=True).click()
    expect(window.page.get_by_role("alert").get_by_role("listitem")).to_have_count(3)


def checked(window: Served) -> None:
    """A booking for a customer that was only checked."""
    row = {"customer_name": LONG, "client_id": CLIENT}
    window.says("POST", "test-booking", {"dryRun": True, "row": row, "booking": booking()})
    window.says("GET", EACH, {**MANY, "bookable": False, "reason": "CLASS_FULL", "free": 0})
    staff(ROSTER)(window)
    window.page.get_by_label("Find a customer").fill("x")
    expect(window.page.locator(".found button")).to_have_count(4)
    window.page.locator(".found button").first.click()
    window.page.get_by_role("button", name="Check only").click()
    window.page.get_by_text("What would be written").click()


def found(window: Served) -> None:
    """A search with its results."""
    staff(ROSTER)(window)
    window.page.get_by_label("Find a customer").fill("x")
    expect(window.page.locator(".found button")).to_have_count(4)


def granting(window: Served) -> None:
    """The form of a membership, and that of a last day."""
    staff(f"{STUDIO}/customers/client/{CLIENT}")(window)
    window.page.get_by_text("Give a pass").click()
    window.page.get_by_label("Membership").check()
    window.page.get_by_role("button", name=f"Last day: {LONG}").click()


def forgotten(place: str) -> Callable[[Served], None]:
    """A place, for somebody with two studios and none remembered."""

    def opens(window: Served) -> None:
        window.page.goto(f"{window.url}/icon.svg")
        window.page.evaluate("localStorage.clear()")
        window.opens(place)

    return opens


VIEWS: dict[str, Callable[[Served], None]] = {
    "choose": forgotten("/classes"),
    "join": at("/classes/join?studio=" + LONG),
    "schedule": at(f"/classes/{ORG}"),
    "no studio": at("/classes/0199a1b2-0000-7000-8000-0000000000ff"),
    "class": unbooked({}),
    "class, refused": refused,
    "class, full": unbooked({"bookable": False, "reason": "CLASS_FULL", "free": 0}),
    "class, closed": unbooked({"bookable": False, "reason": "BOOKING_CLOSED"}),
    **{f"class, {status}": one(status) for status in
       ("confirmed", "pending", "offered", "waitlisted", "no_show")},
    "bookings": at("/classes/mine"),
    "paid": at(f"/classes/paid?booking_id={BOOKING}"),
    "studio": staff(STUDIO),
    "studio, customer": at(STUDIO),
    "new class": staff(f"{STUDIO}/classes/new"),
    "change a class": staff(f"{ROSTER}/edit"),
    "roster": staff(ROSTER),
    "found": found,
    "checked": checked,
    "customers": staff(f"{STUDIO}/customers?kind=lead"),
    "new customer": staff(f"{STUDIO}/customers/new"),
    "client": granting,
    "lead": staff(f"{STUDIO}/customers/lead/{LEAD}"),
    "members": staff(f"{STUDIO}/members"),
    "settings": staff(f"{STUDIO}/settings"),
    "settings, staff": staff(f"{STUDIO}/settings", "staff"),
}  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_every_view_fits_and_has_names_for_everything(
    window: Served, width: int, scheme: str
) -> None:
    """Nothing scrolls sideways, however long the words are, and every control has a name."""
    faults: dict[str, Any] = {}
    for name, opens in VIEWS.items():
        # From one place of the page to another nothing is loaded anew.
        window.page.goto("about:blank")
        window.says("GET", EACH, MANY)
        opens(window)
        expect(window.page.get_by_role("heading", level=1)).to_be_visible()
        expect(window.page.locator("main .loading")).to_have_count(0)
        found = faults_of(window.page, width)
        if found:
            faults[name] = found

    assert faults == {}, scheme
