"""Hears where a spoken turn begins and ends, from the loudness of 20 ms frames alone.

The rules are those of the session's turn detection, with two mercies. Pauses shorter than
0.7 s do not end a turn, whatever ``silence_duration_ms`` says, because energy cannot tell a
breath from an end as the real model does. And a sparse sound, such as the beeps of a
browser's fake microphone, is one turn of about three seconds and never interrupts.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.standins.voice.speech import FRAME_S

_MERGED_PAUSE_S = 0.7
_TURN_MIN_S = 1.2
_SPARSE_TURN_S = 3.0
_SPARSE_SHARE = 0.35  # of the turn's frames; speech fills more than half
_TURN_MAX_S = 120.0
_ONSET_WINDOW_S = 1.6  # two beeps of a fake microphone fall into it
_ONSET_FRAMES = 3  # one click is no turn
_BARGE_IN_S = 0.4
_BARGE_IN_SHARE = 0.6
_FLOOR_WEIGHT = 0.02
_FULL_SCALE = 32_768
_LEVEL_PER_THRESHOLD = 0.02  # threshold 0.5 is -40 dB, a quiet voice near the microphone
_PAUSE_S = 0.3
_SAMPLE_STEP = 16  # loudness does not need every sample
_SHORTEST_S = 0.12  # under it a lost packet would be a pause, however fast the call runs


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The person began to speak, ``at_ms`` after the beginning of the call."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The person stopped; ``seconds`` is from the first to the last sound."""

    at_ms: int
    seconds: float
    pauses: int


def loudness(pcm: bytes) -> float:
    """Root mean square of 16-bit samples, from 0 to 1."""
    samples = array("h", pcm)[::_SAMPLE_STEP]
    if not samples:
        return 0.0
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / _FULL_SCALE


def describe_turn(number: int, seconds: float, pauses: int) -> str:
    """What stands in the transcript for a spoken turn: the truth, for no words are recognised."""
    stops = {0: "without a pause", 1: "with one pause"}.get(pauses, f"with {pauses} pauses")
    return (
        f"(Spoken answer {number}: {seconds:.1f} seconds, {stops}. "
        "This local interviewer hears speech but does not recognise words.)"
    )


class Ears:
    """Listens to one call.

    Args:
        speed: divides every duration, as in `Speech`.
    """

    def __init__(self, *, speed: float = 1.0) -> None:
        self._speed = speed
        self._frames = 0
        self._floor = 0.0
        self._interviewer_spoke = False
        self._recent: deque[bool] = deque(maxlen=self._count(_ONSET_WINDOW_S))
        self._turn: _Turn | None = None

    @property
    def now_ms(self) -> int:
        """The length of the sound that was heard so far."""
        return round(self._frames * FRAME_S * 1000)

    @property
    def in_turn(self) -> bool:
        """Whether the person is speaking."""
        return self._turn is not None

    def forget(self) -> None:
        """Drop the turn that is under way."""
        self._turn = None
        self._recent.clear()

    def hear(
        self, level: float, rules: Mapping[str, Any], *, interviewer_speaks: bool
    ) -> TurnStarted | TurnEnded | None:
        """Take one frame's loudness; answers what it changed.

        Args:
            level: from `loudness`.
            rules: the session's ``turn_detection``.
            interviewer_speaks: only dense speech counts then, as a barge-in.
        """
        self._frames += 1
        if self._interviewer_spoke and not interviewer_speaks:
            # What sounded while the interviewer spoke was no beginning of an answer.
            self._recent.clear()
        self._interviewer_spoke = interviewer_speaks
        limit = _LEVEL_PER_THRESHOLD * float(rules.get("threshold", 0.5))
        sounds = level > max(limit, 3 * self._floor)
        if not sounds:
            self._floor += _FLOOR_WEIGHT * (min(level, 4 * limit) - self._floor)
        self._recent.append(sounds)
        if self._turn is None:
            return self._maybe_start(rules, interviewer_speaks=interviewer_speaks)
        self._turn.take(self._frames, sounds=sounds)
        return self._maybe_end(self._turn, rules)

    def _maybe_start(
        self, rules: Mapping[str, Any], *, interviewer_speaks: bool
    ) -> TurnStarted | None:
        window = list(self._recent)
        needed = _ONSET_FRAMES
        if interviewer_speaks:
            window = window[-self._count(_BARGE_IN_S) :]
            needed = math.ceil(self._count(_BARGE_IN_S) * _BARGE_IN_SHARE)
        if sum(window) < needed:
            return None
        first = self._frames - len(window) + window.index(True)
        self._turn = _Turn(first, self._frames, sum(window))
        padding_ms = int(rules.get("prefix_padding_ms", 300))
        return TurnStarted(max(0, round(first * FRAME_S * 1000) - padding_ms))

    def _maybe_end(self, turn: _Turn, rules: Mapping[str, Any]) -> TurnEnded | None:
        length = self._frames - turn.first
        silence_s = max(_MERGED_PAUSE_S, float(rules.get("silence_duration_ms", 500)) / 1000)
        quiet = self._frames - turn.last >= self._count(silence_s)
        ended = quiet and length >= self._count(_TURN_MIN_S)
        sparse = turn.sounding < _SPARSE_SHARE * length
        if not ended and sparse:
            ended = length >= self._count(_SPARSE_TURN_S)
        if not ended and length < self._count(_TURN_MAX_S):
            return None
        self.forget()
        seconds = (turn.last - turn.first + 1) * FRAME_S
        return TurnEnded(self.now_ms, seconds, turn.pauses)

    def _count(self, seconds: float) -> int:
        return max(1, round(max(_SHORTEST_S, seconds / self._speed) / FRAME_S))


@dataclass(slots=True)
class _Turn:
    first: int
    last: int
    sounding: int
    pauses: int = 0

    def take(self, frame: int, *, sounds: bool) -> None:
        if not sounds:
            return
        if frame - self.last > _PAUSE_S / FRAME_S:
            self.pauses += 1
        self.last = frame
        self.sounding += 1
