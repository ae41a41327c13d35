"""The provider's side of one call: client events in, server events out, whose turn it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from local.standins.voice.brief import read_brief
from local.standins.voice.client_events import (
    check_client_event,
    check_response,
    read_client_event,
)
from local.standins.voice.ears import Ears, TurnEnded, TurnStarted, describe_turn
from local.standins.voice.interviewer import Answer, Interviewer, joined
from local.standins.voice.reply import Reply
from local.standins.voice.session import CALL_MAX_S, Session
from local.standins.voice.shapes import BadParameter
from local.standins.voice.speech import FRAME_S, Speech
from local.standins.voice.track import VoiceTrack
from local.standins.voice.vocabulary import VOCABULARIES, Event, error_event, event, new_id

ITEMS_MAX = 2_000  # an hour of very short turns
_COMMIT_MIN_S = 0.1  # OpenAI: a buffer under 100 ms is refused
_CHARS_PER_TOKEN = 4


class Conversation:
    """Items, turns and replies of one call.

    Args:
        send: takes each server event; it may be called after the channel has closed.
    """

    def __init__(
        self,
        session: Session,
        *,
        track: VoiceTrack,
        speech: Speech,
        speed: float,
        send: Callable[[Event], None],
    ) -> None:
        self._session = session
        self._track = track
        self._speech = speech
        self._send = send
        self._names = VOCABULARIES[session.dialect]
        self._ears = Ears(speed=speed)
        self._speed = speed
        brief = read_brief(session.instructions)
        self._interviewer = Interviewer(brief, seed=session.session_id)
        self._items: dict[str, dict[str, Any]] = {}
        self._answers: list[Answer] = []
        self._reply: Reply | None = None
        self._turn_item_id = new_id("item")
        self._spoken_turns = 0
        self._buffered_s = 0.0
        self._expires_at = int(time.time()) + CALL_MAX_S

    def begin(self) -> None:
        """Greet the client with its session, as soon as the data channel is open."""
        self._send(event("session.created", session=self._shown_session()))

    def close(self) -> None:
        """Stop speaking; no event follows."""
        if self._reply is not None:
            self._reply.abandon()

    def receive(self, message: str | bytes) -> None:
        """Act on one message of the client; what is wrong with it becomes an `error` event."""
        cause = None
        try:
            found = read_client_event(message)
            cause = found.get("event_id")
            check_client_event(found)
            self._act(found)
        except BadParameter as bad:
            self._send(error_event(bad.code, bad.message, bad.param, cause))

    def hear(self, level: float) -> None:
        """Take the loudness of the person's next 20 ms."""
        self._buffered_s += FRAME_S
        rules = self._session.turn_detection
        if rules is None:
            return
        speaks = self._speaking
        change = self._ears.hear(level, rules, interviewer_speaks=speaks)
        if isinstance(change, TurnStarted):
            where = {"audio_start_ms": change.at_ms, "item_id": self._turn_item_id}
            self._send(event("input_audio_buffer.speech_started", **where))
            if self._reply is not None and rules.get("interrupt_response", True):
                self._reply.stop("turn_detected")
        elif isinstance(change, TurnEnded):
            where = {"audio_end_ms": change.at_ms, "item_id": self._turn_item_id}
            self._send(event("input_audio_buffer.speech_stopped", **where))
            self._commit(change.seconds, change.pauses)
            if rules.get("create_response", True) and not self._speaking:
                self._respond({})

    @property
    def _speaking(self) -> bool:
        return self._reply is not None and self._reply.active

    def _act(self, found: dict[str, Any]) -> None:
        name = found["type"]
        if name == "session.update":
            self._session.update(found["session"])
            self._send(event("session.updated", session=self._shown_session()))
        elif name == "response.create":
            self._create_response(found.get("response", {}))
        elif name == "response.cancel":
            self._cancel_response()
        elif name == "conversation.item.create":
            self._create_item(found["item"])
        elif name.startswith("conversation.item."):
            self._touch_item(name.removeprefix("conversation.item."), found)
        else:
            self._change_buffer(name)

    def _change_buffer(self, name: str) -> None:
        if name == "output_audio_buffer.clear":
            if self._reply is not None:
                self._reply.hurry()
        elif name == "input_audio_buffer.clear":
            self._ears.forget()
            self._buffered_s = 0.0
            self._send(event("input_audio_buffer.cleared"))
        elif name == "input_audio_buffer.commit":
            if self._buffered_s < _COMMIT_MIN_S:
                message = (
                    "Error committing input audio buffer: buffer too small. Expected at least "
                    f"100ms of audio, but buffer only has {self._buffered_s * 1000:.2f}ms of audio."
                )
                raise BadParameter("input_audio_buffer_commit_empty", None, message)
            self._ears.forget()
            self._commit(self._buffered_s, 0)
        # What remains is `input_audio_buffer.append`: over WebRTC the sound comes by its track.

    def _create_response(self, response: Any) -> None:
        check_response(self._session.dialect, response)
        if self._speaking:
            assert self._reply is not None
            message = (
                "Conversation already has an active response in progress: "
                f"{self._reply.response_id}. Wait until the response is finished before "
                "creating a new one."
            )
            raise BadParameter("conversation_already_has_active_response", None, message)
        self._respond(response)

    def _cancel_response(self) -> None:
        if not self._speaking:
            message = "Cancellation failed: no active response found"
            raise BadParameter("response_cancel_not_active", None, message)
        assert self._reply is not None
        self._reply.stop("client_cancelled")

    def _respond(self, response: dict[str, Any]) -> None:
        self._drop_turn()
        answer = joined(self._answers)
        self._answers = []
        asked = response.get(self._names.modalities)
        chars = len(self._session.instructions) + sum(
            len(str(item["content"])) for item in self._items.values()
        )
        self._reply = Reply(
            self._interviewer.speak(answer),
            session=self._session,
            track=self._track,
            speech=self._speech,
            send=self._send,
            previous_item_id=self._last_item_id,
            metadata=response.get("metadata"),
            input_tokens=chars // _CHARS_PER_TOKEN,
            spoken=self._session.speaks if asked is None else "audio" in asked,
        )
        self._keep(self._reply.item)
        self._reply.start()

    def _drop_turn(self) -> None:
        # A stray sound before the greeting is no answer; real speech goes on and interrupts.
        if self._ears.in_turn:
            self._ears.forget()
            where = {"audio_end_ms": self._ears.now_ms, "item_id": self._turn_item_id}
            self._send(event("input_audio_buffer.speech_stopped", **where))

    def _create_item(self, given: dict[str, Any]) -> None:
        item = {"id": new_id("item"), "object": "realtime.item", "status": "completed", **given}
        if item["id"] in self._items:
            message = f"Error adding item: an item with ID '{item['id']}' already exists."
            raise BadParameter("item_create_duplicate_id", "item.id", message)
        words = " ".join(str(part.get("text", "")) for part in item["content"]).strip()
        self._announce(item)
        if item["role"] == "user" and words:
            self._answers.append(Answer(words=words))

    def _touch_item(self, act: str, found: dict[str, Any]) -> None:
        item_id = found["item_id"]
        if item_id not in self._items:
            message = f"Error: item with item_id '{item_id}' does not exist."
            raise BadParameter(f"item_{act}_invalid_item_id", "item_id", message)
        if act == "retrieve":
            self._send(event("conversation.item.retrieved", item=self._items[item_id]))
        elif act == "delete":
            del self._items[item_id]
            self._send(event("conversation.item.deleted", item_id=item_id))
        else:
            facts = {key: found[key] for key in ("item_id", "content_index", "audio_end_ms")}
            self._send(event("conversation.item.truncated", **facts))

    def _commit(self, seconds: float, pauses: int) -> None:
        item_id, self._turn_item_id = self._turn_item_id, new_id("item")
        self._buffered_s = 0.0
        self._spoken_turns += 1
        self._answers.append(Answer(spoken_s=seconds * self._speed))
        previous = self._last_item_id
        self._send(
            event("input_audio_buffer.committed", previous_item_id=previous, item_id=item_id)
        )
        words = describe_turn(self._spoken_turns, seconds, pauses)
        transcribed = self._session.transcribes
        content = {"type": "input_audio", "transcript": None}
        item = {
            "id": item_id,
            "object": "realtime.item",
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [content],
        }
        self._announce(item)
        if transcribed:
            content["transcript"] = words
            self._transcribe(item_id, words, seconds)

    def _transcribe(self, item_id: str, words: str, seconds: float) -> None:
        name = "conversation.item.input_audio_transcription"
        where = {"item_id": item_id, "content_index": 0}
        for number, word in enumerate(words.split(" ")):
            delta = word if number == 0 else f" {word}"
            self._send(event(f"{name}.delta", **where, delta=delta))
        usage = {"type": "duration", "seconds": round(seconds, 2)}
        self._send(event(f"{name}.completed", **where, transcript=words, usage=usage))

    def _announce(self, item: dict[str, Any]) -> None:
        previous = self._last_item_id
        self._keep(item)
        for name in (self._names.item_opened, self._names.item_closed):
            if name is not None:
                self._send(event(name, previous_item_id=previous, item=item))

    def _keep(self, item: dict[str, Any]) -> None:
        self._items[item["id"]] = item
        if len(self._items) > ITEMS_MAX:
            del self._items[next(iter(self._items))]

    @property
    def _last_item_id(self) -> str | None:
        return next(reversed(self._items), None)

    def _shown_session(self) -> dict[str, Any]:
        return self._session.show(expires_at=self._expires_at)
