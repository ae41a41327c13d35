"""What the purchases view says and offers in states that are hard to reach by paying.

The server's answers are replaced at the network, in the shapes of ``schemas/openapi.json``.
"""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.browser.replies import answers
from tests.browser.samples import HOSTILE, SESSION, purchase, session
from tests.browser.visit import Visit

WINDOWS = [
    pytest.param(390, marks=pytest.mark.window(width=390, scheme="dark")),
    pytest.param(1280, marks=pytest.mark.window(width=1280)),
]


def shows(visit: Visit, *items: dict[str, Any], query: str = "") -> None:
    """Open the purchases view with these purchases and no subscription."""
    answers(visit, "purchases", lambda _route: {"items": items, "nextCursor": None})
    answers(visit, "subscriptions", lambda _route: {"items": []})
    visit.page.goto(f"{visit.cloud.url}/#/purchases{query}")


def entry(visit: Visit, status: str) -> Any:
    """The listed purchase of that status."""
    return visit.page.locator(f"li.entry[data-status={status}]")


@pytest.mark.parametrize("width", WINDOWS)
def test_each_status_is_told_in_words_and_fits_the_window(visit: Visit, width: int) -> None:
    """Nothing is lost without a word, on a phone as on a desk."""
    labels = {
        "fulfilled": "Paid",
        "banked": "Paid, kept for you",
        "failed": "Payment failed",
        "expired": "Expired",
        "partially_refunded": "Partly refunded",
        "refunded": "Refunded",
        "disputed": "Disputed",
        "unmatched": "We are looking at it",
    }
    visit.sign_in()

    shows(visit, *(purchase(status, redeemable=status == "banked") for status in labels))

    for status, label in labels.items():
        expect(entry(visit, status).get_by_text(label, exact=True)).to_be_visible()
        expect(entry(visit, status)).to_contain_text("US$15.00")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_texts_stay_texts(visit: Visit) -> None:
    """Names and addresses of the server are shown, never run."""
    visit.sign_in()

    shows(
        visit,
        purchase("awaiting", name=HOSTILE, checkoutUrl="javascript:window.hostile=1"),
        purchase(HOSTILE, reason=HOSTILE, currency=HOSTILE),
        query=f"?checkout=success&purchase={HOSTILE}",
    )

    expect(entry(visit, "awaiting").get_by_text(HOSTILE)).to_be_visible()
    expect(visit.page.get_by_text("We are looking at it")).to_be_visible()
    expect(visit.page.get_by_role("link", name="Continue paying")).to_have_count(0)
    assert visit.page.evaluate("window.hostile") is None


def test_nothing_bought_yet_is_said_with_the_way_to_buy(visit: Visit) -> None:
    """An empty list is no blank page."""
    visit.sign_in()

    shows(visit)

    expect(visit.page.get_by_text("No purchases yet")).to_be_visible()
    visit.page.get_by_role("button", name="See subscriptions").click()
    expect(visit.page.get_by_role("dialog", name="Get VocahireCredits")).to_be_visible()


def test_a_list_that_cannot_be_loaded_is_tried_again(visit: Visit) -> None:
    """The server's own words, and Retry."""
    visit.sign_in()
    refusal = {"code": "STORE_UNAVAILABLE", "detail": "The store is resting.", "requestId": "r-1"}
    answers(visit, "subscriptions", lambda _route: {"items": []})
    answers(visit, "purchases", lambda _route: refusal, status=503)
    visit.page.goto(f"{visit.cloud.url}/#/purchases")
    expect(visit.page.get_by_text("The store is resting.")).to_be_visible()

    answers(visit, "purchases", lambda _route: {"items": [purchase("failed")], "nextCursor": None})
    visit.page.get_by_role("button", name="Retry").click()

    expect(entry(visit, "failed")).to_be_visible()


def test_older_purchases_come_with_load_more(visit: Visit) -> None:
    """The next page is asked for with the server's cursor and stands below."""

    def page_of(route: Route) -> dict[str, Any]:
        if "cursor" in parse_qs(urlsplit(route.request.url).query):
            return {"items": [purchase("refunded")], "nextCursor": None}
        return {"items": [purchase("failed")], "nextCursor": "a b&c"}

    visit.sign_in()
    answers(visit, "subscriptions", lambda _route: {"items": []})
    answers(visit, "purchases", page_of)
    visit.page.goto(f"{visit.cloud.url}/#/purchases")

    with visit.page.expect_request("**/api/purchases?*cursor=a%20b%26c"):
        visit.page.get_by_role("button", name="Load more").click()

    expect(visit.page.locator("li.entry")).to_have_count(2)
    expect(visit.page.get_by_role("button", name="Load more")).to_have_count(0)


def banked() -> dict[str, Any]:
    """A session that was paid for while another one was open."""
    return purchase(
        "banked", kind="session", sku="quick", name="Quick chat", amountCents=999, credits=0,
        reason="active_session", redeemable=True, refundable=True,
    )  # fmt: skip


def test_a_banked_payment_is_redeemed_once_a_click(visit: Visit) -> None:
    """It becomes the session that was paid for, which is gone to at once."""
    visit.sign_in()
    shows(visit, banked())
    done = purchase("fulfilled", kind="session", name="Quick chat", sessionId=SESSION)
    path = f"purchases/{banked()['id']}/redeem"
    answers(visit, path, lambda _route: {"purchase": done, "sessionId": SESSION})
    answers(visit, f"sessions/{SESSION}", lambda _route: session("pending"))
    expect(entry(visit, "banked")).to_contain_text("Another session of yours was open")

    visit.page.get_by_role("button", name="Redeem").click()

    expect(visit.page.get_by_text("Redeemed: your session is open.")).to_be_visible()
    expect(visit.page.get_by_text("Looking for an expert")).to_be_visible()
    expect(visit.page).to_have_url(f"{visit.cloud.url}/#/sessions/{SESSION}")
    shows(visit, done)
    opened = visit.page.get_by_role("link", name="Open the session")
    expect(opened).to_have_attribute("href", f"#/sessions/{SESSION}")
    expect(visit.page.get_by_role("button", name="Redeem")).to_have_count(0)


def test_a_payment_that_cannot_be_redeemed_now_stays(visit: Visit) -> None:
    """The open session is told with the way to it, and the choice is still there."""
    visit.sign_in()
    shows(visit, banked())
    refusal = {
        "code": "ACTIVE_SESSION_EXISTS", "error": "You already have an active session",
        "activeSessionId": SESSION, "activeSessionType": "chat", "activeSessionStatus": "live",
    }  # fmt: skip
    answers(visit, f"purchases/{banked()['id']}/redeem", lambda _route: refusal, status=409)

    visit.page.get_by_role("button", name="Redeem").click()

    dialog = visit.page.get_by_role("dialog", name="You already have an active session")
    expect(dialog).to_contain_text("a chat, live")
    dialog.get_by_role("button", name="Not now").click()
    expect(visit.page.get_by_role("button", name="Redeem")).to_be_enabled()


def test_a_banked_payment_goes_back_after_a_question(visit: Visit) -> None:
    """No money is moved by one slip of a finger."""
    visit.sign_in()
    shows(visit, banked())
    asked: list[str] = []

    def refund(route: Route) -> dict[str, Any]:
        asked.append(route.request.method)
        return {"purchase": banked() | {"redeemable": False, "refundable": False}}

    answers(visit, f"purchases/{banked()['id']}/refund", refund, status=202)
    visit.page.get_by_role("button", name="Refund").click()
    dialog = visit.page.get_by_role("dialog", name="Get your money back?")
    expect(dialog).to_contain_text("US$9.99")
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_have_count(0)
    assert asked == []

    visit.page.get_by_role("button", name="Refund").click()
    dialog.get_by_role("button", name="Refund").click()

    expect(entry(visit, "banked").get_by_text("Refund under way")).to_be_visible()
    expect(entry(visit, "banked").get_by_role("button")).to_have_count(0)
    assert asked == ["POST"]


def test_a_payment_that_stays_unconfirmed_is_explained(visit: Visit) -> None:
    """The waiting ends by itself, says what happens, and never asks to pay twice."""
    visit.page.clock.install()
    visit.sign_in()
    waiting = purchase("awaiting", checkoutUrl="http://127.0.0.1:9/pay")
    shows(visit, waiting, query=f"?checkout=success&purchase={waiting['id']}")
    expect(visit.page.get_by_text("Your payment is being confirmed…")).to_be_visible()
    expect(visit.page.get_by_role("progressbar")).to_be_visible()
    expect(entry(visit, "awaiting")).to_contain_text("You need not pay again.")

    for _ in range(20):
        visit.page.clock.run_for(15_000)
        visit.page.wait_for_timeout(50)

    expect(visit.page.get_by_text("Your payment is not confirmed yet")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Check again")).to_be_visible()
    expect(visit.page.get_by_role("link", name="Continue paying")).to_have_count(0)


def test_a_payment_that_was_banked_says_so_on_return(visit: Visit) -> None:
    """A person who paid and got no session reads at once that the money is safe."""
    visit.sign_in()

    shows(visit, banked(), query=f"?checkout=success&purchase={banked()['id']}")

    returned = visit.page.get_by_role("region", name="Your payment")
    expect(returned).to_contain_text("Your payment is safe")
    expect(visit.page).to_have_url(f"{visit.cloud.url}/#/purchases")
    expect(visit.page.get_by_role("button", name="Redeem")).to_be_visible()


def test_a_change_in_the_portal_is_shown_when_its_news_comes_late(visit: Visit) -> None:
    """Stripe tells us on a way of its own, which may take longer than the person's way back."""
    subscription = {
        "subscriptionId": "sub_1", "sku": "coach_monthly", "status": "active", "live": True,
        "periodEnd": "2026-12-21T12:00:00Z", "endsAt": None, "inDunning": False, "withheld": None,
    }  # fmt: skip
    asked: list[str] = []

    def late(route: Route) -> dict[str, Any]:
        asked.append(route.request.url)
        # Before the portal, on the way back, and once more nothing is known of the change.
        ends_at = subscription["periodEnd"] if len(asked) > 3 else None
        return {"items": [subscription | {"endsAt": ends_at}]}

    visit.sign_in()
    answers(visit, "subscriptions", late)
    answers(visit, "purchases", lambda _route: {"items": [], "nextCursor": None})
    back = f"{visit.cloud.url}/?from=portal#/purchases"
    answers(visit, "billing-portal", lambda _route: {"url": back})
    visit.page.goto(f"{visit.cloud.url}/#/purchases")
    expect(entry(visit, "active")).to_contain_text("Renews on 21 December 2026")

    visit.page.get_by_role("button", name="Manage subscription").click()

    expect(visit.page).to_have_url(back)
    expect(entry(visit, "active")).to_contain_text("Ends on 21 December 2026")
    assert len(asked) == 4
