"""Whatever a model answers becomes feedback inside the schema, or nothing at all."""

import json
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.feedback.answer import ANSWER_CHARS_MAX, MalformedAnswer, read_answer
from greenroom.feedback.prompt import CANARY, SYSTEM
from greenroom.feedback.rubric import AXES
from greenroom.feedback.schema import Feedback
from greenroom.interviews.transcript import Message
from greenroom.llm.text import letters_of
from tests.unit.feedback.transcripts import TURNS, answer, category

AT = "2026-01-01T00:00:00.000000Z"


def read(text: str, turns: Sequence[Message] = TURNS) -> Feedback | MalformedAnswer:
    return read_answer(text, turns, model="a-model", generated_at=AT)


def accepted(value: dict[str, Any], turns: Sequence[Message] = TURNS) -> Feedback:
    feedback = read(json.dumps(value), turns)
    assert isinstance(feedback, Feedback)
    return feedback


def axes(**changes: Any) -> dict[str, Any]:
    return {axis.key: category(**changes) for axis in AXES}


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for part in value for text in texts(part)] if isinstance(value, list) else []


def test_an_honest_answer_becomes_feedback() -> None:
    feedback = accepted(answer())

    assert feedback.overall_score == 62
    assert [c.name for c in feedback.categories] == [axis.name for axis in AXES]
    assert [c.score for c in feedback.categories] == [60, 50, 70, 65, 55]
    assert feedback.categories[0].evidence == ["I bisected the deploys"]
    assert (feedback.model, feedback.generated_at, feedback.too_short) == ("a-model", AT, False)


def test_a_code_fence_around_the_answer_is_taken_off() -> None:
    assert read(f"```json\n{json.dumps(answer())}\n```") == accepted(answer())


@pytest.mark.parametrize(("claimed", "held"), [(100, 70), (0, 50), (60, 60)])
def test_the_overall_score_is_held_between_the_axes(claimed: int, held: int) -> None:
    assert accepted(answer(overallScore=claimed)).overall_score == held


def test_quotes_that_the_person_did_not_say_are_dropped() -> None:
    quotes = [
        "I bisected the deploys",
        "I invented Kubernetes",  # said by nobody
        "Tell me about a hard bug",  # said by the interviewer
    ]

    feedback = accepted(answer(categories=axes(evidence=quotes)))

    assert [c.evidence for c in feedback.categories] == [["I bisected the deploys"]] * 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_the_schema"),
        ("I am sorry, I cannot help with that.", "not_the_schema"),
        ("<html>502</html>", "not_the_schema"),
        ("[" * 120_000, "not_the_schema"),
        ("[" * 200_000, "too_long"),
        ('{"summary":' * 10_000, "not_the_schema"),
        ('{"summary":"' + "\\ud800" + '"}', "not_the_schema"),
        ("\ud800", "not_the_schema"),
        ("\x00", "not_the_schema"),
        ("null", "not_the_schema"),
        (json.dumps(answer()) + "{}", "not_the_schema"),
        (json.dumps(answer())[:-1], "not_the_schema"),
        (json.dumps(answer(overallScore=float("nan"))), "not_the_schema"),
        ("x" * (ANSWER_CHARS_MAX + 1), "too_long"),
        (json.dumps(answer(summary="https://evil.example/")), "says_too_little"),
        (json.dumps(answer(strengths=["fine", "<b></b>", "fine"])), "says_too_little"),
    ],
)
def test_what_is_no_answer_is_named_and_never_raises(text: str, reason: str) -> None:
    assert read(text) == MalformedAnswer(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "leak",
    [
        CANARY,
        CANARY.lower(),
        " ".join(CANARY),
        CANARY.replace("-", "\u200b"),
        CANARY.replace("G", "&#71;"),
        CANARY.replace("R", "\uff32"),
        CANARY[:5] + " https://evil.example " + CANARY[5:],
        CANARY[:5] + "<b>" + CANARY[5:],
        SYSTEM[:2000],
    ],
)
@pytest.mark.parametrize("where", ["summary", "comment", "step", "quote"])
def test_an_answer_that_repeats_the_prompt_is_refused_however_it_is_spelled(
    leak: str, where: str
) -> None:
    said = [*TURNS, Message("user", leak, 99)]  # even where the person knows it
    value = {
        "summary": answer(summary=leak),
        "comment": answer(categories=axes(comment=leak)),
        "step": answer(nextSteps=[leak]),
        "quote": answer(categories=axes(evidence=[leak])),
    }[where]

    feedback = read(json.dumps(value), said)

    if isinstance(feedback, Feedback):
        # Only a quote that lost its link or tag is dropped before it can leak.
        assert where == "quote"
        assert letters_of(CANARY) not in letters_of(feedback.model_dump_json())
    else:
        assert feedback == MalformedAnswer("repeats_the_prompt")


def test_a_leak_that_is_split_over_two_texts_is_refused() -> None:
    value = answer(strengths=["fine", CANARY[:8], CANARY[8:]])

    assert read(json.dumps(value)) == MalformedAnswer("repeats_the_prompt")


@given(st.text())
def test_reading_any_text_raises_nothing(text: str) -> None:
    assert isinstance(read(text), MalformedAnswer)


@given(st.text(min_size=1, max_size=60), st.integers(0, 100))
def test_any_words_in_an_answer_raise_nothing(words: str, score: int) -> None:
    value = answer(
        summary=words, overallScore=score, categories=axes(comment=words, evidence=[words])
    )

    outcome = read(json.dumps(value, ensure_ascii=False), [Message("user", words, 1)])

    assert isinstance(outcome, Feedback | MalformedAnswer)


def test_the_order_of_members_in_an_answer_makes_no_difference() -> None:
    honest = answer()["categories"]

    for order in list(permutations(honest))[::17]:
        assert accepted(answer(categories={key: honest[key] for key in order})) == accepted(
            answer()
        )
