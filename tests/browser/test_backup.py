"""An interview is never lost: what the server did not take stays here and is sent later."""

import json

from playwright.sync_api import Route, expect

from tests.browser.visit import SLOW_MS, Visit

SAVE = "**/api/interviews"
MESSAGES = "vocahire_interview_messages"
METADATA = "vocahire_interview_metadata"
ANSWER = "I kept the old system running beside the new one until the figures agreed."


def refuse_saves(route: Route) -> None:
    """Break the connection of saves; lists still work."""
    if route.request.method == "POST":
        route.abort()
    else:
        route.continue_()


def interview_that_could_not_be_saved(visit: Visit) -> None:
    """An interview with one answer, ended while the server does not take it."""
    visit.sign_in()
    visit.start(typed_only=True)
    visit.wait_until_live()
    visit.answer(ANSWER)
    visit.page.route(SAVE, refuse_saves)
    visit.end()
    expect(visit.page.get_by_text("kept on this device").first).to_be_visible(timeout=SLOW_MS)


def test_a_failed_save_is_kept_and_sent_when_the_person_comes_back(visit: Visit) -> None:
    """The copy has the original product's keys and goes away once the server has it."""
    interview_that_could_not_be_saved(visit)
    messages = json.loads(visit.stored(MESSAGES) or "[]")
    metadata = json.loads(visit.stored(METADATA) or "{}")
    assert any(message["content"] == ANSWER for message in messages)
    assert set(messages[0]) == {"role", "content", "timestamp"}
    assert set(metadata) <= {"sessionId", "jobTitle", "resumeData", "timestamp"}

    visit.page.unroute(SAVE)
    with visit.page.expect_request(
        lambda request: request.method == "POST" and request.url.endswith("/api/interviews")
    ) as sent:
        visit.page.goto(f"{visit.cloud.url}/#/interviews")
        visit.page.reload()

    assert sent.value.post_data_json == {
        "messages": messages, **metadata, "fromLocalStorage": True,
    }  # fmt: skip
    expect(visit.page.get_by_text("synced").first).to_be_visible(timeout=SLOW_MS)
    assert visit.stored(MESSAGES) is None
    assert visit.stored(METADATA) is None


def test_the_sync_button_sends_what_is_kept(visit: Visit) -> None:
    """While the server still refuses, the copy stays; then one press is enough."""
    interview_that_could_not_be_saved(visit)
    visit.page.get_by_role("link", name="History").click()
    sync = visit.page.get_by_role("main").get_by_role("button", name="Sync")
    sync.click()
    expect(visit.page.get_by_text("Still kept on this device").first).to_be_visible()
    assert visit.stored(MESSAGES) is not None

    visit.page.unroute(SAVE)
    sync.click()

    expect(visit.page.get_by_text("synced").first).to_be_visible(timeout=SLOW_MS)
    assert visit.stored(MESSAGES) is None
    expect(visit.page.locator("a.list-row")).to_have_count(1)
