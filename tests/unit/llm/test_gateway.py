"""The language model's wire: what is sent, what is taken, and what each failure is called."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from greenroom.kernel.errors import (
    ProviderFailed,
    ProviderThrottled,
    ProviderTimedOut,
    Unavailable,
)
from greenroom.llm.domain import Completion, Spent, spent_by, spent_on
from greenroom.llm.gateway import RESPONSE_BYTES_MAX, LanguageModel

SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
KEY = "sk-canary-of-the-key"
MESSAGES = [
    {"role": "system", "content": "judge"},
    {"role": "user", "content": "canary-transcript"},
]
Handler = Callable[[httpx.Request], httpx.Response]


def completion(**changes: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "gpt-5-mini-2025-08-07",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "{}", "refusal": None},
            }
        ],
        "usage": {"prompt_tokens": 900, "completion_tokens": 300, "total_tokens": 1200},
        **changes,
    }


def choice(finish_reason: str | None = "stop", **message: Any) -> dict[str, Any]:
    return {"choices": [{"finish_reason": finish_reason, "message": {"content": "{}", **message}}]}


def ask(model: LanguageModel, *, timeout_s: float = 5) -> Completion:
    return model.complete(
        MESSAGES, schema=SCHEMA, schema_name="exam", timeout_s=timeout_s, max_tokens=900
    )


def asked(handler: Handler, *, key: str = KEY) -> Completion:
    with httpx.Client(transport=httpx.MockTransport(handler)) as http:
        model = LanguageModel(
            base_url="https://llm.example/v1/", api_key=lambda: key, model="gpt-5-mini", http=http
        )
        return ask(model)


def failure(handler: Handler) -> Unavailable:
    with pytest.raises(Unavailable) as refusal:
        asked(handler)
    return refusal.value


def always(response: httpx.Response) -> Handler:
    return lambda _: response


def test_the_request_is_a_chat_completion_with_a_strict_schema() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=completion())

    answered = asked(handler)

    (request,) = seen
    body = json.loads(request.content)
    assert str(request.url) == "https://llm.example/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert body["model"] == "gpt-5-mini"
    assert body["messages"] == MESSAGES
    assert body["response_format"]["type"] == "json_schema"
    assert body["max_completion_tokens"] == 900
    assert body["response_format"]["json_schema"] == {
        "name": "exam", "strict": True, "schema": SCHEMA,
    }  # fmt: skip
    assert answered == Completion("{}", "gpt-5-mini-2025-08-07", 900, 300)


def test_a_server_without_keys_gets_no_authorization() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        return httpx.Response(200, json=completion())

    asked(handler, key="")


def test_a_rotated_key_is_used_at_the_next_call() -> None:
    keys = iter(["old", "new"])
    sent: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return httpx.Response(200, json=completion())

    with httpx.Client(transport=httpx.MockTransport(handler)) as http:
        model = LanguageModel(
            base_url="https://llm.example/v1", api_key=lambda: next(keys), model="m", http=http
        )
        ask(model)
        ask(model)

    assert sent == ["Bearer old", "Bearer new"]


def test_a_server_that_counts_nothing_is_taken_at_its_word() -> None:
    answered = asked(always(httpx.Response(200, json=choice(None))))

    assert answered == Completion("{}", "gpt-5-mini", None, None)


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (httpx.Response(200, json=choice("length")), "cut_off"),
        (httpx.Response(200, json=choice("content_filter")), "cut_off"),
        (httpx.Response(200, json=choice("tool_calls")), "cut_off"),
        (httpx.Response(200, json=choice(refusal="I cannot.")), "refusal"),
        (httpx.Response(200, json=choice(content=None)), "empty"),
        (httpx.Response(200, json=choice(content="")), "empty"),
        (httpx.Response(200, json={"choices": []}), "unreadable"),
        (httpx.Response(200, json={}), "unreadable"),
        (httpx.Response(200, json=choice(content=5)), "unreadable"),
        (httpx.Response(200, content=b""), "unreadable"),
        (httpx.Response(200, content=b"<html>"), "unreadable"),
        (httpx.Response(200, content=b"[" * 200_000), "unreadable"),
        (httpx.Response(200, content=b'{"choices":[{"mess'), "unreadable"),
        (httpx.Response(200, content=b"x" * (RESPONSE_BYTES_MAX + 1)), "too_large"),
        (httpx.Response(302, headers={"location": "https://evil.example/"}), "status"),
        (httpx.Response(401, json={"error": {"code": "invalid_api_key"}}), "status"),
        (httpx.Response(404, text="no such model"), "status"),
        (httpx.Response(429, json={"error": {"code": "insufficient_quota"}}), "status"),
        (httpx.Response(500, content=b"x" * 100_000), "too_large"),
        (httpx.Response(204), "status"),
    ],
)
def test_an_answer_that_cannot_be_used_is_a_failed_provider(
    response: httpx.Response, reason: str
) -> None:
    problem = failure(always(response))

    assert isinstance(problem, ProviderFailed)
    assert problem.log["reason"] == reason


@pytest.mark.parametrize(
    "message", [choice("length"), choice(refusal="I cannot."), choice(content=None)]
)
def test_what_an_answer_cost_that_cannot_be_used_is_not_lost(message: dict[str, Any]) -> None:
    problem = failure(always(httpx.Response(200, json=completion(**message))))

    assert spent_on(problem) == Spent("gpt-5-mini-2025-08-07", 900, 300)


def test_a_failure_without_an_answer_cost_nothing_that_is_known() -> None:
    assert spent_on(failure(always(httpx.Response(500)))) == Spent()
    assert spent_by(Completion("{}", "m", 1, 2)) == Spent("m", 1, 2)


@pytest.mark.parametrize("count", [-1, 10**30, "many", 1.5])
def test_a_count_that_is_none_makes_an_answer_unreadable(count: Any) -> None:
    answer = completion(usage={"prompt_tokens": count, "completion_tokens": 1})

    assert failure(always(httpx.Response(200, json=answer))).log["reason"] == "unreadable"


@pytest.mark.parametrize(
    ("status", "header", "wait_s"),
    [
        (429, "7", 7),
        (429, None, 1),
        (429, "0", 1),
        (429, "Wed, 21 Oct 2026 07:28:00 GMT", 1),
        (503, "999999", 3600),
        (429, "²", 1),
    ],
)
def test_a_busy_provider_is_throttling_and_says_for_how_long(
    status: int, header: str | None, wait_s: int
) -> None:
    headers = {} if header is None else {"retry-after": header.encode()}

    problem = failure(always(httpx.Response(status, headers=headers)))  # type: ignore[arg-type]

    assert isinstance(problem, ProviderThrottled)
    assert problem.retry_after_s == wait_s


@pytest.mark.parametrize("status", [408, 504])
def test_a_gateway_that_timed_out_is_a_timeout(status: int) -> None:
    assert isinstance(failure(always(httpx.Response(status))), ProviderTimedOut)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (httpx.ReadTimeout("slow"), ProviderTimedOut),
        (httpx.ConnectTimeout("slow"), ProviderTimedOut),
        (httpx.ConnectError("refused"), ProviderFailed),
        (httpx.RemoteProtocolError("cut"), ProviderFailed),
        (httpx.ReadError("reset"), ProviderFailed),
    ],
)
def test_a_broken_connection_has_our_name(raised: Exception, kind: type[Unavailable]) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise raised

    assert isinstance(failure(handler), kind)


@pytest.mark.parametrize("address", ["http://[::1", "ftp://llm.example", "llm.example/v1"])
def test_an_impossible_address_is_a_failed_provider(address: str) -> None:
    model = LanguageModel(base_url=address, api_key=lambda: KEY, model="m")
    with pytest.raises(ProviderFailed):
        ask(model)
    model.close()


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(401, json={"error": {"code": f"Incorrect key {KEY}", "message": KEY}}),
        httpx.Response(400, json={"error": {"type": "canary-transcript is bad", "code": None}}),
        httpx.Response(200, json=choice(refusal="canary-transcript")),
        httpx.Response(200, json=choice("canary-transcript in prose")),
        httpx.Response(200, text="canary-transcript"),
    ],
)
def test_neither_key_nor_transcript_is_logged_or_part_of_an_error(
    response: httpx.Response, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    problem = failure(always(response))

    said = f"{problem} {problem.detail} {problem.facts} {problem.log} {caplog.text}"
    assert KEY not in said
    assert "canary-transcript" not in said


@pytest.fixture
def server() -> Iterator[tuple[socket.socket, str]]:
    listener = socket.create_server(("127.0.0.1", 0))
    yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    listener.close()


def timed(address: str, timeout_s: float) -> tuple[Unavailable, float]:
    model = LanguageModel(base_url=address, api_key=lambda: KEY, model="m")
    began = time.monotonic()
    with pytest.raises(Unavailable) as refusal:
        ask(model, timeout_s=timeout_s)
    took_s = time.monotonic() - began
    model.close()
    return refusal.value, took_s


def test_a_silent_provider_is_given_up_at_the_deadline(
    server: tuple[socket.socket, str],
) -> None:
    problem, took_s = timed(server[1], 0.3)

    assert isinstance(problem, ProviderTimedOut)
    assert took_s < 2


def test_a_provider_that_trickles_is_given_up_at_the_deadline(
    server: tuple[socket.socket, str],
) -> None:
    listener, address = server
    over = threading.Event()

    def trickle() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not over.wait(0.05):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    thread = threading.Thread(target=trickle)
    thread.start()
    problem, took_s = timed(address, 0.4)
    over.set()
    thread.join()

    assert isinstance(problem, ProviderTimedOut)
    assert took_s < 2


def test_the_proxies_of_the_environment_are_not_used(
    server: tuple[socket.socket, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server[1])
    monkeypatch.setenv("ALL_PROXY", server[1])

    problem, _ = timed("http://127.0.0.1:1/v1", 1)

    assert isinstance(problem, ProviderFailed)
    assert problem.log["reason"] == "unreachable"
    server[0].settimeout(0.05)
    with pytest.raises(TimeoutError):
        server[0].accept()


@pytest.mark.parametrize(
    ("name", "effort"), [("gpt-5-mini", "low"), ("o3", "low"), ("gpt-4o", None), ("llama3", None)]
)
def test_only_a_model_that_reasons_is_asked_how_much(name: str, effort: str | None) -> None:
    seen: list[Any] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content).get("reasoning_effort"))
        return httpx.Response(200, json=completion())

    with httpx.Client(transport=httpx.MockTransport(handler)) as http:
        model = LanguageModel(
            base_url="https://llm.example/v1", api_key=lambda: KEY, model=name, http=http
        )
        for wanted in ("low", None):
            model.complete(
                MESSAGES, schema=SCHEMA, schema_name="x", timeout_s=5, max_tokens=9, effort=wanted
            )

    assert seen == [effort, None]
