"""Stripe's webhook signature, verified over the raw bytes.

Our own twenty lines of HMAC: the ``stripe`` package takes 130 ms to import, which a function that
only listens would pay at every cold start. A contract test holds the two together.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime

from greenroom.kernel.errors import InvalidSignature
from greenroom.kernel.limits import (
    WEBHOOK_HEADER_CHARS_MAX,
    WEBHOOK_SIGNATURES_MAX,
    WEBHOOK_TOLERANCE_S,
)

_TIMESTAMP = re.compile(r"[1-9][0-9]{0,10}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


def verify(
    raw: bytes,
    header: str | None,
    secrets: Sequence[str],
    *,
    now: datetime,
    tolerance_s: int = WEBHOOK_TOLERANCE_S,
) -> None:
    """Accept a body that one of the secrets signed within the tolerance, before or after now.

    The header is ``t=<unix seconds>,v1=<hex>[,v1=...]``; what is signed is ``<t>.<raw body>``,
    keyed with the whole text of the secret. Other schemes (``v0``) are never looked at. Several
    secrets are a rotation; without any the door is closed. Source: Stripe, "Verify webhook
    signatures".

    Raises:
        InvalidSignature: for whatever is wrong; nothing else is ever raised.
    """
    timestamp, signatures = _read(header)
    if not abs(now.timestamp() - int(timestamp)) <= tolerance_s:
        raise _refusal("timestamp")
    signed = timestamp.encode() + b"." + raw
    for secret in secrets:
        if not secret.strip():
            continue  # an empty key is one that everybody knows
        key = secret.strip().encode(errors="replace")
        expected = hmac.new(key, signed, hashlib.sha256).hexdigest()
        if any(hmac.compare_digest(expected, given) for given in signatures):
            return
    raise _refusal("mismatch")


def _read(header: str | None) -> tuple[str, list[str]]:
    """The one timestamp and the well-formed ``v1`` signatures of a header."""
    if not header or len(header) > WEBHOOK_HEADER_CHARS_MAX:
        raise _refusal("header")
    pairs = [part.strip().partition("=") for part in header.split(",")]
    timestamps = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1" and _SIGNATURE.fullmatch(value)]
    if len(timestamps) != 1 or _TIMESTAMP.fullmatch(timestamps[0]) is None:
        raise _refusal("header")
    if not 1 <= len(signatures) <= WEBHOOK_SIGNATURES_MAX:
        raise _refusal("header")
    return timestamps[0], signatures


def _refusal(reason: str) -> InvalidSignature:
    return InvalidSignature(log={"reason": f"stripe-{reason}"})
