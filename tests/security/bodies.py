"""What the shapes of requests say of themselves: objects, bounds, and names that are not theirs."""

import copy
import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic.alias_generators import to_camel, to_snake

from greenroom.table.item import KINDS
from greenroom.web.route import Route
from tests.functions.edge import example
from tests.widgets import SITE

Place = tuple[str, ...]
_PACKAGE = Path(__file__).parents[2] / "layers" / "greenroom" / "greenroom"
_ALSO = {"price", "amount", "isAdmin", "admin", "premium", "balance", "constructor", "__proto__"}


@cache
def stored_names() -> tuple[str, ...]:
    """The name of everything that is stored of anybody, as code and as JSON spells it."""
    for path in sorted(_PACKAGE.glob("*/*items.py")) + sorted(_PACKAGE.glob("*/*store.py")):
        importlib.import_module(f"greenroom.{path.parent.name}.{path.stem}")
    known = {name for kind in KINDS.values() for name in kind.get_attributes()} | _ALSO
    return tuple(sorted(known | {to_camel(name) for name in known}))


@dataclass(frozen=True)
class Bound:
    """A limit of one member: ``inside`` is the last value that it allows, ``outside`` the next."""

    place: Place
    rule: str
    inside: Any
    outside: Any


def objects(route: Route) -> dict[Place, set[str]]:
    """Where objects stand in a body, with the members that each may have, in both spellings."""
    found: dict[Place, set[str]] = {}
    for place, schema in _parts(route):
        names = {one for name in schema.get("properties", ()) for one in (name, to_snake(name))}
        if names or schema.get("additionalProperties") is False:
            found.setdefault(place, set()).update(names)
    return found


def bounds(route: Route) -> Iterator[Bound]:
    """The limits of a body's members, by its schema."""
    for place, schema in _parts(route):
        for rule, limit in schema.items():
            if rule == "maxLength":
                yield Bound(place, rule, "a" * limit, "a" * (limit + 1))
            elif rule == "minLength" and limit:
                yield Bound(place, rule, "a" * limit, "a" * (limit - 1))
            elif rule in {"maximum", "minimum"}:
                beyond = limit + (1 if rule == "maximum" else -1)
                yield Bound(place, rule, limit, beyond)
            elif rule == "maxItems":
                items = _items(route, place, schema)
                yield Bound(place, rule, items * limit, items * (limit + 1))


def with_member(route: Route, place: Place, value: Any) -> dict[str, Any]:
    """The example of a route's body with another value in one place."""
    body: dict[str, Any] = copy.deepcopy(example(route) or {})
    inner: Any = body
    for name, after in zip(place, [*place[1:], ""], strict=True):
        key: Any = int(name) if isinstance(inner, list) else name
        if isinstance(inner, list) and not inner:
            inner.append({})
        if not after:
            inner[key] = value
            break
        wanted = list if after == "0" else dict
        if not isinstance(inner.get(key) if isinstance(inner, dict) else inner[key], wanted):
            inner[key] = wanted()
        inner = inner[key]
    return body


def with_members(route: Route, place: Place, members: dict[str, Any]) -> dict[str, Any]:
    """The example with more members in the object at a place."""
    inner: Any = example(route) or {}
    for name in place:
        found = inner[int(name)] if isinstance(inner, list) and inner else None
        inner = inner.get(name) if isinstance(inner, dict) else found
    known = inner if isinstance(inner, dict) else {}
    return with_member(route, place, known | members) if place else known | members


def _items(route: Route, place: Place, schema: dict[str, Any]) -> list[Any]:
    inner: Any = example(route) or {}
    for name in place:
        inner = inner.get(name, []) if isinstance(inner, dict) else []
    return inner[:1] if inner else [SITE if "Origins" in place[-1] else "a"]


def _parts(route: Route) -> Iterator[tuple[Place, dict[str, Any]]]:
    assert route.body is not None
    schema = route.body.model_json_schema()
    yield from _walk(schema, json.loads(json.dumps(schema.get("$defs", {}))), ())


def _walk(
    schema: dict[str, Any], known: dict[str, Any], place: Place
) -> Iterator[tuple[Place, dict[str, Any]]]:
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        for option in schema["anyOf"]:
            yield from _walk(option, known, place)
        return
    yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _walk(inner, known, (*place, name))
    if isinstance(schema.get("items"), dict):
        yield from _walk(schema["items"], known, (*place, "0"))
