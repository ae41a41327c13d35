"""The local model follows any schema that strict mode takes, and writes exams worth a look."""

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from greenroom.ai.conformity import violation
from greenroom.ai.json_schema import SchemaRefused, check_schema
from local.standins.openai_coach import Coach
from local.standins.openai_errors import Refusal
from local.standins.openai_exam import asked_for, is_exam, write_exam
from local.standins.openai_schema import schema_of
from local.standins.openai_writer import Writer
from tests.unit.ai.schemas import OBJECTS, PARTS, strict

TEXT = {"type": "string"}
NO_INTERVIEW = Coach([])


@given(OBJECTS, PARTS)
def test_an_answer_follows_any_schema_of_the_subset_that_can_be_followed(
    schema: dict[str, Any], thing: dict[str, Any]
) -> None:
    whole = schema | {"$defs": {"thing": copy.deepcopy(thing)}}
    try:
        check_schema(whole)
    except SchemaRefused:
        assume(condition=False)

    document = Writer(whole, NO_INTERVIEW, asked="a lesson").write()

    assert violation(document, whole) is None
    jsonschema.validate(document, whole)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "integer", "minimum": 1000},
        {"type": "integer", "maximum": -1000},
        {"type": "integer", "exclusiveMinimum": 2, "exclusiveMaximum": 4},
        {"type": "number", "exclusiveMinimum": 100},
        {"type": "number", "exclusiveMaximum": 0},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
        {"type": "array", "items": TEXT, "minItems": 60, "maxItems": 60},
    ],
)
@pytest.mark.parametrize("name", ["value", "evidence", "number", "score", "steps"])
def test_bounds_are_kept_whatever_a_member_is_called(part: dict[str, Any], name: str) -> None:
    schema = strict({name: part})

    jsonschema.validate(Writer(schema, NO_INTERVIEW).write(), schema)


def test_texts_say_what_was_asked_for() -> None:
    schema = strict({"lessonPlan": TEXT})
    asked = asked_for(['<request>\n{"prompt": "Photosynthesis for ten year olds"}\n</request>'])

    (text,) = Writer(schema, NO_INTERVIEW, asked=asked).write().values()

    assert text.startswith("Lesson plan")
    assert text.endswith("Photosynthesis for ten year olds")


KINDS = ["multiple_choice", "true_false", "short_answer", "essay", "fill_in"]


def exam_schema(count: int, kinds: list[str]) -> dict[str, Any]:
    entry = strict(
        {
            "number": {"type": "integer"},
            "type": {"type": "string", "enum": kinds},
            "question": TEXT,
            "options": {"anyOf": [{"type": "array", "items": TEXT}, {"type": "null"}]},
            "points": {"type": "integer"},
            "answer": TEXT,
            "markingGuide": TEXT,
        }
    )
    questions = {"type": "array", "items": entry, "minItems": count, "maxItems": count}
    return strict({"title": TEXT, "questions": questions, "totalPoints": {"type": "integer"}})


@given(
    st.integers(1, 50),
    st.lists(st.sampled_from(KINDS), min_size=1, unique=True),
    st.sampled_from(["Mathematics", "History", ""]),
    st.text(max_size=20),
)
def test_an_exam_has_its_questions_answers_and_points(
    count: int, kinds: list[str], subject: str, topic: str
) -> None:
    schema = exam_schema(count, kinds)
    request = json.dumps({"subject": subject, "topic": topic})

    exam = write_exam(schema, [f"<request>\n{request}\n</request>"])

    assert is_exam(schema)
    jsonschema.validate(exam, schema)
    assert [one["number"] for one in exam["questions"]] == list(range(1, count + 1))
    assert exam["totalPoints"] == sum(one["points"] for one in exam["questions"])
    for one in exam["questions"]:
        assert (one["options"] is not None) is (one["type"] in {"multiple_choice", "true_false"})
        assert one["options"] is None or one["answer"] in one["options"]
        assert one["options"] is None or len(set(one["options"])) == len(one["options"])


def test_the_same_request_gets_the_same_exam_and_its_topic_is_in_it() -> None:
    request = ['{"subject": "Biology", "topic": "Photosynthesis"}']
    schema = exam_schema(3, ["short_answer"])

    assert write_exam(schema, request) == write_exam(schema, request)
    assert "Photosynthesis" in json.dumps(write_exam(schema, request))


@pytest.mark.parametrize("schema", [strict({"title": TEXT}), strict({"questions": TEXT}), {}])
def test_other_schemas_are_no_exams(schema: dict[str, Any]) -> None:
    assert not is_exam(schema)


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = TEXT
    for _ in range(levels):
        schema = strict({"in": schema})
    return schema


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        (strict({"a": {"type": "string", "minLength": 1}}), "minLength"),
        (strict({"a": {"type": "string", "default": ""}}), "default"),
        (strict({"a": {"type": "string", "format": "uri"}}), "format"),
        (strict({"a": {"oneOf": [TEXT]}}), "oneOf"),
        (strict({"a": {"type": "array", "items": TEXT, "uniqueItems": True}}), "uniqueItems"),
        (strict({"a": {"$ref": "#/$defs/b", "title": "x"}}, **{"$defs": {"b": TEXT}}), r"\$ref"),
        (strict({}, anyOf=[TEXT]), "top level"),
        (strict({"a": TEXT}) | {"required": ["a", "b"]}, "Extra"),
        (strict({"a": 5}), "must be an object"),
        (deep(11), "levels"),
        (strict({"a": {"type": "integer", "enum": list(range(1001))}}), "1000"),
        (strict({"a": {"type": "string", "enum": ["x" * 120_001]}}), "120000"),
    ],
)
def test_a_schema_that_strict_mode_refuses_is_refused(schema: dict[str, Any], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        schema_of({"json_schema": {"name": "x", "strict": True, "schema": schema}})


def test_ten_levels_and_a_reference_to_itself_are_taken() -> None:
    tree = strict({"children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}})
    for schema in (deep(10), strict({"a": {"$ref": "#/$defs/tree"}}, **{"$defs": {"tree": tree}})):
        schema_of({"json_schema": {"name": "x", "strict": True, "schema": schema}})
