"""A session with an expert in each of its states, for the customer and for the expert."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.asked import Asked
from tests.browser.person import ME
from tests.browser.samples import (
    EXPERT,
    HOSTILE,
    INTAKE,
    SESSION,
    ago,
    event,
    intake,
    listed,
    message,
    online,
    page,
    session,
)
from tests.browser.served import Served

PATH = f"sessions/{SESSION}"
FOR_EXPERT: dict[str, Any] = {"customerUserId": "somebody", "expertId": ME}


@pytest.fixture
def window(served: Served) -> Served:
    """A window in front of a server with one session."""
    served.says("GET", f"intake/{INTAKE}", intake(status="consumed", sessionId=SESSION))
    served.says("GET", "experts", {"items": [online()]})
    served.says("GET", f"{PATH}/position", {"position": 2, "waiting": 5, "expertsOnline": 3})
    served.says("GET", f"{PATH}/messages", page())
    return served


def shows(window: Served, status: str, **change: Any) -> None:
    """Open the session in that state."""
    window.says("GET", PATH, session(status, **change))
    window.opens(f"/{PATH}")
    expect(window.page.locator(".session-state")).to_be_visible()


def moves(window: Served, act: str, status: str, **change: Any) -> None:
    """Let that move lead to that state."""
    detail = session(status, **change)

    def done(_asked: Asked) -> dict[str, Any]:
        window.says("GET", PATH, detail)
        return detail

    window.says("POST", f"{PATH}/{act}", done)


def button(window: Served, name: str) -> Any:
    """The button of that name in the page itself."""
    return window.page.locator("main").get_by_role("button", name=name, exact=True)


def in_dialog(window: Served, name: str) -> Any:
    """The button of that name in the open dialogue."""
    return window.page.get_by_role("dialog").get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("free", "It is free, so nothing can be lost."),
        ("credits", "2.00 VocahireCredits go back to your balance."),
        ("stripe", "Your payment comes back to you"),
    ],
)
def test_the_waiting_room_tells_place_time_and_money(
    window: Served, method: str, words: str
) -> None:
    """Position, who is there, how long, until when, and what happens if nobody comes."""
    shows(window, "pending", paymentMethod=method, cost=2.0, deadline=ago(-1500))

    room = window.page.get_by_role("region", name="Waiting room")
    expect(room).to_contain_text("You are number 2 of 5")
    expect(room.locator("dd").nth(0)).to_have_text("3")
    expect(room.locator("dd").nth(1)).to_have_text("3 min")
    expect(room.locator("dd").nth(2)).to_have_text(re.compile(r"^\d\d:\d\d$"))
    expect(room).to_contain_text(words)
    expect(window.page.get_by_text("It rattles when cold.")).to_be_visible()


def test_a_moving_queue_is_followed_and_announced(window: Served) -> None:
    """The place changes by itself, also for those who hear the page."""
    shows(window, "pending")
    expect(window.page.locator(".place")).to_have_text("You are number 2 of 5")

    window.says("GET", f"{PATH}/position", {"position": 1, "waiting": 4, "expertsOnline": 0})

    expect(window.page.locator(".place")).to_have_text("You are number 1 of 4")
    expect(window.page.locator("#announcer")).to_have_text("You are number 1 of 4")
    expect(window.page.get_by_text("none just now")).to_be_visible()


def test_a_session_nobody_places_yet_still_waits_in_peace(window: Served) -> None:
    """No number is no error."""
    window.says("GET", f"{PATH}/position", {"position": None, "waiting": 0, "expertsOnline": 0})
    shows(window, "pending")

    expect(window.page.get_by_text("Finding your place in the queue…")).to_be_visible()


def test_an_unsigned_waiver_is_reminded_of_while_waiting(window: Served) -> None:
    """The link brings session, plan and intake along."""
    shows(window, "pending", waiverSignedAt=None)

    link = window.page.get_by_role("link", name="Read and sign the waiver")

    expect(link).to_have_attribute(
        "href", f"#/intake/waiver?session={SESSION}&plan=quick&intake_id={INTAKE}"
    )


def test_waiting_is_given_up_after_a_question(window: Served) -> None:
    """One slip of a finger cancels nothing; afterwards it says that the money came back."""
    moves(window, "cancel", "cancelled", givenBack=True)
    shows(window, "pending")

    button(window, "Cancel").click()
    in_dialog(window, "Keep waiting").click()
    assert window.requests("POST", f"{PATH}/cancel") == []
    button(window, "Cancel").click()
    in_dialog(window, "Cancel the session").click()

    expect(window.page.get_by_role("heading", name="The session was cancelled")).to_be_focused()
    expect(window.page.get_by_text("Your payment came back to you.")).to_be_visible()
    expect(window.page.get_by_role("link", name="Your purchases")).to_be_visible()


def test_an_expert_who_came_is_named_and_begins_at_once(window: Served) -> None:
    """The page changes by itself, says who is there, and puts the focus on Begin."""
    moves(window, "start", "live")
    shows(window, "pending")
    window.says("GET", PATH, session("waiting"))

    expect(window.page.get_by_text("Kim Kowalski is here")).to_be_visible()
    expect(button(window, "Begin")).to_be_focused()
    button(window, "Begin").click()

    expect(window.page.get_by_role("timer", name="Time running")).to_have_text(
        re.compile(r"1:\d\d")
    )
    expect(window.page.get_by_label("Your message")).to_be_focused()


def test_an_expert_without_a_name_is_still_an_expert(window: Served) -> None:
    """Who went offline meanwhile is not in the list of names."""
    window.says("GET", "experts", {"items": []})
    shows(window, "waiting")

    expect(window.page.get_by_text("An expert is here")).to_be_visible()


@pytest.mark.parametrize(
    ("side", "words"),
    [
        ({}, "Please sign the waiver first, then begin."),
        (FOR_EXPERT, "It can begin as soon as they have; you may remind them in the chat."),
    ],
)  # fmt: skip
def test_beginning_without_a_waiver_says_what_to_do(
    window: Served, side: dict[str, Any], words: str
) -> None:
    """The customer gets the link, the expert the reason."""
    window.refuses("POST", f"{PATH}/start", 409, "WAIVER_REQUIRED")
    shows(window, "waiting", waiverSignedAt=None, **side)

    button(window, "Begin").click()

    expect(window.page.get_by_text(words)).to_be_visible()
    expect(button(window, "Begin")).to_be_enabled()


def test_both_write_and_read_in_the_room(window: Served) -> None:
    """Own and other words are told apart, new ones are read out, hostile ones stay text."""
    window.says("GET", f"{PATH}/messages", page(message(1, "Hello."), message(2, "Hi!", by=ME)))
    shows(window, "live")
    turns = window.page.locator("ol.chat li")
    expect(turns).to_have_count(2)
    expect(turns.nth(0)).to_contain_text("Expert")
    expect(turns.nth(1)).to_have_attribute("data-own", "true")

    window.says(
        "GET", f"{PATH}/messages",
        page(message(1, "Hello."), message(2, "Hi!", by=ME), message(3, HOSTILE)),
    )  # fmt: skip

    expect(turns).to_have_count(3)
    expect(turns.nth(2)).to_contain_text(HOSTILE)
    expect(window.page.locator("[aria-live]").filter(has_text=HOSTILE)).to_have_count(1)
    assert window.page.evaluate("window.hostile") is None


def test_enter_sends_once_and_shift_enter_makes_a_line(window: Served) -> None:
    """The text is sent under a key, shown once, and the box is empty and focused."""
    sent = message(9, "One\ntwo", by=ME)

    def said(_asked: Asked) -> dict[str, Any]:
        window.says("GET", f"{PATH}/messages", page(sent))
        return sent

    window.says("POST", f"{PATH}/messages", said, status=201)
    shows(window, "live")
    box = window.page.get_by_label("Your message")
    box.fill("One")
    box.press("Shift+Enter")
    box.press_sequentially("two")

    box.press("Enter")

    expect(window.page.locator("ol.chat li")).to_have_count(1)
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    [(body, headers)] = window.requests("POST", f"{PATH}/messages")
    assert body == {"text": "One\ntwo"}
    assert headers["idempotency-key"]
    expect(window.page.get_by_text("Nothing was written yet.")).to_have_count(0)


def test_words_that_were_not_sent_stay_and_go_out_under_the_same_key(window: Served) -> None:
    """A lost answer doubles nothing."""
    window.says("POST", f"{PATH}/messages", {"code": "UNAVAILABLE", "detail": "Busy."}, status=503)
    shows(window, "live")
    box = window.page.get_by_label("Your message")
    box.fill("Hello?")
    box.press("Enter")
    expect(window.page.get_by_text("Not sent. Busy.")).to_be_visible()
    expect(box).to_have_value("Hello?")
    window.says("POST", f"{PATH}/messages", message(1, "Hello?", by=ME), status=201)

    box.press("Enter")

    expect(box).to_have_value("")
    first, second = window.requests("POST", f"{PATH}/messages")
    assert first[1]["idempotency-key"] == second[1]["idempotency-key"]


def test_a_long_chat_is_read_page_by_page_and_not_again(window: Served) -> None:
    """What was read stays; only the page that can still grow is asked for anew."""
    addresses: list[str] = []

    def pages(asked: Asked) -> dict[str, Any]:
        addresses.append(asked.request.url)
        if "cursor=next" in asked.request.url:
            return page(message(2, "Second."))
        return page(message(1, "First."), cursor="next")

    window.says("GET", f"{PATH}/messages", pages)
    shows(window, "live")

    expect(window.page.locator("ol.chat li")).to_have_count(2)
    for _ in range(2):  # the second request is sent after the first one's answer was shown
        with window.page.expect_request(lambda request: "cursor=next" in request.url):
            pass
    expect(window.page.locator("ol.chat li")).to_have_count(2)
    assert sum("cursor=next" not in url for url in addresses) == 1


def test_the_end_needs_a_yes_and_shows_what_happened(window: Served) -> None:
    """The summary has the events in words, oldest first, and what was written."""
    events = [
        event("created", by=ME, seconds_ago=180), event("offered", seconds_ago=170),
        event("accepted", by=EXPERT, seconds_ago=90), event("waiver_signed", by=ME),
        event("live", by=ME, seconds_ago=50), event("completed", by=ME, seconds_ago=5),
        event("something_new", seconds_ago=4),
    ]  # fmt: skip
    moves(window, "end", "completed", events=events)
    window.says("GET", f"{PATH}/messages", page(message(1, "Goodbye.")))
    shows(window, "live")

    button(window, "End session").click()
    in_dialog(window, "Go on").click()
    assert window.requests("POST", f"{PATH}/end") == []
    button(window, "End session").click()
    in_dialog(window, "End session").click()

    expect(window.page.locator("ol.timeline li > span:first-child")).to_have_text([
        "You asked for an expert", "Experts were asked", "The expert took the session",
        "You signed the waiver", "The session began", "You ended the session", "something new",
    ])  # fmt: skip
    expect(window.page.get_by_text("Goodbye.")).to_be_visible()
    expect(window.page.get_by_text("1 min 10 s")).to_be_visible()
    expect(window.page.get_by_label("Your message")).to_have_count(0)
    window.page.get_by_role("link", name="Your history").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Your history")


def test_an_end_by_the_other_side_is_seen(window: Served) -> None:
    """Nobody sits in a room that is closed."""
    shows(window, "live")

    window.says("GET", PATH, session("completed"))

    expect(window.page.get_by_role("heading", name="The session is over")).to_be_focused()


def test_a_session_that_expired_says_what_came_back(window: Served) -> None:
    """Nobody came: the customer reads where the money is."""
    shows(window, "expired", paymentMethod="credits", cost=2.0, givenBack=True)

    expect(window.page.get_by_text("2.00 VocahireCredits were given back")).to_be_visible()


def test_an_expert_sees_the_question_and_can_give_it_back(window: Served) -> None:
    """Before it is live the session goes back into the queue, and the desk opens."""
    window.says("POST", f"{PATH}/release", {"sessionId": SESSION, "status": "pending"})
    window.refuses("GET", "experts/me", 403, "NOT_AN_EXPERT")
    shows(window, "waiting", **FOR_EXPERT)
    expect(window.page.get_by_text("Volvo V60 2019")).to_be_visible()
    expect(window.page.get_by_text("You have taken this session")).to_be_visible()

    button(window, "Give it back").click()
    in_dialog(window, "Give it back").click()

    expect(window.page.get_by_role("heading", level=1)).to_have_text("Expert desk")
    assert len(window.requests("POST", f"{PATH}/release")) == 1


def test_an_expert_who_lost_the_session_is_told(window: Served) -> None:
    """What is not theirs any more is gone from the window, with the way back."""
    shows(window, "waiting", **FOR_EXPERT)

    window.refuses("GET", PATH, 404, "NOT_FOUND")

    expect(window.page.get_by_text("This session is not yours, or not any more")).to_be_visible()


def test_a_lost_connection_is_told_and_recovers(window: Served) -> None:
    """The room stays, and says when it is behind."""
    shows(window, "live")
    window.refuses("GET", PATH, 503, "STORE_UNAVAILABLE")
    expect(window.page.get_by_text("The connection is lost. Trying again…")).to_be_visible()

    window.says("GET", PATH, session("live"))

    expect(window.page.get_by_text("The connection is lost.")).to_have_count(0)
    expect(button(window, "End session")).to_be_visible()


def test_a_move_that_comes_too_late_shows_the_state_there_is(window: Served) -> None:
    """The refusal is told, and the page catches up."""
    shows(window, "waiting")
    window.refuses("POST", f"{PATH}/start", 409, "INVALID_TRANSITION")
    window.says("GET", PATH, session("cancelled"))

    button(window, "Begin").click()

    expect(window.page.get_by_role("heading", name="The session was cancelled")).to_be_visible()


def test_an_unknown_session_and_a_failure_are_different(window: Served) -> None:
    """A foreign one has nothing to retry, a failure has."""
    window.refuses("GET", PATH, 503, "STORE_UNAVAILABLE")
    window.opens(f"/{PATH}")
    expect(button(window, "Retry")).to_be_visible()
    window.refuses("GET", PATH, 404, "NOT_FOUND")

    button(window, "Retry").click()

    expect(window.page.get_by_text("This session is not yours, or not any more")).to_be_visible()
    expect(button(window, "Retry")).to_have_count(0)


def test_an_interview_is_shown_in_its_own_place(window: Served) -> None:
    """An interview that is over has its feedback page."""
    window.says("GET", PATH, session("completed", type="interview"))
    window.says("GET", f"interviews/{SESSION}", {"code": "x"}, status=404)
    window.opens(f"/{PATH}")

    expect(window.page).to_have_url(re.compile(f"#/interviews/{SESSION}$"))


def test_history_lists_sessions_with_experts_beside_interviews(window: Served) -> None:
    """Type, state and date, page by page; pages that hold only interviews are read past."""

    def pages(asked: Asked) -> dict[str, Any]:
        if "cursor=two" in asked.request.url:
            return page(listed("completed", type="video"), cursor="three")
        if "cursor=three" in asked.request.url:
            return page(listed("live"))
        return page(listed("completed", type="interview"), cursor="two")

    window.says("GET", "sessions", pages)
    window.opens("/interviews")
    rows = window.page.locator(f"a[href='#/{PATH}']")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Video call")
    expect(rows.first).to_contain_text("Completed")

    window.page.get_by_role("button", name="Load more").click()

    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("Live")
