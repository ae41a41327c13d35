"""The settings of one call in either wire format: what may be asked for, and how it is shown.

``ga`` is nested (`POST /v1/realtime/client_secrets`), ``beta`` is flat
(`POST /v1/realtime/sessions`, origin 003). Both become one `Session`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

from local.standins.voice.shapes import (
    BadParameter,
    anything,
    array,
    boolean,
    closed,
    either,
    integer,
    nullable,
    number,
    one_of,
    text,
)

Dialect = Literal["ga", "beta"]

CALL_MAX_S = 3600  # OpenAI ends every realtime session after 60 minutes
_TOKENS = either(one_of("inf"), integer(1, 4096))
_SHARED_VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse")
_TURN_DETECTION = nullable(
    closed(
        {
            "type": one_of("server_vad", "semantic_vad"),
            "threshold": number(0.0, 1.0),
            "prefix_padding_ms": integer(0, 5_000),
            "silence_duration_ms": integer(0, 10_000),
            "create_response": boolean,
            "interrupt_response": boolean,
            "idle_timeout_ms": nullable(integer(5_000, 30_000)),
            "eagerness": one_of("low", "medium", "high", "auto"),
        },
        required=("type",),
    )
)
_TRANSCRIPTION = nullable(closed({"model": text, "language": text, "prompt": text}))
_NOISE_REDUCTION = nullable(closed({"type": one_of("near_field", "far_field")}, required=("type",)))
_GA_INPUT = closed(
    {
        "format": anything,
        "noise_reduction": _NOISE_REDUCTION,
        "transcription": _TRANSCRIPTION,
        "turn_detection": _TURN_DETECTION,
    }
)
_GA_OUTPUT = closed(
    {
        "format": anything,
        "voice": one_of(*_SHARED_VOICES, "marin", "cedar"),
        "speed": number(0.25, 1.5),
    }
)
_GA_FIELDS = {
    "type": one_of("realtime"),
    "model": text,
    "instructions": text,
    "output_modalities": array(one_of("audio", "text")),
    "audio": closed({"input": _GA_INPUT, "output": _GA_OUTPUT}),
    "include": nullable(array(one_of("item.input_audio_transcription.logprobs"))),
    "max_output_tokens": _TOKENS,
    "tools": array(anything),
    "tool_choice": anything,
    "parallel_tool_calls": boolean,
    "reasoning": anything,
    "tracing": anything,
    "truncation": anything,
    "prompt": anything,
}
_BETA_CREATION = {
    "model": text,
    "modalities": array(one_of("audio", "text")),
    "instructions": text,
    "voice": one_of(*_SHARED_VOICES),
    "input_audio_format": one_of("pcm16", "g711_ulaw", "g711_alaw"),
    "output_audio_format": one_of("pcm16", "g711_ulaw", "g711_alaw"),
    "input_audio_noise_reduction": _NOISE_REDUCTION,
    "turn_detection": _TURN_DETECTION,
    "tools": array(anything),
    "tool_choice": anything,
    "temperature": number(0.6, 1.2),
    "speed": number(0.25, 1.5),
    "tracing": anything,
    "max_response_output_tokens": _TOKENS,
}
_ga_creation = closed(_GA_FIELDS, required=("type",))
# Origin 003: `input_audio_transcription` is refused at creation and works in `session.update`.
_beta_creation = closed(_BETA_CREATION)
_beta_update = closed({**_BETA_CREATION, "input_audio_transcription": _TRANSCRIPTION})


@dataclass(slots=True)
class Session:
    """One call's settings, kept in the shape of its own dialect."""

    dialect: Dialect
    model: str
    body: dict[str, Any]
    session_id: str = field(default_factory=lambda: f"sess_{secrets.token_hex(12)}")

    @classmethod
    def create(cls, dialect: Dialect, body: object, *, path: str) -> Session:
        """Settings from a creation body; ``path`` is how its errors name it ("session" or "").

        Raises:
            BadParameter: the real service would answer 400.
        """
        (_ga_creation if dialect == "ga" else _beta_creation)(body, path)
        assert isinstance(body, Mapping)
        model = str(body.get("model") or _DEFAULT_MODELS[dialect])
        _check_model(dialect, model, f"{path}.model" if path else "model")
        session = cls(dialect, model, deepcopy(_DEFAULTS[dialect]))
        session._take(body)
        return session

    def copy(self) -> Session:
        """The same settings for another call: one secret may open several."""
        return Session(self.dialect, self.model, deepcopy(self.body))

    def update(self, change: object) -> None:
        """Apply a `session.update`. Unchanged when refused.

        Raises:
            BadParameter: the change is not one that the dialect knows.
        """
        (_ga_creation if self.dialect == "ga" else _beta_update)(change, "session")
        assert isinstance(change, Mapping)
        if change.get("model", self.model) != self.model:
            message = "Cannot change the model of a session that has begun."
            raise BadParameter("invalid_value", "session.model", message)
        self._take(change)

    def _take(self, change: Mapping[str, Any]) -> None:
        _check_modalities(self.dialect, change)
        audio = change.get("audio", {})
        for side in ("input", "output"):
            self.body.get("audio", {}).get(side, {}).update(deepcopy(audio.get(side, {})))
        flat = {key: value for key, value in change.items() if key not in ("audio", "model")}
        self.body.update(deepcopy(flat))

    @property
    def instructions(self) -> str:
        """The prompt of the interviewer."""
        return str(self.body["instructions"])

    @property
    def voice(self) -> str:
        """The name of the voice that speaks."""
        source = self.body["audio"]["output"] if self.dialect == "ga" else self.body
        return str(source["voice"])

    @property
    def speaks(self) -> bool:
        """Whether answers are spoken; otherwise they are text alone."""
        name = "output_modalities" if self.dialect == "ga" else "modalities"
        return "audio" in self.body[name]

    @property
    def transcribes(self) -> bool:
        """Whether the person's words are sent back. Off until it is asked for."""
        if self.dialect == "ga":
            return self.body["audio"]["input"]["transcription"] is not None
        return self.body["input_audio_transcription"] is not None

    @property
    def turn_detection(self) -> dict[str, Any] | None:
        """The rules by which a spoken turn ends; None when the client ends it by itself."""
        source = self.body["audio"]["input"] if self.dialect == "ga" else self.body
        found: dict[str, Any] | None = source["turn_detection"]
        return found

    def show(self, *, expires_at: int) -> dict[str, Any]:
        """The session object as the service shows it; ``expires_at`` in epoch seconds."""
        head = {"id": self.session_id, "object": "realtime.session", "model": self.model}
        return {**head, **deepcopy(self.body), "expires_at": expires_at}


def _check_model(dialect: Dialect, model: str, path: str) -> None:
    if dialect == "beta" and model.startswith("gpt-realtime"):
        message = f'Model "{model}" is only available on the GA API.'
        raise BadParameter("invalid_model", path, message)
    if not model.startswith("gpt-realtime" if dialect == "ga" else "gpt-4o"):
        message = f'Model "{model}" is not supported in realtime mode.'
        raise BadParameter("invalid_model", path, message)


def _check_modalities(dialect: Dialect, change: Mapping[str, Any]) -> None:
    asked = change.get("output_modalities")
    if dialect == "ga" and asked is not None and len(asked) != 1:
        message = "Invalid modalities: supported combinations are: ['text'] and ['audio']."
        raise BadParameter("invalid_value", "session.output_modalities", message)


_DEFAULT_MODELS = {"ga": "gpt-realtime", "beta": "gpt-4o-mini-realtime-preview"}
_PROMPT = "Your knowledge cutoff is 2023-10. You are a helpful, witty, and friendly AI."
_PCM = {"type": "audio/pcm", "rate": 24_000}
_VAD = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,
    "create_response": True,
    "interrupt_response": True,
}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "ga": {
        "type": "realtime",
        "instructions": _PROMPT,
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "format": _PCM,
                "noise_reduction": None,
                "transcription": None,
                "turn_detection": {**_VAD, "silence_duration_ms": 500},
            },
            "output": {"format": _PCM, "voice": "alloy", "speed": 1.0},
        },
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "truncation": "auto",
        "tracing": None,
        "prompt": None,
        "include": None,
    },
    "beta": {
        "modalities": ["audio", "text"],
        "instructions": _PROMPT,
        "voice": "alloy",
        "input_audio_format": "pcm16",
        "output_audio_format": "pcm16",
        "input_audio_transcription": None,
        "input_audio_noise_reduction": None,
        "turn_detection": dict(_VAD),
        "tools": [],
        "tool_choice": "auto",
        "temperature": 0.8,
        "max_response_output_tokens": "inf",
        "tracing": None,
    },
}
