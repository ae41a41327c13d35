"""Exchanging an offer: what passes, what is refused and why, and what that costs the token."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from greenroom.kernel.limits import BODY_SDP_MAX
from tests.fakes.provider import ANSWER, OFFER, SECRET
from tests.world import API_KEY, Person, Reply, World

OFFERS = Path(__file__).parents[1] / "fixtures/sdp"
FIREFOX = (OFFERS / "firefox.sdp").read_bytes()
ROUTE = "POST /api/webrtc-exchange"
CALLS = "/realtime/calls"


def started(world: World, **settings: str) -> tuple[Person, Reply]:
    if settings:
        world.rewire(**settings)
    ada = world.person()
    answer = ada.start()
    assert answer.status == 201, answer.text
    return ada, answer


def as_json(person: Person, begun: Reply, sdp: str, **options: Any) -> Reply:
    body = {"sessionId": begun.body["sessionId"], "token": begun.body["token"], "sdp": sdp}
    return person.call(ROUTE, body, **options)


def headers_of(begun: Reply, media_type: str = "application/sdp") -> dict[str, str]:
    return {
        "content-type": media_type,
        "x-session-id": begun.body["sessionId"],
        "x-session-token": begun.body["token"],
    }


def sent_offer(world: World) -> httpx.Request:
    return world.provider.requests[-1]


each_offer = pytest.mark.parametrize("name", sorted(path.name for path in OFFERS.glob("*.sdp")))


@each_offer
@pytest.mark.parametrize("form", ["sdp", "sdp in base64", "json"])
def test_a_browsers_offer_reaches_the_provider_byte_for_byte(
    world: World, name: str, form: str
) -> None:
    offer = (OFFERS / name).read_bytes()
    assert offer.endswith(b"\r\n")
    ada, begun = started(world)

    if form == "json":
        answer = as_json(ada, begun, offer.decode())
    elif form == "sdp":
        answer = ada.call(ROUTE, offer.decode(), headers=headers_of(begun))
    else:
        answer = ada.exchange(begun, offer)

    assert answer.status == (200 if form == "json" else 201), answer.text
    assert sent_offer(world).content == offer
    assert sent_offer(world).headers["content-type"] == "application/sdp"
    assert sent_offer(world).headers["authorization"] == f"Bearer {SECRET}"


def test_the_answer_comes_back_byte_for_byte_in_the_form_that_was_asked(world: World) -> None:
    (ada, begun), (eve, hers) = started(world), started(world)

    raw, wrapped = ada.exchange(begun, OFFER), as_json(eve, hers, OFFER.decode())

    assert (raw.status, raw.headers["Content-Type"]) == (201, "application/sdp")
    assert raw.text.encode() == ANSWER
    assert wrapped.status == 200
    assert wrapped.body == {
        "sdp": ANSWER.decode(),
        "type": "answer",
        "sessionId": hers.body["sessionId"],
    }


def test_a_content_type_may_have_parameters(world: World) -> None:
    ada, begun = started(world)
    headers = headers_of(begun, "Application/SDP; charset=utf-8")

    assert ada.call(ROUTE, OFFER, headers=headers).status == 201
    assert sent_offer(world).headers["content-type"] == "application/sdp"


def test_a_trimmed_offer_gets_its_last_line_end_back_and_nothing_else(world: World) -> None:
    ada, begun = started(world)

    assert ada.exchange(begun, OFFER.removesuffix(b"\r\n")).status == 201
    assert sent_offer(world).content == OFFER


def changed(before: bytes, after: bytes, offer: bytes = OFFER) -> bytes:
    assert before in offer
    return offer.replace(before, after)


def without(line_start: bytes, offer: bytes = OFFER) -> bytes:
    kept = [line for line in offer.splitlines(keepends=True) if not line.startswith(line_start)]
    assert len(kept) < offer.count(b"\n")
    return b"".join(kept)


def audio_line(new: bytes) -> bytes:
    return re.sub(rb"m=audio [^\r]*", new, OFFER)


HOSTILE = {
    "empty": (b"", 422, "SDP_EMPTY"),
    "HTML": (b"<html><body>502</body></html>", 422, "SDP_IS_HTML"),
    "JSON text": (json.dumps({"sdp": OFFER.decode()}).encode(), 422, "SDP_IS_JSON"),
    "NUL": (changed(b"s=-", b"s=\0"), 422, "SDP_HAS_NUL"),
    "not UTF-8": (changed(b"s=-", b"s=\xe9"), 422, "SDP_NOT_UTF8"),
    "BOM": (b"\xef\xbb\xbf" + OFFER, 422, "SDP_HAS_BOM"),
    "leading blank line": (b"\r\n" + OFFER, 422, "SDP_LEADING_BLANK"),
    "escaped line ends": (OFFER.replace(b"\r\n", rb"\r\n"), 422, "SDP_ESCAPED_LINES"),
    "over 32 KB": (OFFER + b"a=x\r\n" * 7_000, 413, "BODY_TOO_LARGE"),
    "over 1,000 lines": (OFFER + b"a=x\r\n" * 1_000, 422, "SDP_TOO_MANY_LINES"),
    "an answer": (ANSWER, 422, "SDP_IS_ANSWER"),
    "no audio": (OFFER[: OFFER.index(b"m=audio")], 422, "SDP_NO_AUDIO"),
    "audio port 0": (audio_line(b"m=audio 0 UDP/TLS/RTP/SAVPF 111"), 422, "SDP_AUDIO_DISABLED"),
    "plain RTP": (audio_line(b"m=audio 5004 RTP/AVP 111"), 422, "SDP_NOT_DTLS"),
    "missing ufrag": (without(b"a=ice-ufrag:"), 422, "SDP_NO_ICE"),
    "missing fingerprint": (without(b"a=fingerprint:", FIREFOX), 422, "SDP_NO_FINGERPRINT"),
    "bad fingerprint": (
        re.sub(rb"sha-256 [0-9A-F:]+", b"sha-256 AA:BB:CC", OFFER),
        422,
        "SDP_BAD_FINGERPRINT",
    ),
}


@pytest.fixture(scope="module")
def begun_once(template: Any, engine: Any, connection: Any) -> tuple[World, Person, Reply]:
    """One session for all broken bodies: none of them may touch it."""
    world = World(template, engine.endpoint, connection)
    return world, *started(world)


@pytest.mark.parametrize("form", ["sdp", "json"])
@pytest.mark.parametrize(("offer", "status", "code"), HOSTILE.values(), ids=HOSTILE)
def test_a_broken_body_is_refused_by_its_reason_without_a_call_and_without_a_change(
    begun_once: tuple[World, Person, Reply], offer: bytes, status: int, code: str, form: str
) -> None:
    world, ada, begun = begun_once
    world.rewire()
    before = world.rows()

    if form == "sdp":
        answer = ada.exchange(begun, offer)
    else:
        try:
            answer = as_json(ada, begun, offer.decode())
        except UnicodeDecodeError:
            return  # JSON cannot hold it

    assert (answer.status, answer.code) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert world.provider.count(CALLS) == 0
    assert world.rows() == before


def test_the_right_offer_works_after_all_the_broken_ones(world: World) -> None:
    ada, begun = started(world)
    for offer, _, _ in HOSTILE.values():
        assert ada.exchange(begun, offer).status >= 400

    assert ada.exchange(begun, OFFER).status == 201
    assert world.provider.count(CALLS) == 1


@pytest.mark.parametrize("garbage", ["%%%", "dj0w=DQ", "v=0\r\n", "dj0wDQ"])
def test_a_body_that_says_it_is_base64_and_is_not_is_refused(world: World, garbage: str) -> None:
    ada, begun = started(world)

    answer = ada.call(ROUTE, garbage, headers=headers_of(begun), base64_body=True)

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")
    assert answer.body["field"] == "body"
    assert ada.exchange(begun, OFFER).status == 201


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/sdpx", ""]
)
def test_another_content_type_is_not_read(world: World, media_type: str) -> None:
    ada, begun = started(world)

    answer = ada.call(ROUTE, OFFER, headers=headers_of(begun, media_type))

    assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert world.provider.count(CALLS) == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "INVALID_REQUEST"),
        ("[]", 422, "VALIDATION_FAILED"),
        ('{"sdp": "v=0"}', 422, "VALIDATION_FAILED"),
        ('{"sessionId": "x", "token": "y", "sdp": 7}', 422, "VALIDATION_FAILED"),
        ('{"sdp": "' + "a" * 100_000 + '"}', 413, "BODY_TOO_LARGE"),
    ],
)
def test_json_that_is_no_exchange_is_refused(
    world: World, body: str, status: int, code: str
) -> None:
    answer = world.person().call(ROUTE, body)

    assert (answer.status, answer.code) == (status, code)


def test_the_size_of_an_offer_is_judged_before_it_is_decoded(world: World) -> None:
    ada, begun = started(world)
    body = "%" * (BODY_SDP_MAX * 2)  # no base64 at all

    answer = ada.call(ROUTE, body, headers=headers_of(begun), base64_body=True)

    assert (answer.status, answer.code) == (413, "BODY_TOO_LARGE")


def nameless(answer: Reply) -> Any:
    """An answer without what differs between any two answers."""
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}
    body = {name: value for name, value in answer.body.items() if name != "requestId"}
    return answer.status, headers, body


def test_a_foreign_session_and_a_foreign_token_look_like_unknown_ones(world: World) -> None:
    (_, hers), (eve, mine) = started(world), started(world)
    unknown = "01999999-9999-7999-8999-999999999999"
    token, foreign = mine.body["token"], hers.body["token"]
    tries = {
        "unknown session": (unknown, token),
        "no id at all": ("x", token),
        "foreign session with its token": (hers.body["sessionId"], foreign),
        "foreign session with my token": (hers.body["sessionId"], token),
        "my session with a foreign token": (mine.body["sessionId"], foreign),
        "my session with no token of ours": (mine.body["sessionId"], "g1.k1.AAAA"),
    }

    answers = {
        name: nameless(eve.call(ROUTE, {"sessionId": one, "token": other, "sdp": OFFER.decode()}))
        for name, (one, other) in tries.items()
    }

    assert answers["unknown session"][0] == 404
    assert len({json.dumps(answer, sort_keys=True) for answer in answers.values()}) == 1
    assert world.provider.count(CALLS) == 0


def test_nobody_exchanges_without_being_signed_in(world: World) -> None:
    _, begun = started(world)

    answer = world.call(ROUTE, OFFER, headers=headers_of(begun))

    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")


def test_a_token_past_its_time_is_gone(make_world: Any) -> None:
    world = make_world(TOKEN_TTL_S="60")
    ada, begun = started(world)
    world.clock.move(60)

    answer = ada.exchange(begun, OFFER)

    assert (answer.status, answer.code) == (410, "TOKEN_EXPIRED")
    assert world.provider.count(CALLS) == 0


def test_a_token_that_outlives_the_window_of_its_session_is_gone_with_it(world: World) -> None:
    ada, begun = started(world)
    world.clock.move(180)

    answer = ada.exchange(begun, OFFER)

    assert (answer.status, answer.code) == (410, "TOKEN_EXPIRED")
    assert world.provider.count(CALLS) == 0


def test_the_same_offer_again_gets_the_stored_answer_without_a_call(world: World) -> None:
    ada, begun = started(world)
    first = ada.exchange(begun, OFFER)
    world.provider.answer = b"something else"

    again, wrapped = ada.exchange(begun, OFFER), as_json(ada, begun, OFFER.decode())

    assert (again.status, again.text) == (201, first.text)
    assert wrapped.body["sdp"] == first.text
    assert world.provider.count(CALLS) == 1


def test_another_offer_with_a_used_token_is_told_to_ask_for_a_fresh_one(world: World) -> None:
    ada, begun = started(world)
    ada.exchange(begun, OFFER)

    answer = ada.exchange(begun, FIREFOX)

    assert (answer.status, answer.code) == (409, "INVALID_TRANSITION")
    assert "fresh" in answer.body["detail"]
    assert world.provider.count(CALLS) == 1


@pytest.mark.parametrize("act", ["end", "cancel"])
def test_a_session_that_is_over_answers_no_offer(world: World, act: str) -> None:
    ada, begun = started(world)
    if act == "end":
        ada.exchange(begun, OFFER)
    assert ada.call(f"POST /api/sessions/{begun.body['sessionId']}/{act}").status == 200

    answer = ada.exchange(begun, FIREFOX)

    assert (answer.status, answer.code) == (409, "INVALID_TRANSITION")
    assert answer.body["allowed"] == []


SDP = {"Content-Type": "application/sdp"}
NO_ANSWERS: dict[str, httpx.Response | Callable[[], httpx.Response]] = {
    "JSON": httpx.Response(200, json={"sdp": ANSWER.decode()}),
    "JSON that says it is SDP": httpx.Response(200, content=b'{"error": {}}', headers=SDP),
    "a page": httpx.Response(200, html="<html></html>"),
    "nothing": httpx.Response(201, content=b"", headers=SDP),
    "plain text": httpx.Response(201, content=ANSWER, headers={"Content-Type": "text/plain"}),
    "half an answer": httpx.Response(201, content=ANSWER[:40], headers=SDP),
    "the offer": httpx.Response(201, content=OFFER, headers=SDP),
    "an answer without audio": httpx.Response(
        201, content=ANSWER.replace(b"m=audio", b"m=video"), headers=SDP
    ),
    "not UTF-8": httpx.Response(201, content=ANSWER.replace(b"s=-", b"s=\xe9"), headers=SDP),
    "far too much": httpx.Response(201, content=ANSWER + b"a=x\r\n" * 20_000, headers=SDP),
    "no success": httpx.Response(204, headers=SDP),
}


@pytest.mark.parametrize("reply", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_sdp_answer_never_reaches_the_browser(
    world: World, reply: httpx.Response
) -> None:
    ada, begun = started(world)
    world.provider.script("/calls", reply)

    answer = ada.exchange(begun, OFFER)

    assert (answer.status, answer.code) == (502, "PROVIDER_ERROR"), answer.text
    found = ada.call(f"GET /api/sessions/{begun.body['sessionId']}").body
    assert found["status"] == "pending"


REFUSALS = {
    "the offer": (
        httpx.Response(400, json={"error": {"code": "invalid_offer", "message": "WHIP"}}),
        422,
        "SDP_REFUSED_BY_PROVIDER",
    ),
    "our pace": (httpx.Response(429), 503, "PROVIDER_THROTTLED"),
    "our key": (httpx.Response(403), 502, "PROVIDER_ERROR"),
    "the connection": (httpx.ConnectError("refused"), 502, "PROVIDER_ERROR"),
    "a connection in time": (httpx.ConnectTimeout("late"), 504, "PROVIDER_TIMEOUT"),
}


@pytest.mark.parametrize(("reply", "status", "code"), REFUSALS.values(), ids=REFUSALS)
def test_an_explicit_refusal_releases_the_claim_and_keeps_the_token(
    world: World, reply: httpx.Response | Exception, status: int, code: str
) -> None:
    ada, begun = started(world)
    world.provider.script("/calls", reply)

    refused = ada.exchange(begun, OFFER)

    assert (refused.status, refused.code) == (status, code)
    assert ada.exchange(begun, FIREFOX).status == 201


def test_a_secret_that_the_provider_no_longer_takes_asks_for_a_fresh_token(world: World) -> None:
    ada, begun = started(world)
    world.provider.script("/calls", httpx.Response(401))

    answer = ada.exchange(begun, OFFER)

    assert (answer.status, answer.code) == (410, "TOKEN_EXPIRED")


UNKNOWN = {
    "no answer": (httpx.ReadTimeout("late"), 504),
    "a torn answer": (httpx.ReadError("torn"), 502),
    "their bug": (httpx.Response(500), 502),
}


@pytest.mark.parametrize(("reply", "status"), UNKNOWN.values(), ids=UNKNOWN)
def test_when_a_call_may_exist_the_token_is_burnt_and_a_fresh_one_costs_nothing(
    world: World, reply: httpx.Response | Exception, status: int
) -> None:
    ada, begun = started(world)
    world.provider.script("/calls", reply)

    lost = ada.exchange(begun, OFFER)
    burnt = ada.exchange(begun, OFFER)
    fresh = ada.call(f"POST /api/realtime-session/{begun.body['sessionId']}/token")

    assert lost.status == status
    assert (burnt.status, burnt.code) == (410, "TOKEN_EXPIRED")
    assert world.provider.count(CALLS) == 1
    assert fresh.status == 200
    assert ada.exchange(fresh, OFFER).status == 201
    assert ada.credits() == 2.0


def test_an_exchange_is_not_asked_for_when_no_time_is_left_and_the_token_stays_good(
    world: World,
) -> None:
    ada, begun = started(world)

    late = ada.exchange(begun, OFFER, remaining_ms=3_000)

    assert (late.status, late.code) == (504, "PROVIDER_TIMEOUT")
    assert world.provider.count(CALLS) == 0
    assert ada.exchange(begun, OFFER).status == 201


def test_the_exchange_has_fifteen_seconds_or_what_is_left(world: World) -> None:
    ada, begun = started(world)

    ada.exchange(begun, OFFER)

    assert sent_offer(world).extensions["timeout"]["read"] == 15.0


def test_an_answered_offer_makes_the_session_live_and_its_guard_too(world: World) -> None:
    ada, begun = started(world)
    world.clock.move(5)

    ada.exchange(begun, OFFER)

    active = ada.call("GET /api/sessions/active").body
    assert (active["sessionId"], active["status"]) == (begun.body["sessionId"], "live")
    assert active["liveAt"] > active["startedAt"]
    other = ada.start(key="other")
    assert other.body["activeSessionStatus"] == "live"
    world.clock.move(3600 + 899)
    assert ada.start(key="other").code == "ACTIVE_SESSION_EXISTS"
    world.clock.move(1)
    assert ada.start(key="other").status == 201, "a dead sweeper locks nobody out"


def test_unified_sends_offer_and_session_with_the_standard_key(world: World) -> None:
    ada, begun = started(world, REALTIME_EXCHANGE="unified")

    assert ada.exchange(begun, OFFER).status == 201

    assert [request.url.path for request in world.provider.requests] == ["/v1" + CALLS]
    assert sent_offer(world).headers["authorization"] == f"Bearer {API_KEY}"
    assert OFFER in sent_offer(world).content


def test_the_json_form_may_come_in_base64_too(world: World) -> None:
    ada, begun = started(world)
    body = json.dumps(
        {
            "sessionId": begun.body["sessionId"],
            "token": begun.body["token"],
            "sdp": OFFER.decode(),
        }
    )
    text = base64.b64encode(body.encode()).decode()

    assert ada.call(ROUTE, text, base64_body=True).status == 200
    assert sent_offer(world).content == OFFER
