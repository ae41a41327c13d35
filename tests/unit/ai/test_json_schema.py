"""Which schemas callers may ask for, and that answers are held to them as any validator would."""

import copy
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from greenroom.ai.conformity import violation
from greenroom.ai.json_schema import SchemaRefused, check_schema
from greenroom.feedback.schema import answer_schema
from local.standins.openai_schema import schema_of
from tests.unit.ai.schemas import OBJECTS, PARTS, VALUES, WORDS, strict

Schema = dict[str, Any]


TEXT = {"type": "string"}
LESSON = strict(
    {
        "title": {"type": "string", "description": "Short", "title": "Title"},
        "level": {"type": "string", "enum": ["easy", "hard"]},
        "minutes": {"type": "integer", "minimum": 5, "exclusiveMaximum": 90},
        "note": {"type": ["string", "null"]},
        "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1, "maxItems": 4},
        "either": {"anyOf": [TEXT, strict({"why": TEXT}), {"type": "null"}]},
        "version": {"const": 1},
    },
    **{"$defs": {"step": strict({"do": TEXT, "optional": {"type": "boolean"}})}},
)
ANSWER = {
    "title": "Fractions",
    "level": "easy",
    "minutes": 45,
    "note": None,
    "steps": [{"do": "Cut a cake 🎂", "optional": False}],
    "either": {"why": "because"},
    "version": 1,
}


def nested(levels: int) -> Schema:
    schema: Schema = TEXT
    for _ in range(levels):
        schema = strict({"in": schema})
    return schema


def refusal(schema: Any) -> str:
    with pytest.raises(SchemaRefused) as refused:
        check_schema(schema)
    return str(refused.value)


@pytest.mark.parametrize("schema", [LESSON, strict({}), nested(10), answer_schema()])
def test_a_schema_of_the_subset_is_taken_and_openai_takes_it_too(schema: Schema) -> None:
    check_schema(schema)
    schema_of({"json_schema": {"name": "x", "strict": True, "schema": schema}})


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        (None, "no object"),
        ([], "no object"),
        ({}, "type"),
        ({"type": "array", "items": TEXT}, "type"),
        ({"type": ["object", "null"], "properties": {}}, "type"),
        ({"type": "object", "properties": {}, "required": []}, "additionalProperties"),
        (strict({}) | {"additionalProperties": True}, "additionalProperties"),
        (strict({"a": TEXT}) | {"required": []}, "required"),
        (strict({"a": TEXT}) | {"required": ["a", "b"]}, "required"),
        (strict({"a": TEXT}) | {"required": ["a", "a"]}, "required"),
        (strict({"1": TEXT}) | {"required": [1]}, "required"),
        (strict({"a": TEXT}) | {"required": None}, "required"),
        (strict({"a": TEXT}) | {"properties": []}, "properties"),
        (strict({"": TEXT}), "properties"),
        (strict({"x" * 101: TEXT}), "properties"),
        (strict({"a\n": TEXT}), "properties"),
        (strict({"a": 1}), "schema.a: it is no object"),
        (strict({"a": {}}), "schema.a: type"),
        (strict({"a": {"type": "text"}}), "schema.a: type"),
        (strict({"a": {"type": []}}), "schema.a: type"),
        (strict({"a": {"type": [{}]}}), "schema.a: type"),
        (strict({"a": {"type": "array"}}), "schema.a.items"),
        (strict({"a": {"type": "array", "items": TEXT, "minItems": -1}}), "minItems"),
        (strict({"a": {"type": "array", "items": TEXT, "minItems": True}}), "minItems"),
        (strict({"a": {"type": "array", "items": TEXT, "minItems": 3, "maxItems": 2}}), "minItems"),
        (strict({"a": {"type": "array", "items": TEXT, "maxItems": 1001}}), "maxItems"),
        (strict({"a": {"type": "integer", "minimum": "1"}}), "bound"),
        (strict({"a": {"type": "integer", "minimum": True}}), "bound"),
        (strict({"a": {"type": "number", "minimum": float("nan")}}), "JSON cannot"),
        (strict({"a": {"type": "string", "minimum": 1}}), "minimum is not permitted"),
        (strict({"a": {"type": "string", "pattern": "(a+)+$"}}), "pattern is not permitted"),
        (strict({"a": {"type": "string", "format": "date"}}), "format is not permitted"),
        (strict({"a": {"type": "string", "maxLength": 5}}), "maxLength is not permitted"),
        (strict({"a": {"type": "string", "default": "x"}}), "default is not permitted"),
        (strict({"a": {"allOf": [TEXT]}}), "type"),
        (strict({"a": {"anyOf": [TEXT], "oneOf": [TEXT]}}), "oneOf is not permitted"),
        (strict({"a": TEXT}, anyOf=[TEXT]), "permitted"),
        (strict({"a": {"anyOf": []}}), "anyOf"),
        (strict({"a": {"anyOf": TEXT}}), "anyOf"),
        (strict({"a": {"type": "string", "enum": []}}), "enum"),
        (strict({"a": {"type": "string", "enum": "ab"}}), "enum"),
        (strict({"a": {"type": "string", "enum": [1]}}), "not of the type"),
        (strict({"a": {"type": "string", "const": None}}), "not of the type"),
        (strict({"a": {"enum": [["a"]]}}), "plain"),
        (strict({"a": {"const": {}}}), "plain"),
        (strict({"a": {"type": "string", "enum": [str(n) for n in range(501)]}}), "501|500"),
        (strict({"a": {"type": "string", "description": 5}}), "texts"),
        (strict({"a": {"$ref": "#/$defs/none"}}), r"\$ref"),
        (strict({"a": {"$ref": "#"}}), r"\$ref"),
        (strict({"a": {"$ref": 7}}), r"\$ref"),
        (strict({"a": {"$ref": "https://evil.example/schema"}}), r"\$ref"),
        (strict({"a": {"$ref": "#/$defs/b", "title": "x"}}, **{"$defs": {"b": TEXT}}), "alone"),
        (strict({"a": {"$ref": "#/$defs/b"}}, **{"$defs": {"b": {"$ref": "#/$defs/b"}}}), "deeper"),
        (strict({}, **{"$defs": {"b": strict({"in": {"$ref": "#/$defs/b"}})}}), "deeper"),
        (strict({}, **{"$defs": []}), r"\$defs"),
        (strict({"a": strict({}, **{"$defs": {}})}), r"\$defs is not permitted"),
        (nested(11), "deeper"),
        (strict({str(n): TEXT for n in range(501)}), "parts"),
        (strict({"a": {"type": "string", "description": "x" * 33_000}}), "bytes"),
        (strict({"a": {"type": "string", "enum": ["\ud800"]}}), "JSON cannot"),
    ],
)  # fmt: skip
def test_what_is_outside_the_subset_is_refused_with_its_place(schema: Any, says: str) -> None:

    assert re.search(says, refusal(schema))


def test_a_schema_that_grows_when_its_references_are_followed_is_refused() -> None:
    ten = [f"m{n}" for n in range(10)]
    definitions = {
        f"d{level}": strict({name: {"$ref": f"#/$defs/d{level + 1}"} for name in ten})
        for level in range(4)
    } | {"d4": TEXT}

    assert "parts" in refusal(strict({"a": {"$ref": "#/$defs/d0"}}, **{"$defs": definitions}))


def test_a_schema_too_deep_for_python_is_refused() -> None:
    deep: Any = TEXT
    for _ in range(100_000):
        deep = {"anyOf": [deep]}

    assert refusal(strict({"a": deep}))


def test_an_answer_that_follows_has_no_violation() -> None:
    assert violation(ANSWER, LESSON) is None


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"title": 5}, "output.title"),
        ({"title": None}, "output.title"),
        ({"level": "Easy"}, "output.level"),
        ({"minutes": 4}, "output.minutes"),
        ({"minutes": 90}, "output.minutes"),
        ({"minutes": True}, "output.minutes"),
        ({"minutes": 45.5}, "output.minutes"),
        ({"minutes": "45"}, "output.minutes"),
        ({"note": 0}, "output.note"),
        ({"steps": []}, "output.steps"),
        ({"steps": [{"do": "x", "optional": False}] * 5}, "output.steps"),
        ({"steps": [{"do": "x", "optional": 0}]}, "output.steps[0].optional"),
        ({"steps": [{"do": "x"}]}, "output.steps[0]"),
        ({"steps": {}}, "output.steps"),
        ({"either": 7}, "output.either"),
        ({"either": {"why": "x", "more": 1}}, "output.either"),
        ({"version": True}, "output.version"),
        ({"more": "canary-of-the-model"}, "output"),
    ],
)
def test_the_first_difference_is_named_by_its_place(changes: Schema, where: str) -> None:
    assert violation(ANSWER | changes, LESSON) == where


def test_a_whole_float_is_an_integer_as_json_has_it() -> None:
    assert violation(ANSWER | {"minutes": 45.0, "version": 1.0}, LESSON) is None
    assert violation([], LESSON) == "output"
    assert violation({k: v for k, v in ANSWER.items() if k != "note"}, LESSON) == "output"


# Any schema and any value: we say what a whole validator of JSON Schema says


@given(OBJECTS, PARTS, st.dictionaries(WORDS, VALUES, max_size=3))
def test_answers_are_judged_as_by_a_whole_validator(
    schema: Schema, thing: Schema, value: Any
) -> None:
    whole = schema | {"$defs": {"thing": copy.deepcopy(thing)}}
    try:
        check_schema(whole)
    except SchemaRefused:
        assume(condition=False)

    judged = jsonschema.Draft202012Validator(whole).is_valid(value)

    assert (violation(value, whole) is None) is judged
    schema_of({"json_schema": {"name": "x", "strict": True, "schema": whole}})
