"""Signed tokens in their compact form, taken apart: as much of RFC 7515 as Clerk sends."""

import base64
import json
from dataclasses import dataclass
from typing import Any, Protocol

from greenroom.kernel.foreign import named_once


class NotSigned(ValueError):
    """What was read is no compact JWS; the text quotes nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """One token, taken apart; nothing of it is to be believed before a key has signed it."""

    header: dict[str, Any]
    payload: bytes
    signed: bytes  # what the signature is of: the first two parts, as they were sent
    signature: bytes


class Key(Protocol):
    """A public key that RS256 is verified with."""

    def has_signed(self, sent: Signed) -> bool:
        """Whether the key's holder signed exactly this."""
        ...


class KeySource(Protocol):
    """Where a verifier finds the public key of a ``kid``."""

    def key_for(self, kid: str) -> Key | None:
        """The key, or None where nobody knows it.

        Raises:
            Unavailable: there are no keys at all right now.
        """
        ...


def read(token: str) -> Signed:
    """Take a token apart.

    Raises:
        NotSigned: it has not three parts, one is not base64url in its only spelling, or the header
            is no JSON object whose members are named once.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise NotSigned("not three parts")
    header_raw, payload, signature = map(decoded, parts)
    try:
        header = json.loads(header_raw.decode(), object_pairs_hook=named_once)
    except (ValueError, RecursionError) as garbage:
        raise NotSigned("no header") from garbage
    if not isinstance(header, dict):
        raise NotSigned("no header")
    signed = f"{parts[0]}.{parts[1]}".encode()
    return Signed(header=header, payload=payload, signed=signed, signature=signature)


def decoded(text: str) -> bytes:
    """The bytes that base64url without padding spells (RFC 7515 §2).

    Raises:
        NotSigned: it is not base64url, or bits of its last letter say nothing and are not nought:
            one token has one spelling.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as garbage:
        raise NotSigned("not base64url") from garbage
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != text.encode():
        raise NotSigned("not base64url")
    return raw
