"""Asking whether somebody answers at an address of this machine where nobody may listen yet."""

import socket
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

TIMEOUT_S = 2.0
"""How long one knock waits; whoever knocks does it again until his own limit."""


def knock(url: str, *, body: bytes | None = None, headers: Mapping[str, str] = {}) -> int | None:
    """The status of a GET, or of a POST if there is a body; None while nobody answers."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc)
    method = "GET" if body is None else "POST"
    try:
        with caller() as own, closing(connection):
            own.connect((parts.hostname, parts.port))
            connection.sock = own
            connection.request(method, parts.path or "/", body, headers)
            with connection.getresponse() as answer:
                return answer.status
    except (OSError, HTTPException):
        # A connection that met itself reads its own request: no HTTP answer.
        return None


def caller() -> socket.socket:
    """A socket that does not keep others from the port that it calls.

    Where nobody listens, the system may give a call the very port that it calls, if that is one
    of the ephemeral ports, and TCP connects it with itself. Without the option, whoever starts
    there could not listen until a minute after that connection ended.
    """
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.settimeout(TIMEOUT_S)
    return own
