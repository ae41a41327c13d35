"""A caller without a browser: aiortc makes the offer, speaks a tone and reads the events."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from array import array
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Self

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from local.standins.voice.ears import loudness
from local.standins.voice.loopback import allow_loopback

SAMPLE_RATE = 48_000
FRAME_SAMPLES = 960
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE
_HEARD_LEVEL = 0.005

Event = dict[str, Any]


class Microphone(MediaStreamTrack):
    """Silence, and a tone for as long as `speak` says."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._sent = 0
        self._tone_frames = 0
        self._begun_at: float | None = None

    def speak(self, seconds: float) -> None:
        self._tone_frames = round(seconds / FRAME_S)

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        now = asyncio.get_running_loop().time()
        if self._begun_at is None:
            self._begun_at = now
        await asyncio.sleep(max(0.0, self._begun_at + self._sent * FRAME_S - now))
        frame = AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        frame.planes[0].update(self._next_samples())
        frame.pts = self._sent * FRAME_SAMPLES
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._sent += 1
        return frame

    def _next_samples(self) -> bytes:
        if self._tone_frames == 0:
            return bytes(FRAME_SAMPLES * 2)
        self._tone_frames -= 1
        begin = self._sent * FRAME_SAMPLES
        step = 2 * math.pi * 220 / SAMPLE_RATE
        tone = (int(9_000 * math.sin(step * at)) for at in range(begin, begin + FRAME_SAMPLES))
        return array("h", tone).tobytes()


class VoiceClient:
    """One call: `offer`, `answer` with the SDP that came back, then events both ways."""

    def __init__(self) -> None:
        allow_loopback()
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._channel = self._peer.createDataChannel("oai-events")
        self._changed = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self.microphone = Microphone()
        self.events: list[Event] = []
        self.closed = False
        self.frames_heard = 0
        self.energy_heard = 0.0
        self._peer.addTrack(self.microphone)
        self._peer.on("track", self._take_track)
        self._channel.on("open", self._wake)
        self._channel.on("message", self._take_message)
        self._channel.on("close", self._take_close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def offer(self) -> str:
        """The SDP offer, with every candidate in it."""
        await self._peer.setLocalDescription(await self._peer.createOffer())
        return self._peer.localDescription.sdp

    async def answer(self, sdp: str, *, timeout_s: float = 10.0) -> None:
        """Take the provider's answer and wait until the data channel is open."""
        await self._peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        await self._until(lambda: self._channel.readyState == "open", "an open channel", timeout_s)

    async def send(self, event: Event) -> None:
        """Send one client event."""
        self._channel.send(json.dumps(event))

    async def say(self, words: str) -> None:
        """Send a typed turn and ask for an answer to it."""
        content = [{"type": "input_text", "text": words}]
        item = {"type": "message", "role": "user", "content": content}
        await self.send({"type": "conversation.item.create", "item": item})
        await self.send({"type": "response.create"})

    async def wait_for(
        self,
        wanted: str | Callable[[Event], bool],
        *,
        after: int = 0,
        timeout_s: float = 10.0,
    ) -> Event:
        """The first event of a type (or that a predicate takes) from position ``after`` on."""
        found: list[Event] = []

        def arrived() -> bool:
            for event in self.events[after:]:
                if event["type"] == wanted if isinstance(wanted, str) else wanted(event):
                    found.append(event)
                    return True
            return False

        await self._until(arrived, str(wanted), timeout_s)
        return found[0]

    async def wait_until(self, reached: Callable[[], bool], *, timeout_s: float = 10.0) -> None:
        """Wait until something that an event or a frame of sound changes is so."""
        await self._until(reached, "that state", timeout_s)

    @property
    def types(self) -> list[str]:
        """The types of the events so far, in order."""
        return [event["type"] for event in self.events]

    async def close(self) -> None:
        """Leave the call."""
        if self._listener is not None:
            self._listener.cancel()
        self.microphone.stop()
        await self._peer.close()

    async def _until(self, reached: Callable[[], bool], what: str, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                while not reached():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            tail = self.types[-20:]
            raise AssertionError(f"no {what} within {timeout_s} s; last events: {tail}") from None

    def _wake(self) -> None:
        self._changed.set()

    def _take_message(self, message: str) -> None:
        self.events.append(json.loads(message))
        self._changed.set()

    def _take_close(self) -> None:
        self.closed = True
        self._changed.set()

    def _take_track(self, track: MediaStreamTrack) -> None:
        self._listener = asyncio.create_task(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, AudioFrame)
                level = loudness(bytes(frame.planes[0])[: frame.samples * 4])
                self.energy_heard += level * level * FRAME_S
                self.frames_heard += level > _HEARD_LEVEL
                self._changed.set()
