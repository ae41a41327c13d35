"""OpenAI's rules for a strict JSON schema in ``response_format``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from local.standins.openai_errors import Refusal

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_REFUSED = ("allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else")
_DEPTH_MAX = 10  # OpenAI: up to 10 levels, 5000 properties
_PROPERTIES_MAX = 5_000
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
        count = sum(_check(name, where, part) for where, part in _parts(schema, ()))
        if count > _PROPERTIES_MAX:
            raise _invalid(name, (), f"the schema has more than {_PROPERTIES_MAX} properties")
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


def _check(name: str, where: tuple[str, ...], part: Mapping[str, Any]) -> int:
    for key in _REFUSED:
        if key in part:
            raise _invalid(name, where, f"'{key}' is not permitted")
    kind = part.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if kind is None and not {"anyOf", "$ref", "enum", "const"} & set(part):
        raise _invalid(name, where, "schema must have a 'type' key")
    if kind is not None and not all(one in _TYPES for one in kinds):
        raise _invalid(name, where, f"'{kind}' is not a valid type")
    if "array" in kinds and "items" not in part:
        raise _invalid(name, where, "array schema missing items")
    if "object" not in kinds:
        return 0
    if part.get("additionalProperties") is not False:
        message = "'additionalProperties' is required to be supplied and to be false"
        raise _invalid(name, where, message)
    properties = part.get("properties", {})
    left = [key for key in properties if key not in part.get("required", ())]
    if left:
        message = (
            "'required' is required to be supplied and to be an array including every key in "
            f"properties. Missing '{left[0]}'"
        )
        raise _invalid(name, where, message)
    return len(properties)


def _parts(
    part: Any, where: tuple[str, ...], depth: int = 0
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    if not isinstance(part, Mapping) or depth > 2 * _DEPTH_MAX:
        return
    yield where, part
    for group in ("properties", "$defs", "definitions"):
        for key, inner in part.get(group, {}).items():
            yield from _parts(inner, (*where, group, key), depth + 1)
    yield from _parts(part.get("items"), (*where, "items"), depth + 1)
    for number, inner in enumerate(part.get("anyOf", ())):
        yield from _parts(inner, (*where, "anyOf", str(number)), depth + 1)


def _missing(path: str) -> Refusal:
    message = f"Missing required parameter: '{path}'."
    return Refusal(400, "missing_required_parameter", message, param=path)


def _invalid(name: str, where: tuple[str, ...], rule: str) -> Refusal:
    message = f"Invalid schema for response_format '{name}': In context={where}, {rule}."
    return Refusal(400, "invalid_json_schema", message, param="response_format")
