"""The dialects: golden requests, and what each reply means."""

import json
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.kernel.errors import (
    GreenroomError,
    InvalidSdp,
    ProviderFailed,
    ProviderThrottled,
    TokenExpired,
)
from greenroom.realtime.dialects import BETA, DIALECTS, GA, Dialect
from greenroom.realtime.wire import ProviderReply, ProviderRequest, SessionSpec

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER_S = int((NOW + timedelta(seconds=600)).timestamp())
OFFER = (Path(__file__).parents[2] / "fixtures/sdp/chromium_gathered.sdp").read_bytes()
ANSWER = OFFER.replace(b"setup:actpass", b"setup:active")
SPEC = SessionSpec(
    model="gpt-realtime-2.1-mini",
    voice="alloy",
    instructions="Role: Nurse",
    transcription_model="gpt-transcribe",
    ttl_s=600,
    safety_identifier="5f2b",
)
BETA_SPEC = SessionSpec(
    model="gpt-4o-mini-realtime-preview",
    voice="alloy",
    instructions="Role: Nurse",
    transcription_model="whisper-1",
    ttl_s=60,
    safety_identifier="5f2b",
)
GA_SESSION = {
    "type": "realtime",
    "model": "gpt-realtime-2.1-mini",
    "instructions": "Role: Nurse",
    "output_modalities": ["audio"],
    "audio": {
        "input": {
            "transcription": {"model": "gpt-transcribe"},
            "turn_detection": {
                "type": "server_vad",
                "threshold": 0.5,
                "prefix_padding_ms": 300,
                "silence_duration_ms": 200,
            },
        },
        "output": {"voice": "alloy"},
    },
}


def reply(
    status: int = 200, body: Any = None, content_type: str = "application/json", **headers: str
) -> ProviderReply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ProviderReply(status=status, headers={"content-type": content_type, **named}, body=raw)


def form_parts(request: ProviderRequest) -> list[Message]:
    head = f"Content-Type: {request.content_type}\r\n\r\n".encode()
    return [*BytesParser().parsebytes(head + request.body).walk()][1:]


def test_a_ga_mint_is_exactly_this() -> None:
    assert GA.mint_request(SPEC) == ProviderRequest(
        method="POST",
        path="/realtime/client_secrets",
        query={},
        headers={"OpenAI-Safety-Identifier": "5f2b"},
        content_type="application/json",
        body=GA.mint_request(SPEC).body,
        bearer=None,
    )
    assert json.loads(GA.mint_request(SPEC).body) == {
        "expires_after": {"anchor": "created_at", "seconds": 600},
        "session": GA_SESSION,
    }


def test_a_ga_exchange_is_the_raw_offer_without_a_query_and_without_the_beta_header() -> None:
    assert GA.exchange_request(OFFER, secret="ek_1", model=SPEC.model) == ProviderRequest(
        path="/realtime/calls", content_type="application/sdp", body=OFFER, bearer="ek_1"
    )


def test_a_unified_exchange_is_offer_and_session_with_the_standard_key() -> None:
    request = GA.unified_exchange_request(OFFER, SPEC)

    assert (request.path, request.query, request.bearer) == ("/realtime/calls", {}, None)
    assert request.headers == {"OpenAI-Safety-Identifier": "5f2b"}
    assert request.content_type
    sdp, session = form_parts(request)
    assert sdp.get_param("name", header="content-disposition") == "sdp"
    assert sdp.get_content_type() == "application/sdp"
    assert b"Content-Type: application/sdp\r\n\r\n" + OFFER + b"\r\n--" in request.body
    assert session.get_param("name", header="content-disposition") == "session"
    assert session.get_content_type() == "application/json"
    assert json.loads(str(session.get_payload())) == GA_SESSION


@given(st.binary(max_size=200))
def test_the_boundary_follows_from_the_parts_and_occurs_in_none(offer: bytes) -> None:
    request = GA.unified_exchange_request(offer, SPEC)
    again = GA.unified_exchange_request(offer, SPEC)
    assert request.content_type
    boundary = request.content_type.partition("boundary=")[2].encode()

    assert request == again
    assert request.body.count(boundary) == 3
    hostile = GA.unified_exchange_request(offer + boundary, SPEC)
    assert hostile.content_type != request.content_type


def test_a_beta_mint_is_the_origins_request() -> None:
    request = BETA.mint_request(BETA_SPEC)

    assert (request.method, request.path, request.query) == ("POST", "/realtime/sessions", {})
    assert request.headers == {"OpenAI-Beta": "realtime=v1"}
    assert (request.content_type, request.bearer) == ("application/json", None)
    assert json.loads(request.body) == {
        "model": "gpt-4o-mini-realtime-preview",
        "voice": "alloy",
        "instructions": "Role: Nurse",
        "turn_detection": {
            "type": "server_vad",
            "threshold": 0.5,
            "prefix_padding_ms": 300,
            "silence_duration_ms": 200,
        },
    }


def test_a_beta_exchange_is_the_origins_request() -> None:
    assert BETA.exchange_request(
        OFFER, secret="ek_1", model="gpt-4o-mini-realtime-preview"
    ) == ProviderRequest(
        method="POST",
        path="/realtime",
        query={"model": "gpt-4o-mini-realtime-preview"},
        headers={"OpenAI-Beta": "realtime=v1"},
        content_type="application/sdp",
        body=OFFER,
        bearer="ek_1",
    )


def test_beta_switches_transcription_on_over_the_data_channel() -> None:
    assert BETA.client_events(BETA_SPEC) == [
        {
            "type": "session.update",
            "session": {"input_audio_transcription": {"model": "whisper-1"}},
        }
    ]
    assert GA.client_events(SPEC) == []


def test_a_token_without_a_secret_cannot_be_used_in_beta() -> None:
    with pytest.raises(TokenExpired):
        BETA.unified_exchange_request(OFFER, BETA_SPEC)


def test_only_ga_can_hang_up() -> None:
    request = GA.hangup_request("rtc_1")

    assert request == ProviderRequest(path="/realtime/calls/rtc_1/hangup")
    assert BETA.hangup_request("rtc_1") is None


def test_each_dialect_names_its_transcript_events() -> None:
    user = [
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.completed",
    ]
    assert DIALECTS["ga"].transcript_events.to_json() == {
        "userTranscript": user,
        "assistantTranscript": [
            "response.output_audio_transcript.delta",
            "response.output_audio_transcript.done",
        ],
    }
    assert DIALECTS["beta"].transcript_events.to_json() == {
        "userTranscript": user,
        "assistantTranscript": [
            "response.audio_transcript.delta",
            "response.audio_transcript.done",
        ],
    }


def ga_body(**changes: Any) -> dict[str, Any]:
    session = {"id": "sess_1", "model": "gpt-realtime-2.1-mini"}
    return {"value": "ek_1", "expires_at": LATER_S, "session": session} | changes


def beta_body(**changes: Any) -> dict[str, Any]:
    secret = {"value": "ek_1", "expires_at": LATER_S} | changes
    return {"id": "sess_1", "model": "gpt-realtime-2.1-mini", "client_secret": secret}


BODIES = [(GA, ga_body), (BETA, beta_body)]


@pytest.mark.parametrize(("dialect", "body"), BODIES, ids=["ga", "beta"])
@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_a_mint_is_read(dialect: Dialect, body: Any, content_type: str) -> None:
    minted = dialect.parse_mint(reply(200, body(), content_type), spec=SPEC, now=NOW)

    assert minted.secret == "ek_1"
    assert minted.expires_at == NOW + timedelta(seconds=600)
    assert minted.provider_session_id == "sess_1"
    assert minted.model == "gpt-realtime-2.1-mini"


@pytest.mark.parametrize("session", [None, [], {}, {"id": 1, "model": ["x"]}, {"model": "x" * 129}])
def test_a_mint_does_not_depend_on_the_echo_of_the_session(session: Any) -> None:
    minted = GA.parse_mint(reply(200, ga_body(session=session)), spec=SPEC, now=NOW)

    assert (minted.provider_session_id, minted.model) == (None, SPEC.model)


BROKEN_FIELDS: list[dict[str, Any]] = [
    {"value": None},
    {"value": ""},
    {"value": 7},
    {"value": "ek 1"},
    {"value": "ek_1\r\nX: y"},
    {"value": "ek_é"},
    {"value": "x" * 2049},
    {"expires_at": None},
    {"expires_at": True},
    {"expires_at": "soon"},
    {"expires_at": float("nan")},
    {"expires_at": 1e300},
    {"expires_at": 10**400},
    {"expires_at": int(NOW.timestamp())},
    {"expires_at": 0},
]


@pytest.mark.parametrize("change", BROKEN_FIELDS, ids=range(len(BROKEN_FIELDS)))
@pytest.mark.parametrize(("dialect", "body"), BODIES, ids=["ga", "beta"])
def test_a_mint_without_a_usable_secret_is_the_providers_failure(
    dialect: Dialect, body: Any, change: dict[str, Any]
) -> None:
    with pytest.raises(ProviderFailed) as failed:
        dialect.parse_mint(reply(200, body(**change)), spec=SPEC, now=NOW)

    assert failed.value.may_have_acted


BROKEN_REPLIES = {
    "empty": reply(200, b""),
    "no content type": ProviderReply(status=200, body=json.dumps(ga_body()).encode()),
    "HTML": reply(200, b"<html></html>", "text/html"),
    "HTML that calls itself JSON": reply(200, b"<html></html>"),
    "truncated JSON": reply(200, json.dumps(ga_body()).encode()[:-9]),
    "a list": reply(200, []),
    "too deep": reply(200, b"[" * 200_000),
    "not UTF-8": reply(200, b'{"value": "\xff"}'),
    "the other dialect or nothing": reply(200, {"client_secret": 1}),
}


@pytest.mark.parametrize("answer", BROKEN_REPLIES.values(), ids=BROKEN_REPLIES.keys())
@pytest.mark.parametrize("dialect", [GA, BETA], ids=["ga", "beta"])
def test_a_broken_mint_is_the_providers_failure(dialect: Dialect, answer: ProviderReply) -> None:
    with pytest.raises(ProviderFailed) as failed:
        dialect.parse_mint(answer, spec=SPEC, now=NOW)

    assert failed.value.may_have_acted


def error(**members: Any) -> dict[str, Any]:
    return {"error": {"message": "No.", "type": None, "param": None, "code": None} | members}


REFUSALS = [
    (reply(400, error(code="invalid_model")), ProviderFailed, False, None),
    (reply(400, b""), ProviderFailed, False, None),
    (reply(401, error(code="invalid_api_key")), ProviderFailed, False, "PROVIDER_CREDENTIALS"),
    (reply(403, error()), ProviderFailed, False, "PROVIDER_CREDENTIALS"),
    (reply(404, b"<html>", "text/html"), ProviderFailed, False, None),
    (reply(429, error(code="insufficient_quota")), ProviderFailed, False, "PROVIDER_QUOTA"),
    (reply(429, error(type="insufficient_quota")), ProviderFailed, False, "PROVIDER_QUOTA"),
    (reply(429, error(code="rate_limit_exceeded")), ProviderThrottled, False, None),
    (reply(408, b""), ProviderFailed, True, None),
    (reply(500, error()), ProviderFailed, True, None),
    (reply(503, b"<html>", "text/html"), ProviderFailed, True, None),
    (reply(302, b"", location="http://169.254.169.254/"), ProviderFailed, False, None),
]


def mint_with(dialect: Dialect, answer: ProviderReply) -> GreenroomError:
    with pytest.raises(GreenroomError) as raised:
        dialect.parse_mint(answer, spec=SPEC, now=NOW)
    return raised.value


def exchange_with(answer: ProviderReply, *, ephemeral: bool = True) -> GreenroomError:
    with pytest.raises(GreenroomError) as raised:
        GA.parse_answer(answer, ephemeral=ephemeral, now=NOW)
    return raised.value


@pytest.mark.parametrize(("answer", "kind", "acted", "alarm"), REFUSALS, ids=range(len(REFUSALS)))
def test_a_refused_mint_means(
    answer: ProviderReply, kind: type[GreenroomError], acted: bool, alarm: str | None
) -> None:
    for dialect in (GA, BETA):
        raised = mint_with(dialect, answer)
        assert type(raised) is kind
        assert getattr(raised, "may_have_acted") is acted  # noqa: B009
        assert raised.log.get("alarm") == alarm
        assert raised.log["provider_status"] == answer.status


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 1),
        ("1.2", 2),
        ("86400", 60),
        ("-5", 1),
        ("soon", 1),
        ("", 1),
        ("Sat, 21 Nov 2026 12:00:09 GMT", 9),
        ("Sat, 21 Nov 2026 12:00:09 -0000", 9),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 1),
        ("Sat, 21 Nov 99999999999999999999 11:00:00 GMT", 1),
    ],
)
def test_retry_after_is_passed_on_within_reason(header: str, seconds: int) -> None:
    raised = mint_with(GA, reply(429, error(), retry_after=header))

    assert raised.retry_after_s == seconds


@given(st.text(max_size=60))
def test_no_retry_after_breaks_the_answer(header: str) -> None:
    raised = mint_with(GA, reply(429, error(), retry_after=header))

    assert raised.retry_after_s
    assert 1 <= raised.retry_after_s <= 60


@pytest.mark.parametrize(
    ("location", "call_id"),
    [
        ("/v1/realtime/calls/rtc_u0_9C", "rtc_u0_9C"),
        ("https://api.openai.com/v1/realtime/calls/rtc_1?x=y", "rtc_1"),
        ("/v1/realtime/calls/", None),
        ("/v1/realtime/calls/../models", None),
        ("/v1/realtime/calls/rtc%2F1", None),
        ("", None),
    ],
)
def test_an_answer_passes_byte_for_byte_and_names_its_call(
    location: str, call_id: str | None
) -> None:
    parsed = GA.parse_answer(
        reply(201, ANSWER, "application/sdp; charset=utf-8", location=location),
        ephemeral=True,
        now=NOW,
    )

    assert (parsed.sdp, parsed.call_id) == (ANSWER, call_id)


def test_a_beta_answer_names_no_call() -> None:
    parsed = BETA.parse_answer(reply(201, ANSWER, "application/sdp"), ephemeral=True, now=NOW)

    assert (parsed.sdp, parsed.call_id) == (ANSWER, None)


@pytest.mark.parametrize(
    "answer",
    [
        reply(201, b"", "application/sdp"),
        reply(201, OFFER, "application/sdp"),
        reply(200, error(), "application/sdp"),
        reply(200, error(), "application/json"),
        reply(201, ANSWER, "text/plain"),
        reply(201, b"<html></html>", "text/html"),
    ],
    ids=range(6),
)
def test_an_exchange_that_is_answered_with_no_answer_may_have_made_a_call(
    answer: ProviderReply,
) -> None:
    raised = exchange_with(answer)

    assert isinstance(raised, ProviderFailed)
    assert raised.may_have_acted


@pytest.mark.parametrize(
    "answer", [reply(400, error(code="invalid_offer")), reply(422, error(param="sdp"))]
)
def test_an_offer_that_the_provider_refuses_is_the_clients(answer: ProviderReply) -> None:
    raised = exchange_with(answer)

    assert isinstance(raised, InvalidSdp)
    assert raised.code == "SDP_REFUSED_BY_PROVIDER"


@pytest.mark.parametrize(("answer", "kind", "acted", "alarm"), REFUSALS, ids=range(len(REFUSALS)))
def test_any_other_refused_exchange_means_what_a_refused_mint_means(
    answer: ProviderReply, kind: type[GreenroomError], acted: bool, alarm: str | None
) -> None:
    raised = exchange_with(answer, ephemeral=False)

    assert type(raised) is kind
    assert getattr(raised, "may_have_acted") is acted  # noqa: B009
    assert raised.log.get("alarm") == alarm


def test_a_secret_that_the_provider_no_longer_takes_has_expired() -> None:
    raised = exchange_with(reply(401, error(code="invalid_api_key")), ephemeral=True)

    assert isinstance(raised, TokenExpired)
    assert "alarm" not in raised.log


def test_the_log_gets_what_support_needs() -> None:
    answer = reply(500, error(message="m" * 400, code="server_error"), x_request_id="req_1")

    assert mint_with(GA, answer).log == {
        "provider_status": 500,
        "provider_request_id": "req_1",
        "provider_error_code": "server_error",
        "provider_error_message": "m" * 300,
    }


@pytest.mark.parametrize(
    "message",
    [
        "Incorrect API key: sk-proj-abcdefghijk.",
        "Bad secret ek_abcdefghijk",
        "Cannot parse v=0\r\no=- 1 a=ice-pwd:abcdefghijk",
        "Cannot parse: a=ice-pwd:abcdefghijk",
        r"Cannot parse\r\na: abcdefghijk",
    ],
)
def test_the_log_gets_no_secret_and_no_sdp_that_a_provider_echoes(message: str) -> None:
    assert "abcdefghijk" not in str(mint_with(GA, reply(400, error(message=message))).log)


def test_no_representation_shows_a_secret_or_a_persons_text() -> None:
    request = GA.exchange_request(b"v=0 canary", secret="canary", model="m")
    minted = GA.parse_mint(reply(200, ga_body(value="canary")), spec=SPEC, now=NOW)
    spec = SessionSpec(
        model="m", voice="v", instructions="canary", transcription_model="t", ttl_s=1
    )
    shown = [request, minted, spec, GA.mint_request(spec), reply(200, "canary")]

    assert "canary" not in repr(shown) + "".join(map(str, shown))
