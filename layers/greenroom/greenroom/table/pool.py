"""Connections to one server that stay open, each carrying one request at a time."""

import select
import ssl
import threading
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)

from greenroom.kernel.trust import trusted

CONNECTIONS_KEPT: Final = 10
IDLE_S: Final = 30.0
"""How long a connection is kept that nothing goes over, in seconds."""

_USUAL_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolState:
    """Connections of one client. ``opened`` and ``requests`` count since the process began."""

    max_connections: int
    in_use: int
    idle: int
    opened: int
    requests: int


class Pool:
    """Sends requests over its connections. Safe to use from several threads.

    Nothing is sent twice: what fails is told, with the errors that botocore has for it. A
    connection takes at most ``connect_s`` to open and then waits ``read_s`` for each part of an
    answer; up to ten stay open.
    """

    def __init__(self, url: str, *, connect_s: float, read_s: float) -> None:
        self.url = url
        self._place = urlsplit(url)
        self._connect_s = connect_s
        self._read_s = read_s
        self._lock = threading.Lock()
        self._idle: list[tuple[HTTPConnection, float]] = []
        self._in_use = self._opened = self._requests = 0
        weakref.finalize(self, _close, self._idle)

    @property
    def host(self) -> str:
        """The value of the header ``Host``: with the port, where it is not the usual one."""
        port = self._place.port
        usual = port in {None, _USUAL_PORTS[self._place.scheme]}
        return self._name if usual else f"{self._name}:{port}"

    @property
    def patience_s(self) -> float:
        """The longest that a server may be silent at first: until it is connected, and answers."""
        return self._connect_s + self._read_s

    @property
    def _name(self) -> str:
        return self._place.hostname or ""

    def post(self, headers: dict[str, str], body: bytes) -> Answer:
        """``POST /``, and the answer, whatever its status.

        Raises:
            EndpointConnectionError, ConnectTimeoutError: nobody took the connection.
            SSLError: whoever took it is nobody whom we trust.
            ReadTimeoutError, ConnectionClosedError: it may have had its effect.
        """
        with self._lock:
            self._in_use += 1
            self._requests += 1
        try:
            return self._post(headers, body)
        finally:
            with self._lock:
                self._in_use -= 1

    def state(self) -> PoolState:
        """How the connections are now."""
        with self._lock:
            return PoolState(
                max_connections=CONNECTIONS_KEPT,
                in_use=self._in_use,
                idle=len(self._idle),
                opened=self._opened,
                requests=self._requests,
            )

    def close(self) -> None:
        """Let go of the connections that carry nothing; they come back when they are needed."""
        with self._lock:
            _close(self._idle)

    def _post(self, headers: dict[str, str], body: bytes) -> Answer:
        connection = self._taken() or self._connected()
        kept = False
        try:
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            answer = Answer(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )
            kept = not response.will_close and self._keep(connection)
        except TimeoutError as silence:
            raise ReadTimeoutError(endpoint_url=self.url, error=silence) from silence
        except (OSError, HTTPException) as broken:
            raise ConnectionClosedError(endpoint_url=self.url, error=broken) from broken
        finally:
            if not kept:
                connection.close()
        return answer

    def _keep(self, connection: HTTPConnection) -> bool:
        with self._lock:
            kept = len(self._idle) < CONNECTIONS_KEPT
            if kept:
                self._idle.append((connection, time.monotonic()))
        return kept

    def _taken(self) -> HTTPConnection | None:
        """The connection that was used last, unless it has ended meanwhile."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection, used_s = self._idle.pop()
            if time.monotonic() - used_s < IDLE_S and not _ended(connection):
                return connection
            connection.close()

    def _connected(self) -> HTTPConnection:
        made: HTTPConnection
        if self._place.scheme == "https":
            made = HTTPSConnection(
                self._name, self._place.port, timeout=self._connect_s, context=trusted()
            )
        else:
            made = HTTPConnection(self._name, self._place.port, timeout=self._connect_s)
        try:
            made.connect()
        except TimeoutError as silence:
            made.close()
            raise ConnectTimeoutError(endpoint_url=self.url, error=silence) from silence
        except ssl.SSLError as stranger:
            made.close()
            raise SSLError(endpoint_url=self.url, error=stranger) from stranger
        except OSError as nobody:
            made.close()
            raise EndpointConnectionError(endpoint_url=self.url, error=nobody) from nobody
        made.sock.settimeout(self._read_s)
        with self._lock:
            self._opened += 1
        return made


def _close(idle: list[tuple[HTTPConnection, float]]) -> None:
    while idle:
        idle.pop()[0].close()


def _ended(connection: HTTPConnection) -> bool:
    """Whether the other side said something, its farewell, where nothing is awaited from it."""
    poll = select.poll()
    with suppress(OSError, ValueError):
        poll.register(connection.sock, select.POLLIN)
        return bool(poll.poll(0))
    return True
