"""A function that answers CORS for itself: who may read which answer."""

from typing import Any

import pytest

from greenroom.accounts.identity import Identity
from greenroom.kernel.errors import NotFound
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.web.route import Route
from tests.world import Context

SITE = "https://studio.example"
EVIL = "https://evil.example"


def api(*, own_cors: bool = True) -> Api:
    """A function whose routes let ``SITE`` in, refuse everybody, or break."""
    made = Api("own", verify=lambda _token: Identity("user_x", "sess_x"), own_cors=own_cors)

    def let_in(call: Call) -> Answer:
        call.readable_by = call.origin if call.origin == SITE else None
        return Answer(status=204)

    def refuse(_call: Call) -> Answer:
        raise NotFound

    def fail(_call: Call) -> Answer:
        raise KeyError("a bug")

    for key, handler in {
        "GET /api/own": let_in,
        "OPTIONS /api/own": let_in,
        "GET /api/refuse": refuse,
        "OPTIONS /api/refuse": refuse,
        "GET /api/break": fail,
    }.items():
        made.route(Route(key, summary="A route", answers={204: None}, auth="public"))(handler)
    return made


def headers_of(key: str, origin: str | None, *, own_cors: bool = True) -> dict[str, str]:
    """The headers of an answer that CORS is about."""
    event: dict[str, Any] = {"routeKey": key, "requestContext": {"requestId": "req-1"}}
    if origin is not None:
        event["headers"] = {"origin": origin}
    answer = api(own_cors=own_cors)(event, Context())
    found = {name.lower(): value for name, value in answer["headers"].items()}
    return {n: v for n, v in found.items() if n == "vary" or n.startswith("access-control-")}


def test_a_good_answer_is_readable_by_the_origin_that_its_handler_lets_in() -> None:
    assert headers_of("GET /api/own", SITE) == {
        "access-control-allow-origin": SITE,
        "access-control-expose-headers": "X-Request-Id, Idempotency-Replayed, Retry-After",
        "vary": "Origin",
    }


@pytest.mark.parametrize("origin", [EVIL, None, "null", "*"])
def test_a_good_answer_is_readable_by_no_other(origin: str | None) -> None:
    assert headers_of("GET /api/own", origin) == {"vary": "Origin"}


def test_a_preflight_says_what_may_be_sent() -> None:
    told = headers_of("OPTIONS /api/own", SITE)

    assert told["access-control-allow-origin"] == SITE
    assert told["access-control-allow-methods"] == "GET, POST"
    assert told["access-control-allow-headers"] == "content-type, idempotency-key, x-request-id"
    assert told["access-control-max-age"] == "3600"


@pytest.mark.parametrize("key", ["GET /api/refuse", "OPTIONS /api/refuse", "GET /api/break"])
def test_a_refusal_is_readable_by_whoever_asked_and_permits_nothing(key: str) -> None:
    told = headers_of(key, EVIL)

    assert told["access-control-allow-origin"] == EVIL
    assert not {"access-control-allow-methods", "access-control-allow-headers"} & told.keys()


@pytest.mark.parametrize(
    "origin",
    ["null", "", "https://a b", "https://é.example", "file://x", "https://a\r\nx: y", "x" * 400],
)
def test_what_is_no_origin_of_the_web_is_never_repeated(origin: str) -> None:
    assert headers_of("GET /api/refuse", origin) == {"vary": "Origin"}


def test_a_function_behind_an_api_with_cors_says_nothing_of_it() -> None:
    assert headers_of("GET /api/own", SITE, own_cors=False) == {}
    assert headers_of("GET /api/refuse", SITE, own_cors=False) == {}
