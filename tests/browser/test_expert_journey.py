"""Two people in two windows, the whole product behind them: asked, paid, taken, talked, ended."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.visit import SLOW_MS, Visit

CONCERN = "It rattles when it is cold."


def ask(customer: Visit, plan: str) -> None:
    """Go through the three steps of the intake and sign the waiver."""
    page = customer.page
    page.get_by_role("link", name="Experts", exact=True).click()
    page.get_by_role("link", name="Ask an expert").click()
    page.locator("label.choice").filter(has_text=plan).first.click(timeout=SLOW_MS)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Vehicle").fill("Volvo V60, 2019")
    page.get_by_label("What is the matter?").fill(CONCERN)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send to our experts").click(timeout=SLOW_MS)
    page.get_by_label("I have read this and agree to it").check(timeout=SLOW_MS)
    page.get_by_role("button", name="Sign and go on").click()


def go_online(expert: Visit) -> None:
    """Make a profile and press the switch."""
    page = expert.page
    page.get_by_role("link", name="Experts", exact=True).click()
    page.get_by_role("link", name="Go to the expert desk").click()
    page.get_by_label("Skills").fill("brakes, rattling", timeout=SLOW_MS)
    page.get_by_role("button", name="Make my profile").click()
    switch = page.get_by_role("switch", name="Online")
    switch.click(timeout=SLOW_MS)
    expect(switch).to_have_attribute("aria-checked", "true", timeout=SLOW_MS)


def take(expert: Visit) -> None:
    """Accept what is offered, or claim what waits, whichever is there first."""
    page = expert.page
    control: Locator = page.get_by_role("button", name=re.compile("^(Accept|Claim): Chat"))
    control.first.click(timeout=SLOW_MS)
    expect(page.get_by_text("You have taken this session")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_text(CONCERN)).to_be_visible(timeout=SLOW_MS)


def talk_and_end(customer: Visit, expert: Visit) -> None:
    """The customer begins, both see it live, both write, the expert ends it, both see it over."""
    expect(customer.page.get_by_text("is here")).to_be_visible(timeout=SLOW_MS)
    customer.page.get_by_role("button", name="Begin").click()
    for person in (customer, expert):
        end = person.page.get_by_role("button", name="End session")
        expect(end).to_be_visible(timeout=SLOW_MS)
        expect(person.page.locator(".session-state")).to_have_text("Live")
    for person, text in ((customer, "Hello, can you hear it?"), (expert, "The heat shield.")):
        person.page.get_by_label("Your message").fill(text)
        person.page.get_by_label("Your message").press("Enter")
        for reader in (customer, expert):
            turn = reader.page.locator("ol.chat li").filter(has_text=text)
            expect(turn).to_have_count(1, timeout=SLOW_MS)

    expert.page.get_by_role("button", name="End session").click()
    dialog = expert.page.get_by_role("dialog", name="End this session?")
    dialog.get_by_role("button", name="End session").click()
    for person in (customer, expert):
        over = person.page.get_by_role("heading", name="The session is over")
        expect(over).to_be_visible(timeout=SLOW_MS)
        expect(person.page.locator("ol.timeline")).to_contain_text("The session began")


def test_a_paid_session_from_the_question_to_the_end(visit: Visit, other_visit: Visit) -> None:
    """A customer pays and waits, an expert comes and accepts, they chat, and it ends."""
    customer, expert = visit, other_visit
    customer.sign_in()
    ask(customer, "Quick chat")
    customer.page.get_by_role("button", name="Pay US$9.99").click(timeout=SLOW_MS)
    pay = customer.page.get_by_role("button", name="Pay $9.99 with a card")
    pay.click(timeout=SLOW_MS)
    waiting_room = customer.page.get_by_role("region", name="Waiting room")
    expect(waiting_room).to_contain_text("You are number 1 of 1", timeout=SLOW_MS)

    expert.sign_in()
    go_online(expert)
    take(expert)
    talk_and_end(customer, expert)

    customer.page.get_by_role("link", name="Your history").click()
    row = customer.page.get_by_role("link").filter(has_text="Completed")
    expect(row).to_contain_text("Chat", timeout=SLOW_MS)
    customer.page.get_by_role("link", name="Purchases", exact=True).click()
    bought = customer.page.locator("li.entry[data-status=fulfilled]")
    expect(bought).to_contain_text("Your session was opened.", timeout=SLOW_MS)


@pytest.mark.window(width=390, scheme="dark")
def test_a_free_session_is_offered_to_an_expert_who_is_there(
    visit: Visit, other_visit: Visit
) -> None:
    """The expert is online first: the question comes as an offer with its time, on a phone."""
    customer, expert = visit, other_visit
    expert.sign_in()
    go_online(expert)
    customer.sign_in()
    ask(customer, "Trial session")

    offers = expert.page.get_by_role("region", name="Offered to you")
    expect(offers.get_by_role("timer")).to_be_visible(timeout=SLOW_MS)
    take(expert)
    talk_and_end(customer, expert)

    for person in (customer, expert):
        assert person.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_credits_pay_and_a_cancelled_wait_gives_them_back(visit: Visit) -> None:
    """Nobody comes, the customer gives up, and the balance is what it was."""
    visit.sign_in()
    expect(visit.balance()).to_contain_text("3.00")
    ask(visit, "Quick chat")
    visit.page.get_by_role("button", name=re.compile("^Use ")).click(timeout=SLOW_MS)
    visit.page.get_by_role("button", name="Cancel", exact=True).click(timeout=SLOW_MS)
    visit.page.get_by_role("button", name="Cancel the session").click()

    expect(visit.page.get_by_text("were given back to your balance")).to_be_visible(timeout=SLOW_MS)
    expect(visit.balance()).to_contain_text("3.00", timeout=SLOW_MS)
