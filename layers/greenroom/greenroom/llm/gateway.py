"""The language model behind any OpenAI-compatible ``/chat/completions``.

Source: OpenAI API reference, "Create chat completion" and "Structured outputs"; Azure, vLLM,
Ollama and Bedrock gateways speak the same.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from greenroom.kernel.breaker import Breaker, Passing
from greenroom.kernel.clock import Deadline
from greenroom.kernel.errors import ProviderFailed, ProviderThrottled, ProviderTimedOut
from greenroom.kernel.limits import PROVIDER_CONNECT_TIMEOUT_S
from greenroom.kernel.telemetry import count, outside
from greenroom.kernel.trust import trusted
from greenroom.llm.domain import Completion, Price, Spent

RESPONSE_BYTES_MAX = 1024 * 1024  # an exam of fifty questions is 60 KB
ERROR_BYTES_MAX = 16 * 1024
TOKENS_COUNTED_MAX = 1_000_000_000  # a count beyond any model's window is no count
RETRY_AFTER_S_MAX = 3600
_REASONS = re.compile(r"(?:gpt-5|o[1-9])")  # others refuse to be asked for an effort
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")


class _Provided(BaseModel):
    """A part of a provider's answer: what we do not know is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Message(_Provided):
    content: str | None = None
    refusal: str | None = None


class _Choice(_Provided):
    message: _Message
    finish_reason: str | None = None


class _Usage(_Provided):
    prompt_tokens: int | None = Field(default=None, ge=0, le=TOKENS_COUNTED_MAX)
    completion_tokens: int | None = Field(default=None, ge=0, le=TOKENS_COUNTED_MAX)


class _Answered(_Provided):
    choices: list[_Choice] = Field(min_length=1)
    model: str | None = None
    usage: _Usage | None = None


class _Error(_Provided):
    code: str | int | None = None
    type: str | None = None


class _Refusal(_Provided):
    error: _Error


class LanguageModel:
    """One language model at one address.

    ``base_url`` ends before ``/chat/completions``. ``api_key`` is asked at each call, so that a
    rotated key is used at once; an empty one sends no ``Authorization``. ``prices`` are for the
    metrics alone. ``http`` is for tests.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: Callable[[], str],
        model: str,
        prices: Mapping[str, Price] = MappingProxyType({}),
        http: httpx.Client | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self._breaker = breaker or Breaker("llm")
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._api_key = api_key
        self._model = model
        self._prices = prices
        # Proxies and .netrc of the environment are not for calls that carry our key.
        self._http = http or httpx.Client(trust_env=False, verify=trusted())

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def passing(self) -> Passing:
        """What work that is going to ask begins with, before it has done anything."""
        return self._breaker.passing

    @outside("llm", "llm")
    def complete(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any],
        schema_name: str,
        timeout_s: float,
        max_tokens: int,
        effort: str | None = None,
    ) -> Completion:
        """The model's answer to these messages, asked to follow the JSON schema. Never retried.

        ``schema_name`` is of letters, digits, ``_`` and ``-``, at most 64; ``max_tokens`` bounds
        what the model may write, its reasoning included. ``effort`` is how much it reasons; it is
        asked only of models that do.
        ``timeout_s`` is for the whole call: silence of that length ends it, and so does the first
        piece of an answer that trickles in later. Neither messages nor answer nor key are
        logged, nor are they part of an error.

        Raises:
            ProviderTimedOut: no whole answer in time.
            ProviderThrottled: the provider is busy (429, 503); ``retry_after_s`` where it said.
            ProviderDown: it has not answered for a while; it was not asked.
            ProviderFailed: not reachable, refused, cut off, or not an answer at all. Where the
                model did write, ``llm.domain.spent_on`` says what was used up.
        """
        deadline = Deadline.after(timeout_s)
        body: dict[str, Any] = {
            "model": self._model,
            "messages": list(messages),
            "response_format": {
                "type": "json_schema",
                "json_schema": {
                    "name": schema_name,
                    "strict": True,
                    "schema": dict(schema),
                },
            },
            "max_completion_tokens": max_tokens,
        }
        if effort and _REASONS.match(self._model):
            body["reasoning_effort"] = effort
        with (
            self._breaker.calling() as call,
            _translated(),
            self._opened(body, timeout_s) as response,
        ):
            if response.status_code != httpx.codes.OK:
                error = _read(response, ERROR_BYTES_MAX, deadline)
                call.answered = response.status_code < httpx.codes.INTERNAL_SERVER_ERROR
                _raise_for(response, error)
            raw = _read(response, RESPONSE_BYTES_MAX, deadline)
            call.answered = True
            return self._completion(raw)

    @contextmanager
    def _opened(self, body: dict[str, Any], timeout_s: float) -> Iterator[httpx.Response]:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # so that the limit of the size is the size
        }
        if key := self._api_key():
            headers["Authorization"] = f"Bearer {key}"
        timeout = httpx.Timeout(timeout_s, connect=min(PROVIDER_CONNECT_TIMEOUT_S, timeout_s))
        content = json.dumps(body, ensure_ascii=False).encode()
        request = self._http.build_request(
            "POST", self._url, content=content, headers=headers, timeout=timeout
        )
        response = self._http.send(request, stream=True, follow_redirects=False)
        try:
            yield response
        finally:
            response.close()

    def _completion(self, raw: bytes) -> Completion:
        try:
            answered = _Answered.model_validate_json(raw)
        except ValidationError as problem:
            raise _failed("unreadable", bytes=len(raw)) from problem
        choice, usage = answered.choices[0], answered.usage or _Usage()
        spent: dict[str, Any] = {
            "model": _safe(answered.model) or self._model,
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
        }
        self._tell(Spent(spent["model"], usage.prompt_tokens, usage.completion_tokens))
        if choice.message.refusal:
            raise _failed("refusal", **spent)
        if choice.finish_reason not in {"stop", None}:
            raise _failed("cut_off", finish_reason=_safe(choice.finish_reason), **spent)
        if not choice.message.content:
            raise _failed("empty", **spent)
        return Completion(text=choice.message.content, **spent)

    def _tell(self, spent: Spent) -> None:
        """What the call used up, for the metrics: also where the answer is of no use."""
        cost = spent.cost_micros(self._prices)
        used = {
            "LlmTokensIn": spent.input_tokens,
            "LlmTokensOut": spent.output_tokens,
            "LlmCostMicroUsd": cost,
        }
        for metric, value in used.items():
            if value is not None:
                count(metric, value)


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of httpx as ours; their texts are left out, since they may name the address."""
    try:
        yield
    except httpx.TimeoutException as problem:
        raise ProviderTimedOut(log={"reason": type(problem).__name__}) from problem
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as problem:
        raise _failed("unreachable", error=type(problem).__name__) from problem


def _read(response: httpx.Response, size_max: int, deadline: Deadline) -> bytes:
    """The body, at most so many bytes of it, and not after the deadline.

    The deadline is looked at with each piece: httpx's own timeout begins anew with each.
    """
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if deadline.remaining_s() <= 0:
            raise ProviderTimedOut(log={"reason": "deadline"})
        if len(body) > size_max:
            raise _failed("too_large", status=response.status_code)
    return bytes(body)


def _raise_for(response: httpx.Response, raw: bytes) -> None:
    status = response.status_code
    facts = {"status": status, "request_id": _safe(response.headers.get("x-request-id"))}
    code = _error_code(raw)
    if status in {408, 504}:
        raise ProviderTimedOut(log={"reason": "status", "code": code, **facts})
    # An empty account does not fill up by waiting, though OpenAI answers it with 429 too.
    if status in {429, 503} and code != "insufficient_quota":
        wait_s = _retry_after_s(response.headers.get("retry-after"))
        raise ProviderThrottled(
            retry_after_s=wait_s, log={"reason": "status", "code": code, **facts}
        )
    raise _failed("status", code=code, **facts)


def _error_code(raw: bytes) -> str | None:
    """The provider's word for the error. Its message is left alone: it may quote the key."""
    try:
        error = _Refusal.model_validate_json(raw).error
    except ValidationError:
        return None
    return _safe(str(error.code)) if error.code is not None else _safe(error.type)


def _retry_after_s(value: str | None) -> int:
    """The provider's wish in seconds, 1 where it has none or names a date."""
    if value is None or not re.fullmatch(r"\d{1,9}", value, re.ASCII):
        return 1
    return min(max(int(value), 1), RETRY_AFTER_S_MAX)


def _safe(text: str | None) -> str | None:
    """A short plain word, fit for a log and a table; anything else is None."""
    return text if text is not None and _CODE.fullmatch(text) else None


def _failed(reason: str, **facts: Any) -> ProviderFailed:
    return ProviderFailed(log={"reason": reason, **facts})
