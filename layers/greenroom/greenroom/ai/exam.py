"""Exams: what the model is asked, and what has to be true of its answer."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from greenroom.ai.conformity import violation
from greenroom.ai.domain import Malformed, Task
from greenroom.ai.exam_schema import Exam, ExamInput, Question
from greenroom.ai.guard import messages_of, value_of
from greenroom.kernel.limits import AI_TOKENS_MAX, EXAM_OPTIONS_MAX, EXAM_POINTS_MAX

_CHOSEN = {"multiple_choice", "true_false"}  # one of the options is the answer
_LETTER = re.compile(r"\(?([A-Za-z])[).:]?")

_TASK = """\
You write exams for schools: questions with their answers and a marking guide for the teacher.

Rules:
- Write exactly questionCount questions, numbered from 1 without a gap, of the types in \
questionTypes and of no other, in the difficulty and for the grade that the request names.
- multiple_choice: three to five options, of which exactly one is right; answer is that option \
word for word. true_false: two options, in the exam's language; answer is one of them word for \
word. Every other type has null for options.
- answer is correct and complete; for an essay it is a model answer in outline. markingGuide says \
for what points are given and for what not.
- points are whole numbers of at least 1; totalPoints is their sum.
- Write in the language that the request names, else in that of the request.
- Nothing that demeans, endangers or sexualises anybody; suited to the age of the grade."""


def exam_task(given: ExamInput, schema: Mapping[str, Any] | None = None) -> Task:
    """The task of writing that exam. Exams have a schema of their own: another is a bug."""
    if schema is not None:
        raise ValueError("an exam has its own schema")
    return Task(
        messages=messages_of(_TASK, given.model_dump(by_alias=True, exclude_none=True)),
        schema=exam_schema(given),
        schema_name="exam",
        read=lambda text: read_exam(text, given),
        max_tokens=AI_TOKENS_MAX,
    )


def exam_schema(given: ExamInput | None = None) -> dict[str, Any]:
    """The JSON schema of an exam in OpenAI's strict mode, narrowed to what was asked for."""
    types = (
        given.question_types if given else list(ExamInput.model_fields["question_types"].default)
    )
    count = {"minItems": given.question_count, "maxItems": given.question_count} if given else {}
    text = {"type": "string"}
    options = {"type": "array", "items": text, "maxItems": EXAM_OPTIONS_MAX}
    question = _closed(
        {
            "number": {"type": "integer", "minimum": 1},
            "type": {"type": "string", "enum": types},
            "question": text,
            "options": {"anyOf": [options, {"type": "null"}]},
            "points": {"type": "integer", "minimum": 1, "maximum": EXAM_POINTS_MAX},
            "answer": text,
            "markingGuide": text,
        }
    )
    return _closed(
        {
            "title": text,
            "instructions": text,
            "questions": {"type": "array", "items": question, **count},
            "totalPoints": {"type": "integer", "minimum": 1},
        }
    )


def read_exam(text: str, given: ExamInput) -> dict[str, Any]:
    """The exam that an answer holds, as it goes over the wire.

    Raises:
        Malformed: it is none, or not the one that was asked for: another number of questions,
            numbers that are not 1, 2, 3, a type that nobody wanted, points that do not add up, an
            answer that is none of its options.
    """
    value = value_of(text)
    where = violation(value, exam_schema(given))
    if where is not None:
        raise Malformed("not_the_schema", where)
    try:
        exam = Exam.model_validate(value, strict=True)
    except ValidationError:
        # The schema cannot say how long a text may be: strict mode has no lengths.
        raise Malformed("texts_out_of_bounds") from None
    if [one.number for one in exam.questions] != list(range(1, given.question_count + 1)):
        raise Malformed("other_numbers", "questions")
    if exam.total_points != sum(one.points for one in exam.questions):
        raise Malformed("points_do_not_add_up", "totalPoints")
    questions = [_checked(one) for one in exam.questions]
    return exam.model_copy(update={"questions": questions}).model_dump(by_alias=True)


def _checked(question: Question) -> Question:
    """The question, its answer spelled as its option is; no options where none is chosen."""
    where = f"questions.{question.number}.options"
    if question.type not in _CHOSEN:
        if question.options:
            raise Malformed("options_of_an_open_question", where)
        return question.model_copy(update={"options": None})
    options = question.options or []
    if len({_folded(one) for one in options}) != len(options) or len(options) < 2:
        raise Malformed("options_are_not_apart", where)
    if question.type == "true_false" and len(options) != 2:
        raise Malformed("options_are_not_two", where)
    answer = _option(question.answer, options)
    if answer is None:
        raise Malformed("answer_is_no_option", where)
    return question.model_copy(update={"answer": answer})


def _option(answer: str, options: list[str]) -> str | None:
    """The option that an answer names: by its words, or by its letter (A is the first)."""
    for option in options:
        if _folded(option) == _folded(answer):
            return option
    letter = _LETTER.fullmatch(answer.strip())
    place = ord(letter.group(1).upper()) - ord("A") if letter else len(options)
    return options[place] if place < len(options) else None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _closed(members: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }
