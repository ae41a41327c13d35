"""Holds what handlers answer to what the OpenAPI document says of it."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

CHECKED_CHARS_MAX = 64 * 1024  # a long transcript repeats one shape for seconds


def hold_to_contract(route_key: str, status: int, headers: Any, text: str) -> None:
    """Fail unless the document knows this answer of the route, its headers and its shape."""
    operation = _operation(route_key)
    assert str(status) in operation["responses"], f"{route_key} answered {status}, undocumented"
    answer = _followed(operation["responses"][str(status)])
    assert headers["X-Request-Id"], "every answer names its request"
    assert headers["Cache-Control"] == "no-store"
    content = answer.get("content")
    if content is None:
        assert not text
        assert "Content-Type" not in headers
        return
    media_type = headers["Content-Type"].partition(";")[0]
    assert media_type in content
    if not media_type.endswith("json") or len(text) > CHECKED_CHARS_MAX:
        return
    body = json.loads(text)
    _validator(route_key, status, headers["Content-Type"]).validate(body)
    if headers["Content-Type"] == "application/problem+json":
        assert body["requestId"] == headers["X-Request-Id"]
        assert body["error"] == body["detail"]
        assert body["status"] == status
        assert ("Retry-After" in headers) >= (status in {429, 502, 503, 504})


def hold_body(route_key: str, status: int, body: Any) -> None:
    """Fail unless this may be the JSON body of the route's answer."""
    _validator(route_key, status, "application/json").validate(body)


@cache
def _document() -> dict[str, Any]:
    from scripts.openapi import openapi  # noqa: PLC0415 (it imports all functions)

    return openapi()


def _operation(route_key: str) -> dict[str, Any]:
    method, _, path = route_key.partition(" ")
    operation: dict[str, Any] = _document()["paths"][path][method.lower()]
    return operation


def _followed(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = _document()
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


@cache
def _validator(route_key: str, status: int, media_type: str) -> Draft202012Validator:
    answer = _followed(_operation(route_key)["responses"][str(status)])
    schema = answer["content"][media_type]["schema"]
    return Draft202012Validator({**schema, "components": _document()["components"]})
