"""The names of the server's events in each dialect, and the shapes that differ."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How one dialect names what it says. Source: the event types of OpenAI's own SDK."""

    audio: str
    transcript: str
    text: str
    spoken_content: str
    text_content: str
    item_opened: str
    item_closed: str | None
    modalities: str
    spoken: tuple[str, ...]


VOCABULARIES = {
    "ga": Vocabulary(
        audio="response.output_audio",
        transcript="response.output_audio_transcript",
        text="response.output_text",
        spoken_content="output_audio",
        text_content="output_text",
        item_opened="conversation.item.added",
        item_closed="conversation.item.done",
        modalities="output_modalities",
        spoken=("audio",),
    ),
    "beta": Vocabulary(
        audio="response.audio",
        transcript="response.audio_transcript",
        text="response.text",
        spoken_content="audio",
        text_content="text",
        item_opened="conversation.item.created",
        item_closed=None,
        modalities="modalities",
        spoken=("audio", "text"),
    ),
}


def new_id(prefix: str) -> str:
    """An id as the service makes them, such as ``item_5f0c…``."""
    return f"{prefix}_{secrets.token_hex(10)}"


def event(name: str, **facts: Any) -> Event:
    """A server event."""
    return {"type": name, "event_id": new_id("event"), **facts}


def error_event(code: str | None, message: str, param: str | None, cause: Any) -> Event:
    """An ``error`` event; ``cause`` is the ``event_id`` of the client's event, if it had one."""
    error = {
        "type": "invalid_request_error",
        "code": code,
        "message": message,
        "param": param,
        "event_id": cause if isinstance(cause, str) else None,
    }
    return event("error", error=error)
