"""Text to sound: espeak-ng where it is installed, otherwise a soft tone of the same length."""

from __future__ import annotations

import array
import asyncio
import math
import shutil
import subprocess
from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction

import av

SAMPLE_RATE = 48_000  # Opus: what WebRTC carries
FRAME_SAMPLES = 960  # 20 ms, one RTP packet
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE
_CLIPS_MAX = 64  # 64 clips of 10 s are 60 MB
_ESPEAK_TIMEOUT_S = 10.0
_WORD_S = 0.36  # 165 words a minute, espeak-ng's own pace
# Voices differ by pitch and variant, so that the choice is heard.
_ESPEAK_VOICES = {
    "alloy": ("en-us+f3", 48),
    "ash": ("en-us+m3", 38),
    "ballad": ("en-gb+m5", 50),
    "coral": ("en-us+f2", 60),
    "echo": ("en-us+m1", 42),
    "sage": ("en-gb+f4", 45),
    "shimmer": ("en-us+f5", 62),
    "verse": ("en-us+m7", 55),
    "marin": ("en-us+f1", 52),
    "cedar": ("en-gb+m2", 35),
}


@dataclass(frozen=True, slots=True)
class Clip:
    """Mono 16-bit sound at 48 kHz."""

    pcm: bytes

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.pcm) / 2 / SAMPLE_RATE


class Speech:
    """Speaks texts; the same text in the same voice is made once.

    Args:
        speed: 1.0 is life; 20 keeps the first twentieth of each clip, for tests.
    """

    def __init__(self, *, speed: float = 1.0) -> None:
        self._speed = speed
        self._clips: OrderedDict[tuple[str, str], Clip] = OrderedDict()
        self._espeak = shutil.which("espeak-ng")

    async def say(self, text: str, voice: str) -> Clip:
        """The sound of ``text``."""
        key = (text, voice)
        if key not in self._clips:
            pcm = await self._synthesise(text, voice)
            kept = max(FRAME_SAMPLES * 2, int(len(pcm) / self._speed) & ~1)
            self._clips[key] = Clip(pcm[:kept])
            if len(self._clips) > _CLIPS_MAX:
                self._clips.popitem(last=False)
        self._clips.move_to_end(key)
        return self._clips[key]

    async def _synthesise(self, text: str, voice: str) -> bytes:
        if self._espeak is not None:
            name, pitch = _ESPEAK_VOICES.get(voice, _ESPEAK_VOICES["alloy"])
            # In a thread that sees its process to the end, also when the call is given up.
            wav = await asyncio.to_thread(_run_espeak, self._espeak, name, pitch, text)
            if wav is not None:
                return resample(*wav)
        # In a thread, so that a long text does not make other calls stutter.
        return await asyncio.to_thread(tone, _WORD_S * max(2, len(text.split())))


def _run_espeak(path: str, voice: str, pitch: int, text: str) -> tuple[bytes, int] | None:
    """Samples and rate from espeak-ng; None when it cannot speak. No file is shared."""
    command = [path, "--stdin", "--stdout", "-v", voice, "-p", str(pitch), "-s", "165"]
    try:
        process = subprocess.run(
            command,
            input=text.encode(),
            capture_output=True,
            timeout=_ESPEAK_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    wav = process.stdout
    # On a pipe espeak-ng cannot know the length, so the sizes in its header are not to be read.
    start = wav.find(b"data") + 8
    if process.returncode != 0 or start < 8 or len(wav) <= start:
        return None
    pcm = wav[start:]
    return pcm[: len(pcm) & ~1], int.from_bytes(wav[24:28], "little")


def resample(pcm: bytes, rate: int) -> bytes:
    """Mono 16-bit ``pcm`` at ``rate`` Hz, brought to 48 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.sample_rate = rate
    frame.time_base = Fraction(1, rate)
    frame.pts = 0
    frame.planes[0].update(pcm.ljust(frame.planes[0].buffer_size, b"\0"))
    pieces = [*resampler.resample(frame), *resampler.resample(None)]
    return b"".join(bytes(piece.planes[0])[: piece.samples * 2] for piece in pieces)


def tone(seconds: float) -> bytes:
    """A murmur in syllables around 180 Hz, for machines without a speaking program."""
    samples = array.array("h")
    for index in range(int(seconds * SAMPLE_RATE)):
        at = index / SAMPLE_RATE
        syllable = math.sin(math.pi * ((at * 4.5) % 1.0))
        pitch = 180 + 25 * math.sin(at * 2.1)
        wave = math.sin(2 * math.pi * pitch * at) + 0.4 * math.sin(4 * math.pi * pitch * at)
        samples.append(int(5_500 * syllable * wave))
    return samples.tobytes()
