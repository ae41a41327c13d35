"""Offers at the same moment, and fresh tokens: one session never has two calls."""

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.fakes.provider import ANSWER, OFFER
from tests.parallel import WAIT_S, together
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault
from tests.world import Person, Reply, World

CALLS = "/realtime/calls"
SECOND = OFFER.replace(b"s=-", b"s=second")


def started(world: World) -> tuple[Person, Reply]:
    ada = world.person()
    answer = ada.start()
    assert answer.status == 201, answer.text
    return ada, answer


def fresh(person: Person, begun: Reply) -> Reply:
    return person.call(f"POST /api/realtime-session/{begun.body['sessionId']}/token")


def move(person: Person, begun: Reply, act: str) -> Reply:
    return person.call(f"POST /api/sessions/{begun.body['sessionId']}/{act}")


def session_of(person: Person, begun: Reply) -> Any:
    return person.call(f"GET /api/sessions/{begun.body['sessionId']}").body


def calls_made(world: World) -> int:
    return sum(request.url.path.endswith(CALLS) for request in world.provider.requests)


def hung_up(world: World) -> list[str]:
    paths = [request.url.path for request in world.provider.requests]
    return [path.split("/")[-2] for path in paths if path.endswith("/hangup")]


def call_id(world: World, person: Person, begun: Reply) -> str | None:
    session_id = begun.body["sessionId"]
    return world.wiring("sessions").session_store.load(session_id, user_id=person.user_id).call_id


def meanwhile(world: World, act: Callable[[], Any], call: str = "rtc_x") -> list[Any]:
    """Let the next exchange take as long as ``act`` does; what it answered."""
    results: list[Any] = []

    def slow(_request: httpx.Request) -> httpx.Response:
        results.append(act())
        headers = {"Content-Type": "application/sdp", "Location": f"/v1/realtime/calls/{call}"}
        return httpx.Response(201, content=ANSWER, headers=headers)

    world.provider.script("/calls", slow)
    return results


def test_two_different_offers_at_once_make_one_call(world: World) -> None:
    ada, begun = started(world)
    arrived, refused = threading.Event(), threading.Event()

    def held(_request: httpx.Request) -> httpx.Response:
        arrived.set()
        assert refused.wait(WAIT_S)
        return httpx.Response(201, content=ANSWER, headers={"Content-Type": "application/sdp"})

    world.provider.script("/calls", held)

    def first() -> Reply:
        return ada.exchange(begun, OFFER)

    def second() -> Reply:
        assert arrived.wait(WAIT_S)
        answer = ada.exchange(begun, SECOND)
        refused.set()
        return answer

    won, lost = together(first, second)

    assert won.status == 201
    assert (lost.status, lost.code) == (409, "EXCHANGE_IN_PROGRESS")
    assert lost.headers["Retry-After"] == "1"
    assert calls_made(world) == 1


def test_sixteen_offers_at_once_make_one_call(world: World) -> None:
    ada, begun = started(world)
    offers = [OFFER.replace(b"s=-", f"s={n}".encode()) for n in range(16)]

    answers = together(*[lambda sdp=sdp: ada.exchange(begun, sdp) for sdp in offers])

    assert sorted(answer.status for answer in answers) == [201] + [409] * 15
    assert calls_made(world) == 1


def test_the_same_offer_sixteen_times_at_once_makes_one_call(world: World) -> None:
    ada, begun = started(world)

    answers = together(*[lambda: ada.exchange(begun, OFFER)] * 16)

    assert calls_made(world) == 1
    assert {answer.text for answer in answers if answer.status == 201} == {ANSWER.decode()}
    assert {answer.code for answer in answers if answer.status != 201} <= {"EXCHANGE_IN_PROGRESS"}


def test_an_exchange_that_died_frees_its_claim_after_twenty_seconds(world: World) -> None:
    ada, begun = started(world)
    with (
        faults.plan(Fault(kind="crash_after", operation=f"POST /v1{CALLS}")),
        pytest.raises(Crash),
    ):
        ada.exchange(begun, OFFER)
    world.clock.move(19)
    assert ada.exchange(begun, SECOND).code == "EXCHANGE_IN_PROGRESS"
    assert move(ada, begun, "cancel").code == "EXCHANGE_IN_PROGRESS"
    world.clock.move(1)

    assert ada.exchange(begun, SECOND).status == 201


def test_an_exchange_whose_claim_was_taken_over_hangs_its_own_call_up(world: World) -> None:
    ada, begun = started(world)

    def later() -> Reply:
        world.clock.move(21)
        return ada.exchange(begun, SECOND)

    others = meanwhile(world, later, call="rtc_slow")

    slow = ada.exchange(begun, OFFER)

    assert others[0].status == 201
    assert (slow.status, slow.code) == (409, "INVALID_TRANSITION")
    assert hung_up(world) == ["rtc_slow"]
    assert call_id(world, ada, begun) not in {None, "rtc_slow"}


def test_a_fresh_token_costs_nothing_and_voids_the_one_before(world: World) -> None:
    ada, begun = started(world)

    answer = fresh(ada, begun)

    assert (answer.status, answer.body["status"]) == (200, "pending")
    assert answer.body["token"] != begun.body["token"]
    assert ada.exchange(begun, OFFER).code == "TOKEN_EXPIRED"
    assert ada.exchange(answer, OFFER).status == 201
    assert ada.credits() == 2.0
    assert len(ada.ledger()) == 2


def test_a_session_has_five_tokens_and_no_more(world: World) -> None:
    ada, begun = started(world)

    answers = [fresh(ada, begun) for _ in range(5)]

    assert [answer.status for answer in answers] == [200] * 4 + [429]
    assert answers[-1].code == "RATE_LIMITED"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 181
    assert world.provider.count("/client_secrets") == 5
    assert ada.exchange(answers[-2], OFFER).status == 201, "the last one stays good"


def test_a_fresh_token_hangs_the_live_call_up_before_it_mints(world: World) -> None:
    ada, begun = started(world)
    ada.exchange(begun, OFFER)
    first_call = call_id(world, ada, begun)

    answer = fresh(ada, begun)

    assert (answer.status, answer.body["status"]) == (200, "live")
    assert hung_up(world) == [first_call]
    last = [request.url.path.rpartition("/")[2] for request in world.provider.requests[-2:]]
    assert last == ["hangup", "client_secrets"]
    assert ada.exchange(answer, SECOND).status == 201
    assert call_id(world, ada, begun) != first_call
    events = [one["eventType"] for one in session_of(ada, begun)["events"]]
    assert events == ["created", "live", "reconnected"]


def test_a_reconnect_prolongs_neither_the_call_nor_what_it_keeps_from_starting(
    world: World,
) -> None:
    ada, begun = started(world)
    ada.exchange(begun, OFFER)
    deadline = session_of(ada, begun)["deadline"]
    world.clock.move(1800)
    ada.exchange(fresh(ada, begun), SECOND)

    assert session_of(ada, begun)["deadline"] == deadline
    world.clock.move(1800 + 899)
    assert ada.start().code == "ACTIVE_SESSION_EXISTS"
    world.clock.move(1)
    assert ada.start().status == 201


def test_a_refused_token_does_not_cut_the_live_call(make_world: Any) -> None:
    world = make_world(MINTS_PER_SESSION="1")
    ada, begun = started(world)
    ada.exchange(begun, OFFER)

    assert fresh(ada, begun).status == 429
    assert hung_up(world) == []


def test_a_live_call_that_cannot_be_hung_up_gives_no_fresh_token(world: World) -> None:
    ada, begun = started(world)
    ada.exchange(begun, OFFER)
    world.provider.script("/hangup", httpx.Response(500))

    refused = fresh(ada, begun)
    again = fresh(ada, begun)

    assert (refused.status, refused.code) == (502, "PROVIDER_ERROR")
    assert world.provider.count("/client_secrets") == 2
    assert again.status == 200
    assert len(hung_up(world)) == 2


def test_no_fresh_token_while_an_offer_is_being_answered(world: World) -> None:
    ada, begun = started(world)
    tries = meanwhile(world, lambda: fresh(ada, begun))

    assert ada.exchange(begun, OFFER).status == 201

    assert [(one.status, one.code) for one in tries] == [(409, "EXCHANGE_IN_PROGRESS")]
    assert world.provider.count("/client_secrets") == 1


def test_two_fresh_tokens_at_once_leave_one_that_works(world: World) -> None:
    ada, begun = started(world)

    answers = together(lambda: fresh(ada, begun), lambda: fresh(ada, begun))

    good = [answer for answer in answers if answer.status == 200]
    works = [ada.exchange(answer, OFFER).status for answer in good]
    assert works.count(201) == 1
    assert {answer.status for answer in answers} <= {200, 409, 410}


def test_a_mint_that_fails_leaves_the_session_open_for_the_next_try(world: World) -> None:
    ada, begun = started(world)
    world.provider.script("/client_secrets", httpx.Response(500))

    assert fresh(ada, begun).status == 502
    assert ada.exchange(fresh(ada, begun), OFFER).status == 201
    assert ada.credits() == 2.0


@pytest.mark.parametrize("act", ["cancel", "end"])
def test_a_session_that_is_over_has_no_more_tokens(world: World, act: str) -> None:
    ada, begun = started(world)
    if act == "end":
        ada.exchange(begun, OFFER)
    move(ada, begun, act)

    answer = fresh(ada, begun)

    assert (answer.status, answer.code) == (409, "INVALID_TRANSITION")
    assert world.provider.count("/client_secrets") == 1


def test_somebody_elses_session_gives_no_token_and_looks_like_none(world: World) -> None:
    _, begun = started(world)
    eve = world.person()

    foreign = fresh(eve, begun)
    unknown = eve.call("POST /api/realtime-session/01999999-9999-7999-8999-999999999999/token")

    assert (foreign.status, foreign.code) == (404, "NOT_FOUND")
    assert foreign.body | {"requestId": ""} == unknown.body | {"requestId": ""}


def test_past_its_maximum_a_session_takes_neither_offers_nor_tokens(world: World) -> None:
    """Also in the minute in which a sweep that died holds its lease."""
    ada, begun = started(world)
    ada.exchange(begun, OFFER)
    token = fresh(ada, begun)
    world.clock.move(3600)
    world.provider.script("/hangup", httpx.Response(500))
    assert world.sweep()["failed"] == 1

    assert ada.exchange(token, SECOND).status in {409, 410}
    assert fresh(ada, begun).code == "INVALID_TRANSITION"
    assert calls_made(world) == 1


def test_a_call_that_goes_live_after_the_sweep_is_hung_up(world: World) -> None:
    ada, begun = started(world)

    def swept() -> Any:
        world.clock.move(181)
        return world.sweep()

    sweeps = meanwhile(world, swept, call="rtc_late")

    late = ada.exchange(begun, OFFER)

    assert sweeps[0]["given_back"] == 1
    assert (late.status, late.code) == (409, "INVALID_TRANSITION")
    assert hung_up(world) == ["rtc_late"]
    assert session_of(ada, begun)["status"] == "expired"
    assert ada.credits() == 3.0


def test_an_exchange_in_flight_at_the_end_of_the_window_is_left_alone(world: World) -> None:
    ada, begun = started(world)
    world.clock.move(175)

    def swept() -> Any:
        world.clock.move(6)
        return world.sweep()

    sweeps = meanwhile(world, swept)

    assert ada.exchange(begun, OFFER).status == 201
    assert sweeps[0]["given_back"] == 0
    assert session_of(ada, begun)["status"] == "live"
    assert ada.credits() == 2.0


def test_a_session_that_ends_while_it_reconnects_hangs_the_fresh_call_up(world: World) -> None:
    ada, begun = started(world)
    ada.exchange(begun, OFFER)
    token = fresh(ada, begun)
    ends = meanwhile(world, lambda: move(ada, begun, "end"), call="rtc_second")

    answer = ada.exchange(token, SECOND)

    assert ends[0].status == 200
    assert (answer.status, answer.code) == (409, "INVALID_TRANSITION")
    assert "rtc_second" in hung_up(world)
    assert session_of(ada, begun)["status"] == "completed"


def test_a_live_session_without_its_answer_stored_never_exists(world: World) -> None:
    """The state, the answer and the guard are one transaction: killed there, nothing is live."""
    ada, begun = started(world)
    with (
        faults.plan(Fault(kind="crash_before", operation="TransactWriteItems")),
        pytest.raises(Crash),
    ):
        ada.exchange(begun, OFFER)

    assert session_of(ada, begun)["status"] == "pending"
    world.clock.move(181)
    assert world.sweep()["given_back"] == 1
    assert ada.credits() == 3.0


def test_an_answer_that_was_stored_and_never_heard_of_is_there_for_the_same_offer(
    world: World,
) -> None:
    ada, begun = started(world)
    with (
        faults.plan(Fault(kind="crash_after", operation="TransactWriteItems")),
        pytest.raises(Crash),
    ):
        ada.exchange(begun, OFFER)

    again = ada.exchange(begun, OFFER)

    assert (again.status, again.text) == (201, ANSWER.decode())
    assert calls_made(world) == 1


def test_an_answer_whose_transaction_fell_silent_after_acting_reaches_its_person(
    world: World,
) -> None:
    ada, begun = started(world)
    silence = Fault(kind="timeout_after", operation="TransactWriteItems", times=faults.FOR_EVER)
    with faults.plan(silence):
        answer = ada.exchange(begun, OFFER)

    assert (answer.status, answer.text) == (201, ANSWER.decode())
    assert hung_up(world) == []
    assert session_of(ada, begun)["status"] == "live"


def test_a_call_that_could_not_be_noted_is_hung_up(world: World) -> None:
    ada, begun = started(world)
    silence = Fault(kind="timeout_before", operation="TransactWriteItems", times=faults.FOR_EVER)
    with faults.plan(silence):
        answer = ada.exchange(begun, OFFER)

    assert (answer.status, answer.code) == (503, "STORE_UNAVAILABLE")
    assert len(hung_up(world)) == 1
    assert session_of(ada, begun)["status"] == "pending"
    world.clock.move(181)
    assert world.sweep()["given_back"] == 1
    assert ada.credits() == 3.0
