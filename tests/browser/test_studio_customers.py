"""A studio's customers and their passes, its members, its settings, and its widget."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.asked import Asked
from tests.browser.class_samples import (
    CARD,
    CLIENT,
    DAY_S,
    LEAD,
    MEMBERSHIP,
    ORG,
    PACKAGE,
    a_pass,
    booking,
    customer,
    member,
    organization,
    relation,
)
from tests.browser.samples import HOSTILE, ago, page
from tests.browser.served import Served

BASE = f"organizations/{ORG}"
CLIENT_PLACE = f"/studio/{ORG}/customers/client/{CLIENT}"
LEAD_PLACE = f"/studio/{ORG}/customers/lead/{LEAD}"


@pytest.fixture
def window(served: Served) -> Served:
    """An admin of a studio with a client who has two passes and a booking, and with a lead."""
    served.says("GET", "organizations", {"items": [relation("admin")]})
    served.says("GET", BASE, organization("admin"))
    served.says("GET", f"{BASE}/clients", page(customer()))
    served.says("GET", f"{BASE}/leads", page(customer("lead", name="Kit Lead")))
    served.says("GET", f"{BASE}/clients/{CLIENT}", customer())
    served.says("GET", f"{BASE}/leads/{LEAD}", customer("lead", name="Kit Lead"))
    served.says("GET", f"{BASE}/packages", {"items": [a_pass()]})
    served.says("GET", f"{BASE}/memberships", {"items": [a_pass("membership")]})
    served.says("GET", f"{BASE}/bookings", page(booking()))
    served.says("GET", f"{BASE}/payment-methods", {"items": [CARD]})
    served.says("GET", f"{BASE}/members", {"items": [member()]})
    return served


def test_clients_and_leads_are_listed_apart_and_found_by_name(window: Served) -> None:
    """One search a moment after the last letter."""
    window.opens(f"/studio/{ORG}/customers")
    expect(window.page.get_by_role("link", name="Kim Kowalski")).to_be_visible()
    window.page.get_by_role("link", name="Leads").click()
    expect(window.page.get_by_role("link", name="Kit Lead")).to_be_visible()
    asked = len(window.requests("GET", f"{BASE}/leads"))
    window.says("GET", f"{BASE}/leads", page())

    with window.page.expect_request(re.compile(r"/leads\?q=kox&limit=\d+$")):
        window.page.get_by_label("Search").press_sequentially("kox")

    expect(window.page.get_by_text("Nobody is called so")).to_be_visible()
    assert len(window.requests("GET", f"{BASE}/leads")) == asked + 1


def test_a_client_is_added(window: Served) -> None:
    """What was left empty is not sent; an e-mail that another has is told beside it."""
    window.refuses("POST", f"{BASE}/clients", 409, "EMAIL_TAKEN", kind="lead")
    window.opens(f"/studio/{ORG}/customers")
    window.page.get_by_role("link", name="New client").click()
    window.page.get_by_label("Name", exact=True).fill("Kim Kowalski")
    window.page.get_by_label("E-mail").fill("kim@example.com")
    window.page.get_by_role("button", name="Add the client").click()
    expect(window.page.get_by_label("E-mail")).to_be_focused()
    window.says("POST", f"{BASE}/clients", customer(), status=201)

    window.page.get_by_role("button", name="Add the client").click()

    expect(window.page).to_have_url(re.compile(f"#{CLIENT_PLACE}$"))
    body, headers = window.requests("POST", f"{BASE}/clients")[-1]
    assert body == {"name": "Kim Kowalski", "email": "kim@example.com"}
    assert headers["idempotency-key"]


def test_a_customer_is_changed_and_a_cleared_field_is_sent_as_none(window: Served) -> None:
    """Only what changed travels."""
    window.says("PATCH", f"{BASE}/clients/{CLIENT}", customer(name="Kim Novak", notes=None))
    window.opens(CLIENT_PLACE)
    window.page.get_by_label("Name", exact=True).fill("Kim Novak")
    window.page.get_by_label("Notes").fill("")

    window.page.get_by_role("button", name="Save").click()

    expect(window.page.get_by_role("heading", level=1)).to_have_text("Kim Novak")
    expect(window.page.get_by_role("heading", level=1)).to_be_focused()
    [(body, _)] = window.requests("PATCH", f"{BASE}/clients/{CLIENT}")
    assert body == {"name": "Kim Novak", "notes": None}


def test_a_customer_is_closed_after_a_question_and_opened_again(window: Served) -> None:
    """Nothing of theirs is taken away meanwhile."""
    each = f"{BASE}/clients/{CLIENT}"
    window.says("PATCH", each, customer(status="closed"))
    window.opens(CLIENT_PLACE)
    window.page.get_by_role("button", name="Close", exact=True).click()
    dialog = window.page.get_by_role("dialog")
    expect(dialog).to_contain_text("They cannot book any more.")
    dialog.get_by_role("button", name="Close the customer").click()

    expect(window.page.locator(".lead")).to_contain_text("Closed")
    expect(window.page.get_by_role("button", name="Save")).to_have_count(0)
    window.says("PATCH", each, customer())
    window.page.get_by_role("button", name="Open again").click()

    expect(window.page.get_by_role("button", name="Save")).to_be_visible()
    sent = [body for body, _ in window.requests("PATCH", each)]
    assert sent == [{"status": "closed"}, {"status": "active"}]


def test_a_lead_becomes_a_client_with_everything(window: Served) -> None:
    """What went along is said."""
    moved = {"bookings": 2, "passes": 1}
    window.says("POST", f"{BASE}/leads/{LEAD}/convert", {"client": customer(), "moved": moved})
    window.opens(LEAD_PLACE)

    window.page.get_by_role("button", name="Make a client").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Make a client").click()

    expect(window.page.get_by_text("with 2 bookings and 1 pass.")).to_be_visible()
    expect(window.page).to_have_url(re.compile(f"#{CLIENT_PLACE}$"))


def test_a_lead_that_became_a_client_leads_on_to_it(window: Served) -> None:
    """Nothing of it can be changed any more."""
    gone = customer("lead", status="converted", convertedTo=CLIENT, email=None)
    window.says("GET", f"{BASE}/leads/{LEAD}", gone)
    window.opens(LEAD_PLACE)
    expect(window.page.get_by_text("Lead · Became a client")).to_be_visible()
    expect(window.page.get_by_role("button", name=re.compile("Save|Make a client"))).to_have_count(
        0
    )

    window.page.get_by_role("link", name="Open the client").click()

    expect(window.page).to_have_url(re.compile(f"#{CLIENT_PLACE}$"))


def test_a_customer_shows_passes_bookings_and_cards(window: Served) -> None:
    """What is left of each pass, in words."""
    window.opens(CLIENT_PLACE)

    passes = window.page.get_by_role("region", name="Passes")
    expect(passes).to_contain_text("4 of 10 uses left")
    expect(passes).to_contain_text("2 a week, 1 used this week")
    expect(window.page.get_by_role("link", name="Morning flow")).to_be_visible()
    expect(window.page.get_by_text("visa ending in 4242")).to_be_visible()


def give(window: Served) -> None:
    """Open the form of a new pass."""
    window.opens(CLIENT_PLACE)
    window.page.get_by_text("Give a pass").click()


def test_a_package_is_given(window: Served) -> None:
    """Its days are whole days at the studio."""
    window.says("GET", BASE, organization("admin", timezone="Europe/Berlin"))
    window.says("POST", f"{BASE}/packages", a_pass(name="Five"), status=201)
    give(window)
    window.page.get_by_label("Name of the pass").fill("Five")
    window.page.get_by_label("Uses", exact=True).fill("5")
    window.page.get_by_label("First day").fill("2031-12-01")
    window.page.get_by_label("Last day (optional)").fill("2031-12-31")
    window.page.get_by_label("Types of classes").fill("yoga, barre,, yoga")

    window.page.get_by_role("button", name="Give the pass").click()

    expect(window.page.get_by_text("Five is given.")).to_be_visible()
    expect(window.page.get_by_role("heading", name="Passes")).to_be_focused()
    [(body, headers)] = window.requests("POST", f"{BASE}/packages")
    assert body == {
        "clientId": CLIENT, "name": "Five", "uses": 5, "validFrom": "2031-11-30T23:00:00.000Z",
        "validUntil": "2031-12-31T22:59:59.000Z", "classTypes": ["yoga", "barre"],
    }  # fmt: skip
    assert headers["idempotency-key"]


@pytest.mark.parametrize("unlimited", [True, False])
def test_a_membership_is_given(window: Served, unlimited: bool) -> None:
    """With so many uses a month, or without a limit."""
    window.says("POST", f"{BASE}/memberships", a_pass("membership", name="M"), status=201)
    give(window)
    window.page.get_by_label("Membership").check()
    window.page.get_by_label("Name of the pass").fill("M")
    window.page.get_by_label("Uses in each period").fill("4")
    window.page.get_by_label("Period", exact=True).select_option("month")
    if unlimited:
        window.page.get_by_label("As often as they like").check()

    window.page.get_by_role("button", name="Give the pass").click()

    expect(window.page.get_by_text("M is given.")).to_be_visible()
    [(body, _)] = window.requests("POST", f"{BASE}/memberships")
    assert body == {
        "clientId": CLIENT, "name": "M", "usesPerPeriod": None if unlimited else 4,
        "period": "month",
    }  # fmt: skip


def test_a_pass_that_is_refused_names_the_field(window: Served) -> None:
    """The form keeps what was typed."""
    errors = [{"field": "validUntil", "message": "is before the first day", "type": "x"}]
    window.refuses("POST", f"{BASE}/packages", 422, "VALIDATION_FAILED", errors=errors)
    give(window)
    window.page.get_by_label("Name of the pass").fill("Five")

    window.page.get_by_role("button", name="Give the pass").click()

    last = window.page.get_by_label("Last day (optional)")
    expect(last).to_be_focused()
    expect(last).to_have_accessible_description("is before the first day")
    expect(window.page.get_by_label("Name of the pass")).to_have_value("Five")


def test_a_pass_is_frozen_and_runs_again(window: Served) -> None:
    """Each move names the customer whose it is."""

    def frozen(_asked: Asked) -> dict[str, Any]:
        window.says("GET", f"{BASE}/packages", {"items": [a_pass(status="frozen")]})
        return a_pass(status="frozen")

    window.says("PATCH", f"{BASE}/packages/{PACKAGE}", frozen)
    window.opens(CLIENT_PLACE)

    window.page.get_by_role("button", name="Freeze: Ten classes").click()

    expect(window.page.get_by_role("button", name="Unfreeze: Ten classes")).to_be_visible()
    [(body, _)] = window.requests("PATCH", f"{BASE}/packages/{PACKAGE}")
    assert body == {"clientId": CLIENT, "status": "frozen"}


@pytest.mark.parametrize(
    ("typed", "sent"), [("2031-12-31", "2031-12-31T23:59:59.000Z"), ("", None)]
)
def test_a_pass_runs_longer(window: Served, typed: str, sent: str | None) -> None:
    """To the end of a day, or without an end."""
    path = f"{BASE}/memberships/{MEMBERSHIP}"
    window.says("PATCH", path, a_pass("membership"))
    window.opens(CLIENT_PLACE)

    window.page.get_by_role("button", name="Last day: Twice a week").click()
    row = window.page.locator(f"[data-pass='{MEMBERSHIP}']")
    expect(row.get_by_label("Last day", exact=True)).to_be_focused()
    row.get_by_label("Last day", exact=True).fill(typed)
    row.get_by_role("button", name="Change").click()

    expect(window.page.get_by_text("Twice a week is changed.")).to_be_visible()
    assert window.requests("PATCH", path)[0][0] == {"clientId": CLIENT, "validUntil": sent}


def test_a_pass_is_cancelled_after_a_question(window: Served) -> None:
    """What has ended says so and offers nothing."""
    window.says("PATCH", f"{BASE}/packages/{PACKAGE}", a_pass(status="cancelled"))
    ended = a_pass("membership", validUntil=ago(DAY_S))
    window.says("GET", f"{BASE}/memberships", {"items": [ended]})
    window.opens(CLIENT_PLACE)
    expect(window.page.locator(f"[data-pass='{MEMBERSHIP}']")).to_contain_text("Ended")

    window.page.get_by_role("button", name="Cancel: Ten classes").click()
    window.says("GET", f"{BASE}/packages", {"items": [a_pass(status="cancelled")]})
    window.page.get_by_role("button", name="Cancel the pass").click()

    row = window.page.locator(f"[data-pass='{PACKAGE}']")
    expect(row).to_contain_text("Cancelled")
    expect(row.get_by_role("button")).to_have_count(0)


def test_a_customer_of_another_studio_is_as_unknown_as_none(window: Served) -> None:
    """And leads back."""
    window.refuses("GET", f"{BASE}/clients/{CLIENT}", 404, "NOT_FOUND")
    window.opens(CLIENT_PLACE)

    expect(window.page.get_by_role("heading", level=1)).to_have_text("This could not be found")


def test_members_are_shown_with_their_roles(window: Served) -> None:
    """Who looks is marked."""
    window.says("GET", f"{BASE}/members", {"items": [
        member(), member(userId="x", name="Bo", role="staff")]})  # fmt: skip
    window.opens(f"/studio/{ORG}/members")

    rows = window.page.get_by_role("region", name="Members").get_by_role("listitem")
    expect(rows.nth(0)).to_contain_text("Robin Reed (you)")
    expect(rows.nth(1)).to_contain_text("Staff")


def test_an_admin_changes_how_classes_run(window: Served) -> None:
    """A refused zone is told beside its field."""
    error = {"field": "timezone", "message": "is no time zone", "type": "x"}
    window.refuses("PATCH", BASE, 422, "VALIDATION_FAILED", errors=[error])
    window.opens(f"/studio/{ORG}/settings")
    window.page.get_by_label("Time zone").fill("Berlin")
    window.page.get_by_role("button", name="Save", exact=True).click()
    expect(window.page.get_by_label("Time zone")).to_be_focused()
    window.says("PATCH", BASE, organization("admin"))

    window.page.get_by_label("Time zone").fill("Europe/Berlin")
    window.page.get_by_label("Currency").fill("EUR")
    window.page.get_by_label("Classes are paid in advance").check()
    window.page.get_by_label("Late cancel, minutes before").fill("60")
    window.page.get_by_role("button", name="Save", exact=True).click()

    expect(window.page.get_by_text("Saved.")).to_be_visible()
    assert window.requests("PATCH", BASE)[-1][0] == {
        "timezone": "Europe/Berlin", "currency": "eur", "requiresPrepayment": True,
        "lateCancelMinutes": 60, "noticeMinutes": 0, "waitlistMax": 20,
    }  # fmt: skip


def test_staff_who_are_no_admins_read_the_settings(window: Served) -> None:
    """Nothing can be changed that would be refused."""
    window.says("GET", BASE, organization("staff"))
    window.opens(f"/studio/{ORG}/settings")

    expect(window.page.get_by_text("Only admins of the studio change these.")).to_be_visible()
    expect(window.page.get_by_label("Time zone")).to_be_disabled()
    expect(window.page.get_by_role("button", name=re.compile("^(Save|New key)"))).to_have_count(0)


def test_the_widgets_key_is_made_and_its_code_is_there_to_copy(window: Served) -> None:
    """Before there is a key, nothing can be pasted."""
    window.says("GET", BASE, organization("admin", widget=None))
    made = {"key": "wk_made", "allowedOrigins": [], "enabled": True}
    window.says("POST", f"{BASE}/widget-key", organization("admin", widget=made))
    window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.opens(f"/studio/{ORG}/settings")
    expect(window.page.get_by_label("Embed code")).to_have_count(0)

    window.page.get_by_role("button", name="Make a key").click()
    window.page.get_by_role("button", name="Copy: Embed code").click()

    expect(window.page.get_by_text("Copied.")).to_be_visible()
    copied = window.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f'<script src="{window.url}/widget.js" data-key="wk_made"')
    expect(window.page.get_by_role("link", name="See it on a site")).to_have_attribute(
        "href", re.compile(r"/\?key=wk_made$")
    )


def test_a_new_key_is_made_only_after_a_question(window: Served) -> None:
    """The old one stops at once."""
    window.opens(f"/studio/{ORG}/settings")

    window.page.get_by_role("button", name="New key").click()
    window.page.get_by_role("button", name="Keep the old one").click()
    expect(window.page.get_by_role("button", name="New key")).to_be_focused()
    window.page.wait_for_timeout(300)

    assert window.requests("POST", f"{BASE}/widget-key") == []


def test_the_sites_of_the_widget_are_one_a_line(window: Served) -> None:
    """A slash at the end does no harm; what is no origin is told beside the field."""
    error = {"field": "allowedOrigins.0", "message": "is no origin", "type": "x"}
    window.refuses("PATCH", BASE, 422, "VALIDATION_FAILED", errors=[error])
    window.opens(f"/studio/{ORG}/settings")
    sites = window.page.get_by_label("Sites that may show it")
    sites.fill("https://a.example/\n\nhttps://b.example\nhttps://a.example")
    window.page.get_by_role("button", name="Save the widget").click()
    expect(sites).to_have_accessible_description(re.compile("is no origin"))
    window.says("PATCH", BASE, organization("admin"))

    window.page.get_by_label("The widget is on").uncheck()
    window.page.get_by_role("button", name="Save the widget").click()

    expect(window.page.get_by_role("heading", name="Booking on your own site")).to_be_focused()
    assert window.requests("PATCH", BASE)[-1][0] == {
        "widgetEnabled": False, "allowedOrigins": ["https://a.example", "https://b.example"],
    }  # fmt: skip


def test_hostile_words_of_customers_stay_text(window: Served) -> None:
    """Names, notes and passes are shown, never run."""
    hostile = customer(name=HOSTILE, email=HOSTILE, phone=HOSTILE, notes=HOSTILE)
    window.says("GET", f"{BASE}/clients/{CLIENT}", hostile)
    window.says("GET", f"{BASE}/clients", page(hostile))
    window.says("GET", f"{BASE}/packages", {"items": [a_pass(name=HOSTILE, classTypes=[HOSTILE])]})
    window.opens(f"/studio/{ORG}/customers")
    expect(window.page.get_by_text(HOSTILE).first).to_be_visible()
    window.opens(CLIENT_PLACE)
    expect(
        window.page.get_by_role("region", name="Passes").get_by_text(HOSTILE).first
    ).to_be_visible()

    assert window.page.evaluate("window.hostile") is None
