"""Buying, as a person does it: through the payment page and back, with the balance changed."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.visit import SLOW_MS, Visit

TABS_MAX = 40
REFUSAL = {
    "code": "INSUFFICIENT_CREDITS",
    "status": 403,
    "error": "Insufficient VocahireCredits. You need at least 0.5 VocahireCredits to start an "
    "interview.",
    "currentCredits": 0.25,
    "minimumRequired": 0.5,
    "interviewCost": 1,
}


def open_shop(visit: Visit) -> None:
    """Open the purchase dialogue from the start page."""
    visit.page.get_by_role("button", name="Get VocahireCredits").click()
    dialog = visit.page.get_by_role("dialog", name="Get VocahireCredits")
    expect(dialog.get_by_role("button", name="Buy Three")).to_be_visible(timeout=SLOW_MS)


def buy_three(visit: Visit) -> None:
    """Choose three credits and arrive at the payment page."""
    open_shop(visit)
    visit.page.get_by_role("button", name="Buy Three VocahireCredits for US$15.00").click()
    expect(visit.page.get_by_role("heading", name="Pay")).to_be_visible(timeout=SLOW_MS)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is focused has that name."""
    reached = (
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
    )
    for _ in range(TABS_MAX):
        if str(page.evaluate(reached)).strip().startswith(name):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never reached {name!r}")


def expect_six(visit: Visit) -> None:
    """The payment was confirmed, and the balance is three more than the welcome gift."""
    expect(visit.page.get_by_text("Thank you, your payment arrived")).to_be_visible(timeout=SLOW_MS)
    expect(visit.balance()).to_contain_text("6.00 VocahireCredits")


@pytest.mark.parametrize(
    "width",
    [pytest.param(1280, marks=pytest.mark.window(width=1280)),
     pytest.param(390, marks=pytest.mark.window(width=390, scheme="dark"))],
)  # fmt: skip
def test_three_credits_are_bought_and_seen(visit: Visit, width: int) -> None:
    """From the dialogue through the payment page to 6.00, with the purchase and its entry."""
    visit.sign_in()
    expect(visit.balance()).to_contain_text("3.00")
    buy_three(visit)

    visit.page.get_by_role("button", name="Pay $15.00 with a card").click()

    expect_six(visit)
    bought = visit.page.locator("li.entry[data-status=fulfilled]")
    expect(bought).to_have_count(1)
    expect(bought).to_contain_text("Three VocahireCredits")
    expect(bought).to_contain_text("3.00 VocahireCredits were added to your balance.")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    visit.page.get_by_role("link", name="Balance", exact=True).click()
    expect(visit.page.locator("li[data-kind=purchase]")).to_contain_text("+3.00")


def test_a_refused_start_opens_the_dialogue_with_what_is_missing(visit: Visit) -> None:
    """Balance, cost, packages, subscriptions, and that the interviewer is an AI."""

    def refuse(route: Route) -> None:
        route.fulfill(status=403, json=REFUSAL)

    visit.sign_in()
    visit.page.route("**/api/realtime-session", refuse)

    visit.start(typed_only=True)

    dialog = visit.page.get_by_role("dialog", name="Not enough VocahireCredits")
    expect(dialog).to_contain_text("Your balance: 0.25 VocahireCredits.", timeout=SLOW_MS)
    expect(dialog).to_contain_text("An interview takes 1.00 VocahireCredits.")
    expect(dialog).to_contain_text("AI interviewer, interview practice.")
    packages = dialog.get_by_role("region", name="Packages")
    expect(packages.get_by_role("button")).to_have_count(2, timeout=SLOW_MS)
    expect(packages).to_contain_text("US$4.00 each")
    plans = dialog.get_by_role("region", name="Subscription")
    expect(plans.get_by_role("button")).to_have_count(3)
    expect(plans).to_contain_text("US$16.79 a month")
    expect(plans).to_contain_text("renews by itself until you cancel")
    visit.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(visit.page.get_by_text("Nothing was charged.")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Get VocahireCredits")).to_be_focused()


def test_credits_are_bought_with_the_keyboard_alone(visit: Visit) -> None:
    """Tab, Enter and Escape reach everything; the dialogue gives the focus back."""
    visit.sign_in()
    page = visit.page
    tab_to(page, "Get VocahireCredits")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Get VocahireCredits")
    expect(dialog.get_by_role("heading", name="Get VocahireCredits")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Get VocahireCredits")).to_be_focused()

    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Buy Three")).to_be_visible(timeout=SLOW_MS)
    tab_to(page, "Buy Three")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pay")).to_be_visible(timeout=SLOW_MS)
    tab_to(page, "Pay $15.00")
    page.keyboard.press("Enter")

    expect_six(visit)


def test_who_leaves_the_payment_page_has_bought_nothing_and_can_go_on(visit: Visit) -> None:
    """The purchase waits in the list, with the way back to the same payment page."""
    visit.sign_in()
    buy_three(visit)
    payment_page = visit.page.url
    visit.page.get_by_role("button", name="Leave without paying").click()

    expect(visit.page.get_by_text("Nothing was bought.")).to_be_visible(timeout=SLOW_MS)
    expect(visit.balance()).to_contain_text("3.00")
    visit.page.get_by_role("link", name="Continue paying").click()
    expect(visit.page).to_have_url(payment_page)
    visit.page.get_by_role("button", name="Pay $15.00 with a card").click()

    expect_six(visit)


def test_going_back_from_the_payment_page_leads_to_the_same_one_again(visit: Visit) -> None:
    """One open checkout a thing: a second click never makes a second bill."""
    visit.sign_in()
    buy_three(visit)
    payment_page = visit.page.url

    visit.page.go_back()
    buy_three(visit)

    expect(visit.page).to_have_url(payment_page)


def test_a_payment_that_takes_its_time_is_waited_for(visit: Visit) -> None:
    """A bank debit is confirmed later; the page waits, and says that nobody pays again."""
    visit.sign_in()
    buy_three(visit)

    visit.page.get_by_role("button", name="Bank debit, paid").click()

    waiting = visit.page.get_by_text("Your payment is being confirmed…")
    expect(waiting).to_be_visible(timeout=SLOW_MS)
    expect(visit.page.get_by_role("link", name="Continue paying")).to_have_count(0)
    expect_six(visit)


def test_a_payment_page_that_cannot_be_opened_is_told_in_the_dialogue(visit: Visit) -> None:
    """The words of the server, and the buttons are there for another try."""

    def unavailable(route: Route) -> None:
        problem = {"code": "PROVIDER_UNAVAILABLE", "error": "The payment provider is away."}
        route.fulfill(status=503, json=problem)

    visit.sign_in()
    visit.page.route("**/api/checkout", unavailable)
    open_shop(visit)
    control = visit.page.get_by_role("button", name="Buy Three")

    control.click()

    expect(visit.page.get_by_role("alert")).to_contain_text("The payment provider is away.")
    expect(control).to_be_enabled()
    expect(control).to_be_focused()
