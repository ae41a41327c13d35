"""Keys, origins and allowances of public widgets. Pure but for the randomness of a new key."""

import hmac
import ipaddress
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final
from urllib.parse import urlsplit

from greenroom.kernel.clock import to_text

ORIGINS_MAX: Final = 20  # of one organisation: its own site, a few staging ones
ORIGIN_CHARS_MAX: Final = 280  # scheme, a host of 253 characters, a port

_KEY = re.compile(r"wk_[A-Za-z0-9_-]{24}")
_HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
_LOCAL: Final = frozenset({"localhost", "127.0.0.1"})
_IPV6_HOME_BITS: Final = 64  # RFC 6177: a site has at least a /64, and every address in it

EVERYBODY: Final = "all"  # no fingerprint is spelled so


def new_key() -> str:
    """A public key that nobody can guess: 144 random bits."""
    return f"wk_{secrets.token_urlsafe(18)}"


def is_key(text: str) -> bool:
    """Whether the text is spelled as our keys are."""
    return _KEY.fullmatch(text) is not None


def is_origin(text: str) -> bool:
    """Whether a widget may be let stand there: an exact origin as browsers spell it.

    ``https://`` and a name, or ``http://`` on one's own machine; lower case, the port only where it
    is not the usual one, no path.
    """
    if len(text) > ORIGIN_CHARS_MAX or not text.isascii():
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    local = host in _LOCAL
    if port in {0, usual} or not (local or _HOST.fullmatch(host)):
        return False
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        return False
    # Whatever else was there (a path, a name, capitals) is not in what is put together again.
    return text == f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def fingerprint_of(address: str | None, *, organization_id: str, key: bytes) -> str:
    """What stands for an address in the table, 32 hex characters; another in each organisation.

    An IPv6 network counts as one address, since one household has all of it. Whoever shows no
    address shares one allowance.
    """
    plain = f"widget-rate\0{organization_id}\0{_place(address or '')}"
    return hmac.digest(key, plain.encode(), "sha256").hex()[:32]


def _place(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        network = ipaddress.ip_network((found.packed, _IPV6_HOME_BITS), strict=False)
        return str(network.network_address)
    return str(found)


@dataclass(frozen=True, slots=True)
class Window:
    """A full hour (UTC) in which bookings are counted."""

    starts_at: datetime

    @classmethod
    def at(cls, moment: datetime) -> "Window":
        """The hour that the moment is in."""
        return cls(moment.replace(minute=0, second=0, microsecond=0))

    @property
    def name(self) -> str:
        """The hour as a part of keys: ``2026-11-21T12``."""
        return to_text(self.starts_at)[:13]

    @property
    def ends_at(self) -> datetime:
        """When the next one begins."""
        return self.starts_at + timedelta(hours=1)

    def left_s(self, now: datetime) -> int:
        """Seconds until the next one, 1..3600."""
        return ceil((self.ends_at - now).total_seconds())
