"""The subset of JSON Schema that callers may ask for.

It lies inside what OpenAI's strict mode takes (Structured outputs, "Supported schemas"), so that
no schema that passes here is refused there: objects name every member as required and allow no
other; references point into ``$defs`` and never back to themselves. Patterns and formats are left
out, since a foreign pattern can take for ever.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from greenroom.ai.conformity import REFERENCE, Schema, is_of
from greenroom.kernel.limits import (
    AI_SCHEMA_BYTES_MAX,
    AI_SCHEMA_CHOICES_MAX,
    AI_SCHEMA_ITEMS_MAX,
    AI_SCHEMA_LEVELS_MAX,
    AI_SCHEMA_NAME_CHARS_MAX,
    AI_SCHEMA_PARTS_MAX,
)

_NOTES: Final = {"title", "description"}
_OF_TYPE: Final[dict[str, frozenset[str]]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "string": frozenset(),
    "boolean": frozenset(),
    "null": frozenset(),
}


class SchemaRefused(ValueError):
    """The schema is not of the subset; the text names the place and the rule."""


def check_schema(schema: Any) -> None:
    """Refuse what is no schema of the subset.

    Raises:
        SchemaRefused: why, and where.
    """
    if not isinstance(schema, dict):
        raise SchemaRefused("it is no object")
    try:
        size = len(json.dumps(schema, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, RecursionError) as problem:
        raise SchemaRefused("it holds what JSON cannot") from problem
    if size > AI_SCHEMA_BYTES_MAX:
        raise SchemaRefused(f"it is larger than {AI_SCHEMA_BYTES_MAX} bytes")
    if schema.get("type") != "object":
        raise SchemaRefused('its type has to be "object"')
    definitions = schema.get("$defs", {})
    if not isinstance(definitions, dict):
        raise SchemaRefused("$defs: it is no object")
    check = _Check(definitions)
    check.part({key: part for key, part in schema.items() if key != "$defs"}, "schema", 0)
    for name, part in definitions.items():
        check.part(part, f"$defs.{name}", 0)


@dataclass(slots=True)
class _Check:
    """One walk through a schema, with references followed."""

    definitions: Schema
    parts: int = 0
    choices: int = 0

    def part(self, part: Any, where: str, level: int) -> None:
        self.parts += 1
        if self.parts > AI_SCHEMA_PARTS_MAX:
            raise SchemaRefused(f"it has more than {AI_SCHEMA_PARTS_MAX} parts")
        if level > AI_SCHEMA_LEVELS_MAX:
            raise SchemaRefused(f"{where}: it nests deeper than {AI_SCHEMA_LEVELS_MAX} levels")
        if not isinstance(part, dict):
            raise SchemaRefused(f"{where}: it is no object")
        if not all(isinstance(part.get(note, ""), str) for note in _NOTES):
            raise SchemaRefused(f"{where}: title and description are texts")
        if "$ref" in part:
            # One level more, so that a reference to itself is too deep before it is endless.
            self.part(self._referred(part, where), where, level + 1)
        elif "anyOf" in part:
            self._any_of(part, where, level)
        elif {"enum", "const"} & part.keys() and "type" not in part:
            _only(part, {"enum", "const"}, where)
            self._chosen(part, where, kinds=None)
        else:
            self._typed(part, where, level)

    def _referred(self, part: Schema, where: str) -> Any:
        target = part["$ref"]
        name = target.removeprefix(REFERENCE) if isinstance(target, str) else ""
        if len(part) > 1:
            raise SchemaRefused(f"{where}: $ref stands alone")
        if target != REFERENCE + name or name not in self.definitions:
            raise SchemaRefused(f"{where}: $ref names nothing in $defs")
        return self.definitions[name]

    def _any_of(self, part: Schema, where: str, level: int) -> None:
        _only(part, {"anyOf"}, where)
        options = part["anyOf"]
        if not isinstance(options, list) or not options:
            raise SchemaRefused(f"{where}: anyOf is a list of schemas")
        for number, option in enumerate(options):
            self.part(option, f"{where}.anyOf[{number}]", level + 1)

    def _typed(self, part: Schema, where: str, level: int) -> None:
        kinds = _kinds(part, where)
        allowed = {"type", "enum", "const"}.union(*(_OF_TYPE[kind] for kind in kinds))
        _only(part, allowed, where)
        self._chosen(part, where, kinds=kinds)
        if "object" in kinds:
            self._object(part, where, level)
        if "array" in kinds:
            _check_counts(part, where)
            self.part(part.get("items"), f"{where}.items", level + 1)
        _check_bounds(part, where)

    def _object(self, part: Schema, where: str, level: int) -> None:
        members = part.get("properties", {})
        if part.get("additionalProperties") is not False:
            raise SchemaRefused(f"{where}: additionalProperties has to be false")
        if not isinstance(members, dict) or not all(map(_is_name, members)):
            raise SchemaRefused(
                f"{where}: properties has names of 1 to {AI_SCHEMA_NAME_CHARS_MAX} printable "
                "characters"
            )
        required = part.get("required", [])
        if not isinstance(required, list) or not _are_all(required, members):
            raise SchemaRefused(f"{where}: required has to name every property")
        for name, inner in members.items():
            self.part(inner, f"{where}.{name}", level + 1)

    def _chosen(self, part: Schema, where: str, *, kinds: list[str] | None) -> None:
        """What ``enum`` and ``const`` say: plain values, each of the type."""
        options = part.get("enum", [])
        if not isinstance(options, list) or ("enum" in part and not options):
            raise SchemaRefused(f"{where}: enum is a list of values")
        chosen = [*options, *([part["const"]] if "const" in part else [])]
        self.choices += len(chosen)
        if self.choices > AI_SCHEMA_CHOICES_MAX:
            raise SchemaRefused(f"it has more than {AI_SCHEMA_CHOICES_MAX} values to choose from")
        for value in chosen:
            if isinstance(value, dict | list):
                raise SchemaRefused(f"{where}: values to choose from are plain")
            if kinds is not None and not any(is_of(value, kind) for kind in kinds):
                raise SchemaRefused(f"{where}: a value to choose from is not of the type")


def _kinds(part: Schema, where: str) -> list[str]:
    told = part.get("type")
    kinds = [told] if isinstance(told, str) else told
    if not isinstance(kinds, list) or not kinds or not all(map(_is_kind, kinds)):
        raise SchemaRefused(f"{where}: type is one or more of {', '.join(_OF_TYPE)}")
    return kinds


def _is_kind(word: Any) -> bool:
    return isinstance(word, str) and word in _OF_TYPE


def _is_name(name: str) -> bool:
    return 1 <= len(name) <= AI_SCHEMA_NAME_CHARS_MAX and name.isprintable()


def _are_all(required: list[Any], members: Schema) -> bool:
    texts = all(isinstance(one, str) for one in required)
    return texts and sorted(required) == sorted(members)


def _only(part: Schema, allowed: set[str], where: str) -> None:
    for key in part:
        if key not in allowed | _NOTES:
            raise SchemaRefused(f"{where}: {key[:AI_SCHEMA_NAME_CHARS_MAX]} is not permitted")


def _check_counts(part: Schema, where: str) -> None:
    low, high = part.get("minItems", 0), part.get("maxItems", AI_SCHEMA_ITEMS_MAX)
    if not all(type(one) is int for one in (low, high)) or not (
        0 <= low <= high <= AI_SCHEMA_ITEMS_MAX
    ):
        raise SchemaRefused(
            f"{where}: minItems and maxItems are whole numbers from 0 to {AI_SCHEMA_ITEMS_MAX}"
        )


def _check_bounds(part: Schema, where: str) -> None:
    told = [part[key] for key in sorted(_OF_TYPE["number"]) if key in part]
    if not all(type(one) in {int, float} for one in told):
        raise SchemaRefused(f"{where}: a bound is a number")
