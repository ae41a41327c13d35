"""The expert desk: profile, presence, offers that run out, the queue, and races that are lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.asked import Asked
from tests.browser.person import ME
from tests.browser.samples import (
    HOSTILE,
    INTAKE,
    SESSION,
    ago,
    expert,
    intake,
    listed,
    offer,
    page,
    queued,
    session,
)
from tests.browser.served import Served

TAKEN = session("waiting", customerUserId="somebody", expertId=ME)
LOST = [
    ("ALREADY_TAKEN", "Another expert was a little faster."),
    ("OFFER_EXPIRED", "The time to answer was over."),
    ("AT_CAPACITY", "You have as many sessions as you take at a time."),
    ("EXPERT_OFFLINE", "You are offline."),
]


@pytest.fixture
def window(served: Served) -> Served:
    """The window of an expert who is online and has nothing to do."""
    served.says("GET", "experts/me", expert())
    served.says("GET", "experts/me/sessions", page())
    served.says("GET", "offers", {"items": []})
    served.says("GET", "queue", {"items": [], "waiting": 0})
    served.says("GET", f"sessions/{SESSION}", TAKEN)
    served.says("GET", f"sessions/{SESSION}/messages", page())
    served.says("GET", f"intake/{INTAKE}", intake())
    return served


def region(window: Served, name: str) -> Any:
    """A part of the desk."""
    return window.page.get_by_role("region", name=name)


def test_somebody_becomes_an_expert_and_goes_online(window: Served) -> None:
    """The profile first, offline; then the switch."""
    window.refuses("GET", "experts/me", 403, "NOT_AN_EXPERT")
    window.opens("/desk")
    expect(window.page.get_by_text("You are not an expert here yet.")).to_be_visible()

    def saved(asked: Asked) -> dict[str, Any]:
        given = expert(**(asked.request.post_data_json or {}))
        window.says("GET", "experts/me", given)
        return given

    window.says("PUT", "experts/me", saved)
    window.page.get_by_label("Skills").fill("brakes, hybrids,, brakes")
    window.page.get_by_label("Workshop").fill("north-7")
    window.page.get_by_label("Sessions at a time").fill("2")
    window.page.get_by_label("I am a specialist").check()
    window.page.get_by_role("button", name="Make my profile").click()

    switch = window.page.get_by_role("switch", name="Online")
    expect(switch).to_have_attribute("aria-checked", "false")
    [(body, _)] = window.requests("PUT", "experts/me")
    assert body == {
        "status": "offline", "name": "Robin Reed", "maxActive": 2, "isSpecialist": True,
        "skills": ["brakes", "hybrids"], "workshopId": "north-7",
    }  # fmt: skip
    assert window.requests("GET", "queue") == []
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(window.page.get_by_text("Nothing is offered to you just now")).to_be_visible()
    assert window.requests("PUT", "experts/me")[1][0] == {"status": "online"}


def test_going_offline_stops_offers_and_looking(window: Served) -> None:
    """Nothing is asked for that could not be taken."""
    window.says("GET", "offers", {"items": [offer()]})
    window.opens("/desk")
    expect(window.page.get_by_role("button", name="Accept")).to_be_visible()
    window.says("PUT", "experts/me", expert(status="offline"))
    window.says("GET", "experts/me", expert(status="offline"))

    window.page.get_by_role("switch", name="Online").click()

    expect(window.page.get_by_role("button", name="Accept")).to_have_count(0)
    expect(region(window, "Offered to you")).to_contain_text("You are offline")
    looks = len(window.requests("GET", "offers"))
    window.page.wait_for_timeout(4000)
    assert len(window.requests("GET", "offers")) == looks


def test_saving_the_profile_keeps_the_presence_of_the_moment(window: Served) -> None:
    """The form does not bring back what was true when it was drawn."""
    window.says("GET", "experts/me", expert(status="offline"))
    window.says("PUT", "experts/me", lambda asked: expert(**(asked.request.post_data_json or {})))
    window.opens("/desk")
    window.page.get_by_role("switch", name="Online").click()
    expect(window.page.get_by_text("You are online")).to_be_visible()

    window.page.get_by_role("button", name="Save profile").click()

    expect(window.page.get_by_text("Profile saved.")).to_be_visible()
    assert window.requests("PUT", "experts/me")[-1][0]["status"] == "online"


def test_a_refused_profile_names_its_field(window: Served) -> None:
    """The words stand at the field, which gets the focus."""
    error = {"field": "skills.0", "message": "is too long", "type": "value_error"}
    window.refuses("PUT", "experts/me", 422, "VALIDATION_FAILED", errors=[error])
    window.opens("/desk")

    window.page.get_by_role("button", name="Save profile").click()

    expect(window.page.get_by_label("Skills")).to_be_focused()
    expect(window.page.get_by_text("is too long")).to_be_visible()


def test_who_is_not_approved_yet_is_told_and_asks_for_nothing(window: Served) -> None:
    """No refusal is run into."""
    window.says("GET", "experts/me", expert(approved=False, status="offline"))
    window.opens("/desk")

    expect(window.page.get_by_text("Not approved yet.")).to_be_visible()
    expect(window.page.get_by_role("switch", name="Online")).to_be_disabled()
    assert window.requests("GET", "queue") == []


def test_an_offer_is_announced_counts_down_and_is_accepted(window: Served) -> None:
    """Urgent is marked; accepting leads to the session."""
    window.says("POST", "offers/offer-1/accept", TAKEN)
    window.opens("/desk")
    expect(window.page.get_by_text("Nothing is offered to you just now")).to_be_visible()

    window.says("GET", "offers", {"items": [offer(urgent=True, expiresAt=ago(-8))]})

    offers = region(window, "Offered to you")
    expect(offers.get_by_text("Urgent")).to_be_visible()
    expect(offers.get_by_role("timer")).to_have_attribute("data-short", "")
    expect(window.page.locator("#announcer")).to_contain_text("New offer: urgent, Chat.")
    before = offers.get_by_role("timer").text_content()
    expect(offers.get_by_role("timer")).not_to_have_text(before or "")
    offers.get_by_role("button", name="Accept").click()
    expect(window.page.get_by_text("You have taken this session")).to_be_visible()


def test_an_offer_that_runs_out_goes_by_itself(window: Served) -> None:
    """Nobody presses a button that is too late; the focus is not lost."""
    window.says("GET", "offers", {"items": [offer(expiresAt=ago(-3))]})
    window.opens("/desk")
    window.page.get_by_role("button", name="Accept").focus()

    expect(window.page.get_by_role("button", name="Accept")).to_have_count(0)

    expect(window.page.get_by_role("heading", name="Offered to you")).to_be_focused()
    expect(window.page.get_by_text("Nothing is offered to you just now")).to_be_visible()


def test_an_offer_is_declined(window: Served) -> None:
    """It goes at once."""

    def declined(_asked: Asked) -> dict[str, Any]:
        window.says("GET", "offers", {"items": []})
        return offer(status="declined")

    window.says("GET", "offers", {"items": [offer()]})
    window.says("POST", "offers/offer-1/decline", declined)
    window.opens("/desk")

    window.page.get_by_role("button", name="Decline").click()

    expect(window.page.get_by_role("button", name="Decline")).to_have_count(0)


@pytest.mark.parametrize(("code", "words"), LOST)
def test_a_lost_race_is_told_kindly_and_the_lists_are_renewed(
    window: Served, code: str, words: str
) -> None:
    """No error page: the session was taken, and here is what there is now."""

    def refused(asked: Asked) -> None:
        window.says("GET", "offers", {"items": []})
        asked.fulfill(status=409, json={"code": code, "detail": "Refused."})

    window.says("GET", "offers", {"items": [offer()]})
    window.says("POST", "offers/offer-1/accept", refused)
    window.page.clock.install()
    window.opens("/desk")
    expect(window.page.get_by_role("button", name="Accept")).to_be_visible()
    # Time stands still: the list is not renewed by the next look of the clock.
    window.page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))
    window.page.wait_for_timeout(300)

    window.page.get_by_role("button", name="Accept").click()

    expect(window.page.get_by_text(words)).to_be_visible()
    expect(window.page.get_by_role("button", name="Accept")).to_have_count(0)


def test_the_queue_is_shown_in_order_and_claimed(window: Served) -> None:
    """Urgent ones are marked, waiting times run, and a claim leads to the session."""
    items = [queued(1, urgent=True, queuedAt=ago(700)), queued(2, isSpecialist=True)]
    window.says("GET", "queue", {"items": items, "waiting": 4})
    window.says("POST", f"sessions/{SESSION}-1/claim", TAKEN)
    window.opens("/desk")

    rows = region(window, "Queue").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Urgent")
    expect(rows.nth(0)).to_contain_text("Waits 11 min")
    expect(rows.nth(1)).to_contain_text("Specialist")
    expect(region(window, "Queue")).to_contain_text("2 for you, 4 waiting in all")
    rows.nth(0).get_by_role("button", name="Claim").click()
    expect(window.page.get_by_text("You have taken this session")).to_be_visible()


def test_a_claim_that_came_second_is_told(window: Served) -> None:
    """The same kind words as for an offer."""

    def refused(asked: Asked) -> None:
        window.says("GET", "queue", {"items": [], "waiting": 0})
        asked.fulfill(status=409, json={"code": "ALREADY_TAKEN", "detail": "Refused."})

    window.says("GET", "queue", {"items": [queued()], "waiting": 1})
    window.says("POST", f"sessions/{SESSION}-1/claim", refused)
    window.opens("/desk")

    window.page.get_by_role("button", name="Claim").click()

    expect(window.page.get_by_text("Another expert was a little faster.")).to_be_visible()
    expect(region(window, "Queue")).to_contain_text("Nobody waits.")


def test_what_has_not_changed_does_not_travel(window: Served) -> None:
    """The last answer's ETag goes along, and 304 keeps what is shown."""

    def by_etag(asked: Asked) -> dict[str, Any] | None:
        if asked.request.headers.get("if-none-match") == '"q1"':
            asked.fulfill(status=304, headers={"ETag": '"q1"'})
            return None
        body = {"items": [queued()], "waiting": 1}
        asked.fulfill(json=body, headers={"ETag": '"q1"'})
        return None

    window.says("GET", "queue", by_etag)
    window.opens("/desk")
    claim = window.page.get_by_role("button", name="Claim")
    claim.focus()
    with window.page.expect_response(lambda answer: answer.status == 304):
        pass

    expect(claim).to_be_focused()
    sent = [headers.get("if-none-match") for _, headers in window.requests("GET", "queue")]
    assert sent[:2] == [None, '"q1"']


def test_a_desk_that_is_out_of_sight_asks_for_nothing(window: Served) -> None:
    """Polling rests while the page is hidden and looks at once when it is shown again."""
    hide = """(hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    window.opens("/desk")
    expect(window.page.get_by_text("Nothing is offered to you just now")).to_be_visible()
    window.page.evaluate(hide, True)
    window.page.wait_for_timeout(500)
    looks = len(window.requests("GET", "offers"))
    window.page.wait_for_timeout(4000)
    assert len(window.requests("GET", "offers")) == looks

    with window.page.expect_request("**/api/offers"):
        window.page.evaluate(hide, False)


def test_own_sessions_stand_open_and_past(window: Served) -> None:
    """What is still to be done is apart from what is done."""
    items = [listed("live"), listed("waiting"), listed("completed")]
    window.says("GET", "experts/me/sessions", page(*items))
    window.opens("/desk")

    links = window.page.locator(f"a[href='#/sessions/{SESSION}']")
    expect(links).to_have_count(3)
    expect(links.nth(0)).to_contain_text("Live")
    expect(links.nth(1)).to_contain_text("Ready to begin")
    expect(links.nth(2)).to_contain_text("Completed")


def test_a_desk_that_cannot_be_opened_is_tried_again(window: Served) -> None:
    """The server's words, and Retry; lists that fail later say so and recover."""
    window.refuses("GET", "experts/me", 503, "STORE_UNAVAILABLE")
    window.opens("/desk")
    expect(window.page.get_by_text("Refused: STORE_UNAVAILABLE.")).to_be_visible()
    window.says("GET", "experts/me", expert())
    window.page.get_by_role("button", name="Retry").click()
    expect(window.page.get_by_text("Nothing is offered to you just now")).to_be_visible()

    window.refuses("GET", "offers", 503, "STORE_UNAVAILABLE")
    expect(window.page.get_by_text("Offers cannot be loaded just now.")).to_be_visible()
    window.says("GET", "offers", {"items": []})

    expect(window.page.get_by_text("Offers cannot be loaded just now.")).to_have_count(0)


def test_hostile_names_stay_text(window: Served) -> None:
    """What customers and other experts write is shown, never run."""
    window.says("GET", "experts/me", expert(name=HOSTILE, skills=[HOSTILE], workshopId=HOSTILE))
    window.says("GET", "offers", {"items": [offer(type=HOSTILE, plan=HOSTILE)]})
    row = queued(type=HOSTILE, plan=HOSTILE, routingType=HOSTILE, workshopId=HOSTILE)
    window.says("GET", "queue", {"items": [row], "waiting": 1})
    window.says("GET", "experts/me/sessions", page(listed("live", type=HOSTILE, plan=HOSTILE)))
    window.opens("/desk")

    expect(region(window, "Queue").get_by_text(HOSTILE).first).to_be_visible()
    assert window.page.evaluate("window.hostile") is None
