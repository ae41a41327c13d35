"""The shapes of feedback: what the language model must answer, and what we store and show."""

import copy
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from greenroom.feedback.rubric import (
    COMMENT_CHARS_MAX,
    ITEM_CHARS_MAX,
    ITEMS_MAX,
    ITEMS_MIN,
    QUESTIONS_MAX,
    QUOTES_MAX,
    SCORE_MAX,
    STEPS_MAX,
    SUMMARY_CHARS_MAX,
)
from greenroom.web.wire import Wire

# Providers do not enforce lengths. A text somewhat too long is cut later; one this long is
# no feedback.
_Text = Annotated[str, Field(min_length=1, max_length=6_000)]
_Score = Annotated[int, Field(ge=0, le=SCORE_MAX)]


class _Strict(BaseModel):
    """No coercion, nothing unknown, everything required: OpenAI's strict mode, checked by us."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
    )


class AnswerCategory(_Strict):
    """One axis as the model judged it."""

    score: _Score
    comment: _Text
    evidence: Annotated[list[_Text], Field(max_length=QUOTES_MAX)]


class AnswerCategories(_Strict):
    """Each axis exactly once; in the order and with the keys of ``rubric.AXES``."""

    communication: AnswerCategory
    structure: AnswerCategory
    role_knowledge: AnswerCategory
    problem_solving: AnswerCategory
    confidence: AnswerCategory


class AnswerQuestion(_Strict):
    """One question of the interview as the model judged its answer."""

    question: _Text
    answer_summary: _Text
    feedback: _Text
    score: _Score


_Items = Annotated[list[_Text], Field(min_length=ITEMS_MIN, max_length=ITEMS_MAX)]


class Answer(_Strict):
    """The whole of what the model may answer."""

    summary: _Text
    overall_score: _Score
    categories: AnswerCategories
    strengths: _Items
    improvements: _Items
    questions: Annotated[list[AnswerQuestion], Field(max_length=QUESTIONS_MAX)]
    next_steps: Annotated[list[_Text], Field(min_length=1, max_length=STEPS_MAX)]


_Item = Annotated[str, Field(min_length=1, max_length=ITEM_CHARS_MAX)]
_Comment = Annotated[str, Field(min_length=1, max_length=COMMENT_CHARS_MAX)]


class Category(Wire):
    """One axis for people; ``evidence`` are quotes that occur in the person's own turns."""

    name: str
    score: _Score
    comment: _Comment
    evidence: list[_Item] = Field(max_length=QUOTES_MAX)


class Question(Wire):
    """One question of the interview, how it was answered and how to answer it better."""

    question: _Item
    answer_summary: _Comment
    feedback: _Comment
    score: _Score


class Feedback(Wire):
    """Feedback as it is stored and shown. One that is ``too_short`` holds its summary only."""

    summary: str = Field(min_length=1, max_length=SUMMARY_CHARS_MAX)
    overall_score: _Score | None
    categories: list[Category] = Field(default=[], max_length=5)
    strengths: list[_Item] = Field(default=[], max_length=ITEMS_MAX)
    improvements: list[_Item] = Field(default=[], max_length=ITEMS_MAX)
    questions: list[Question] = Field(default=[], max_length=QUESTIONS_MAX)
    next_steps: list[_Item] = Field(default=[], max_length=STEPS_MAX)
    too_short: bool = False
    model: str | None = None
    generated_at: str


def too_short(*, generated_at: str) -> Feedback:
    """The feedback on an interview that had too few answers to judge; no model was asked."""
    return Feedback(
        summary=(
            "This practice interview was too short for feedback from the AI. "
            "Your figures are on this page; answer a few more questions next time."
        ),
        overall_score=None,
        too_short=True,
        generated_at=generated_at,
    )


def answer_schema() -> dict[str, Any]:
    """The JSON schema for ``response_format``, in the subset of OpenAI's strict mode.

    That subset wants every member required and none additional, and knows no lengths of texts;
    references are resolved, because compatible servers differ in how they read them.
    """
    return copy.deepcopy(_ANSWER_SCHEMA)


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(part, definitions) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"].rpartition("/")[2]], definitions)
    if "properties" in node:
        members = {name: _inlined(part, definitions) for name, part in node["properties"].items()}
        return {
            "type": "object",
            "properties": members,
            "required": list(members),
            "additionalProperties": False,
        }
    kept = ("type", "items", "minItems", "maxItems", "minimum", "maximum")
    return {key: _inlined(node[key], definitions) for key in kept if key in node}


def _generate() -> dict[str, Any]:
    whole = Answer.model_json_schema()
    schema: dict[str, Any] = _inlined(whole, whole["$defs"])
    return schema


_ANSWER_SCHEMA = _generate()
