"""Ten thousand malformed outputs of language models: each is refused by name, or within bounds."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from greenroom.ai.domain import Malformed
from greenroom.ai.exam import exam_schema, read_exam
from greenroom.ai.structured import read_structured
from greenroom.feedback.answer import MalformedAnswer, read_answer
from greenroom.feedback.rubric import (
    COMMENT_CHARS_MAX,
    ITEM_CHARS_MAX,
    ITEMS_MAX,
    ITEMS_MIN,
    QUESTIONS_MAX,
    QUOTES_MAX,
    STEPS_MAX,
    SUMMARY_CHARS_MAX,
)
from greenroom.feedback.schema import Feedback
from greenroom.kernel.limits import AI_TEXT_CHARS_MAX
from tests.fakes.provider import completion
from tests.figures import Figure
from tests.practice import saved
from tests.proxies import Proxy, model_says
from tests.security.llm_outputs import GIVEN, SCHEMA, malformed
from tests.unit.feedback.transcripts import TURNS
from tests.world import World

COUNTS = {"feedback": 4_000, "exam": 3_000, "structured": 3_000}
AT = "2026-01-01T00:00:00.000000Z"
SAMPLE = 40  # of each, through the handler
PEOPLE = 12  # whose feedback is written so


def feedback_of(text: str) -> Any:
    """What is stored of an output; None where it is refused."""
    found = read_answer(text, TURNS, model="a-model", generated_at=AT)
    return None if isinstance(found, MalformedAnswer) else found


def feedback_is_bounded(feedback: Feedback) -> bool:
    """Scores, lengths and counts, by the rubric; quotes are the person's own."""
    scores = [one.score for one in feedback.categories]
    lists = (feedback.strengths, feedback.improvements)
    said = " ".join(turn.content for turn in TURNS if turn.role == "user").casefold()
    quotes = [quote for one in feedback.categories for quote in one.evidence]
    return (
        feedback.overall_score is not None
        and 0 <= min(scores) <= feedback.overall_score <= max(scores) <= 100
        and 0 < len(feedback.summary) <= SUMMARY_CHARS_MAX
        and all(len(one.comment) <= COMMENT_CHARS_MAX for one in feedback.categories)
        and all(len(one.evidence) <= QUOTES_MAX for one in feedback.categories)
        and all(ITEMS_MIN <= len(items) <= ITEMS_MAX for items in lists)
        and 1 <= len(feedback.next_steps) <= STEPS_MAX
        and all(len(one) <= ITEM_CHARS_MAX for items in lists for one in items)
        and len(feedback.questions) <= QUESTIONS_MAX
        and all(0 <= one.score <= 100 for one in feedback.questions)
        and all(quote.casefold() in said for quote in quotes)
        and not re.search(r"<[a-z/!]|://|[\x00-\x1f\u202a-\u202e\ud800-\udfff]",
                          " ".join(texts(feedback.model_dump())), re.IGNORECASE)
        and Feedback.model_validate_json(feedback.model_dump_json(by_alias=True)) == feedback
    )  # fmt: skip


def exam_of(text: str) -> Any:
    """The exam that an output is; None where it is refused."""
    try:
        return read_exam(text, GIVEN)
    except Malformed:
        return None


def exam_is_bounded(exam: dict[str, Any]) -> bool:
    """The schema, by another's validator; and what no schema says."""
    json.dumps(exam, allow_nan=False).encode()
    questions = exam["questions"]
    return (
        Draft202012Validator(exam_schema(GIVEN)).is_valid(exam)
        and [one["number"] for one in questions] == [1, 2, 3, 4, 5]
        and exam["totalPoints"] == sum(one["points"] for one in questions)
        and all(one["options"] is None or one["answer"] in one["options"] for one in questions)
        and all(len(text) <= AI_TEXT_CHARS_MAX for text in texts(exam))
    )


def structured_of(text: str) -> Any:
    """The value that an output is; None where it is refused."""
    try:
        return read_structured(text, SCHEMA)
    except Malformed:
        return None


def structured_is_bounded(value: Any) -> bool:
    """The caller's schema, by another's validator."""
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    return bool(Draft202012Validator(SCHEMA).is_valid(value))


READERS: dict[str, tuple[Callable[[str], Any], Callable[[Any], bool]]] = {
    "feedback": (feedback_of, feedback_is_bounded),
    "exam": (exam_of, exam_is_bounded),
    "structured": (structured_of, structured_is_bounded),
}


def texts(value: Any) -> list[str]:
    """Every text in a value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("kind", READERS)
def test_malformed_outputs_are_refused_or_within_bounds(figure: Figure, kind: str) -> None:
    """Nothing is unhandled, and nothing that is taken is out of bounds."""
    chance = random.Random(20261126)
    read, is_bounded = READERS[kind]
    good, wrong = 0, []
    seen: Counter[str] = Counter()
    for _ in range(COUNTS[kind]):
        text = malformed(kind, chance)
        try:
            found = read(text)
            sound = found is None or is_bounded(found)
        except Exception as unhandled:  # noqa: BLE001 (each one is counted, whatever it is)
            sound, found = False, repr(unhandled)
        good += sound
        seen["refused" if found is None else "taken"] += 1
        wrong += [] if sound else [(text[:200], found)]

    figure("llm outputs", kind, good=good, of=COUNTS[kind])
    assert wrong == []
    assert min(seen["refused"], seen["taken"]) > COUNTS[kind] / 50, "both kinds are met"


def test_whoever_asked_is_told_502_or_has_what_was_asked_for(world: World, figure: Figure) -> None:
    """The same outputs, through the handler: what is refused costs nothing."""
    chance, proxy = random.Random(7), Proxy(world)
    exam: dict[str, Any] = {
        "serviceType": "exam_generation",
        "input": GIVEN.model_dump(by_alias=True),
    }
    own: dict[str, Any] = {
        "serviceType": "structured_generation",
        "input": {"prompt": "Advise."},
        "schema": SCHEMA,
    }
    statuses: Counter[int] = Counter()
    for kind, asked in (("exam", exam), ("structured", own)):
        for _ in range(SAMPLE):
            model_says(proxy, malformed(kind, chance).replace("\ud800", "?"))
            statuses[proxy.generate(**asked).status] += 1

    good = statuses[200] + statuses[502]
    figure("llm outputs", "answers of the proxy", good=good, of=2 * SAMPLE)
    assert statuses.keys() == {200, 502}, statuses
    assert {row["status"] for row in proxy.rows()} == {"ok", "failed"}
    proxy.audit()


def test_the_worker_stores_feedback_within_bounds_or_tries_again(
    world: World, figure: Figure
) -> None:
    """The same outputs, through the schedule: no job is left in between."""
    chance = random.Random(11)
    practices = [saved(world) for _ in range(PEOPLE)]
    world.provider.feedback = lambda _: completion(
        malformed("feedback", chance).replace("\ud800", "?")
    )
    for _ in range(3):
        world.feedback()

    told = [practice.detail() for practice in practices]
    stored = [one["feedback"] for one in told if one["feedbackStatus"] == "completed"]
    sound = [Feedback.model_validate(one).overall_score is not None for one in stored]
    waiting = sum(one["feedbackStatus"] in {"pending", "failed"} for one in told)
    figure("llm outputs", "jobs of the worker", good=sum(sound) + waiting, of=PEOPLE)
    assert sum(sound) + waiting == PEOPLE, [one["feedbackStatus"] for one in told]
    assert stored
    assert waiting
