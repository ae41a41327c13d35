"""The interviewer's voice as a media track: a clip when there is one, otherwise silence."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from local.standins.voice.speech import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE, Clip

_FRAME_BYTES = FRAME_SAMPLES * 2
_SILENCE = bytes(_FRAME_BYTES)


class VoiceTrack(MediaStreamTrack):
    """Sends one frame each 20 ms for as long as the call lasts."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._pending = b""
        self._position = 0
        self._sent = 0
        self._started_at: float | None = None

    def play(self, clip: Clip) -> None:
        """Begin ``clip`` with the next frame, in place of what was playing."""
        self._pending, self._position = clip.pcm, 0

    def silence(self) -> None:
        """Stop what is playing."""
        self._pending, self._position = b"", 0

    @property
    def played_ms(self) -> int:
        """How much of the present clip went out."""
        return self._position * 1000 // 2 // SAMPLE_RATE

    async def recv(self) -> AudioFrame:
        """The next frame, when it is due."""
        if self.readyState != "live":
            raise MediaStreamError
        now = time.monotonic()
        if self._started_at is None:
            self._started_at = now
        await asyncio.sleep(max(0.0, self._started_at + self._sent * FRAME_S - now))
        data = self._pending[self._position : self._position + _FRAME_BYTES]
        self._position += len(data)
        frame = AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        frame.planes[0].update(data.ljust(_FRAME_BYTES, b"\0") if data else _SILENCE)
        frame.pts = self._sent * FRAME_SAMPLES
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._sent += 1
        return frame
