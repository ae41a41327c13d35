"""The sealed session token: what a browser holds instead of the provider's secret.

    g1.<key id>.<base64url of nonce and AES-256-GCM cipher text>

Session and person are bound as associated data, so that a token opens only for them. The first
key seals, every key opens: a new key goes in front, the old one stays until its tokens ran out.
"""

import base64
import binascii
import json
import os
import re
from datetime import UTC, datetime
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from greenroom.kernel.clock import epoch_s
from greenroom.kernel.errors import NotFound, TokenExpired
from greenroom.realtime.token import TokenContent

TOKEN_CHARS_MAX: Final = 4096  # an ordinary token has some 400; the longest secret makes 3,200

_VERSION = "g1"
_NONCE_BYTES = 12  # NIST SP 800-38D: 96 bits, random, far below 2**32 tokens a key
_KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")


class Sealer:
    """Seals and opens session tokens with the keys of ``k1:<base64>[,k0:<base64>]``."""

    def __init__(self, keys: str) -> None:
        """Reads the keys, the current one first; each is 32 bytes in base64.

        Raises:
            ValueError: there is no key, or one is malformed. The text shows no key.
        """
        self._keys: dict[str, AESGCM] = {}
        for entry in keys.split(","):
            key_id, _, text = entry.strip().partition(":")
            try:
                key = base64.b64decode(text, validate=True)
            except binascii.Error:
                key = b""
            if len(key) != _KEY_BYTES or not _KEY_ID.fullmatch(key_id) or key_id in self._keys:
                raise ValueError("sealing keys are <id>:<32 bytes in base64>, comma separated")
            self._keys[key_id] = AESGCM(key)
        self._current = next(iter(self._keys))

    def seal(self, content: TokenContent) -> str:
        """The token, printable ASCII; two seals of one content differ."""
        plain = {
            "s": content.session_id,
            "u": content.user_id,
            "p": content.provider_secret,
            "e": epoch_s(content.expires_at),
            "m": content.model,
            "n": content.mint,
        }
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._keys[self._current].encrypt(
            nonce,
            json.dumps(plain, separators=(",", ":")).encode(),
            _bound(self._current, content.session_id, content.user_id),
        )
        return f"{_VERSION}.{self._current}.{_to_text(nonce + sealed)}"

    def open(self, token: str, *, session_id: str, user_id: str, now: datetime) -> TokenContent:
        """What the token holds.

        Raises:
            NotFound: it is no token of ours for this session and person. Foreign, tampered,
                malformed and sealed with a dropped key look the same.
            TokenExpired: it is ours, and past its time.
        """
        version, _, rest = token[: TOKEN_CHARS_MAX + 1].partition(".")
        key_id, _, text = rest.partition(".")
        key = self._keys.get(key_id)
        data = _from_text(text)
        if len(token) > TOKEN_CHARS_MAX or version != _VERSION or key is None or data is None:
            raise NotFound
        try:
            plain = key.decrypt(
                data[:_NONCE_BYTES], data[_NONCE_BYTES:], _bound(key_id, session_id, user_id)
            )
        except (InvalidTag, ValueError) as refused:
            raise NotFound from refused
        content = _content(json.loads(plain))
        if content.expires_at <= now:
            raise TokenExpired
        return content


def _content(plain: dict[str, Any]) -> TokenContent:
    return TokenContent(
        session_id=plain["s"],
        user_id=plain["u"],
        provider_secret=plain["p"],
        expires_at=datetime.fromtimestamp(plain["e"], UTC),
        model=plain["m"],
        mint=plain["n"],
    )


def _bound(key_id: str, session_id: str, user_id: str) -> bytes:
    # JSON keeps the three apart whatever they hold.
    return json.dumps([_VERSION, key_id, session_id, user_id]).encode()


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _from_text(text: str) -> bytes | None:
    """The bytes, or None. Only the one spelling that ``_to_text`` writes is read."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return data if _to_text(data) == text else None
