"""Whether a JSON value follows a schema of the subset (``ai.json_schema``)."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

REFERENCE: Final = "#/$defs/"
_PYTHON: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "null": (type(None),),
}


def violation(value: Any, schema: Schema) -> str | None:
    """Where the value does not follow the schema, first; None where it follows it.

    The schema has passed ``check_schema``. The place is a path of the schema's own names and of
    numbers, nothing of the value itself.
    """
    return next(_violations(value, schema, schema.get("$defs", {}), "output"), None)


def _violations(value: Any, part: Schema, definitions: Schema, where: str) -> Iterator[str]:
    while "$ref" in part:
        part = definitions[part["$ref"].removeprefix(REFERENCE)]
    if "anyOf" in part:
        options = part["anyOf"]
        if not any(_follows(value, option, definitions, where) for option in options):
            yield where
        return
    kinds = part.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_of(value, kind) for kind in kinds):
        yield where
        return
    if "enum" in part and not any(_same(value, option) for option in part["enum"]):
        yield where
    if "const" in part and not _same(value, part["const"]):
        yield where
    if isinstance(value, dict):
        yield from _in_object(value, part, definitions, where)
    elif isinstance(value, list):
        yield from _in_array(value, part, definitions, where)
    elif not _is_within(value, part):
        yield where


def _follows(value: Any, part: Schema, definitions: Schema, where: str) -> bool:
    return next(_violations(value, part, definitions, where), None) is None


def _in_object(
    value: dict[str, Any], part: Schema, definitions: Schema, where: str
) -> Iterator[str]:
    members = part.get("properties", {})
    if value.keys() != members.keys():
        yield where
        return
    for name, inner in members.items():
        yield from _violations(value[name], inner, definitions, f"{where}.{name}")


def _in_array(value: list[Any], part: Schema, definitions: Schema, where: str) -> Iterator[str]:
    if not part.get("minItems", 0) <= len(value) <= part.get("maxItems", len(value)):
        yield where
        return
    for number, entry in enumerate(value):
        yield from _violations(entry, part["items"], definitions, f"{where}[{number}]")


def _is_within(value: Any, part: Schema) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    inside = part.get("minimum", -math.inf) <= value <= part.get("maximum", math.inf)
    above = value > part.get("exclusiveMinimum", -math.inf)
    return bool(inside and above and value < part.get("exclusiveMaximum", math.inf))


def is_of(value: Any, kind: str) -> bool:
    """Whether a JSON value is of that type: ``1.0`` is an integer, ``true`` is no number."""
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, _PYTHON.get(kind, ()))


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON is: ``1`` is ``1.0``, and neither is ``true``."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
