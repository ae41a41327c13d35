"""What goes to a voice provider and what comes back, whatever its dialect. No IO."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from greenroom.kernel.limits import PROVIDER_SECRET_CHARS_MAX

_BEARER = re.compile(rf"[!-~]{{1,{PROVIDER_SECRET_CHARS_MAX}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpec:
    """What an interview asks of the provider.

    ``ttl_s`` is how long a minted secret may be used (GA: 10..7200). ``safety_identifier`` is a
    hash of the person's id, by which the provider can act on one person instead of on us all.
    """

    model: str
    voice: str
    instructions: str = field(repr=False)
    transcription_model: str
    ttl_s: int
    safety_identifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRequest:
    """One request; ``path`` follows the base URL. ``bearer`` None is the standard key."""

    path: str
    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = None
    body: bytes = field(default=b"", repr=False)
    bearer: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderReply:
    """One whole reply; the names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    @property
    def media_type(self) -> str:
        """The essence of the content type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def succeeded(self) -> bool:
        """Whether the provider says that it did what was asked."""
        return self.status in (200, 201)

    def json_object(self) -> dict[str, Any]:
        """The JSON object that the body holds, or an empty one."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A provider session that waits for an offer.

    ``secret`` is None in unified mode, where no provider secret exists at all.
    """

    secret: str | None = field(repr=False)
    expires_at: datetime
    provider_session_id: str | None
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The provider's SDP answer, byte for byte; ``call_id`` where the provider names the call."""

    sdp: bytes = field(repr=False)
    call_id: str | None


class HangUp(StrEnum):
    """What became of a call that we asked the provider to end."""

    ENDED = "ended"
    ALREADY_GONE = "already_gone"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"


def is_bearer(text: object) -> bool:
    """Whether this can stand in an Authorization header: printable ASCII without a space."""
    return isinstance(text, str) and _BEARER.fullmatch(text) is not None
