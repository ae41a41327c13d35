"""The keys that session tokens are verified with: configured, or fetched and kept.

Verified by the one primitive that RS256 is, since a cold start has to import it: PyJWT takes seven
times as long to import (docs/decisions/0022).
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from greenroom.accounts import jws
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import Unavailable
from greenroom.kernel.limits import (
    JWKS_FRESH_S,
    JWKS_KEYS_MAX,
    JWKS_REFETCH_PAUSE_S,
    JWKS_RETRY_PAUSE_S,
    JWKS_STALE_S,
)
from greenroom.kernel.variables import SettingsRefused

KEY_BITS_MIN = 2048  # RFC 7518 §3.3
KEY_BITS_MAX = 8192  # a larger one only costs time
EXPONENT_MAX = 2**31  # likewise; real keys have 65537
KID_CHARS_MAX = 256


@dataclass(frozen=True, slots=True)
class Rs256Key:
    """An RSA key that verifies RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3)."""

    key: RSAPublicKey

    @classmethod
    def of(cls, modulus: str, exponent: str) -> "Rs256Key":
        """The key of the members ``n`` and ``e`` of a JWK (RFC 7518 §6.3.1).

        Raises:
            ValueError: they are no numbers of an RSA key of 2048 to 8192 bits.
        """
        n, e = (int.from_bytes(jws.decoded(text)) for text in (modulus, exponent))
        if not KEY_BITS_MIN <= n.bit_length() <= KEY_BITS_MAX or e > EXPONENT_MAX:
            raise ValueError("too small or too large a key")
        return cls(RSAPublicNumbers(e, n).public_key())

    def has_signed(self, sent: jws.Signed) -> bool:
        """Whether the key's holder signed exactly this."""
        try:
            self.key.verify(sent.signature, sent.signed, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True


Keys = dict[str, Rs256Key]


class ConfiguredKeys:
    """The keys of a JWKS document that stands in the settings (``CLERK_JWKS``)."""

    def __init__(self, document_json: str) -> None:
        """Read the document.

        Raises:
            SettingsRefused: it holds no RSA key that a token could be verified with.
        """
        self._keys = read_keys(document_json)
        if not self._keys:
            raise SettingsRefused("CLERK_JWKS: holds no RSA signing key of 2048 bits or more")

    def key_for(self, kid: str) -> Rs256Key | None:
        """The key, or None: a configured document does not change."""
        return self._keys.get(kid)


class FetchedKeys:
    """Keys fetched when first needed, and again hourly or for an unknown ``kid``.

    While fetching fails, known keys serve for up to a day, and each failure is handed to
    ``report``. Unknown kids cause at most one fetch a minute, so a flood of forged tokens is
    no flood of fetches. Safe to use from several threads.
    """

    def __init__(
        self,
        fetch: Callable[[], bytes],
        *,
        clock: Clock,
        report: Callable[[Exception], None] = lambda _failure: None,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._report = report
        self._lock = threading.Lock()
        self._keys: Keys = {}
        self._fetched_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._refetched_at: datetime | None = None

    def key_for(self, kid: str) -> Rs256Key | None:
        """The key, or None where Clerk does not know it either.

        Raises:
            Unavailable: ``IDENTITY_UNAVAILABLE``; fetching fails and there are no keys that
                were seen within a day.
        """
        with self._lock:
            just_fetched = False
            if self._age_s(self._fetched_at) >= JWKS_FRESH_S:
                just_fetched = self._refresh()
            if self._age_s(self._fetched_at) >= JWKS_STALE_S:
                raise Unavailable(
                    "Signing in cannot be checked right now. Try again in a moment.",
                    code="IDENTITY_UNAVAILABLE",
                    retry_after_s=JWKS_RETRY_PAUSE_S,
                )
            paused = self._age_s(self._refetched_at) < JWKS_REFETCH_PAUSE_S
            if kid not in self._keys and not just_fetched and not paused:
                self._refetched_at = self._clock()
                self._refresh()
            return self._keys.get(kid)

    def _age_s(self, moment: datetime | None) -> float:
        return float("inf") if moment is None else (self._clock() - moment).total_seconds()

    def _refresh(self) -> bool:
        if self._age_s(self._failed_at) < JWKS_RETRY_PAUSE_S:
            return False
        try:
            self._keys = self._fetched()
        except Unavailable as failure:
            self._failed_at = self._clock()
            self._report(failure)
            return False
        self._fetched_at = self._clock()
        self._failed_at = None
        return True

    def _fetched(self) -> Keys:
        keys = read_keys(self._fetch())
        if not keys:
            raise Unavailable(code="IDENTITY_UNAVAILABLE", log={"reason": "jwks-without-keys"})
        return keys


def read_keys(document: str | bytes) -> Keys:
    """The usable keys of a JWKS document by ``kid``; the first of a repeated ``kid`` counts.

    Usable is an RSA signing key of 2048 to 8192 bits. All else is passed over in silence, up
    to a document that is not JSON and gives no keys at all. Source: RFC 7517 §5.
    """
    try:
        parsed = json.loads(document)
    except (ValueError, RecursionError):
        return {}
    entries = parsed.get("keys") if isinstance(parsed, dict) else None
    keys: Keys = {}
    for entry in entries[:JWKS_KEYS_MAX] if isinstance(entries, list) else ():
        if isinstance(entry, dict) and (key := _read_key(entry)) is not None:
            keys.setdefault(entry["kid"], key)
    return keys


def _read_key(entry: dict[str, Any]) -> Rs256Key | None:
    kid = entry.get("kid")
    if not isinstance(kid, str) or not 1 <= len(kid) <= KID_CHARS_MAX:
        return None
    if entry.get("use", "sig") != "sig" or entry.get("alg", "RS256") != "RS256":
        return None
    if entry.get("kty") != "RSA":
        return None
    modulus, exponent = entry.get("n"), entry.get("e")
    if not isinstance(modulus, str) or not isinstance(exponent, str):
        return None
    try:
        return Rs256Key.of(modulus, exponent)
    except ValueError:
        return None
