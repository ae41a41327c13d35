"""Subscribing: interviews without a debit, and the end that is chosen in the portal."""

import re

from playwright.sync_api import expect

from tests.browser.visit import SLOW_MS, Visit


def test_a_subscriber_starts_undebited_and_sees_the_end_after_cancelling(visit: Visit) -> None:
    """Subscribe, practise without a debit, cancel in the portal, read until when it runs."""
    visit.sign_in()
    page = visit.page
    page.get_by_role("button", name="Get VocahireCredits").click()
    subscribe = page.get_by_role("button", name="Subscribe to Monthly Coach for US$19.99 a month")
    subscribe.click(timeout=SLOW_MS)
    page.get_by_role("button", name="Subscribe with a card").click(timeout=SLOW_MS)
    expect(page.get_by_text("Thank you, your payment arrived")).to_be_visible(timeout=SLOW_MS)
    expect(visit.balance()).to_have_text("Unlimited")
    subscription = page.locator("li.entry[data-status=active]")
    expect(subscription).to_contain_text("Monthly Coach")
    expect(subscription).to_contain_text(re.compile(r"Renews on \d+ \w+ \d{4}"))

    page.get_by_role("link", name="Practise now").click()
    expect(page.get_by_text("Included in your subscription.")).to_be_visible()
    visit.start(typed_only=True)
    visit.wait_until_live()
    visit.answer("I measured it before and after.")
    visit.end()
    expect(page.get_by_text("an AI wrote this feedback")).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("link", name="Balance", exact=True).click()
    expect(page.locator(".balance-figure")).to_have_text("3.00 VocahireCredits")
    expect(page.locator("li[data-kind=grant]")).to_have_count(1)
    expect(page.locator("li[data-kind=debit]")).to_have_count(0)

    page.get_by_role("link", name="Purchases", exact=True).click()
    page.get_by_role("button", name="Manage subscription").click()
    page.get_by_role("button", name="Cancel at the end of the period").click(timeout=SLOW_MS)
    page.get_by_role("link", name="Go back").click()
    page.get_by_role("link", name="Purchases", exact=True).click(timeout=SLOW_MS)

    expect(subscription).to_contain_text(re.compile(r"Ends on \d+ \w+ \d{4}"), timeout=SLOW_MS)
    expect(visit.balance()).to_have_text("Unlimited")


def test_a_subscriber_is_not_offered_a_second_subscription(visit: Visit) -> None:
    """The dialogue offers to manage the one that runs, and packages still."""
    visit.sign_in()
    page = visit.page
    page.get_by_role("button", name="Get VocahireCredits").click()
    page.get_by_role("button", name="Subscribe to Annual Coach").click(timeout=SLOW_MS)
    page.get_by_role("button", name="Subscribe with a card").click(timeout=SLOW_MS)
    expect(visit.balance()).to_have_text("Unlimited", timeout=SLOW_MS)

    page.get_by_role("button", name="Get VocahireCredits").click()

    plans = page.get_by_role("dialog").get_by_role("region", name="Subscription")
    expect(plans.get_by_role("button", name="Manage subscription")).to_be_visible()
    expect(plans.get_by_role("button", name="Subscribe")).to_have_count(0)
    expect(page.get_by_role("button", name="Buy Three")).to_be_visible()
