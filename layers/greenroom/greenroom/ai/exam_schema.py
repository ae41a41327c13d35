"""Exams on the wire: what may be asked for, and what an exam is."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from greenroom.kernel.limits import (
    AI_PROMPT_CHARS_MAX,
    AI_TEXT_CHARS_MAX,
    EXAM_OPTIONS_MAX,
    EXAM_POINTS_MAX,
    EXAM_QUESTIONS_DEFAULT,
    EXAM_QUESTIONS_MAX,
)
from greenroom.web.wire import Wire, storable

QuestionType = Literal["multiple_choice", "true_false", "short_answer", "essay", "fill_in"]

_Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), storable]
_Text = Annotated[str, StringConstraints(max_length=AI_TEXT_CHARS_MAX), storable]
_Words = Annotated[str, Field(min_length=1, max_length=AI_TEXT_CHARS_MAX)]


class ExamInput(Wire):
    """What an exam is to be about. At least one of subject, topic and prompt is there."""

    subject: _Line | None = None
    topic: _Line | None = None
    grade: _Line | Annotated[int, Field(ge=0, le=100)] | None = None
    question_count: int = Field(EXAM_QUESTIONS_DEFAULT, ge=1, le=EXAM_QUESTIONS_MAX)
    question_types: list[QuestionType] = Field(
        default=["multiple_choice", "short_answer"], min_length=1, max_length=5
    )
    difficulty: Literal["easy", "medium", "hard", "mixed"] = "medium"
    language: _Line | None = Field(None, description="Without it, that of the request")
    instructions: _Text | None = Field(None, description="What the exam's author has to mind")
    prompt: Annotated[str, StringConstraints(max_length=AI_PROMPT_CHARS_MAX), storable] | None = (
        None
    )

    @field_validator("question_types")
    @classmethod
    def _once_each(cls, types: list[QuestionType]) -> list[QuestionType]:
        return list(dict.fromkeys(types))

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if not any(text and text.strip() for text in (self.subject, self.topic, self.prompt)):
            raise ValueError("subject, topic or prompt has to say what the exam is about")
        return self


class Question(Wire):
    """One question with its answer. ``options`` are there where one of them is chosen."""

    number: int = Field(ge=1, le=EXAM_QUESTIONS_MAX)
    type: QuestionType
    question: _Words
    options: list[_Words] | None = Field(max_length=EXAM_OPTIONS_MAX)
    points: int = Field(ge=1, le=EXAM_POINTS_MAX)
    answer: _Words
    marking_guide: str = Field(max_length=AI_TEXT_CHARS_MAX)


class Exam(Wire):
    """An exam with its answers and its marking guide."""

    title: str = Field(min_length=1, max_length=AI_TEXT_CHARS_MAX)
    instructions: str = Field(max_length=AI_TEXT_CHARS_MAX)
    questions: list[Question] = Field(min_length=1, max_length=EXAM_QUESTIONS_MAX)
    total_points: int = Field(ge=1, le=EXAM_POINTS_MAX * EXAM_QUESTIONS_MAX)
