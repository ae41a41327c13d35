"""The figures of a transcript, each by its documented formula."""

import math
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.interviews.metrics import count_fillers, count_words, measure
from greenroom.interviews.transcript import Message, merge

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = {
    "durationSeconds",
    "personWords",
    "interviewerWords",
    "wordsPerMinute",
    "fillerWords",
    "fillerPerHundredWords",
    "talkRatio",
    "averageResponseSeconds",
    "longestMonologueSeconds",
    "questionsAsked",
    "personTurns",
}

# What the product looks for, in the plainest words: one long pattern, slow and easy to read. The
# group is a word that makes its phrase meant.
PLAIN = [
    ("(?-i:[Uu]+m+)", ""),
    ("(?-i:[Uu]+h+m*)", ""),
    ("(?-i:[Ee]r+m*)", ""),
    ("(?-i:[Hh]+m+)", ""),
    ("basically", ""),
    ("actually", ""),
    ("you know", "do|did|if|as|how|when|what|would|let|should|might|may|will"),
    ("i mean", "what|that|which|how|do"),
    (
        "(?:sort|kind) of",
        (
            "what|which|this|that|these|those|a|the|some|any|every|another|same|one|different|"
            "right|new|all|certain|first"
        ),
    ),
]
WORDS = """um Uuhm UM er Erm hm basically actually you know i mean sort kind of do did what a the
different should first y\u0131 \u0130 \u212aind \u017fort umbrella every"""
PHRASES = ["you know", "I mean", "kind of", "SORT OF"]
BETWEEN = [" ", "\n", "\u2003", " " * 40, "-", ".", "_", "\u00e9"]
PIECES = st.sampled_from([*WORDS.split(), *PHRASES, *BETWEEN])


def interviewer(content: str, at_s: float) -> Message:
    return Message("assistant", content, int(at_s * 1000))


def person(content: str, at_s: float) -> Message:
    return Message("user", content, int(at_s * 1000))


def words(count: int) -> str:
    return " ".join(["word"] * count)


def test_an_interview_is_measured_by_the_documented_formulas() -> None:
    talk = [
        interviewer("Welcome! What did you build? And why?", 0),
        person(words(50), 30),  # 50 words in 30 s; 20 s of speech at 150 wpm, so 10 s of pause
        interviewer("How did it go?", 40),
        person("Um, it went, you know, really well actually", 50),  # 8 words: 3.2 s, 6.8 s pause
    ]

    metrics = measure(talk, started_at=START, ended_at=START + timedelta(seconds=61.5)).to_json()

    # The second answer's gap of 10 s is held to 8 words at 75 wpm: 6.4 s.
    assert metrics == {
        "durationSeconds": 61.5,
        "personWords": 58,
        "interviewerWords": 11,
        "wordsPerMinute": round(58 / (36.4 / 60), 1),
        "fillerWords": 3,
        "fillerPerHundredWords": round(300 / 58, 2),
        "talkRatio": round(58 / 69, 3),
        "averageResponseSeconds": 8.4,
        "longestMonologueSeconds": 30.0,
        "questionsAsked": 3,
        "personTurns": 2,
    }


def test_an_empty_transcript_knows_nothing_and_invents_nothing() -> None:
    metrics = measure([]).to_json()

    assert set(metrics) == NAMES
    assert {name for name, value in metrics.items() if value is not None} == {
        "personWords",
        "interviewerWords",
        "fillerWords",
        "questionsAsked",
        "personTurns",
    }


def test_without_the_calls_own_times_the_turns_bound_the_duration() -> None:
    talk = [interviewer("Hello", 1), person("Hi", 4.5)]

    assert measure(talk).duration_seconds == 3.5
    assert (
        measure(talk, started_at=START, ended_at=START - timedelta(hours=1)).duration_seconds == 3.5
    )


def test_turns_without_a_word_are_no_turns() -> None:
    assert measure([person("...", 1), person("  ", 2), person("yes", 3)]).person_turns == 1


def test_a_monologue_is_a_run_of_the_persons_turns() -> None:
    talk = [
        interviewer("Go on", 0),
        person(words(20), 10),
        person(words(20), 20),
        interviewer("I see", 25),
        person(words(20), 36),
    ]

    assert measure(talk).longest_monologue_seconds == 20.0


def test_a_late_transcription_does_not_make_a_person_speak_at_a_thousand_words_a_minute() -> None:
    assert measure([interviewer("So?", 0), person(words(100), 1)]).words_per_minute == 300


def test_a_long_silence_is_not_counted_as_slow_speech() -> None:
    assert measure([interviewer("So?", 0), person(words(10), 600)]).words_per_minute == 75


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("I'm a well-known engineer", 4),
        ("Ich heiße Jürgen", 3),
        ("Меня зовут Анна", 3),
        ("नमस्ते दुनिया", 2),
        ("私は技術者です", 7),
        ("yes—no/maybe…so", 4),
        ("-- … !?", 0),
        ("", 0),
        ("42 apples", 2),
    ],
)
def test_words_are_counted_in_any_script(text: str, count: int) -> None:
    assert count_words(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Um, uh, er, erm, hmm, ummm", 6),
        ("you know, I mean, it was sort of kind of basically fine", 5),
        ("What kind of team was it, do you know what I mean?", 0),
        ("this sort of work in the ER with an HMM", 0),
        ("the number of umbrellas in summer", 0),
        ("Kind of hard, actually", 2),
        ("I like to swim, like a fish", 0),
    ],
)
def test_fillers_are_counted_unless_they_are_meant(text: str, count: int) -> None:
    assert count_fillers(text) == count


@given(st.tuples(st.lists(PIECES, max_size=12), st.sampled_from(["", " "])))
def test_fillers_are_counted_as_by_one_plain_pattern(parts: tuple[list[str], str]) -> None:
    pieces, between = parts
    text = between.join(pieces)
    pattern = "|".join(
        rf"(?:({meant})\s+)?{filler}\b" if meant else rf"{filler}\b" for filler, meant in PLAIN
    )

    found = re.finditer(rf"\b(?:{pattern})", text, re.IGNORECASE)

    assert count_fillers(text) == sum(match.lastindex is None for match in found)


@given(
    st.lists(
        st.builds(
            Message,
            role=st.sampled_from(["user", "assistant"]),
            content=st.text(max_size=60),
            timestamp_ms=st.integers(0, 253_402_300_799_999),
        ),
        max_size=20,
    ),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_every_figure_is_null_or_finite_and_never_negative(
    talk: list[Message], started_at: datetime | None, ended_at: datetime | None
) -> None:
    metrics = measure(merge(talk, []), started_at=started_at, ended_at=ended_at).to_json()

    assert set(metrics) == NAMES
    assert all(v is None or (math.isfinite(v) and v >= 0) for v in metrics.values())
    assert metrics["talkRatio"] is None or metrics["talkRatio"] <= 1
