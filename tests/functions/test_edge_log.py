"""What a request leaves in the log: one canonical line, facts as keys, nothing secret."""

import json

import httpx
import pytest

from greenroom.accounts.identity import Identity
from greenroom.kernel.errors import ProviderFailed
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.web.route import Route
from tests.fakes.provider import OFFER
from tests.logs import Written
from tests.world import API_KEY, Context, World


def test_a_request_leaves_one_line_with_its_facts(world: World, written: Written) -> None:
    ada = world.person()
    ada.credits()
    written.lines()

    reply = ada.start()

    (line,) = written.lines()
    assert line.pop("timestamp")
    phases = line.pop("phases_ms")
    assert 0 <= phases["store"] <= line.pop("elapsed_ms")
    assert line.pop("cold_start") is False
    assert line.pop("calls")["store"] == 2  # the transaction, and the update after the mint
    assert line == {
        "level": "INFO",
        "message": "request answered",
        "service": "greenroom",
        "function": "realtime_session",
        "route": "POST /api/realtime-session",
        "status": 201,
        "request_id": reply.headers["X-Request-Id"],
        "correlation_id": reply.headers["X-Request-Id"],
        "user_id": ada.user_id,
        "session_id": reply.body["sessionId"],
    }


def test_a_refusal_is_a_warning_and_a_failure_an_error_with_its_cause(
    world: World, written: Written
) -> None:
    ada = world.person()
    world.call("GET /api/user")
    world.provider.script("/client_secrets", httpx.ConnectError("nobody there"))
    ada.start()

    lines = written.lines()

    assert [(line["level"], line["status"], line["error_code"]) for line in lines] == [
        ("WARNING", 401, "UNAUTHENTICATED"),
        ("ERROR", 502, "PROVIDER_ERROR"),
    ]
    assert lines[1]["cause"] == "ConnectError"
    assert lines[1]["provider_fault"] == "ConnectError"


def test_an_impersonation_is_a_fact_of_the_line_also_where_it_is_refused(
    world: World, written: Written
) -> None:
    ada = world.person()
    support = world.person(ada.clerk_id, act={"sub": "user_support"})
    ada.credits()
    support.credits()
    support.call("POST /api/checkout", {"sku": "credits_3"})

    lines = written.lines()

    assert [line.get("actor_id") for line in lines] == [None, "user_support", "user_support"]
    assert {line["user_id"] for line in lines} == {ada.user_id}
    assert lines[-1]["error_code"] == "IMPERSONATED"


@pytest.mark.parametrize("theirs", ["trace-1", "0af7651916cd43dd8448eb211c80319c", "a/b+c=:_."])
def test_a_clients_request_id_correlates_in_the_log_only(
    world: World, written: Written, theirs: str
) -> None:
    reply = world.call("GET /api/health", headers={"x-request-id": theirs})

    (line,) = written.lines()
    assert line["correlation_id"] == theirs
    assert line["request_id"] == reply.headers["X-Request-Id"] != theirs


@pytest.mark.parametrize("theirs", ["", "a b", "x" * 129, "é", 'a"b', "a\nb", "{}", "\ud800"])
def test_a_request_id_that_is_no_plain_word_is_passed_over(
    world: World, written: Written, theirs: str
) -> None:
    reply = world.call("GET /api/health", headers={"x-request-id": theirs})

    (line,) = written.lines()
    assert line["correlation_id"] == line["request_id"] == reply.headers["X-Request-Id"]


def broken_api(error: Exception) -> Api:
    """A function whose one route fails like this."""
    api = Api("broken", verify=lambda _token: Identity("user_x", "sess_x"))

    @api.route(Route("GET /api/broken", summary="Breaks", answers={200: None}, auth="public"))
    def fail(_call: Call) -> Answer:
        raise error

    return api


EVENT = {"routeKey": "GET /api/broken", "requestContext": {"requestId": "req-1"}}


@pytest.mark.parametrize("error", [ValueError(), KeyError(""), RuntimeError(None)], ids=repr)
def test_an_exception_that_says_nothing_still_logs_type_code_place_and_request(
    written: Written, error: Exception
) -> None:
    answer = broken_api(error)(EVENT, Context())

    broke, line = written.lines()
    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["code"] == "INTERNAL_ERROR"
    assert broke["error_type"] == type(error).__name__
    assert broke["error_code"] == line["error_code"] == "INTERNAL_ERROR"
    assert broke["request_id"] == line["request_id"] == "req-1"
    assert any("test_edge_log.py" in frame and " fail" in frame for frame in broke["frames"])
    assert line["level"] == "ERROR"


def test_the_text_of_a_foreign_exception_is_neither_told_nor_logged(written: Written) -> None:
    answer = broken_api(ValueError("a secret of somebody"))(EVENT, Context())

    assert "secret" not in answer["body"]
    assert "secret" not in written.text


def test_facts_of_an_error_never_hide_those_of_the_request(written: Written) -> None:
    error = ProviderFailed(log={"status": 418, "route": "x", "request_id": "y"})

    broken_api(error)(EVENT, Context())

    (line,) = written.lines()
    assert (line["status"], line["route"]) == (502, "GET /api/broken")
    assert line["request_id"] == "req-1"


def test_nothing_secret_is_logged_on_the_whole_way(world: World, written: Written) -> None:
    ada = world.person(email="ada@example.com", email_verified=True)
    started = ada.start({"resumeText": "canary résumé"}, key="canary-key")
    ada.exchange(started, OFFER)
    ada.exchange(started, OFFER + b"canary")
    token = ada.token()
    world.call("GET /api/user", token=token)
    world.call("GET /api/user", token=token + "canary")

    text = written.text

    for secret in (token, started.body["token"], API_KEY, "canary", "ada@example", "ice-ufrag"):
        assert secret not in text
    assert ada.user_id in text
