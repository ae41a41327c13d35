"""Who counts as one address, and the hour in which requests are counted. Pure."""

import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from greenroom.kernel.clock import to_text

_IPV6_HOME_BITS: Final = 64  # RFC 6177: a site has at least a /64, and every address in it

EVERYBODY: Final = "all"  # no fingerprint is spelled so


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted together: ``pk`` begins its rows' keys, ``salt`` its fingerprints.

    One address has another fingerprint in each scope.
    """

    pk: str
    salt: str


def fingerprint_of(address: str | None, *, scope: Scope, key: bytes) -> str:
    """What stands for an address in the table, 32 hex characters.

    An IPv6 network counts as one address, since one household has all of it. Whoever shows no
    address shares one allowance.
    """
    plain = f"{scope.salt}\0{_place(address or '')}"
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
    """A full hour (UTC) in which requests are counted."""

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
