"""The gateway: what really goes over the wire, and what becomes of a line that breaks."""

import gzip
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from greenroom.kernel.errors import (
    GreenroomError,
    InvalidSdp,
    ProviderFailed,
    ProviderThrottled,
    ProviderTimedOut,
    TokenExpired,
)
from greenroom.kernel.limits import PROVIDER_REPLY_MAX
from greenroom.realtime.dialects import BETA, GA, Dialect
from greenroom.realtime.gateway import ExchangeMode, RealtimeGateway
from greenroom.realtime.wire import HangUp, SessionSpec

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
# Shaped like no vendor's, so that only knowing them can keep them out of a log.
KEY = "standard-key-canary"
SECRET = "ephemeral-secret-canary"
OFFER = (Path(__file__).parents[2] / "fixtures/sdp/chromium_gathered.sdp").read_bytes()
ANSWER = OFFER.replace(b"setup:actpass", b"setup:active")
SPEC = SessionSpec(
    model="gpt-4o-mini-realtime-preview",
    voice="alloy",
    instructions="Role: Nurse",
    transcription_model="whisper-1",
    ttl_s=600,
)
MINTED = {"value": SECRET, "expires_at": int(NOW.timestamp()) + 600, "session": {"id": "sess_1"}}
SDP = {"content-type": "application/sdp", "location": "/v1/realtime/calls/rtc_1"}

Handler = Callable[[httpx.Request], httpx.Response]


class Provider:
    """Answers with one handler and keeps what it was sent."""

    def __init__(self, handler: Handler) -> None:
        self.requests: list[httpx.Request] = []
        self._handler = handler

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._handler(request)


def gateway(
    handler: Handler | None = None,
    *,
    base_url: str = "https://provider.test/v1",
    dialect: Dialect = GA,
    mode: ExchangeMode = "ephemeral",
    key: str = KEY,
) -> RealtimeGateway:
    http = httpx.Client(transport=httpx.MockTransport(handler)) if handler else None
    return RealtimeGateway(
        base_url=base_url,
        api_key=lambda: key,
        dialect=dialect,
        exchange_mode=mode,
        http=http,
        clock=lambda: NOW,
    )


def says(status: int, body: Any = b"", **headers: str) -> Provider:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": "application/json"} | headers
    return Provider(lambda _: httpx.Response(status, content=raw, headers=named))


def own_headers(request: httpx.Request) -> dict[str, str]:
    transport = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length"}
    return {name: value for name, value in request.headers.items() if name not in transport}


def test_the_origins_mint_goes_over_the_wire_in_beta() -> None:
    provider = says(
        200, {"id": "sess_1", "client_secret": {k: MINTED[k] for k in ("value", "expires_at")}}
    )

    minted = gateway(provider, dialect=BETA).mint(SPEC, timeout_s=5)

    (request,) = provider.requests
    assert minted.secret == SECRET
    assert (request.method, str(request.url)) == (
        "POST",
        "https://provider.test/v1/realtime/sessions",
    )
    assert own_headers(request) == {
        "authorization": f"Bearer {KEY}",
        "content-type": "application/json",
        "openai-beta": "realtime=v1",
    }
    assert set(json.loads(request.content)) == {"model", "voice", "instructions", "turn_detection"}


def test_the_origins_exchange_goes_over_the_wire_in_beta() -> None:
    provider = says(201, ANSWER, **SDP)

    answer = gateway(provider, dialect=BETA).exchange(OFFER, secret=SECRET, spec=SPEC, timeout_s=5)

    (request,) = provider.requests
    assert answer.sdp == ANSWER
    assert str(request.url) == (
        "https://provider.test/v1/realtime?model=gpt-4o-mini-realtime-preview"
    )
    assert own_headers(request) == {
        "authorization": f"Bearer {SECRET}",
        "content-type": "application/sdp",
        "openai-beta": "realtime=v1",
    }
    assert request.content == OFFER


def test_a_ga_interview_goes_over_the_wire() -> None:
    minting, calling, ending = says(200, MINTED), says(201, ANSWER, **SDP), says(200)

    minted = gateway(minting).mint(SPEC, timeout_s=5)
    answer = gateway(calling).exchange(OFFER, secret=minted.secret, spec=SPEC, timeout_s=5)
    assert gateway(ending).hang_up(answer.call_id, timeout_s=5) is HangUp.ENDED

    sent = [provider.requests[0] for provider in (minting, calling, ending)]
    assert [str(request.url) for request in sent] == [
        "https://provider.test/v1/realtime/client_secrets",
        "https://provider.test/v1/realtime/calls",
        "https://provider.test/v1/realtime/calls/rtc_1/hangup",
    ]
    assert [request.headers["authorization"] for request in sent] == [
        f"Bearer {KEY}",
        f"Bearer {SECRET}",
        f"Bearer {KEY}",
    ]
    assert not any("openai-beta" in request.headers for request in sent)
    assert sent[1].content == OFFER


def test_unified_mints_nothing_and_places_the_call_with_the_standard_key() -> None:
    provider = says(201, ANSWER, **SDP)
    unified = gateway(provider, mode="unified")

    minted = unified.mint(SPEC, timeout_s=5)
    assert (minted.secret, minted.expires_at) == (None, NOW + timedelta(seconds=600))
    assert provider.requests == []

    assert unified.exchange(OFFER, secret=None, spec=SPEC, timeout_s=5).call_id == "rtc_1"
    (request,) = provider.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert OFFER in request.content


def test_a_token_is_exchanged_as_it_was_minted_even_after_the_mode_changed() -> None:
    provider = says(201, ANSWER, **SDP)

    gateway(provider, mode="unified").exchange(OFFER, secret=SECRET, spec=SPEC, timeout_s=5)

    assert provider.requests[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_a_post_is_never_repeated(status: int) -> None:
    provider = says(status)

    with pytest.raises(GreenroomError):
        gateway(provider).mint(SPEC, timeout_s=5)

    assert len(provider.requests) == 1


def test_a_redirect_is_never_followed() -> None:
    provider = says(307, location="http://169.254.169.254/")

    with pytest.raises(ProviderFailed):
        gateway(provider).mint(SPEC, timeout_s=5)

    assert [request.url.host for request in provider.requests] == ["provider.test"]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_offer", InvalidSdp),
        (401, "invalid_api_key", TokenExpired),
        (429, "rate_limit_exceeded", ProviderThrottled),
        (500, "server_error", ProviderFailed),
    ],
)
def test_refusals_are_mapped(status: int, code: str, kind: type[GreenroomError]) -> None:
    provider = says(status, {"error": {"code": code, "message": "No."}})

    with pytest.raises(kind) as raised:
        gateway(provider).exchange(OFFER, secret=SECRET, spec=SPEC, timeout_s=5)

    assert raised.value.log["provider_error_code"] == code


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, HangUp.ENDED),
        (204, HangUp.ENDED),
        (404, HangUp.ALREADY_GONE),
        (401, HangUp.FAILED),
        (429, HangUp.FAILED),
        (500, HangUp.FAILED),
    ],
)
def test_a_hang_up_says_what_became_of_the_call(status: int, outcome: HangUp) -> None:
    assert gateway(says(status)).hang_up("rtc_1", timeout_s=5) is outcome


def test_a_hang_up_that_nobody_can_do_makes_no_call() -> None:
    provider = says(200)

    assert gateway(provider, dialect=BETA).hang_up("rtc_1", timeout_s=5) is HangUp.UNSUPPORTED
    assert gateway(provider).hang_up(None, timeout_s=5) is HangUp.UNSUPPORTED
    assert provider.requests == []


def test_models_are_listed_with_the_day_on_which_they_end() -> None:
    rows: list[Any] = [
        {"id": "gpt-realtime", "shutdown_date": "2027-01-20"},
        {"id": "gpt-realtime-2.1-mini", "shutdown_date": None},
        {"id": "gpt-transcribe"},
        {"id": "odd", "shutdown_date": "2027-02-30"},
        {"id": 1},
        "odd",
    ]
    provider = says(200, {"object": "list", "data": rows})

    assert gateway(provider).models(timeout_s=5) == {
        "gpt-realtime": date(2027, 1, 20),
        "gpt-realtime-2.1-mini": None,
        "gpt-transcribe": None,
        "odd": None,
    }
    assert provider.requests[0].method == "GET"
    with pytest.raises(ProviderFailed):
        gateway(says(200, {"data": {}})).models(timeout_s=5)
    with pytest.raises(ProviderThrottled):
        gateway(says(429)).models(timeout_s=5)


FAULTS = [
    (httpx.ConnectError("refused"), ProviderFailed, False),
    (httpx.ConnectTimeout("slow"), ProviderTimedOut, False),
    (httpx.PoolTimeout("busy"), ProviderTimedOut, False),
    (httpx.WriteTimeout("slow"), ProviderTimedOut, True),
    (httpx.ReadTimeout("slow"), ProviderTimedOut, True),
    (httpx.WriteError("gone"), ProviderFailed, True),
    (httpx.ReadError("gone"), ProviderFailed, True),
    (httpx.RemoteProtocolError("gone"), ProviderFailed, True),
]


@pytest.mark.parametrize(("fault", "kind", "acted"), FAULTS, ids=lambda value: repr(value)[:30])
def test_a_broken_line_says_whether_the_provider_may_have_acted(
    fault: Exception, kind: type[ProviderFailed | ProviderTimedOut], acted: bool
) -> None:
    def breaks(_: httpx.Request) -> httpx.Response:
        raise fault

    with pytest.raises(kind) as raised:
        gateway(breaks).exchange(OFFER, secret=SECRET, spec=SPEC, timeout_s=5)

    assert raised.value.may_have_acted is acted
    assert raised.value.log == {"provider_fault": type(fault).__name__}


def test_an_endless_reply_is_cut_off() -> None:
    with pytest.raises(ProviderFailed) as raised:
        gateway(says(200, b" " * (PROVIDER_REPLY_MAX + 1))).mint(SPEC, timeout_s=5)

    assert raised.value.may_have_acted
    assert raised.value.log["provider_fault"] == "too long a reply"


@pytest.mark.parametrize("key", ["", "sk-can\nary", "sk-canaryé", "sk can ary"])
def test_a_key_that_fits_no_header_is_our_alarm_and_is_not_quoted(key: str) -> None:
    with pytest.raises(ProviderFailed) as raised:
        gateway(says(200, MINTED), key=key).mint(SPEC, timeout_s=5)

    assert raised.value.log == {"alarm": "PROVIDER_CREDENTIALS"}
    assert raised.value.__cause__ is None


def test_a_key_with_a_line_end_from_a_file_works() -> None:
    provider = says(200, MINTED)

    gateway(provider, key=f"{KEY}\n").mint(SPEC, timeout_s=5)

    assert provider.requests[0].headers["authorization"] == f"Bearer {KEY}"


def everything_of(error: BaseException | None) -> str:
    """All that a log could get of an error and its causes."""
    texts = []
    while error:
        texts += [repr(error), str(error), repr(getattr(error, "__dict__", {}))]
        error = error.__cause__ or error.__context__
    return "".join(texts)


@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 429, 500])
def test_no_error_and_no_log_line_shows_a_key_a_secret_or_the_offer(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"You sent {KEY}"
    room = gateway(says(status, {"error": {"code": KEY, "message": echo}}))
    with pytest.raises(GreenroomError) as minting:
        room.mint(SPEC, timeout_s=5)

    echo = f"You sent {SECRET} and {OFFER.decode()}"
    room = gateway(says(status, {"error": {"code": SECRET, "message": echo}}))
    with pytest.raises(GreenroomError) as calling:
        room.exchange(OFFER, secret=SECRET, spec=SPEC, timeout_s=5)

    shown = everything_of(minting.value) + everything_of(calling.value) + caplog.text + repr(room)
    for canary in ("canary", "ice-pwd", "192.0.2.2"):
        assert canary not in shown


Serve = Callable[[socket.socket, threading.Event], object]


@contextmanager
def peer(serve: Serve) -> Iterator[str]:
    """A real TCP peer that serves one connection until the test is over; yields its base URL."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def run() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(10)
                    serve(connection, over)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        over.set()
    thread.join(timeout=10)


def answering(reply: bytes) -> Serve:
    def serve(connection: socket.socket, _: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(reply)

    return serve


def dripping(head: bytes, drop: bytes) -> Serve:
    """Sends one piece every 50 ms while anybody listens, so that no single read is slow."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(head)
        while not over.wait(0.05):
            connection.sendall(drop)

    return serve


def silent(connection: socket.socket, over: threading.Event) -> None:
    over.wait(10)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SLOW = {
    "never answers": silent,
    "drips its headers": dripping(HEAD, b"X-Drip: 1\r\n"),
    "drips its body": dripping(HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
}


@pytest.mark.parametrize("serve", SLOW.values(), ids=SLOW.keys())
def test_the_deadline_covers_the_whole_exchange(serve: Serve) -> None:
    with peer(serve) as base_url:
        began = time.monotonic()
        with pytest.raises(ProviderTimedOut) as raised:
            gateway(base_url=base_url).mint(SPEC, timeout_s=0.5)
        took_s = time.monotonic() - began

    assert raised.value.may_have_acted
    assert 0.4 < took_s < 3


def test_a_refused_connection_is_the_providers_failure_and_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(ProviderFailed) as raised:
        gateway(base_url=f"http://127.0.0.1:{port}/v1").mint(SPEC, timeout_s=5)

    assert not raised.value.may_have_acted


def test_an_unknown_name_is_the_providers_failure_and_sent_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(ProviderFailed) as raised:
        gateway().mint(SPEC, timeout_s=5)

    assert not raised.value.may_have_acted


def test_a_name_server_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hangs(*_: object, **__: object) -> None:
        over.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    began = time.monotonic()
    with pytest.raises(ProviderTimedOut):
        gateway().mint(SPEC, timeout_s=0.2)
    took_s = time.monotonic() - began
    over.set()

    assert took_s < 3


def test_a_peer_that_speaks_no_tls_is_the_providers_failure() -> None:
    with (
        peer(answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url,
        pytest.raises(ProviderFailed) as raised,
    ):
        gateway(base_url=url.replace("http:", "https:")).mint(SPEC, timeout_s=5)

    assert not raised.value.may_have_acted


def test_a_connection_that_is_torn_may_have_acted() -> None:
    for cut in (b"", HEAD + b"Content-Length: 500\r\n\r\n{"):
        with (
            peer(answering(cut)) as url,
            pytest.raises(ProviderFailed) as raised,
        ):
            gateway(base_url=url).mint(SPEC, timeout_s=5)
        assert raised.value.may_have_acted


def test_a_compressed_reply_is_never_unpacked() -> None:
    packed = gzip.compress(json.dumps(MINTED).encode())
    head = HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()

    with peer(answering(head + packed)) as url, pytest.raises(ProviderFailed) as raised:
        gateway(base_url=url).mint(SPEC, timeout_s=5)

    assert "compressed" in raised.value.log["provider_fault"]


def test_a_proxy_of_the_environment_never_sees_our_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    body = json.dumps(MINTED).encode()
    whole = HEAD + f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body

    with peer(answering(whole)) as url:
        minted = gateway(base_url=url).mint(SPEC, timeout_s=5)

    assert minted.secret == SECRET
