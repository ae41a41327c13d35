"""Fetching Clerk's JWKS document over HTTP."""

import httpx

from greenroom.kernel.clock import Deadline
from greenroom.kernel.errors import Unavailable
from greenroom.kernel.limits import JWKS_BYTES_MAX, JWKS_TIMEOUT_S
from greenroom.kernel.telemetry import outside


class JwksEndpoint:
    """Where Clerk publishes its keys; ``fetch`` is what ``FetchedKeys`` is built on."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self._url = url
        self._http = http

    @outside("clerk", "clerk")
    def fetch(self) -> bytes:
        """The document: at most 256 KB, within 3 s, without following redirects.

        Raises:
            Unavailable: no answer, another status than 200, too slow, or too much of it.
        """
        deadline = Deadline.after(JWKS_TIMEOUT_S)
        try:
            with self._http.stream(
                "GET",
                self._url,
                headers={"Accept": "application/json"},
                timeout=JWKS_TIMEOUT_S,
                follow_redirects=False,
            ) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise _unavailable(f"status-{answer.status_code}")
                return _read(answer, deadline)
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            raise _unavailable(type(failure).__name__) from failure


def _read(answer: httpx.Response, deadline: Deadline) -> bytes:
    document = b""
    for piece in answer.iter_bytes():
        document += piece
        if len(document) > JWKS_BYTES_MAX:
            raise _unavailable("too-large")
        if deadline.remaining_s() == 0:
            raise _unavailable("too-slow")
    return document


def _unavailable(reason: str) -> Unavailable:
    return Unavailable(code="IDENTITY_UNAVAILABLE", log={"reason": f"jwks-{reason}"})
