"""The main job, as a person does it: from signing in to reading feedback."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visit import SLOW_MS, Visit

ANSWERS = (
    "I led the migration of our billing system because charges were sometimes taken twice.",
    "We gave every charge an idempotency key, and double charges fell from 40 a month to none.",
    "I would begin with the riskiest part and measure it before and after the change.",
)


@pytest.mark.parametrize(
    "width",
    [pytest.param(1280, marks=pytest.mark.window(width=1280)),
     pytest.param(390, marks=pytest.mark.window(width=390, scheme="dark"))],
)  # fmt: skip
def test_a_person_practises_by_voice_and_typing_and_reads_the_feedback(
    visit: Visit, width: int
) -> None:
    """Sign in, hear the AI, see both sides' words, end, read scores; one credit is taken."""
    visit.sign_in()
    expect(visit.balance()).to_contain_text("3.00")
    expect(visit.page.get_by_text("AI interviewer, interview practice.")).to_be_visible()

    visit.start()
    visit.wait_until_live()
    visit.wait_for_figure("bytesReceived")
    visit.wait_for_figure("audioEnergy")
    visit.wait_for_figure("bytesSent")
    for answer in ANSWERS:
        visit.answer(answer)
    expect(visit.turns("assistant").first).to_be_visible(timeout=SLOW_MS)
    visit.end()

    page = visit.page
    expect(page.get_by_text("an AI wrote this feedback")).to_be_visible(timeout=SLOW_MS)
    scores = page.get_by_role("region", name="Scores").or_(page.get_by_text("Scores", exact=True))
    expect(scores.first).to_be_visible(timeout=SLOW_MS * 2)
    expect(
        page.get_by_role("img", name=re.compile(r"Overall score \d+ out of 100"))
    ).to_be_visible()
    assert page.get_by_role("meter").count() >= 5
    expect(page.get_by_text(ANSWERS[0]).first).to_be_visible()
    expect(visit.balance()).to_contain_text("2.00")
    page.get_by_role("link", name="Balance", exact=True).click()
    expect(page.locator("li[data-kind=debit]")).to_have_count(1)
    expect(page.locator("li[data-kind=grant]")).to_have_count(1)


def test_a_reload_returns_to_the_same_interview_and_charges_nothing(visit: Visit) -> None:
    """The transcript so far stays, the session is the same, and there is one debit."""
    visit.sign_in()
    visit.start(typed_only=True)
    visit.wait_until_live()
    visit.answer(ANSWERS[0])
    session = visit.fact("session")

    visit.page.reload()
    visit.wait_until_live()

    assert visit.fact("session") == session
    expect(visit.turns("user").filter(has_text=ANSWERS[0])).to_be_visible()
    expect(visit.balance()).to_contain_text("2.00")


def test_a_call_that_broke_off_is_taken_up_again(visit: Visit) -> None:
    """The channel's end is noticed at once; Reconnect goes on in the same session."""
    visit.page.add_init_script(
        """const create = RTCPeerConnection.prototype.createDataChannel;
           RTCPeerConnection.prototype.createDataChannel = function (...given) {
             return (window.channel = create.apply(this, given));
           };"""
    )
    visit.sign_in()
    visit.start(typed_only=True)
    visit.wait_until_live()
    visit.answer(ANSWERS[0])
    session = visit.fact("session")

    visit.page.evaluate("window.channel.close()")
    visit.page.get_by_role("button", name="Reconnect").click()

    visit.wait_until_live()
    assert visit.fact("session") == session
    visit.answer(ANSWERS[1])
    expect(visit.turns("user").filter(has_text=ANSWERS[0])).to_be_visible()
    expect(visit.balance()).to_contain_text("2.00")


def test_without_a_microphone_a_person_goes_on_by_typing(visit: Visit) -> None:
    """A refused microphone costs nothing and is no dead end."""
    visit.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () =>"
        " Promise.reject(new DOMException('no', 'NotAllowedError'));"
    )
    visit.sign_in()
    visit.start()
    expect(visit.page.get_by_text("was not allowed to use the microphone")).to_be_visible()
    expect(visit.balance()).to_contain_text("3.00")

    visit.page.get_by_role("button", name="Continue without a microphone").click()
    visit.wait_until_live()
    visit.answer(ANSWERS[0])

    expect(visit.turns("assistant").first).to_be_visible(timeout=SLOW_MS)


def test_signing_out_forgets_the_person(visit: Visit) -> None:
    """After signing out the page offers to sign in, also after a reload."""
    visit.sign_in()

    visit.page.get_by_role("button", name="Sign out").click()

    expect(visit.page.get_by_role("button", name="Sign in")).to_be_visible()
    visit.page.reload()
    expect(visit.page.get_by_role("button", name="Sign in")).to_be_visible()
