"""Starting is guarded: once a click, never charged twice, and possible without a mouse."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.visit import SLOW_MS, Visit

MINT = "/v1/realtime/client_secrets"
WATCH_MS = 10_000  # the window in which an auto-start loop would show


@pytest.fixture
def starts(visit: Visit) -> Iterator[list[Request]]:
    """The start requests that the page sends."""
    sent: list[Request] = []
    visit.page.on(
        "request",
        lambda request: (
            sent.append(request)
            if request.method == "POST" and request.url.endswith("/api/realtime-session")
            else None
        ),
    )
    yield sent
    visit.cloud.reset_provider()


def test_with_the_provider_down_one_click_sends_one_start(
    visit: Visit, starts: list[Request]
) -> None:
    """No loop hammers a failing provider; Retry is the person's choice and keeps the key."""
    visit.sign_in()
    visit.cloud.reset_provider()
    visit.cloud.provider_fails(path=MINT, kind="refuse")

    visit.start(typed_only=True)
    expect(visit.page.get_by_role("button", name="Retry")).to_be_visible(timeout=SLOW_MS)
    visit.page.wait_for_timeout(WATCH_MS)

    assert len(starts) == 1
    # A connection that was refused unread may be tried twice by the server, never more.
    assert len(visit.cloud.provider_requests(MINT)) <= 2
    expect(visit.balance()).to_contain_text("3.00")

    visit.cloud.reset_provider()
    visit.page.get_by_role("button", name="Retry").click()
    visit.wait_until_live()
    keys = [request.headers["idempotency-key"] for request in starts]
    assert len(keys) == 2
    assert keys[0] == keys[1]
    expect(visit.balance()).to_contain_text("2.00")


def test_a_second_tab_returns_to_the_open_interview(visit: Visit, starts: list[Request]) -> None:
    """One active session a person: the second start is offered the way back, not a charge."""
    visit.sign_in()
    visit.start(typed_only=True)
    visit.wait_until_live()
    session = visit.fact("session")

    other = visit.page.context.new_page()
    other.goto(visit.cloud.url)
    other.get_by_role("button", name="Start interview").click()
    dialog = other.get_by_role("dialog", name="You already have an active session")
    expect(dialog).to_be_visible(timeout=SLOW_MS)
    dialog.get_by_role("button", name="Return to active session").click()

    expect(other.get_by_role("button", name="End interview")).to_be_visible(timeout=SLOW_MS)
    assert other.locator("[data-fact=session]").text_content() == session
    assert len(starts) == 1


def test_a_person_starts_with_the_keyboard_alone(visit: Visit) -> None:
    """Everything on the way to the call is reached by Tab and pressed by Enter or Space."""
    visit.sign_in()
    page = visit.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Start interview":
            break
    expect(page.get_by_role("button", name="Start interview")).to_be_focused()

    page.keyboard.press("Enter")
    visit.wait_until_live()

    inside = "document.activeElement !== document.body"
    assert page.evaluate(inside), "focus was lost on the way"


def never_answered(_route: Route) -> None:
    """Leave a request waiting."""


def test_cancelling_before_the_call_is_up_gives_the_credit_back(visit: Visit) -> None:
    """Who gives up while connecting has paid nothing."""
    visit.sign_in()
    visit.page.route("**/api/webrtc-exchange", never_answered)
    visit.start(typed_only=True)
    exchanging = visit.page.get_by_text("Exchanging connection details")
    expect(exchanging).to_be_visible(timeout=SLOW_MS)

    with visit.page.expect_response("**/cancel"):
        visit.page.get_by_role("button", name="Cancel").click()

    expect(visit.page.get_by_role("button", name="Start interview")).to_be_visible()
    visit.page.reload()
    expect(visit.balance()).to_contain_text("3.00")


def test_an_expired_token_is_renewed_without_a_second_charge(visit: Visit) -> None:
    """The exchange is tried once more with a fresh token of the same session."""
    refused: list[str] = []

    def expire_once(route: Route) -> None:
        if refused:
            route.continue_()
            return
        refused.append(route.request.url)
        body = '{"code": "TOKEN_EXPIRED", "detail": "The token has expired."}'
        route.fulfill(status=410, content_type="application/problem+json", body=body)

    visit.sign_in()
    visit.page.route("**/api/webrtc-exchange", expire_once)

    with visit.page.expect_request("**/api/realtime-session/*/token"):
        visit.start(typed_only=True)

    visit.wait_until_live()
    expect(visit.balance()).to_contain_text("2.00")


def test_the_page_ends_the_interview_at_its_maximum(visit: Visit) -> None:
    """The clock runs down, the interview is saved, and the feedback page opens by itself."""

    def shorten(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "maxDurationSeconds": 6})

    visit.sign_in()
    visit.page.route("**/api/realtime-session", shorten)
    visit.start(typed_only=True)
    visit.wait_until_live()
    visit.answer("Six seconds are enough for one sentence.")

    expect(visit.page.get_by_text("an AI wrote this feedback")).to_be_visible(timeout=SLOW_MS)
