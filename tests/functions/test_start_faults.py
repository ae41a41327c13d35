"""A provider that fails at the mint: the right code, the credit back, the next start works."""

import json
from collections.abc import Callable
from functools import partial
from io import StringIO
from typing import Any

import httpx
import pytest

from greenroom.kernel.clock import epoch_s
from greenroom.kernel.log import logger
from tests.fakes.provider import SECRET
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault
from tests.world import START as NOW
from tests.world import Person, Reply, World

MINT = "/client_secrets"
LATER_S = epoch_s(NOW) + 600
JSON = {"Content-Type": "application/json"}


def says(status: int, body: Any = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, bytes):
        return httpx.Response(status, content=body, headers=JSON | named)
    return httpx.Response(status, json=body, headers=named)


def error(code: str) -> dict[str, Any]:
    return {"error": {"message": "No.", "type": "t", "code": code, "param": None}}


FAILURES = {
    "connection refused": (httpx.ConnectError("refused"), 502, "PROVIDER_ERROR"),
    "name not found": (httpx.ConnectError("[Errno -2] Name not known"), 502, "PROVIDER_ERROR"),
    "certificate refused": (
        httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"),
        502,
        "PROVIDER_ERROR",
    ),
    "no connection in time": (httpx.ConnectTimeout("late"), 504, "PROVIDER_TIMEOUT"),
    "no answer in time": (httpx.ReadTimeout("late"), 504, "PROVIDER_TIMEOUT"),
    "torn answer": (httpx.RemoteProtocolError("torn"), 502, "PROVIDER_ERROR"),
    "our key": (says(401, error("invalid_api_key")), 502, "PROVIDER_ERROR"),
    "our rights": (says(403, error("forbidden")), 502, "PROVIDER_ERROR"),
    "too fast": (says(429, error("rate_limit"), Retry_After="7"), 503, "PROVIDER_THROTTLED"),
    "our account": (says(429, error("insufficient_quota")), 502, "PROVIDER_ERROR"),
    "their bug": (says(500, error("server_error")), 502, "PROVIDER_ERROR"),
    "their overload": (says(503, b""), 502, "PROVIDER_ERROR"),
    "an empty body": (says(200, b""), 502, "PROVIDER_ERROR"),
    "a page": (
        httpx.Response(200, html="<html>maintenance</html>"),
        502,
        "PROVIDER_ERROR",
    ),
    "half an answer": (says(200, b'{"value": "ek_x", "expires'), 502, "PROVIDER_ERROR"),
    "no secret": (says(200, {"expires_at": LATER_S, "session": {}}), 502, "PROVIDER_ERROR"),
    "an expired secret": (
        says(200, {"value": SECRET, "expires_at": epoch_s(NOW) - 1, "session": {}}),
        502,
        "PROVIDER_ERROR",
    ),
    "a redirect": (says(307, b"", Location="https://elsewhere"), 502, "PROVIDER_ERROR"),
}


def known(world: World) -> Person:
    person = world.person()
    assert person.credits() == 3.0
    return person


def is_given_back(person: Person) -> None:
    """Nothing was lost, once; and the next start works."""
    entries = person.ledger()
    assert sorted(entry["kind"] for entry in entries) == ["debit", "grant", "void"]
    assert sum(entry["amount"] for entry in entries) == person.credits() == 3.0
    assert person.call("GET /api/sessions/active").status == 204
    assert person.start().status == 201
    assert person.credits() == 2.0


def logged(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """The lines that the log gets from here on."""
    stream = StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(("fault", "status", "code"), FAILURES.values(), ids=FAILURES)
def test_a_mint_that_fails_costs_nothing(
    world: World, fault: httpx.Response | Exception, status: int, code: str
) -> None:
    ada = known(world)
    world.provider.script(MINT, fault)

    answer = ada.start()

    assert (answer.status, answer.code) == (status, code), answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    assert "maintenance" not in answer.text
    assert world.provider.count(MINT) == 1, "a mint is never tried again by itself"
    is_given_back(ada)


def test_a_throttled_mint_says_when_to_come_back(world: World) -> None:
    ada = known(world)
    world.provider.script(MINT, says(429, error("rate_limit"), Retry_After="7"))

    assert ada.start().headers["Retry-After"] == "7"


def test_a_mint_that_timed_out_after_acting_costs_nothing(world: World) -> None:
    ada = known(world)
    operation = f"POST /v1/realtime{MINT}"

    with faults.plan(Fault(kind="timeout_after", operation=operation)) as plan:
        answer = ada.start()

    assert [call.fault for call in plan.fired] == ["timeout_after"]
    assert world.provider.count(MINT) == 1
    assert (answer.status, answer.code) == (504, "PROVIDER_TIMEOUT")
    is_given_back(ada)


def test_a_mint_in_the_beta_dialect_that_fails_costs_nothing(make_world: Any) -> None:
    world = make_world(REALTIME_DIALECT="beta", OPENAI_BASE_URL="https://voice.test/v1")
    ada = known(world)
    world.provider.script("/realtime/sessions", says(400, error("beta_api_shape_disabled")))

    answer = ada.start()

    assert (answer.status, answer.code) == (502, "PROVIDER_ERROR")
    is_given_back(ada)


def test_an_unexpected_exception_without_a_message_is_told_and_reversed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = known(world)
    lines = logged(monkeypatch)

    def breaks(_request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError

    world.provider.script(MINT, breaks)

    answer = ada.start()

    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = [line for line in lines() if line.get("error_type")]
    assert told[0]["error_type"] == "ZeroDivisionError"
    assert told[0]["error_code"] == "INTERNAL_ERROR"
    assert told[0]["request_id"] == answer.body["requestId"]
    is_given_back(ada)


def test_what_the_provider_said_is_logged_with_its_request_id_and_told_to_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = known(world)
    lines = logged(monkeypatch)
    world.provider.script(MINT, says(500, error("server_error"), x_request_id="req_provider"))

    answer = ada.start()

    facts = next(line for line in lines() if line.get("provider_status") == 500)
    assert facts["provider_request_id"] == "req_provider"
    assert facts["provider_error_code"] == "server_error"
    assert "server_error" not in answer.text
    assert "No." not in answer.text


@pytest.mark.parametrize(("left_ms", "minted"), [(3_000, 0), (4_000, 1)])
def test_a_mint_is_not_asked_for_when_the_time_to_take_it_back_would_not_suffice(
    world: World, left_ms: int, minted: int
) -> None:
    ada = known(world)
    world.provider.script(MINT, httpx.ReadTimeout("late"))

    answer = ada.call("POST /api/realtime-session", {}, remaining_ms=left_ms)

    assert (answer.status, answer.code) == (504, "PROVIDER_TIMEOUT")
    assert world.provider.count(MINT) == minted
    if minted:
        is_given_back(ada)
    else:
        assert (ada.credits(), len(ada.ledger())) == (3.0, 3)


def test_the_mint_has_the_time_that_is_left_less_what_the_reversal_needs(world: World) -> None:
    ada = known(world)

    ada.call("POST /api/realtime-session", {}, remaining_ms=10_000)
    with_less = world.provider.requests[-1].extensions["timeout"]
    bob = known(world)
    bob.call("POST /api/realtime-session", {}, remaining_ms=29_000)
    with_all = world.provider.requests[-1].extensions["timeout"]

    assert 5.0 < with_less["read"] <= 7.0
    assert with_all["read"] == 20.0
    assert with_less["connect"] == with_all["connect"] == 3.0


CRASHES = ["crash_before", "crash_after"]


@pytest.mark.parametrize("kind", CRASHES)
def test_a_start_that_dies_at_any_call_is_restored_by_the_sweeper_once(
    world: World, kind: Any
) -> None:
    clean = known(world)
    calls = faults.points(lambda: clean.start(key="k"))
    assert calls == 3
    for at in range(1, calls + 1):
        ada = known(world)
        with faults.plan(Fault(kind=kind, at=at)) as plan:
            died = _dies(partial(ada.start, key="k"))
        assert died, f"call {at} was not reached"
        assert plan.fired
        world.clock.move(181)
        world.sweep()
        rows = world.rows()

        assert world.sweep()["given_back"] == 0

        assert world.rows() == rows
        assert ada.credits() == sum(entry["amount"] for entry in ada.ledger()) == 3.0
        assert ada.call("GET /api/sessions/active").status == 204


def _dies(act: Callable[[], Reply]) -> bool:
    try:
        act()
    except Crash:
        return True
    return False


def test_a_store_that_fails_after_the_mint_leaves_no_debit_without_a_session(
    world: World,
) -> None:
    ada = known(world)

    with faults.plan(Fault(kind="throttle", operation="UpdateItem", times=faults.FOR_EVER)):
        answer = ada.start()

    assert (answer.status, answer.code) == (503, "STORE_UNAVAILABLE")
    is_given_back(ada)


def test_a_store_whose_answer_is_lost_after_the_mint_keeps_the_session_for_its_key(
    world: World,
) -> None:
    ada = known(world)

    with faults.plan(Fault(kind="timeout_after", operation="UpdateItem", times=faults.FOR_EVER)):
        lost = ada.start(key="k")
    again = ada.start(key="k")

    assert (lost.status, lost.code) == (503, "STORE_UNAVAILABLE")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert ada.credits() == 2.0
    world.clock.move(181)
    world.sweep()
    assert ada.credits() == 3.0
