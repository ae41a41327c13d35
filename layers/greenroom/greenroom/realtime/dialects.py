"""The provider's dialects: which requests they want and what their replies mean. No IO.

    ga    POST /realtime/client_secrets   nested body     {value, expires_at, session}
          POST /realtime/calls            SDP, or multipart with the standard key
          POST /realtime/calls/{id}/hangup
    beta  POST /realtime/sessions         flat body       {id, client_secret{value, expires_at}}
          POST /realtime?model=           SDP; every request carries OpenAI-Beta: realtime=v1

Paths follow a base URL that ends in ``/v1``. Beta is the wire format that the product was first
built on; OpenAI retired it in May 2026, compatible endpoints speak it on.
"""

import hashlib
import json
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from greenroom.kernel.errors import TokenExpired
from greenroom.realtime.events import BETA_EVENTS, GA_EVENTS, TranscriptEvents
from greenroom.realtime.replies import answer, mint_object, minted
from greenroom.realtime.wire import (
    Answer,
    Minted,
    ProviderReply,
    ProviderRequest,
    SessionSpec,
)

JSON: Final = "application/json"
SDP: Final = "application/sdp"

_BETA_HEADERS = {"OpenAI-Beta": "realtime=v1"}
_TURN_DETECTION = {  # the origin's values, for both dialects
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,
}


class Dialect(Protocol):
    """One provider vocabulary; an instance holds no state."""

    @property
    def name(self) -> Literal["ga", "beta"]:
        """What the setting ``REALTIME_DIALECT`` calls it."""

    @property
    def transcript_events(self) -> TranscriptEvents:
        """The events in which the transcript arrives."""

    def mint_request(self, spec: SessionSpec) -> ProviderRequest:
        """The request for an ephemeral secret."""

    def parse_mint(self, reply: ProviderReply, *, spec: SessionSpec, now: datetime) -> Minted:
        """The secret in the reply; raises as ``replies`` says."""

    def exchange_request(self, offer: bytes, *, secret: str, model: str) -> ProviderRequest:
        """The offer, sent with an ephemeral secret."""

    def unified_exchange_request(self, offer: bytes, spec: SessionSpec) -> ProviderRequest:
        """Offer and session in one request with the standard key.

        Raises:
            TokenExpired: the dialect has no such request.
        """

    def parse_answer(self, reply: ProviderReply, *, ephemeral: bool, now: datetime) -> Answer:
        """The answer in the reply; raises as ``replies`` says."""

    def hangup_request(self, call_id: str) -> ProviderRequest | None:
        """The request that ends a call, or None where the dialect has none."""

    def client_events(self, spec: SessionSpec) -> list[dict[str, Any]]:
        """What the client has to send over the data channel after ``session.created``."""


class Ga:
    """The Realtime API of today. It must never see ``OpenAI-Beta`` or ``?model=``."""

    name: Literal["ga"] = "ga"
    transcript_events = GA_EVENTS

    def mint_request(self, spec: SessionSpec) -> ProviderRequest:
        """The request for a client secret that lives ``spec.ttl_s`` seconds."""
        expires_after = {"anchor": "created_at", "seconds": spec.ttl_s}
        body = {"expires_after": expires_after, "session": _ga_session(spec)}
        return ProviderRequest(
            path="/realtime/client_secrets",
            headers=_safety(spec),
            content_type=JSON,
            body=_json_bytes(body),
        )

    def parse_mint(self, reply: ProviderReply, *, spec: SessionSpec, now: datetime) -> Minted:
        """The secret: a top-level ``value``."""
        content = mint_object(reply, now=now)
        return minted(reply, content, content.get("session"), spec=spec, now=now)

    def exchange_request(self, offer: bytes, *, secret: str, model: str) -> ProviderRequest:
        """The raw offer; the secret already names the model.

        ``?model=`` here is answered with an empty 400 (openai-agents-js#549).
        """
        return ProviderRequest(path="/realtime/calls", content_type=SDP, body=offer, bearer=secret)

    def unified_exchange_request(self, offer: bytes, spec: SessionSpec) -> ProviderRequest:
        """Offer and session as two form parts, with the standard key."""
        parts = (("sdp", SDP, offer), ("session", JSON, _json_bytes(_ga_session(spec))))
        boundary = _boundary(*(content for _, _, content in parts))
        body = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n'
            f"Content-Type: {media_type}\r\n\r\n".encode()
            + content
            + b"\r\n"
            for name, media_type, content in parts
        )
        return ProviderRequest(
            path="/realtime/calls",
            headers=_safety(spec),
            content_type=f"multipart/form-data; boundary={boundary}",
            body=body + f"--{boundary}--\r\n".encode(),
        )

    def parse_answer(self, reply: ProviderReply, *, ephemeral: bool, now: datetime) -> Answer:
        """The answer; ``Location`` names the call."""
        return answer(reply, ephemeral=ephemeral, now=now)

    def hangup_request(self, call_id: str) -> ProviderRequest | None:
        """Ends the call, with the standard key."""
        return ProviderRequest(path=f"/realtime/calls/{call_id}/hangup")

    def client_events(self, spec: SessionSpec) -> list[dict[str, Any]]:
        """Nothing: transcription is part of the session."""
        return []


class Beta:
    """The origin's wire format, with its headers, paths and bodies as they were."""

    name: Literal["beta"] = "beta"
    transcript_events = BETA_EVENTS

    def mint_request(self, spec: SessionSpec) -> ProviderRequest:
        """The origin's request. It must not name input_audio_transcription: that was a 400."""
        body = {
            "model": spec.model,
            "voice": spec.voice,
            "instructions": spec.instructions,
            "turn_detection": _TURN_DETECTION,
        }
        return ProviderRequest(
            path="/realtime/sessions",
            headers=_BETA_HEADERS,
            content_type=JSON,
            body=_json_bytes(body),
        )

    def parse_mint(self, reply: ProviderReply, *, spec: SessionSpec, now: datetime) -> Minted:
        """The secret: ``client_secret.value``."""
        content = mint_object(reply, now=now)
        return minted(reply, content.get("client_secret"), content, spec=spec, now=now)

    def exchange_request(self, offer: bytes, *, secret: str, model: str) -> ProviderRequest:
        """The raw offer with the ephemeral secret, never the standard key (origin rule 6)."""
        return ProviderRequest(
            path="/realtime",
            query={"model": model},
            headers=_BETA_HEADERS,
            content_type=SDP,
            body=offer,
            bearer=secret,
        )

    def unified_exchange_request(self, offer: bytes, spec: SessionSpec) -> ProviderRequest:
        """Never: a token without a secret was sealed before the dialect was changed."""
        raise TokenExpired

    def parse_answer(self, reply: ProviderReply, *, ephemeral: bool, now: datetime) -> Answer:
        """The answer; beta names no call."""
        return answer(reply, ephemeral=ephemeral, now=now)

    def hangup_request(self, call_id: str) -> ProviderRequest | None:
        """None: a beta call ends on the client's side only."""
        return None

    def client_events(self, spec: SessionSpec) -> list[dict[str, Any]]:
        """Switches transcription on, without which the person's own words never arrive."""
        transcription = {"model": spec.transcription_model}
        session = {"input_audio_transcription": transcription}
        return [{"type": "session.update", "session": session}]


GA: Final[Dialect] = Ga()
BETA: Final[Dialect] = Beta()
DIALECTS: Final[dict[str, Dialect]] = {GA.name: GA, BETA.name: BETA}


def _ga_session(spec: SessionSpec) -> dict[str, Any]:
    return {
        "type": "realtime",
        "model": spec.model,
        "instructions": spec.instructions,
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "transcription": {"model": spec.transcription_model},
                "turn_detection": _TURN_DETECTION,
            },
            "output": {"voice": spec.voice},
        },
    }


def _safety(spec: SessionSpec) -> dict[str, str]:
    """OpenAI: on the request that mints, or on the unified one; it carries over to the call."""
    return {"OpenAI-Safety-Identifier": spec.safety_identifier} if spec.safety_identifier else {}


def _json_bytes(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _boundary(*parts: bytes) -> str:
    """A boundary that follows from the parts, so that no part can hold it (RFC 2046 §5.1.1)."""
    return f"greenroom-{hashlib.sha256(b''.join(parts)).hexdigest()[:48]}"
