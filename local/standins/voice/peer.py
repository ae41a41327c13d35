"""Real WebRTC peers: each answers one offer and holds one call until somebody ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable

from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.exceptions import (
    InternalError,
    InvalidAccessError,
    InvalidStateError,
    OperationError,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from local.standins.voice.conversation import Conversation
from local.standins.voice.ears import loudness
from local.standins.voice.loopback import allow_loopback
from local.standins.voice.session import CALL_MAX_S, Session
from local.standins.voice.speech import Speech
from local.standins.voice.track import VoiceTrack
from local.standins.voice.vocabulary import Event, new_id

CHANNEL = "oai-events"
CALLS_MAX = 64  # of 2 MB each; nobody practises 64 interviews on one laptop
_DRAIN_S = 0.05  # aioice looks every 20 ms whether its connection was closed
CONNECT_MAX_S = 60.0  # an answer that nobody uses does not keep its sockets


# aiortc's parser is no validator: a broken offer ends in whatever its code meets first, when
# it is read and again when the half-built peer is closed.
_BROKEN_OFFER = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    InternalError,
    InvalidAccessError,
    InvalidStateError,
    OperationError,
)
_HIDDEN = re.compile(r"(?m)^a=candidate:.* \S+\.local \d+ typ .*\n")
_END_OF_CANDIDATES = re.compile(r"(?m)^a=end-of-candidates\r?\n")


class OfferRefused(Exception):
    """The offer is not one that a WebRTC peer can answer."""


class TooManyCalls(Exception):
    """`CALLS_MAX` calls are open."""


class Calls:
    """The calls that are open.

    Args:
        speed: 1.0 is life; a test may run calls 20 times as fast.
        max_s: the longest call, in seconds.
    """

    def __init__(self, *, speed: float = 1.0, max_s: float = CALL_MAX_S) -> None:
        self._speed = speed
        self._max_s = max_s
        self._speech = Speech(speed=speed)
        self._open: dict[str, _Call] = {}
        self._ending: set[asyncio.Task[None]] = set()
        allow_loopback()

    def __len__(self) -> int:
        return len(self._open)

    async def answer(self, offer: str, session: Session) -> tuple[str, str]:
        """Answer an offer: the call's id and the SDP answer.

        Raises:
            OfferRefused: it cannot be parsed, or holds no audio.
            TooManyCalls: `CALLS_MAX` are open.
        """
        if len(self._open) >= CALLS_MAX:
            raise TooManyCalls
        call = _Call(session, speech=self._speech, speed=self._speed)
        call_id = new_id("rtc")
        self._open[call_id] = call
        call.on_end = lambda closing: self._let_go(call_id, closing)
        try:
            return call_id, await call.answer(offer, max_s=self._max_s)
        except BaseException:
            await call.end()
            raise

    async def hang_up(self, call_id: str) -> bool:
        """End a call; False when there is none of that id, or it has ended."""
        call = self._open.get(call_id)
        if call is None:
            return False
        await call.end()
        return True

    async def close(self) -> None:
        """End every call, and wait for those that are ending already."""
        for call in list(self._open.values()):
            call.end_soon()
        if self._ending:
            await asyncio.gather(*self._ending)
            await asyncio.sleep(_DRAIN_S)

    def _let_go(self, call_id: str, closing: asyncio.Task[None]) -> None:
        self._open.pop(call_id, None)
        self._ending.add(closing)
        closing.add_done_callback(self._ending.discard)


class _Call:
    def __init__(self, session: Session, *, speech: Speech, speed: float) -> None:
        # No ICE server: aiortc would ask a public one otherwise, and offline there is none.
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._track = VoiceTrack()
        self._channel: RTCDataChannel | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: list[asyncio.TimerHandle] = []
        self._closing: asyncio.Task[None] | None = None
        self.on_end: Callable[[asyncio.Task[None]], object] = lambda _closing: None
        self._conversation = Conversation(
            session, track=self._track, speech=speech, speed=speed, send=self._send
        )
        self._peer.on("track", self._take_track)
        self._peer.on("datachannel", self._take_channel)
        self._peer.on("connectionstatechange", self._follow_state)

    async def answer(self, offer: str, *, max_s: float) -> str:
        try:
            usable = _without_hidden_addresses(offer)
            await self._peer.setRemoteDescription(RTCSessionDescription(usable, "offer"))
            if not any(one.kind == "audio" for one in self._peer.getTransceivers()):
                raise OfferRefused
            self._peer.addTrack(self._track)
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except _BROKEN_OFFER as bad:
            raise OfferRefused from bad
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(max_s, self.end_soon))
        self._timers.append(loop.call_later(CONNECT_MAX_S, self._give_up_connecting))
        return self._peer.localDescription.sdp

    def end_soon(self) -> asyncio.Task[None]:
        """Begin to close everything. Idempotent."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
            self.on_end(self._closing)
        return self._closing

    async def end(self) -> None:
        """Close everything, and wait until that is done."""
        await asyncio.shield(self.end_soon())

    async def _close(self) -> None:
        self._conversation.close()
        for timer in self._timers:
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        self._track.stop()
        with contextlib.suppress(*_BROKEN_OFFER):
            await self._peer.close()

    def _take_channel(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL or self._channel is not None:
            return
        self._channel = channel
        channel.on("message", self._conversation.receive)
        channel.on("close", self.end_soon)
        self._conversation.begin()

    def _take_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            task = asyncio.create_task(self._listen(track))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _listen(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame) and self._channel is not None:
                    plane = frame.planes[0]
                    used = frame.samples * len(frame.layout.channels) * 2
                    self._conversation.hear(loudness(bytes(plane)[:used]))

    def _follow_state(self) -> None:
        if self._peer.connectionState in ("failed", "closed"):
            self.end_soon()

    def _give_up_connecting(self) -> None:
        if self._peer.connectionState != "connected":
            self.end_soon()

    def _send(self, message: Event) -> None:
        if self._channel is not None and self._channel.readyState == "open":
            self._channel.send(json.dumps(message, separators=(",", ":")))


def _without_hidden_addresses(offer: str) -> str:
    """The offer without mDNS names, which a browser gives in place of its addresses.

    Resolving one takes up to a second and a network that has multicast. The browser reaches
    our addresses anyway, and its checks tell us where it is.
    """
    shown, hidden = _HIDDEN.subn("", offer)
    return _END_OF_CANDIDATES.sub("", shown) if hidden else offer
