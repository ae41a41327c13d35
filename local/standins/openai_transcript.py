"""Finds the interview in a prompt, and measures its answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

QUOTE_WORDS_MAX = 24
_SPEECH_WORDS_PER_S = 2.3  # 140 words a minute
_PERSON = ("user", "candidate", "applicant")
_INTERVIEWER = ("assistant", "interviewer")
_LINE = re.compile(
    r"(?im)^[\s>*\-\[\]\d.)]*(candidate|user|applicant|assistant|interviewer)\s*:\s*(.+)$"
)
_SPOKEN = re.compile(r"^\(Spoken answer \d+: ([\d.]+) seconds")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_FILLERS = re.compile(
    r"(?i)\b(?:um+|uh+|er+|hmm+|you know|i mean|kind of|sort of|basically|like,)\b"
)
_HEDGES = re.compile(r"(?i)\b(?:maybe|perhaps|i guess|i think|probably|not sure|i suppose)\b")
_REASONS = re.compile(
    r"(?i)\b(?:because|so that|therefore|as a result|which meant|led to|result)\b"
)
# A point inside a figure ends no sentence.
_COURTESY = re.compile(
    r"(?i)(?:hello|hi\b|thanks?\b|great|good\b|you mentioned|a fair question|take your time)"
)
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]+)*[.!?]*")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the interview; ``number`` is its own, or its place from 1."""

    number: int
    by_person: bool
    content: str


@dataclass(frozen=True, slots=True)
class Measures:
    """What can be counted in a text of the person."""

    words: int
    variety: float
    fillers: int
    hedges: int
    reasons: int
    figures: int

    @property
    def quality(self) -> float:
        """From 0 to 1: length, varied words, reasons and figures raise it, fillers lower it."""
        if self.words == 0:
            return 0.05
        value = 0.22 + 0.33 * min(self.words, 80) / 80
        value += 0.12 * self.variety * min(1.0, self.words / 20)
        value += 0.1 * min(self.reasons, 2) / 2 + 0.1 * min(self.figures, 2) / 2
        value -= min(0.25, 1.8 * self.fillers / self.words)
        value -= min(0.12, 0.9 * self.hedges / self.words)
        return min(0.97, max(0.05, value))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question of the interviewer and what the person answered before the next one."""

    question: str
    answer: str
    number: int
    measures: Measures


def find_turns(texts: list[str]) -> list[Turn]:
    """The interview in ``texts``: JSON objects with role and content, else "Candidate:" lines."""
    turns = [turn for text in texts for turn in _json_turns(text)]
    if not any(turn.by_person for turn in turns):
        turns = []
        for text in texts:
            for role, content in _LINE.findall(text):
                number = len(turns) + 1
                turns.append(Turn(number, role.lower() in _PERSON, content.strip()))
    return [turn for turn in turns if _WORD.search(turn.content)]


def exchanges(turns: list[Turn]) -> list[Exchange]:
    """Questions with their answers, in order."""
    found: list[Exchange] = []
    question = ""
    answers: list[Turn] = []
    for turn in [*turns, Turn(0, by_person=False, content="")]:
        if turn.by_person:
            answers.append(turn)
            continue
        if answers:
            # Typed words tell more than a sound, so they are the answer where there are both.
            answers.sort(key=lambda one: spoken_seconds(one.content) is not None)
            read = [one for one in answers if spoken_seconds(one.content) is None]
            answer = " ".join(one.content for one in read or answers)
            asked = _question_in(question) or "Your opening words"
            found.append(Exchange(asked, answers[0].content, answers[0].number, measure(answer)))
        question, answers = turn.content, []
    return found


def measure(text: str) -> Measures:
    """Count what can be counted."""
    seconds = spoken_seconds(text)
    if seconds is not None:  # the voice peer's own sentence: only its length says something
        return Measures(round(seconds * _SPEECH_WORDS_PER_S), 0.6, 0, 0, 0, 0)
    words = [word.lower() for word in _WORD.findall(text)]
    return Measures(
        words=len(words),
        variety=len(set(words)) / len(words) if words else 0.0,
        fillers=len(_FILLERS.findall(text)),
        hedges=len(_HEDGES.findall(text)),
        reasons=len(_REASONS.findall(text)),
        figures=len(re.findall(r"\d+", text)),
    )


def spoken_seconds(answer: str) -> float | None:
    """The length of a turn that the voice peer heard but could not read; None for words."""
    found = _SPOKEN.match(answer)
    return float(found.group(1)) if found else None


def literal_quote(answer: str) -> str:
    """The longest sentence of ``answer`` as it stands there, cut after `QUOTE_WORDS_MAX` words."""
    sentences = [match.group().strip() for match in _SENTENCE.finditer(answer)]
    if spoken_seconds(answer) is not None:
        return sentences[0].strip("(.")
    best = max(sentences, key=len, default="")
    words = list(re.finditer(r"\S+", best))
    return best[: words[QUOTE_WORDS_MAX - 1].end()] if len(words) > QUOTE_WORDS_MAX else best


def _question_in(line: str) -> str:
    """The line without the courtesies before its question."""
    parts = [match.group().strip() for match in _SENTENCE.finditer(line)]
    asked = [part for part in parts if part and _COURTESY.match(part) is None]
    return " ".join(asked or parts)


def _json_turns(text: str) -> Iterator[Turn]:
    decoder = json.JSONDecoder()
    at, count = text.find("{"), 0
    while at != -1:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            for entry in _messages_in(value):
                count += 1
                given = entry.get("n", entry.get("number", count))
                number = given if isinstance(given, int) else count
                by_person = entry["role"].lower() in _PERSON
                yield Turn(number, by_person, entry["content"].strip())
        at = text.find("{", end)


def _messages_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        role, content = value.get("role"), value.get("content")
        if isinstance(role, str) and isinstance(content, str):
            if role.lower() in (*_PERSON, *_INTERVIEWER):
                yield value
            return
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for entry in inner:
        yield from _messages_in(entry)
