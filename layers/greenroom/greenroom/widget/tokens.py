"""The link with which somebody without a login manages one booking.

    w1.<key id>.<base64url of organisation, booking and expiry>.<base64url of HMAC-SHA256>

It names no person and nothing secret, and is worth what its signature is: whoever has it may see
and cancel that booking. The first key signs, every key verifies: a new key goes in front, the old
one stays until its links have ended.
"""

import base64
import binascii
import hmac
import re
import struct
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from greenroom.kernel.clock import epoch_s
from greenroom.kernel.errors import InvalidLink

TOKEN_CHARS_MAX: Final = 256  # a token has 104 characters and its key's id

_VERSION: Final = "w1"
_KEY_BYTES: Final = 32
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_CONTENT = struct.Struct(">16s16sQ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Whose booking a link manages, and until when (whole seconds)."""

    organization_id: str
    booking_id: str
    expires_at: datetime


class Links:
    """Makes and reads links with the keys of ``k1:<base64>[,k0:<base64>]``."""

    def __init__(self, keys: str) -> None:
        """Reads the keys, the current one first; each is 32 bytes in base64.

        Raises:
            ValueError: there is no key, or one is malformed. The text shows no key.
        """
        self._keys: dict[str, bytes] = {}
        for entry in keys.split(","):
            key_id, _, text = entry.strip().partition(":")
            try:
                key = base64.b64decode(text, validate=True)
            except binascii.Error:
                key = b""
            if len(key) != _KEY_BYTES or not _KEY_ID.fullmatch(key_id) or key_id in self._keys:
                raise ValueError("signing keys are <id>:<32 bytes in base64>, comma separated")
            self._keys[key_id] = key
        self._current = next(iter(self._keys))

    def sign(self, link: Link) -> str:
        """The token of a link; letters, digits, ``-``, ``_`` and dots."""
        content = _CONTENT.pack(
            uuid.UUID(link.organization_id).bytes,
            uuid.UUID(link.booking_id).bytes,
            epoch_s(link.expires_at),
        )
        return self._signed(self._current, content)

    def read(self, token: str, *, organization_id: str, now: datetime) -> Link:
        """What a token manages in this organisation.

        Raises:
            InvalidLink: forged, changed, signed with a dropped key, of another organisation, or
                past its time: they look the same.
        """
        parts = token.split(".") if len(token) <= TOKEN_CHARS_MAX else []
        content = _from_text(parts[2]) if len(parts) == 4 else None
        if content is None or len(content) != _CONTENT.size or parts[1] not in self._keys:
            raise InvalidLink
        # The whole token is made again, so that there is one spelling of each.
        made = self._signed(parts[1], content)
        if not hmac.compare_digest(made.encode(), token.encode(errors="replace")):
            raise InvalidLink
        organization, booking, expiry_s = _CONTENT.unpack(content)
        link = Link(
            organization_id=str(uuid.UUID(bytes=organization)),
            booking_id=str(uuid.UUID(bytes=booking)),
            expires_at=datetime.fromtimestamp(expiry_s, UTC),
        )
        if link.organization_id != organization_id or link.expires_at <= now:
            raise InvalidLink
        return link

    def _signed(self, key_id: str, content: bytes) -> str:
        told = f"{_VERSION}.{key_id}.{_to_text(content)}"
        return f"{told}.{_to_text(hmac.digest(self._keys[key_id], told.encode(), 'sha256'))}"


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _from_text(text: str) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
