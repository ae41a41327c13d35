"""Metrics that follow from the transcript alone, computed at save, without a language model.

What is assumed, since only the moment of each turn is known and not its beginning:
a turn's moment is when its text was complete (the provider's ``done`` event). Speech itself is
estimated at ``ASSUMED_WPM``. A person's speaking time is the gap since the turn before, held
between the times that very fast and very slow speech would need, because the gap holds thinking
too, and a late transcription makes it too short. Filler words are the English ones.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from greenroom.interviews.transcript import Message

ASSUMED_WPM = 150  # conversational English; audio books are read at 150 to 160
FASTEST_WPM = 300
SLOWEST_WPM = 75

# Capitals are no hesitation: ER is a place, HMM a model.
_HESITATIONS = r"(?-i:[Uu]+(?:m+|h+m*)|[Ee]r+m*|[Hh]+m+)|basically|actually"
# Phrase -> words before it that make it meant ("what kind of", "do you know").
_PHRASES: dict[str, str] = {
    r"you know": "do|did|if|as|how|when|what|would|let|should|might|may|will",
    r"i mean": "what|that|which|how|do",
    r"(?:sort|kind) of": (
        "what|which|this|that|these|those|a|the|some|any|every|another|same|one|different|"
        "right|new|all|certain|first"
    ),
}
# One boundary and the letters that a filler begins with, so that other words are passed over at
# once: a save spent a tenth of its time here.
_FILLER = re.compile(
    rf"\b(?=[uehbaysik])(?:{_HESITATIONS}|{'|'.join(f'({one})' for one in _PHRASES)})\b",
    re.IGNORECASE,
)
_MEANT = [re.compile(rf"\b(?:{words})\Z", re.IGNORECASE) for words in _PHRASES.values()]
_MEANT_CHARS = max(len(word) for words in _PHRASES.values() for word in words.split("|"))
_WORD = re.compile(r"[^\W_][^\s/\u2013\u2014\u2026]*")
_DOTS = re.compile(r"\.{2,}")
# Scripts without spaces (Han, kana): each sign counts as a word.
_SIGN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_QUESTION = re.compile(r"[?\uff1f\u061f]+")


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures; None where the transcript cannot tell.

    All are finite and not negative. Seconds and ratios have at most three decimals.
    """

    duration_seconds: float | None
    person_words: int
    interviewer_words: int
    words_per_minute: float | None
    filler_words: int
    filler_per_hundred_words: float | None
    talk_ratio: float | None
    average_response_seconds: float | None
    longest_monologue_seconds: float | None
    questions_asked: int
    person_turns: int

    def to_json(self) -> dict[str, float | int | None]:
        """The figures under their names on the wire (``person_words`` is ``personWords``)."""
        return {_camel(name): value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class _Turn:
    """A message with its words, and the seconds since the message before (None: the first)."""

    message: Message
    words: int
    gap_s: float | None
    answers: bool

    @property
    def speaking_s(self) -> float:
        if self.gap_s is None:
            return _seconds(self.words, wpm=ASSUMED_WPM)
        fastest = _seconds(self.words, wpm=FASTEST_WPM)
        return min(max(self.gap_s, fastest), _seconds(self.words, wpm=SLOWEST_WPM))


def measure(
    messages: Sequence[Message],
    *,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> Metrics:
    """The metrics of merged messages and, where known, of the call's beginning and end.

    - duration: end less beginning of the call; otherwise last less first turn.
    - words_per_minute: the person's words by speaking time, over turns that follow another one.
    - filler_per_hundred_words: fillers by the person's words, times 100.
    - talk_ratio: the person's words by all words, 0 to 1 (words, since voices' times are unknown).
    - average_response_seconds: over turns that follow the interviewer directly, the gap less the
      turn's speech at ``ASSUMED_WPM``; the pause before an answer, estimated.
    - longest_monologue_seconds: the longest run of the person's turns, in speaking time.
    - questions_asked: question marks (runs count once) of the interviewer.
    - person_turns: the person's turns that hold at least one word.
    """
    turns = list(_turns(messages))
    spoken = [turn for turn in turns if turn.message.role == "user" and turn.words]
    timed = [turn for turn in spoken if turn.gap_s is not None]
    answers = [turn for turn in spoken if turn.answers]
    person_words = sum(turn.words for turn in spoken)
    interviewer_words = sum(t.words for t in turns if t.message.role == "assistant")
    fillers = sum(count_fillers(turn.message.content) for turn in spoken)
    minutes = sum(turn.speaking_s for turn in timed) / 60
    pauses = [_pause_s(turn) for turn in answers]
    return Metrics(
        duration_seconds=_duration_s(messages, started_at, ended_at),
        person_words=person_words,
        interviewer_words=interviewer_words,
        words_per_minute=_ratio(sum(turn.words for turn in timed), minutes, digits=1),
        filler_words=fillers,
        filler_per_hundred_words=_ratio(100 * fillers, person_words, digits=2),
        talk_ratio=_ratio(person_words, person_words + interviewer_words, digits=3),
        average_response_seconds=_ratio(sum(pauses), len(pauses), digits=3),
        longest_monologue_seconds=max(_monologues_s(turns), default=None),
        questions_asked=sum(
            len(_QUESTION.findall(m.content)) for m in messages if m.role == "assistant"
        ),
        person_turns=len(spoken),
    )


def count_words(text: str) -> int:
    """Words in any script: parts between spaces that hold a letter or digit, or Han signs."""
    signs = 0
    if not text.isascii():
        text, signs = _SIGN.subn(" ", text)
    return signs + len(_WORD.findall(_DOTS.sub(" ", text)))


def count_fillers(text: str) -> int:
    """English filler words and phrases, without those that are plainly meant."""
    return sum(not _is_meant(text, found) for found in _FILLER.finditer(text))


def _is_meant(text: str, found: re.Match[str]) -> bool:
    """Whether the word before a phrase says that it is meant; a hesitation never is."""
    if found.lastindex is None:
        return False
    end = begin = found.start()
    while end and text[end - 1].isspace():
        end -= 1
    word = _MEANT[found.lastindex - 1]
    return end < begin and word.search(text, max(0, end - _MEANT_CHARS), end) is not None


def _turns(messages: Sequence[Message]) -> Iterator[_Turn]:
    before: Message | None = None
    for message in messages:
        gap_s = None if before is None else (message.timestamp_ms - before.timestamp_ms) / 1000
        answers = message.role == "user" and before is not None and before.role == "assistant"
        yield _Turn(message, count_words(message.content), gap_s, answers)
        before = message


def _pause_s(turn: _Turn) -> float:
    return max(0.0, (turn.gap_s or 0.0) - _seconds(turn.words, wpm=ASSUMED_WPM))


def _monologues_s(turns: Sequence[_Turn]) -> Iterator[float]:
    """The speaking time of each run of the person's turns."""
    run_s = 0.0
    for turn in turns:
        if turn.message.role == "assistant":
            run_s = 0.0
        elif turn.words:
            run_s += turn.speaking_s
            yield round(run_s, 3)


def _duration_s(
    messages: Sequence[Message], started_at: datetime | None, ended_at: datetime | None
) -> float | None:
    if started_at is not None and ended_at is not None and started_at <= ended_at:
        return round((ended_at - started_at).total_seconds(), 3)
    if len(messages) > 1:
        return round((messages[-1].timestamp_ms - messages[0].timestamp_ms) / 1000, 3)
    return None


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


def _seconds(words: int, *, wpm: int) -> float:
    return words * 60 / wpm


def _ratio(amount: float, of: float, *, digits: int) -> float | None:
    return round(amount / of, digits) if of > 0 and math.isfinite(amount) else None
