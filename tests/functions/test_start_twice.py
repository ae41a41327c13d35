"""Starting twice: one session and one debit, whatever a double click or a retry sends."""

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.fakes.provider import OFFER
from tests.parallel import together
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault
from tests.world import Person, Reply, World

KEY = "one click"
START = "POST /api/realtime-session"
MINT = "/client_secrets"


def known(world: World) -> Person:
    """Somebody with 3.00 credits, whose later entries have a later time."""
    person = world.person()
    assert person.credits() == 3.0
    world.clock.move(1)
    return person


def spent(person: Person) -> list[str]:
    """The ledger's keys besides the welcome grant, with the session's id left out, sorted."""
    return sorted(
        entry["id"].replace(entry["sessionId"], "<s>")
        for entry in person.ledger()
        if entry["sessionId"]
    )


def test_two_clicks_with_different_keys_start_one_session(world: World) -> None:
    ada = known(world)

    answers = together(lambda: ada.start(key="a"), lambda: ada.start(key="b"))

    won, lost = sorted(answers, key=lambda answer: answer.status)
    assert (won.status, lost.status) == (201, 409), [one.text for one in answers]
    assert lost.code == "ACTIVE_SESSION_EXISTS"
    assert lost.body["activeSessionId"] == won.body["sessionId"]
    assert lost.body["activeSessionType"] == "interview"
    assert lost.body["activeSessionStatus"] == "pending"
    assert lost.body["error"] == "You already have an active session"
    assert world.provider.count(MINT) == 1
    assert spent(ada) == ["debit:<s>:1"]


def test_one_click_that_arrives_fifty_times_is_one_session_and_one_debit(world: World) -> None:
    ada = world.person()  # whose row does not exist yet either

    answers = together(*[lambda: ada.start({"jobTitle": "Welder"}, key=KEY)] * 50)

    begun = [answer for answer in answers if answer.status == 201]
    others = [answer for answer in answers if answer.status != 201]
    assert begun
    assert len({answer.body["sessionId"] for answer in begun}) == 1
    assert {(answer.status, answer.code) for answer in others} <= {(409, "IDEMPOTENCY_IN_PROGRESS")}
    assert all(answer.headers["Retry-After"] for answer in others)
    assert sum("Idempotency-Replayed" not in answer.headers for answer in begun) == 1
    assert world.provider.count(MINT) == 1
    assert ada.credits() == 2.0
    assert spent(ada) == ["debit:<s>:1"]


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "new"])
def test_a_repeat_after_success_gets_the_same_answer(world: World, is_known: bool) -> None:
    ada = known(world) if is_known else world.person()
    first = ada.start({"jobTitle": "Welder"}, key=KEY)
    world.clock.move(5)

    again = ada.start({"jobTitle": "Welder"}, key=KEY)

    assert (first.status, again.status) == (201, 201)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.text == first.text
    assert first.body["credits"] == (None if is_known else 2.0), "told where it takes no read"
    assert world.provider.count(MINT) == 1
    assert ada.credits() == 2.0


def test_a_repeat_is_answered_although_nothing_is_left_to_spend(make_world: Any) -> None:
    world = make_world(INITIAL_CENTICREDITS="100")
    ada = world.person()
    first = ada.start(key=KEY)
    assert ada.credits() == 0.0

    again = ada.start(key=KEY)

    assert (again.status, again.text) == (201, first.text)


def test_a_repeat_is_answered_although_the_hours_starts_are_used_up(make_world: Any) -> None:
    world = make_world(STARTS_PER_HOUR="1")
    ada = known(world)
    first = ada.start(key=KEY)

    assert ada.start(key=KEY).text == first.text


def test_the_key_with_another_body_is_refused_and_changes_nothing(world: World) -> None:
    ada = known(world)
    first = ada.start({"jobTitle": "Welder"}, key=KEY)

    other = ada.start({"jobTitle": "Baker"}, key=KEY)

    assert (other.status, other.code) == (422, "IDEMPOTENCY_MISMATCH")
    assert ada.start({"jobTitle": "Welder"}, key=KEY).text == first.text
    assert spent(ada) == ["debit:<s>:1"]


def test_the_same_key_of_somebody_else_is_another_key(world: World) -> None:
    ada, eve = known(world), known(world)

    mine, theirs = ada.start(key=KEY), eve.start({"jobTitle": "Baker"}, key=KEY)

    assert (mine.status, theirs.status) == (201, 201)
    assert mine.body["sessionId"] != theirs.body["sessionId"]
    assert (ada.credits(), eve.credits()) == (2.0, 2.0)


def test_the_key_of_a_failed_attempt_starts_again_and_debits_once(world: World) -> None:
    ada = known(world)
    world.provider.script(MINT, httpx.Response(500))

    failed, begun = ada.start(key=KEY), ada.start(key=KEY)

    assert (failed.status, begun.status) == (502, 201)
    assert "Idempotency-Replayed" not in begun.headers
    assert spent(ada) == ["debit:<s>:1", "debit:<s>:2", "void:<s>:1"]
    assert ada.credits() == 2.0
    assert ada.exchange(begun, OFFER).status == 201
    found = ada.call(f"GET /api/sessions/{begun.body['sessionId']}").body
    assert (found["attempt"], found["charged"], found["givenBack"]) == (2, True, False)
    assert [one["eventType"] for one in found["events"]] == [
        "created",
        "mint_failed",
        "rearmed",
        "live",
    ]


def test_a_second_failed_attempt_is_given_back_like_the_first(world: World) -> None:
    ada = known(world)
    world.provider.script(MINT, httpx.Response(500), httpx.Response(500))

    answers = [ada.start(key=KEY) for _ in range(3)]

    assert [answer.status for answer in answers] == [502, 502, 201]
    assert spent(ada) == [
        "debit:<s>:1",
        "debit:<s>:2",
        "debit:<s>:3",
        "void:<s>:1",
        "void:<s>:2",
    ]
    assert ada.credits() == 2.0


def test_the_key_of_a_failed_attempt_keeps_to_its_body(world: World) -> None:
    ada = known(world)
    world.provider.script(MINT, httpx.Response(500))
    ada.start({"jobTitle": "Welder"}, key=KEY)

    other = ada.start({"jobTitle": "Baker"}, key=KEY)

    assert (other.status, other.code) == (422, "IDEMPOTENCY_MISMATCH")
    assert ada.credits() == 3.0


def test_a_failed_attempt_that_is_repeated_in_parallel_starts_one_session(world: World) -> None:
    ada = known(world)
    world.provider.script(MINT, httpx.Response(500))
    ada.start(key=KEY)

    answers = together(*[lambda: ada.start(key=KEY)] * 16)

    assert {answer.status for answer in answers} <= {201, 409}
    assert {answer.code for answer in answers if answer.status == 409} <= {
        "IDEMPOTENCY_IN_PROGRESS"
    }
    assert any(answer.status == 201 for answer in answers)
    assert world.provider.count(MINT) == 2
    assert spent(ada) == ["debit:<s>:1", "debit:<s>:2", "void:<s>:1"]


def test_a_failed_session_does_not_take_the_place_of_another_one(world: World) -> None:
    ada = known(world)
    world.provider.script(MINT, httpx.Response(500))
    ada.start(key=KEY)
    other = ada.start(key="another")

    again = ada.start(key=KEY)

    assert (again.status, again.code) == (409, "ACTIVE_SESSION_EXISTS")
    assert again.body["activeSessionId"] == other.body["sessionId"]
    assert ada.credits() == 2.0


def test_a_repeat_while_the_first_is_minting_is_told_to_wait(world: World) -> None:
    ada = known(world)
    repeats: list[Reply] = []

    def slow(request: httpx.Request) -> httpx.Response:
        repeats.append(ada.start(key=KEY))
        return world.provider._client_secret(request)

    world.provider.script(MINT, slow)

    first = ada.start(key=KEY)

    assert first.status == 201
    assert [(one.status, one.code) for one in repeats] == [(409, "IDEMPOTENCY_IN_PROGRESS")]
    assert repeats[0].headers["Retry-After"] == "1"


def live(ada: Person, started: Reply) -> str:
    assert ada.exchange(started, OFFER).status == 201
    return "live"


def completed(ada: Person, started: Reply) -> str:
    live(ada, started)
    ada.call(f"POST /api/sessions/{started.body['sessionId']}/end")
    return "completed"


def cancelled(ada: Person, started: Reply) -> str:
    ada.call(f"POST /api/sessions/{started.body['sessionId']}/cancel")
    return "cancelled"


def expired(ada: Person, started: Reply) -> str:
    ada.world.clock.move(181)
    ada.world.sweep()
    return "expired"


@pytest.mark.parametrize("move", [live, completed, cancelled, expired], ids=lambda f: f.__name__)
def test_a_repeat_after_the_session_has_moved_on_shows_the_state_and_starts_nothing(
    world: World, move: Callable[[Person, Reply], str]
) -> None:
    ada = known(world)
    first = ada.start(key=KEY)
    status = move(ada, first)
    balance = ada.credits()

    again = ada.start(key=KEY)

    assert again.status == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.body == first.body | {"status": status}
    assert world.provider.count(MINT) == 1
    assert ada.credits() == balance


def test_a_repeat_after_the_token_was_burnt_names_the_session_that_wants_a_fresh_one(
    world: World,
) -> None:
    ada = known(world)
    first = ada.start(key=KEY)
    world.provider.script("/calls", httpx.ReadTimeout("late"))
    assert ada.exchange(first, OFFER).status == 504

    again = ada.start(key=KEY)

    assert (again.status, again.code) == (410, "TOKEN_EXPIRED")
    assert again.body["sessionId"] == first.body["sessionId"]
    assert again.body["sessionStatus"] == "pending"


def test_a_repeat_after_a_fresh_token_holds_that_token(world: World) -> None:
    ada = known(world)
    first = ada.start(key=KEY)
    fresh = ada.call(f"POST /api/realtime-session/{first.body['sessionId']}/token")

    again = ada.start(key=KEY)

    assert again.body["token"] == fresh.body["token"] != first.body["token"]
    assert ada.exchange(again, OFFER).status == 201


def test_a_start_that_is_cancelled_while_it_mints_is_given_back_and_its_key_is_spent(
    world: World,
) -> None:
    ada = known(world)

    def cancels(request: httpx.Request) -> httpx.Response:
        active = ada.call("GET /api/sessions/active").body
        assert active["status"] == "reserved"
        ada.call(f"POST /api/sessions/{active['sessionId']}/cancel")
        return world.provider._client_secret(request)

    world.provider.script(MINT, cancels)

    first, again = ada.start(key=KEY), ada.start(key=KEY)

    assert (first.status, first.code) == (409, "INVALID_TRANSITION")
    assert (again.status, again.code) == (409, "INVALID_TRANSITION")
    assert again.body["from"] == "cancelled"
    assert spent(ada) == ["debit:<s>:1", "void:<s>:1"]
    assert ada.start(key="another").status == 201


@pytest.mark.parametrize("key", ["", "é", "x" * 256, "a\tb"])
def test_a_key_that_is_not_1_to_255_printable_characters_is_refused(world: World, key: str) -> None:
    answer = known(world).start(key=key)

    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert world.provider.requests == []


def test_killed_between_the_transaction_and_the_mint_the_sweeper_restores_once(
    world: World,
) -> None:
    ada = known(world)
    with (
        faults.plan(Fault(kind="crash_before", operation=f"POST /v1/realtime{MINT}")),
        pytest.raises(Crash),
    ):
        ada.start(key=KEY)
    assert ada.credits() == 2.0
    assert ada.start(key=KEY).code == "IDEMPOTENCY_IN_PROGRESS"
    assert ada.start(key="another").code == "ACTIVE_SESSION_EXISTS"
    world.clock.move(179)
    assert world.sweep()["given_back"] == 0

    world.clock.move(1)
    assert world.sweep()["given_back"] == 1
    before = world.rows()
    assert world.sweep()["given_back"] == 0

    assert world.rows() == before
    assert spent(ada) == ["debit:<s>:1", "void:<s>:1"]
    assert ada.call("GET /api/sessions/active").status == 204
    assert ada.start(key=KEY).status == 201
    assert spent(ada) == ["debit:<s>:1", "debit:<s>:2", "void:<s>:1"]


def test_the_body_of_a_start_that_says_it_is_base64_and_is_not_is_refused(world: World) -> None:
    answer = known(world).call(START, "%%%", base64_body=True)

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")


def test_a_body_in_base64_is_read_as_what_it_says(world: World) -> None:
    ada = known(world)
    body = base64.b64encode(b'{"jobTitle": "Welder"}').decode()

    answer = ada.call(START, body, base64_body=True)

    assert answer.status == 201
    found = ada.call(f"GET /api/sessions/{answer.body['sessionId']}").body
    assert found["jobTitle"] == "Welder"
