"""Svix's webhook signature, with which Clerk signs, verified over the raw bytes."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from greenroom.kernel.errors import InvalidSignature
from greenroom.kernel.limits import (
    WEBHOOK_HEADER_CHARS_MAX,
    WEBHOOK_SIGNATURES_MAX,
    WEBHOOK_TOLERANCE_S,
)

# No dot: the signed text is joined by dots, and an id with one could borrow from its neighbours.
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,10}")
_SIGNATURE = re.compile(r"v1,([A-Za-z0-9+/]{43}=)")


def verify(
    raw: bytes,
    *,
    message_id: str | None,
    timestamp: str | None,
    signature: str | None,
    secrets: Sequence[str],
    now: datetime,
    tolerance_s: int = WEBHOOK_TOLERANCE_S,
) -> None:
    """Accept a body that one of the secrets signed within the tolerance, before or after now.

    The three texts are the headers ``svix-id``, ``svix-timestamp`` (unix seconds) and
    ``svix-signature`` (``v1,<base64>``, several with spaces between). What is signed is
    ``<id>.<timestamp>.<raw body>``, keyed with the bytes behind ``whsec_``. Several secrets are a
    rotation; one that cannot be read opens nothing, and without any the door is closed.
    Source: Standard Webhooks specification 1.0.

    Raises:
        InvalidSignature: for whatever is wrong; nothing else is ever raised.
    """
    if _MESSAGE_ID.fullmatch(message_id or "") is None:
        raise _refusal("id")
    if _TIMESTAMP.fullmatch(timestamp or "") is None:
        raise _refusal("header")
    if not abs(now.timestamp() - int(timestamp or "")) <= tolerance_s:
        raise _refusal("timestamp")
    given = _read(signature)
    signed = f"{message_id}.{timestamp}.".encode() + raw
    for key in _keys(secrets):
        digest = hmac.new(key, signed, hashlib.sha256).digest()
        expected = base64.b64encode(digest).decode()
        if any(hmac.compare_digest(expected, one) for one in given):
            return
    raise _refusal("mismatch")


def _read(signature: str | None) -> list[str]:
    """The well-formed ``v1`` signatures of a header; other versions are not ours to read."""
    if not signature or len(signature) > WEBHOOK_HEADER_CHARS_MAX:
        raise _refusal("header")
    found = [match[1] for part in signature.split(" ") if (match := _SIGNATURE.fullmatch(part))]
    if not 1 <= len(found) <= WEBHOOK_SIGNATURES_MAX:
        raise _refusal("header")
    return found


def _keys(secrets: Sequence[str]) -> Iterator[bytes]:
    for secret in secrets:
        try:
            key = base64.b64decode(secret.strip().removeprefix("whsec_"), validate=True)
        except (binascii.Error, ValueError):
            continue
        if key:
            yield key


def _refusal(reason: str) -> InvalidSignature:
    return InvalidSignature(log={"reason": f"svix-{reason}"})
