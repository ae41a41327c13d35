"""The ICE servers that a browser is told: STUN as configured, TURN with passing credentials.

TURN credentials are never static. Each person gets a user name that ends by itself and the
HMAC that coturn expects of it. Source: draft-uberti-behave-turn-rest, coturn --use-auth-secret.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from greenroom.kernel.clock import epoch_s

# RFC 7064 and RFC 7065; a host is a name, an IPv4 address or a bracketed IPv6 address.
_HOST = r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
_STUN = re.compile(rf"stuns?:{_HOST}")
_TURN = re.compile(rf"turns?:{_HOST}(?:\?transport=(?:udp|tcp))?")


@dataclass(frozen=True, slots=True)
class _Server:
    urls: str | list[str]
    relays: bool


class IceServers:
    """The configured servers, as one person is told of them."""

    def __init__(
        self,
        configured: Sequence[Mapping[str, Any]],
        *,
        turn_secret: Callable[[], str | None],
        ttl_s: int,
    ) -> None:
        """Checks the setting ``ICE_SERVERS``; ``ttl_s`` is how long a TURN credential serves.

        Raises:
            ValueError: an entry is malformed, or holds a static credential.
        """
        self._servers = tuple(_server(entry) for entry in configured)
        self._turn_secret = turn_secret
        self._ttl_s = ttl_s

    def told_to(self, user_ref: str, *, now: datetime) -> list[dict[str, Any]]:
        """The list in the shape of ``RTCConfiguration.iceServers``.

        Raises:
            ValueError: there is a TURN server and no ``TURN_SECRET``.
        """
        relay: dict[str, str] = {}
        if any(server.relays for server in self._servers):
            relay = self._credential(user_ref, now=now)
        return [
            {"urls": server.urls} | (relay if server.relays else {}) for server in self._servers
        ]

    def _credential(self, user_ref: str, *, now: datetime) -> dict[str, str]:
        secret = self._turn_secret()
        if not secret:
            raise ValueError("ICE_SERVERS names a TURN server, and TURN_SECRET is not set")
        username = f"{epoch_s(now) + self._ttl_s}:{user_ref}"
        mac = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
        return {"username": username, "credential": base64.b64encode(mac).decode()}


def _server(entry: Mapping[str, Any]) -> _Server:
    if set(entry) != {"urls"}:
        # No echo of the entry: what does not belong here may be a credential.
        raise ValueError("an ICE server has urls and nothing else; TURN takes TURN_SECRET")
    urls = entry["urls"]
    each = urls if isinstance(urls, list) else [urls]
    if not each or not all(isinstance(url, str) for url in each):
        raise ValueError("urls of an ICE server is a text or a list of texts")
    unknown = [url for url in each if not (_STUN.fullmatch(url) or _TURN.fullmatch(url))]
    if unknown:
        raise ValueError(f"not a stun, stuns, turn or turns URL: {unknown[0]}")
    return _Server(urls, relays=any(_TURN.fullmatch(url) for url in each))
