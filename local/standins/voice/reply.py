"""One answer of the interviewer: its events in the service's order, paced with its voice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from local.standins.voice.session import Session
from local.standins.voice.speech import Speech
from local.standins.voice.track import VoiceTrack
from local.standins.voice.vocabulary import VOCABULARIES, Event, event, new_id

_WORDS_PER_DELTA = 2
_TEXT_DELTA_S = 0.03
_AUDIO_TOKENS_PER_S = 20  # OpenAI bills spoken output as one token each 50 ms
_CHARS_PER_TOKEN = 4
_TEXT_TOKENS_MAX = 40_000


class Reply:
    """Speaks ``text`` in a task of its own; `stop` cuts it short at once."""

    def __init__(
        self,
        text: str,
        *,
        session: Session,
        track: VoiceTrack,
        speech: Speech,
        send: Callable[[Event], None],
        previous_item_id: str | None,
        metadata: Any,
        input_tokens: int,
        spoken: bool,
    ) -> None:
        self._text = text
        self._session = session
        self._track = track
        self._speech = speech
        self._send = send
        self._previous_item_id = previous_item_id
        self._metadata = metadata
        self._input_tokens = input_tokens
        self._spoken = spoken
        self._names = VOCABULARIES[session.dialect]
        self._said = ""
        self._plays = False
        self._begun = False
        self._finished = False
        self._hurried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.response_id = new_id("resp")
        self.item: dict[str, Any] = {
            "id": new_id("item"),
            "object": "realtime.item",
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }

    @property
    def active(self) -> bool:
        """Whether it is still being spoken."""
        return not self._finished

    def start(self) -> None:
        """Announce the response and begin to speak."""
        self._send(event("response.created", response=self._shown("in_progress", None)))
        self._task = asyncio.create_task(self._run())

    def hurry(self) -> None:
        """Stop the sound; the rest of the words follows at once."""
        if self._plays:
            self._plays = False
            self._track.silence()
            self._send(event("output_audio_buffer.cleared", response_id=self.response_id))
        self._hurried.set()

    def stop(self, reason: str) -> None:
        """End it now, as ``turn_detected`` or ``client_cancelled``. No effect when finished."""
        if self._finished:
            return
        self.abandon()
        heard_ms = self._track.played_ms
        if self._plays:
            self._plays = False
            self._track.silence()
            self._send(event("output_audio_buffer.cleared", response_id=self.response_id))
            self._send(event("conversation.item.truncated", **self._at(), audio_end_ms=heard_ms))
        self._finish("cancelled", {"type": "cancelled", "reason": reason})

    def abandon(self) -> None:
        """Drop the task without a word; for the end of the call."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        seconds = 0.0
        if self._spoken:
            clip = await self._speech.say(self._text, self._session.voice)
            seconds = clip.seconds
            self._open_item()
            self._track.play(clip)
            self._plays = True
            self._send(event("output_audio_buffer.started", response_id=self.response_id))
        else:
            self._open_item()
        await self._say_words(seconds)
        self._finish("completed", None)
        if self._plays:
            self._plays = False
            self._send(event("output_audio_buffer.stopped", response_id=self.response_id))

    def _open_item(self) -> None:
        self._begun = True
        at = {"response_id": self.response_id, "output_index": 0}
        self._send(event("response.output_item.added", **at, item=dict(self.item)))
        self._send(
            event(
                self._names.item_opened,
                previous_item_id=self._previous_item_id,
                item=dict(self.item),
            )
        )
        self._send(event("response.content_part.added", **self._in_response(), part=self._part()))

    async def _say_words(self, seconds: float) -> None:
        words = self._text.split(" ")
        pieces = [
            " ".join(words[at : at + _WORDS_PER_DELTA])
            for at in range(0, len(words), _WORDS_PER_DELTA)
        ]
        name = self._names.transcript if self._spoken else self._names.text
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number, piece in enumerate(pieces):
            delta = piece if number == 0 else f" {piece}"
            self._said += delta
            self._send(event(f"{name}.delta", **self._in_response(), delta=delta))
            step = seconds / len(pieces) if self._spoken else _TEXT_DELTA_S
            pause = begun + (number + 1) * step - loop.time()
            if pause > 0 and not self._hurried.is_set():
                try:
                    await asyncio.wait_for(self._hurried.wait(), pause)
                except TimeoutError:
                    continue

    def _finish(self, status: str, details: Any) -> None:
        self._finished = True
        if self._begun:
            self._close_item("completed" if status == "completed" else "incomplete")
        self._send(event("response.done", response=self._shown(status, details)))
        limits = [
            {"name": "requests", "limit": 5_000, "remaining": 4_999, "reset_seconds": 0.012},
            {"name": "tokens", "limit": 400_000, "remaining": 399_000, "reset_seconds": 0.15},
        ]
        self._send(event("rate_limits.updated", rate_limits=limits))

    def _close_item(self, item_status: str) -> None:
        where = self._in_response()
        if self._spoken:
            self._send(event(f"{self._names.audio}.done", **where))
            self._send(event(f"{self._names.transcript}.done", **where, transcript=self._said))
        else:
            self._send(event(f"{self._names.text}.done", **where, text=self._said))
        self._send(event("response.content_part.done", **where, part=self._part()))
        kind = self._names.spoken_content if self._spoken else self._names.text_content
        self.item["content"] = [
            {"type": kind, ("transcript" if self._spoken else "text"): self._said}
        ]
        self.item["status"] = item_status
        if self._names.item_closed is not None:
            self._send(
                event(
                    self._names.item_closed,
                    previous_item_id=self._previous_item_id,
                    item=dict(self.item),
                )
            )
        at = {"response_id": self.response_id, "output_index": 0}
        self._send(event("response.output_item.done", **at, item=dict(self.item)))

    def _part(self) -> dict[str, str]:
        if self._spoken:
            return {"type": "audio", "transcript": self._said}
        return {"type": "text", "text": self._said}

    def _at(self) -> dict[str, Any]:
        return {"item_id": self.item["id"], "content_index": 0}

    def _in_response(self) -> dict[str, Any]:
        return {"response_id": self.response_id, "output_index": 0, **self._at()}

    def _shown(self, status: str, details: Any) -> dict[str, Any]:
        return {
            "object": "realtime.response",
            "id": self.response_id,
            "status": status,
            "status_details": details,
            "output": [dict(self.item)] if self._begun and self._finished else [],
            self._names.modalities: list(self._names.spoken if self._spoken else ("text",)),
            "metadata": self._metadata,
            "usage": self._usage() if self._finished else None,
        }

    def _usage(self) -> dict[str, Any]:
        text_out = len(self._said) // _CHARS_PER_TOKEN
        heard_s = self._track.played_ms / 1000 if self._spoken else 0.0
        audio_out = round(heard_s * _AUDIO_TOKENS_PER_S)
        given = min(self._input_tokens, _TEXT_TOKENS_MAX)
        return {
            "total_tokens": given + text_out + audio_out,
            "input_tokens": given,
            "output_tokens": text_out + audio_out,
            "input_token_details": {"text_tokens": given, "audio_tokens": 0, "cached_tokens": 0},
            "output_token_details": {"text_tokens": text_out, "audio_tokens": audio_out},
        }
