"""The stand-in for OpenAI is as strict over HTTP as the real one."""

import random
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import time_machine

from local.standins.common import running
from local.standins.openai import make_openai

KEY = {"Authorization": "Bearer sk-test"}
BETA = {**KEY, "OpenAI-Beta": "realtime=v1"}
SDP = {"Content-Type": "application/sdp"}
GA_SESSION: dict[str, Any] = {
    "type": "realtime",
    "model": "gpt-realtime-2.1-mini",
    "instructions": "Role: Baker",
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
BETA_SESSION: dict[str, Any] = {
    "model": "gpt-4o-mini-realtime-preview",
    "voice": "alloy",
    "instructions": "Role: Baker",
    "turn_detection": GA_SESSION["audio"]["input"]["turn_detection"],
}
# A whole offer of a browser, shortened to what a peer needs.
OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 4962303333179871722 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=mid:1",
        "a=sctp-port:5000",
        "",
    ]
)


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with running(make_openai(voice_speed=20)) as address, httpx.Client(base_url=address) as client:
        yield client


def mint(http: httpx.Client, **body: Any) -> httpx.Response:
    return http.post("/v1/realtime/client_secrets", headers=KEY, json=body)


def secret(http: httpx.Client) -> str:
    return str(mint(http, session=GA_SESSION).json()["value"])


def error_of(answer: httpx.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


def test_a_ga_secret_tells_its_session_and_its_end(http: httpx.Client) -> None:
    answer = mint(http, expires_after={"anchor": "created_at", "seconds": 60}, session=GA_SESSION)

    body = answer.json()
    assert answer.status_code == 200
    assert body["value"].startswith("ek_")
    assert abs(body["expires_at"] - time.time() - 60) <= 2
    assert body["session"]["object"] == "realtime.session"
    assert body["session"]["id"].startswith("sess_")
    assert body["session"]["model"] == "gpt-realtime-2.1-mini"
    assert body["session"]["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 200
    assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"sesion": {}}, "unknown_parameter", "sesion"),
        ({"session": {**GA_SESSION, "voice": "alloy"}}, "unknown_parameter", "session.voice"),
        ({"session": {"model": "gpt-realtime"}}, "missing_required_parameter", "session.type"),
        ({"session": {**GA_SESSION, "model": "gpt-4o"}}, "invalid_model", "session.model"),
        ({"expires_after": {"anchor": "created_at", "seconds": 9}}, "integer_below_min_value",
         "expires_after.seconds"),
        ({"expires_after": {"anchor": "now", "seconds": 60}}, "invalid_value",
         "expires_after.anchor"),
        ({"session": {**GA_SESSION, "audio": {"output": {"voice": "bob"}}}}, "invalid_value",
         "session.audio.output.voice"),
        ({"session": {**GA_SESSION, "input_audio_transcription": {}}}, "unknown_parameter",
         "session.input_audio_transcription"),
    ],
)  # fmt: skip
def test_a_ga_body_that_openai_would_refuse_is_refused_with_its_path(
    http: httpx.Client, body: dict[str, Any], code: str, param: str
) -> None:
    answer = mint(http, **body)

    assert answer.status_code == 400
    assert error_of(answer)["type"] == "invalid_request_error"
    assert (error_of(answer)["code"], error_of(answer)["param"]) == (code, param)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer ek_x"}, {"Authorization": "x"}])
def test_without_a_standard_key_nothing_is_minted(
    http: httpx.Client, headers: dict[str, str]
) -> None:
    for path in ("client_secrets", "sessions"):
        answer = http.post(f"/v1/realtime/{path}", headers=headers, json={})
        assert answer.status_code == 401
        assert error_of(answer)["type"] == "invalid_request_error"


def test_the_beta_header_on_a_ga_route_is_the_dead_path(http: httpx.Client) -> None:
    for path in ("/v1/realtime/client_secrets", "/v1/realtime/calls"):
        answer = http.post(path, headers=BETA, json={"session": GA_SESSION})
        assert answer.status_code == 400
        assert error_of(answer)["code"] == "beta_api_shape_disabled"


def test_a_body_that_is_no_json_is_refused(http: httpx.Client) -> None:
    path = "/v1/realtime/client_secrets"
    json_type = {**KEY, "Content-Type": "application/json"}

    assert http.post(path, headers=json_type, content=b"{").status_code == 400
    assert http.post(path, headers=json_type, content=b"[" * 200_000).status_code == 400
    assert http.post(path, headers=KEY, content=b"{}").status_code == 400
    assert http.post(path, headers=KEY, json=[]).status_code == 400


def test_an_unknown_route_is_refused_in_openais_shape(http: httpx.Client) -> None:
    answer = http.post("/v1/realtime/foo", headers=KEY)

    assert answer.status_code == 404
    assert "Invalid URL" in error_of(answer)["message"]


def test_a_beta_session_has_its_secret_inside_for_a_minute(http: httpx.Client) -> None:
    answer = http.post("/v1/realtime/sessions", headers=BETA, json=BETA_SESSION)

    body = answer.json()
    assert answer.status_code == 200
    assert body["object"] == "realtime.session"
    assert body["model"] == "gpt-4o-mini-realtime-preview"
    assert body["client_secret"]["value"].startswith("ek_")
    assert abs(body["client_secret"]["expires_at"] - time.time() - 60) <= 2


def test_the_beta_route_wants_its_header(http: httpx.Client) -> None:
    answer = http.post("/v1/realtime/sessions", headers=KEY, json=BETA_SESSION)

    assert answer.status_code == 400
    assert error_of(answer)["code"] == "missing_beta_header"


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ({"input_audio_transcription": {"model": "whisper-1"}}, "unknown_parameter"),
        ({"type": "realtime"}, "unknown_parameter"),
        ({"model": "gpt-realtime-2"}, "invalid_model"),
        ({"voice": "marin"}, "invalid_value"),
    ],
)
def test_a_beta_body_with_what_that_format_never_took_is_refused(
    http: httpx.Client, extra: dict[str, Any], code: str
) -> None:
    answer = http.post("/v1/realtime/sessions", headers=BETA, json={**BETA_SESSION, **extra})

    assert answer.status_code == 400
    assert error_of(answer)["code"] == code


def call(http: httpx.Client, key: str, offer: str | bytes, **extra: Any) -> httpx.Response:
    headers = {**SDP, "Authorization": f"Bearer {key}", **extra.pop("headers", {})}
    return http.post("/v1/realtime/calls", headers=headers, content=offer, **extra)


def test_a_call_is_answered_with_sdp_and_a_location(http: httpx.Client) -> None:
    answer = call(http, secret(http), OFFER)

    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/sdp"
    assert answer.headers["location"].startswith("/v1/realtime/calls/rtc_")
    assert answer.text.startswith("v=0")
    assert "a=setup:active" in answer.text


def test_one_secret_opens_several_calls_until_it_expires(http: httpx.Client) -> None:
    key = secret(http)

    assert call(http, key, OFFER).status_code == 201
    assert call(http, key, OFFER).status_code == 201
    with time_machine.travel(time.time() + 601):
        expired = call(http, key, OFFER)
    assert expired.status_code == 401
    assert "expired" in error_of(expired)["message"]


def test_an_unknown_secret_or_one_of_the_other_dialect_is_401(http: httpx.Client) -> None:
    beta = http.post("/v1/realtime/sessions", headers=BETA, json=BETA_SESSION).json()

    assert call(http, "ek_unknown", OFFER).status_code == 401
    assert call(http, beta["client_secret"]["value"], OFFER).status_code == 401


def test_the_model_in_the_query_is_met_with_empty_texts(http: httpx.Client) -> None:
    answer = call(http, secret(http), OFFER, params={"model": "gpt-realtime"})

    assert answer.status_code == 400
    assert answer.json() == {"error": {"message": "", "type": "", "code": "", "param": ""}}


def test_an_offer_without_its_last_line_break_is_not_understood(http: httpx.Client) -> None:
    answer = call(http, secret(http), OFFER.rstrip())

    assert answer.status_code == 400
    assert "failed to unmarshal SDP: EOF" in error_of(answer)["message"]


@pytest.mark.parametrize(
    "offer",
    [
        b"\n",
        b"<html></html>\n",
        b"\xff\xfe\n",
        b'{"sdp": "v=0"}\n',
        b"v=0\r\n",
        OFFER.replace("m=audio", "m=video").encode(),
        OFFER.replace("a=setup:actpass", "a=setup:passive").encode(),
        OFFER.replace("a=ice-ufrag:abcd\r\n", "").encode(),
        OFFER.replace("m=audio 9", "m=audio nine").encode(),
        OFFER.replace("IP4 0.0.0.0", "IP4").encode(),
    ],
)
def test_a_broken_offer_is_an_invalid_offer_and_never_a_500(
    http: httpx.Client, offer: bytes
) -> None:
    answer = call(http, secret(http), offer)

    assert answer.status_code == 400
    assert error_of(answer)["code"] == "invalid_offer"


def test_no_mutation_of_an_offer_ends_in_a_500(http: httpx.Client) -> None:
    chance = random.Random(7)
    key = secret(http)
    statuses = set()
    for _ in range(40):
        lines = OFFER.split("\r\n")[:-1]
        for _ in range(chance.choice([1, 1, 2])):
            at = chance.randrange(len(lines))
            cut = lines[at][: chance.randrange(len(lines[at]) + 1)]
            lines[at : at + 1] = chance.choice([[], [cut], [lines[at]] * 2])
        statuses.add(call(http, key, "\r\n".join(lines) + "\r\n").status_code)
    assert statuses == {201, 400}


def test_an_offer_of_another_media_type_is_refused(http: httpx.Client) -> None:
    answer = call(http, secret(http), OFFER, headers={"Content-Type": "text/plain"})

    assert answer.status_code == 400
    assert error_of(answer)["code"] == "unsupported_content_type"


SESSION_JSON = (
    '{"type":"realtime","model":"gpt-realtime-2.1-mini","audio":{"output":{"voice":"alloy"}}}'
)


@pytest.mark.parametrize(
    ("sdp_part", "session_part"),
    [
        ((None, OFFER), (None, SESSION_JSON)),
        ((None, OFFER, "application/sdp"), (None, SESSION_JSON, "application/json")),
        (("o.sdp", OFFER, "application/sdp"), ("s.json", SESSION_JSON, "application/json")),
    ],
)
def test_the_unified_form_takes_parts_with_and_without_type_and_file_name(
    http: httpx.Client, sdp_part: Any, session_part: Any
) -> None:
    files = {"sdp": sdp_part, "session": session_part}

    answer = http.post("/v1/realtime/calls", headers=KEY, files=files)

    assert answer.status_code == 201
    assert answer.headers["location"].startswith("/v1/realtime/calls/rtc_")


def test_the_unified_form_keeps_the_last_line_break_of_the_offer(http: httpx.Client) -> None:
    files: Any = {"sdp": (None, OFFER.rstrip()), "session": (None, SESSION_JSON)}

    answer = http.post("/v1/realtime/calls", headers=KEY, files=files)

    assert "failed to unmarshal SDP: EOF" in error_of(answer)["message"]


def test_the_unified_form_wants_both_parts_and_the_standard_key(http: httpx.Client) -> None:
    def post(headers: dict[str, str], **parts: str) -> httpx.Response:
        files: Any = {name: (None, text) for name, text in parts.items()}
        return http.post("/v1/realtime/calls", headers=headers, files=files)

    assert error_of(post(KEY, sdp=OFFER))["param"] == "session"
    assert error_of(post(KEY, session=SESSION_JSON))["param"] == "sdp"
    assert error_of(post(KEY, sdp=OFFER, session=SESSION_JSON, foo="x"))["param"] == "foo"
    assert post(KEY, sdp=OFFER, session="{").status_code == 400
    ephemeral = {"Authorization": f"Bearer {secret(http)}"}
    assert post(ephemeral, sdp=OFFER, session=SESSION_JSON).status_code == 401
    assert call(http, "sk-test", OFFER).status_code == 400


def test_the_beta_call_is_answered_at_its_own_path(http: httpx.Client) -> None:
    minted = http.post("/v1/realtime/sessions", headers=BETA, json=BETA_SESSION).json()
    key = minted["client_secret"]["value"]
    headers = {**SDP, "Authorization": f"Bearer {key}", "OpenAI-Beta": "realtime=v1"}
    query = {"model": "gpt-4o-mini-realtime-preview"}

    answer = http.post("/v1/realtime", params=query, headers=headers, content=OFFER)
    headerless = http.post(
        "/v1/realtime",
        params=query,
        headers={**SDP, "Authorization": f"Bearer {key}"},
        content=OFFER,
    )
    standard = http.post("/v1/realtime", params=query, headers={**headers, **KEY}, content=OFFER)

    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/sdp"
    assert headerless.status_code == 400
    assert standard.status_code == 401


def test_a_call_is_hung_up_once(http: httpx.Client) -> None:
    key = secret(http)
    path = call(http, key, OFFER).headers["location"] + "/hangup"

    stranger = http.post(path, headers={"Authorization": "Bearer ek_other"})
    first, second = (http.post(path, headers=KEY) for _ in range(2))

    assert stranger.status_code == 401
    assert first.status_code == 200
    assert second.status_code == 404
    assert error_of(second)["code"] == "call_id_not_found"


def test_the_ephemeral_secret_may_hang_up_too(http: httpx.Client) -> None:
    key = secret(http)
    path = call(http, key, OFFER).headers["location"] + "/hangup"

    assert http.post(path, headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_a_reset_forgets_secrets_and_ends_calls(http: httpx.Client) -> None:
    key = secret(http)
    path = call(http, key, OFFER).headers["location"] + "/hangup"

    http.post("/_control/reset")

    assert call(http, key, OFFER).status_code == 401
    assert http.post(path, headers=KEY).status_code == 404


def test_models_show_their_end_date_where_one_is_published(http: httpx.Client) -> None:
    listed = {one["id"]: one for one in http.get("/v1/models", headers=KEY).json()["data"]}

    assert listed["gpt-realtime-mini"]["shutdown_date"] == "2027-01-20"
    assert "shutdown_date" not in listed["gpt-realtime-2.1-mini"]
    one = http.get("/v1/models/gpt-realtime-2.1-mini", headers=KEY)
    assert one.json() == listed["gpt-realtime-2.1-mini"]
    unknown = http.get("/v1/models/gpt-9", headers=KEY)
    assert unknown.status_code == 404
    assert error_of(unknown)["code"] == "model_not_found"
    assert http.get("/v1/models").status_code == 401


def test_what_was_asked_is_recorded_and_faults_are_injected(http: httpx.Client) -> None:
    http.post("/_control/reset")
    fault = {
        "method": "POST",
        "path": "/v1/realtime/client_secrets",
        "times": 1,
        "kind": "status",
        "status": 429,
        "headers": {"Retry-After": "7"},
        "bodyText": "{}",
    }
    http.put("/_control/faults", json=[fault])

    faulty, fine = mint(http, session=GA_SESSION), mint(http, session=GA_SESSION)

    assert (faulty.status_code, faulty.headers["Retry-After"]) == (429, "7")
    assert fine.status_code == 200
    items = http.get("/_control/requests").json()["items"]
    assert [one["path"] for one in items] == ["/v1/realtime/client_secrets"] * 2
    assert "gpt-realtime-2.1-mini" in items[0]["bodyText"]
