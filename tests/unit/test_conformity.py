"""What holds answers to the OpenAPI document lets nothing pass that the document does not tell."""

import json
from typing import Any

import pytest
from jsonschema_rs import ValidationError

from tests.conformity import hold_body, hold_to_contract

KEY = "GET /api/user/ledger"
ENTRY: dict[str, Any] = {"items": [], "nextCursor": None}
HEADERS = {"X-Request-Id": "r1", "Cache-Control": "no-store", "Content-Type": "application/json"}
PROBLEM = {
    "type": "https://greenroom.example/errors#unauthenticated",
    "title": "Not signed in",
    "status": 401,
    "detail": "Sign in first.",
    "code": "UNAUTHENTICATED",
    "requestId": "r1",
    "error": "Sign in first.",
}
REFUSED = {
    **HEADERS,
    "Content-Type": "application/problem+json",
    "WWW-Authenticate": "Bearer",
}


def hold(status: int, headers: dict[str, str], body: Any) -> None:
    told = {name: value for name, value in headers.items() if value}
    hold_to_contract(KEY, status, told, json.dumps(body))


def test_what_is_told_passes() -> None:
    hold(200, HEADERS, ENTRY)
    hold(401, REFUSED, PROBLEM)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (201, {}, ENTRY),
        (200, {"X-Request-Id": ""}, ENTRY),
        (200, {"Cache-Control": ""}, ENTRY),
        (200, {"Cache-Control": "max-age=5"}, ENTRY),
        (200, {"X-Powered-By": "us"}, ENTRY),
        (200, {"Content-Type": "text/html"}, ENTRY),
        (200, {}, {**ENTRY, "total": 1}),
        (200, {}, {"items": []}),
        (401, {"WWW-Authenticate": ""}, PROBLEM),
        (401, {"WWW-Authenticate": "Basic"}, PROBLEM),
        (401, {"Retry-After": "1"}, PROBLEM),
        (401, {"Content-Type": "application/json"}, PROBLEM),
        (401, {}, {**PROBLEM, "secret": "x"}),
        (401, {}, {**PROBLEM, "status": 403}),
        (401, {}, {**PROBLEM, "code": "FORBIDDEN"}),
        (401, {}, {**PROBLEM, "error": "another sentence"}),
        (401, {}, {**PROBLEM, "requestId": "another"}),
        (401, {}, {**PROBLEM, "type": "https://greenroom.example/errors#forbidden"}),
        (503, {"Content-Type": "application/problem+json", "Retry-After": ""}, PROBLEM),
    ],
)
def test_what_nobody_told_of_fails(status: int, headers: dict[str, str], body: Any) -> None:
    with pytest.raises((AssertionError, ValidationError)):
        hold(status, (HEADERS if status == 200 else REFUSED) | headers, body)


@pytest.mark.parametrize("moment", ["21 Nov", "2026-11-21", "2026-11-21T12:00:00"])
def test_a_moment_in_a_body_is_one(moment: str) -> None:
    entry = {"id": "e", "kind": "grant", "amount": 3.0, "reason": "welcome", "sessionId": None}
    hold_body(KEY, 200, {**ENTRY, "items": [{**entry, "at": "2026-11-21T12:00:00.000000Z"}]})

    with pytest.raises(ValidationError):
        hold_body(KEY, 200, {**ENTRY, "items": [{**entry, "at": moment}]})
