"""Holds what handlers answer to what the OpenAPI document says of it."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from jsonschema_rs import Draft202012Validator, Registry

CHECKED_CHARS_MAX = 64 * 1024  # a long transcript repeats one shape for seconds
# What no operation tells: the media type stands in its content, CORS in docs/decisions/0008.
UNTOLD = {"content-type", "vary"}
DOCUMENT = "urn:greenroom"


def hold_to_contract(route_key: str, status: int, headers: Mapping[str, str], text: str) -> None:
    """Fail unless the document knows this answer of the route, its headers and its shape."""
    operation = _operation(route_key)
    assert str(status) in operation["responses"], f"{route_key} answered {status}, undocumented"
    answer = _followed(operation["responses"][str(status)])
    _hold_headers(route_key, status, {name.lower(): value for name, value in headers.items()})
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
    _validator(route_key, status, media_type).validate(body)
    if media_type == "application/problem+json":
        assert body["requestId"] == headers["X-Request-Id"]
        assert body["error"] == body["detail"]
        assert body["status"] == status
        assert body["type"].endswith(f"#{body['code'].lower()}")


def _hold_headers(route_key: str, status: int, headers: Mapping[str, str]) -> None:
    """Every header that is told is there and right, and none is there that nobody told of."""
    told = _headers_told(route_key, status)
    for name, (required, schema, is_number) in told.items():
        assert name in headers or not required, f"{route_key} {status} lacks {name}"
        if name in headers:
            value = headers[name]
            schema.validate(int(value) if is_number and value.isdecimal() else value)
    untold = {name for name in headers if not name.startswith("access-control-")}
    untold -= {*told, *UNTOLD}
    assert not untold, f"{route_key} {status} has headers that nobody told of: {untold}"


def hold_body(route_key: str, status: int, body: Any) -> None:
    """Fail unless this may be the JSON body of the route's answer."""
    _validator(route_key, status, "application/json").validate(body)


@cache
def the_document() -> dict[str, Any]:
    """The OpenAPI document, as the code says it is."""
    from scripts.openapi import openapi  # noqa: PLC0415 (it imports all functions)

    return openapi()


def _operation(route_key: str) -> dict[str, Any]:
    method, _, path = route_key.partition(" ")
    operation: dict[str, Any] = the_document()["paths"][path][method.lower()]
    return operation


def _followed(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = the_document()
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


@cache
def _validator(route_key: str, status: int, media_type: str) -> Draft202012Validator:
    answer = _operation(route_key)["responses"][str(status)]
    if "$ref" in answer:
        place = answer["$ref"].removeprefix("#/").split("/")
    else:
        method, _, path = route_key.partition(" ")
        place = ["paths", path, method.lower(), "responses", str(status)]
    steps = [*place, "content", media_type, "schema"]
    pointer = "/".join(quote(one.replace("~", "~0").replace("/", "~1")) for one in steps)
    return Draft202012Validator(
        {"$ref": f"{DOCUMENT}#/{pointer}"},
        registry=_registry(),
        formats=FORMATS,
        validate_formats=True,
    )


@cache
def _registry() -> Registry:
    """The document, read once for all its schemas."""
    return Registry([(DOCUMENT, the_document())])


@cache
def _headers_told(
    route_key: str, status: int
) -> dict[str, tuple[bool, Draft202012Validator, bool]]:
    answer = _followed(_operation(route_key)["responses"][str(status)])
    told = {name.lower(): _followed(header) for name, header in answer["headers"].items()}
    return {
        name: (
            header.get("required", False),
            Draft202012Validator(header["schema"]),
            header["schema"].get("type") == "integer",
        )
        for name, header in told.items()
    }


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_day(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


# Ours are stricter, or laxer, than the library's; the rest is as the library has it.
FORMATS = {
    "date-time": _is_moment,
    "date": _is_day,
    "uri": lambda value: bool(urlsplit(value).scheme),
}
