"""Reading a language model's answer: all of it is checked, and nothing it says can raise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from greenroom.feedback.prompt import CANARY, Turn
from greenroom.feedback.rubric import (
    AXES,
    COMMENT_CHARS_MAX,
    ITEM_CHARS_MAX,
    SUMMARY_CHARS_MAX,
)
from greenroom.feedback.schema import (
    Answer,
    AnswerCategory,
    AnswerQuestion,
    Category,
    Feedback,
    Question,
)
from greenroom.feedback.text import clean, quotes_that_occur
from greenroom.llm.text import repeats, spellings_of, unfenced

ANSWER_CHARS_MAX = 128 * 1024  # full feedback in the longest allowed texts is half of it
_CANARY_SPELLINGS = spellings_of(CANARY)


@dataclass(frozen=True, slots=True)
class MalformedAnswer:
    """Why an answer was not taken; safe to log, since nothing of the answer is in it."""

    reason: Literal["too_long", "not_the_schema", "repeats_the_prompt", "says_too_little"]


def read_answer(
    text: str, turns: Sequence[Turn], *, model: str, generated_at: str
) -> Feedback | MalformedAnswer:
    """The feedback that the answer makes, or why it makes none.

    Texts are made plain and cut to their caps, quotes that the person did not say are dropped,
    and the overall score is held between the lowest and the highest axis, so that no single
    sentence of a transcript can lift it. A total function: it raises nothing, whatever the text.
    """
    if len(text) > ANSWER_CHARS_MAX:
        return MalformedAnswer("too_long")
    try:
        answer = Answer.model_validate_json(unfenced(text).encode(errors="replace"))
    except ValidationError:
        return MalformedAnswer("not_the_schema")
    try:
        feedback = _feedback(answer, turns, model=model, generated_at=generated_at)
    except ValidationError:
        # What was left after cleaning is less than feedback has to say.
        return MalformedAnswer("says_too_little")
    # Once as it was written, across texts; once as it would be stored, with nothing encoded.
    for words in ("".join(_texts(answer)), feedback.model_dump_json()):
        if repeats(words, _CANARY_SPELLINGS):
            return MalformedAnswer("repeats_the_prompt")
    return feedback


def _feedback(answer: Answer, turns: Sequence[Turn], *, model: str, generated_at: str) -> Feedback:
    said = [turn.content for turn in turns if turn.role == "user"]
    judged = [category for _, category in answer.categories]
    scores = [category.score for category in judged]
    return Feedback(
        summary=clean(answer.summary, chars_max=SUMMARY_CHARS_MAX),
        overall_score=min(max(answer.overall_score, min(scores)), max(scores)),
        categories=[
            _category(axis.name, category, said)
            for axis, category in zip(AXES, judged, strict=True)
        ],
        strengths=_items(answer.strengths),
        improvements=_items(answer.improvements),
        questions=[_question(question) for question in answer.questions],
        next_steps=_items(answer.next_steps),
        model=model,
        generated_at=generated_at,
    )


def _category(name: str, category: AnswerCategory, said: Sequence[str]) -> Category:
    # Cleaned first: a quote that had to lose a link or a tag is no quote any more.
    quotes = [clean(quote, chars_max=ITEM_CHARS_MAX) for quote in category.evidence]
    return Category(
        name=name,
        score=category.score,
        comment=clean(category.comment, chars_max=COMMENT_CHARS_MAX),
        evidence=quotes_that_occur(quotes, said),
    )


def _question(question: AnswerQuestion) -> Question:
    return Question(
        question=clean(question.question, chars_max=ITEM_CHARS_MAX),
        answer_summary=clean(question.answer_summary, chars_max=COMMENT_CHARS_MAX),
        feedback=clean(question.feedback, chars_max=COMMENT_CHARS_MAX),
        score=question.score,
    )


def _items(texts: Sequence[str]) -> list[str]:
    return [clean(text, chars_max=ITEM_CHARS_MAX) for text in texts]


def _texts(answer: Answer) -> Iterator[str]:
    """Every text of the answer, in its order."""
    yield answer.summary
    for _, category in answer.categories:
        yield category.comment
        yield from category.evidence
    yield from answer.strengths
    yield from answer.improvements
    for question in answer.questions:
        yield from (question.question, question.answer_summary, question.feedback)
    yield from answer.next_steps
