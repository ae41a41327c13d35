"""OpenAI's rules for a strict JSON schema in ``response_format``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.standins.openai_errors import Refusal

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
# Source: OpenAI's guide "Structured outputs", "Supported schemas".
_PERMITTED = {
    "type", "title", "description", "enum", "const", "anyOf", "$ref", "$defs", "definitions",
    "properties", "required", "additionalProperties", "items", "minItems", "maxItems",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern", "format",
}  # fmt: skip
_FORMATS = {
    "date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid",
}  # fmt: skip
_DEPTH_MAX = 10  # levels of objects
_WALK_MAX = 60  # a walk goes no deeper than any schema of ten levels does
_PROPERTIES_MAX = 5_000
_CHOICES_MAX = 1_000  # values of all enumerations
_NAMES_CHARS_MAX = 120_000  # of all names and values together
_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")


def schema_of(response_format: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a ``json_schema`` response format.

    Raises:
        Refusal: 400, the format or a strict schema breaks a rule of OpenAI's.
    """
    given = response_format.get("json_schema")
    if not isinstance(given, Mapping):
        raise _missing("response_format.json_schema")
    name = given.get("name")
    if not isinstance(name, str):
        raise _missing("response_format.json_schema.name")
    if _NAME.fullmatch(name) is None:
        message = "Invalid 'response_format.json_schema.name': string does not match pattern."
        raise Refusal(400, "invalid_value", message, param="response_format.json_schema.name")
    schema = given.get("schema")
    if not isinstance(schema, Mapping):
        raise _missing("response_format.json_schema.schema")
    if given.get("strict"):
        if schema.get("type") != "object":
            raise _invalid(name, (), "schema must be a JSON Schema of 'type: \"object\"'")
        if "anyOf" in schema:
            raise _invalid(name, (), "schema must not have 'anyOf' at the top level")
        _check_size(name, [_check(name, where, part) for where, part in _parts(name, schema, ())])
    return schema


def resolve(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a local ``$ref``; what cannot be found is an empty schema."""
    seen = 0
    while "$ref" in schema and seen < _DEPTH_MAX:
        found: Any = root
        for step in str(schema["$ref"]).removeprefix("#").strip("/").split("/"):
            found = found.get(step, {}) if step and isinstance(found, Mapping) else found
        schema = found if isinstance(found, Mapping) else {}
        seen += 1
    return schema


@dataclass(frozen=True, slots=True)
class _Size:
    """What one part of a schema adds to its limits."""

    properties: int = 0
    choices: int = 0
    chars: int = 0


def _check_size(name: str, sizes: list[_Size]) -> None:
    if sum(size.properties for size in sizes) > _PROPERTIES_MAX:
        raise _invalid(name, (), f"the schema has more than {_PROPERTIES_MAX} properties")
    if sum(size.choices for size in sizes) > _CHOICES_MAX:
        raise _invalid(name, (), f"the schema has more than {_CHOICES_MAX} enum values")
    if sum(size.chars for size in sizes) > _NAMES_CHARS_MAX:
        raise _invalid(name, (), f"names and values have more than {_NAMES_CHARS_MAX} characters")


def _check(name: str, where: tuple[str, ...], part: Mapping[str, Any]) -> _Size:
    for key in part:
        if key not in _PERMITTED:
            raise _invalid(name, where, f"'{key}' is not permitted")
    if "$ref" in part:
        siblings = set(part) - {"$ref"}
        if siblings:
            raise _invalid(name, where, f"$ref cannot have keywords {siblings}")
        return _Size()
    kind = part.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if kind is None and not {"anyOf", "enum", "const"} & set(part):
        raise _invalid(name, where, "schema must have a 'type' key")
    if kind is not None and not all(one in _TYPES for one in kinds):
        raise _invalid(name, where, f"'{kind}' is not a valid type")
    if "array" in kinds and not isinstance(part.get("items"), Mapping):
        raise _invalid(name, where, "array schema missing items")
    if part.get("format", "date") not in _FORMATS:
        raise _invalid(name, where, f"'{part['format']}' is not a supported format")
    choices = [*part.get("enum", ()), *([part["const"]] if "const" in part else [])]
    properties = _members(name, where, part) if "object" in kinds else {}
    chars = sum(len(str(one)) for one in choices) + sum(map(len, properties))
    return _Size(properties=len(properties), choices=len(choices), chars=chars)


def _members(name: str, where: tuple[str, ...], part: Mapping[str, Any]) -> Mapping[str, Any]:
    if part.get("additionalProperties") is not False:
        message = "'additionalProperties' is required to be supplied and to be false"
        raise _invalid(name, where, message)
    properties: Mapping[str, Any] = part.get("properties", {})
    required = part.get("required", [])
    left = [key for key in properties if key not in required]
    if left or set(required) - set(properties):
        message = (
            "'required' is required to be supplied and to be an array including every key in "
            f"properties. {_difference(left, required, properties)}"
        )
        raise _invalid(name, where, message)
    return properties


def _difference(left: list[str], required: Any, properties: Mapping[str, Any]) -> str:
    if left:
        return f"Missing '{left[0]}'"
    return f"Extra required key '{min(set(required) - set(properties))}' supplied"


def _parts(
    name: str, part: Any, where: tuple[str, ...], *, objects: int = 0
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    if not isinstance(part, Mapping):
        raise _invalid(name, where, "a schema must be an object")
    objects += part.get("type") == "object"
    if objects > _DEPTH_MAX or len(where) > _WALK_MAX:
        raise _invalid(name, where, f"the schema has more than {_DEPTH_MAX} levels of nesting")
    yield where, part
    for group in ("properties", "$defs", "definitions"):
        inside = objects if group == "properties" else 0
        for key, inner in part.get(group, {}).items():
            yield from _parts(name, inner, (*where, group, key), objects=inside)
    if "items" in part:
        yield from _parts(name, part["items"], (*where, "items"), objects=objects)
    for number, inner in enumerate(part.get("anyOf", ())):
        yield from _parts(name, inner, (*where, "anyOf", str(number)), objects=objects)


def _missing(path: str) -> Refusal:
    message = f"Missing required parameter: '{path}'."
    return Refusal(400, "missing_required_parameter", message, param=path)


def _invalid(name: str, where: tuple[str, ...], rule: str) -> Refusal:
    message = f"Invalid schema for response_format '{name}': In context={where}, {rule}."
    return Refusal(400, "invalid_json_schema", message, param="response_format")
