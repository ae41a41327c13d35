"""HTTP requests as payload 2.0 events, and what functions return as HTTP answers.

AWS: "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway", payload format 2.0.
"""

import base64
import binascii
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.cloudformation import ACCOUNT
from local.resources import Route

API_ID = "local"

_TEXT_TYPES = {"application/json", "application/javascript", "application/xml"}
"""Measured at AWS (ministack, pull request 766): all else is base64, forms and no type, too."""


class AnswerRefused(Exception):
    """What a function returned is no answer; API Gateway says 500."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it came over the wire."""

    method: str
    target: str
    protocol: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    source_ip: str

    @property
    def path(self) -> str:
        """The path as sent."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query as sent, without the question mark."""
        return self.target.partition("?")[2]

    def joined_headers(self) -> dict[str, str]:
        """Lower-case names; values of the same name joined with commas."""
        joined: dict[str, str] = {}
        for name, value in self.headers:
            key = name.lower()
            joined[key] = f"{joined[key]},{value}" if key in joined else value
        return joined


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back over the wire."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def build_event(
    request: Request, route: Route, parameters: Mapping[str, str], *, request_id: str
) -> dict[str, Any]:
    """The event of a request that took ``route``; absent parts are left out, as AWS does."""
    headers = request.joined_headers()
    cookies = [part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()]
    host = headers.get("host", "localhost")
    trace = f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    headers.setdefault("x-amzn-trace-id", trace)
    headers |= {
        "x-forwarded-for": request.source_ip,
        "x-forwarded-port": host.rpartition(":")[2] if ":" in host else "80",
        "x-forwarded-proto": "http",
    }
    now_ms = time.time_ns() // 1_000_000
    path = unquote(request.path)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": host,
            "domainPrefix": host.partition(".")[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": route.key,
            "stage": "$default",
            "time": datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": now_ms,
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if query := _joined(parse_qsl(request.query, keep_blank_values=True)):
        event["queryStringParameters"] = query
    if parameters:
        event["pathParameters"] = dict(parameters)
    if request.body:
        text = _as_text(request.body, headers.get("content-type", ""))
        event["body"] = base64.b64encode(request.body).decode() if text is None else text
        event["isBase64Encoded"] = text is None
    return event


def read_answer(payload: Any) -> Answer:
    """The HTTP answer that a function's result means.

    Without ``statusCode`` the whole result is the JSON body of a 200 (format 2.0 infers it).

    Raises:
        AnswerRefused: status, headers or body are not what API Gateway takes.
    """
    if not isinstance(payload, dict) or "statusCode" not in payload:
        body = payload if isinstance(payload, str) else json.dumps(payload)
        headers = [("content-type", "application/json")]
        return Answer(status=200, headers=headers, body=body.encode())
    try:
        status = int(payload["statusCode"])
        headers = _answer_headers(payload)
        body = payload.get("body") or ""
        encoded = bool(payload.get("isBase64Encoded"))
        raw = base64.b64decode(body, validate=True) if encoded else body.encode()
    except (TypeError, ValueError, AttributeError, binascii.Error) as cause:
        raise AnswerRefused(f"not an answer of format 2.0: {cause}") from cause
    if not 200 <= status <= 599:
        raise AnswerRefused(f"status {status} is out of range")
    return Answer(status=status, headers=headers, body=raw)


def message(status: int, text: str) -> Answer:
    """An answer of API Gateway itself: ``{"message": text}``."""
    body = json.dumps({"message": text}).encode()
    return Answer(status=status, headers=[("content-type", "application/json")], body=body)


def _answer_headers(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    given = payload.get("headers") or {}
    headers = [(name.lower(), _header_text(value)) for name, value in given.items()]
    if not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain; charset=utf-8"))
    cookies = payload.get("cookies") or []
    return headers + [("set-cookie", str(cookie)) for cookie in cookies]


def _header_text(value: Any) -> str:
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if "\r" in text or "\n" in text:
        raise ValueError("a header value has a line break")
    return text


def _joined(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _as_text(body: bytes, content_type: str) -> str | None:
    """The body as text where API Gateway hands it over as text, else ``None``."""
    kind = content_type.partition(";")[0].strip().lower()
    if not kind.startswith("text/") and kind not in _TEXT_TYPES:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None
