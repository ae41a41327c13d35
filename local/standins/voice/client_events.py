"""The client's events: their names and closed shapes, as the service takes them over WebRTC."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local.standins.voice.session import Dialect
from local.standins.voice.shapes import (
    BadParameter,
    Shape,
    anything,
    array,
    closed,
    integer,
    missing,
    one_of,
    text,
)

EVENT_CHARS_MAX = 256 * 1024

_USER_PART = closed(
    {
        "type": one_of("input_text", "input_audio", "input_image", "text", "output_text"),
        "text": text,
        "audio": text,
        "transcript": text,
        "image_url": text,
        "detail": text,
    },
    required=("type",),
)
_ITEM = closed(
    {
        "id": text,
        "object": one_of("realtime.item"),
        "type": one_of("message"),
        "status": one_of("completed", "incomplete", "in_progress"),
        "role": one_of("user", "assistant", "system"),
        "content": array(_USER_PART),
    },
    required=("type", "role", "content"),
)
_RESPONSE = {
    "instructions": text,
    "conversation": one_of("auto", "none"),
    "metadata": anything,
    "input": anything,
    "tools": anything,
    "tool_choice": anything,
}
_GA_RESPONSE = closed(
    {
        **_RESPONSE,
        "output_modalities": array(one_of("audio", "text")),
        "audio": anything,
        "max_output_tokens": anything,
        "prompt": anything,
        "parallel_tool_calls": anything,
        "reasoning": anything,
    }
)
_BETA_RESPONSE = closed(
    {
        **_RESPONSE,
        "modalities": array(one_of("audio", "text")),
        "voice": text,
        "output_audio_format": text,
        "temperature": anything,
        "max_response_output_tokens": anything,
    }
)
_HEAD: dict[str, Shape] = {"type": text, "event_id": text}
_BY_ITEM = closed({**_HEAD, "item_id": text}, required=("item_id",))
_SHAPES: dict[str, Shape] = {
    "session.update": closed({**_HEAD, "session": anything}, required=("session",)),
    "input_audio_buffer.append": closed({**_HEAD, "audio": text}, required=("audio",)),
    "input_audio_buffer.commit": closed(_HEAD),
    "input_audio_buffer.clear": closed(_HEAD),
    "output_audio_buffer.clear": closed(_HEAD),
    "conversation.item.create": closed(
        {**_HEAD, "previous_item_id": anything, "item": _ITEM}, required=("item",)
    ),
    "conversation.item.truncate": closed(
        {
            **_HEAD,
            "item_id": text,
            "content_index": integer(0, 0),
            "audio_end_ms": integer(0, 3_600_000),
        },
        required=("item_id", "content_index", "audio_end_ms"),
    ),
    "conversation.item.delete": _BY_ITEM,
    "conversation.item.retrieve": _BY_ITEM,
    "response.create": closed({**_HEAD, "response": anything}),
    "response.cancel": closed({**_HEAD, "response_id": text}),
}


def read_client_event(message: str | bytes) -> dict[str, Any]:
    """The JSON object of one data channel message.

    Raises:
        BadParameter: it is none, or longer than `EVENT_CHARS_MAX`.
    """
    try:
        found = json.loads(message) if len(message) <= EVENT_CHARS_MAX else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadParameter("invalid_json", None, "The event is not a JSON object.")
    return found


def check_client_event(found: Mapping[str, Any]) -> None:
    """Check an event, but for its session or response.

    Raises:
        BadParameter: not an event that the service knows, or a wrong shape.
    """
    name = found.get("type")
    if name is None:
        raise missing("type")
    one_of(*_SHAPES)(name, "type")
    _SHAPES[name](found, "")


def check_response(dialect: Dialect, response: object) -> None:
    """Check the ``response`` of a `response.create`.

    Raises:
        BadParameter: a parameter that the dialect does not know.
    """
    (_GA_RESPONSE if dialect == "ga" else _BETA_RESPONSE)(response, "response")
