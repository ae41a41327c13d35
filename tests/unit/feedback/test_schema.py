"""What is asked of the model is what is checked, in the subset that strict mode knows."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from greenroom.feedback.rubric import AXES
from greenroom.feedback.schema import Answer, Feedback, answer_schema, too_short
from tests.unit.feedback.transcripts import answer


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for part in node.values():
            yield from nodes(part)


def test_the_schema_is_in_the_subset_of_openais_strict_mode() -> None:
    schema = answer_schema()
    jsonschema.Draft202012Validator.check_schema(schema)

    for node in nodes(schema):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        if "type" in node and not isinstance(node["type"], dict):
            assert set(node) <= {
                "type",
                "properties",
                "required",
                "additionalProperties",
                "items",
                "minItems",
                "maxItems",
                "minimum",
                "maximum",
            }
    assert "$ref" not in json.dumps(schema)


def test_each_axis_of_the_rubric_is_asked_for_once_in_order() -> None:
    asked = answer_schema()["properties"]["categories"]["properties"]

    assert list(asked) == [axis.key for axis in AXES]
    assert len(AXES) == 5


def test_an_honest_answer_satisfies_the_schema_and_the_model_behind_it() -> None:
    jsonschema.validate(answer(), answer_schema())

    assert Answer.model_validate_json(json.dumps(answer())).overall_score == 62


def test_a_caller_cannot_change_the_schema_for_others() -> None:
    answer_schema()["properties"].clear()

    assert answer_schema()["properties"]


@pytest.mark.parametrize(
    "changes",
    [
        {"overallScore": 101},
        {"overallScore": -1},
        {"overallScore": "80"},
        {"overallScore": 80.5},
        {"overallScore": True},
        {"overallScore": None},
        {"summary": ""},
        {"summary": "x" * 6_001},
        {"strengths": ["one", "two"]},
        {"strengths": ["x"] * 6},
        {"improvements": "none"},
        {"nextSteps": []},
        {"categories": {}},
        {"questions": [{}]},
        {"verdict": "hired"},
    ],
)
def test_an_answer_outside_of_its_bounds_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Answer"):
        Answer.model_validate_json(json.dumps(answer(**changes)))


def test_feedback_on_a_short_interview_says_so_and_scores_nothing() -> None:
    stored = too_short(generated_at="2026-01-01T00:00:00.000000Z").model_dump(by_alias=True)

    assert stored["tooShort"] is True
    assert stored["overallScore"] is None
    assert stored["categories"] == []
    assert stored["model"] is None


def test_stored_feedback_has_exactly_the_members_of_the_contract() -> None:
    assert set(Feedback.model_json_schema()["properties"]) == {
        "summary",
        "overallScore",
        "categories",
        "strengths",
        "improvements",
        "questions",
        "nextSteps",
        "tooShort",
        "model",
        "generatedAt",
    }
