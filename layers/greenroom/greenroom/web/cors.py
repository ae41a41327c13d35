"""CORS of functions that answer for themselves: their HTTP API has no CORS configuration.

Who may call is known to such a function alone, request by request (docs/decisions/0008).
"""

import re
from collections.abc import Mapping

PREFLIGHT_S = 3600
"""How long a browser may keep a permission; whatever it then sends is looked at again."""

METHODS = ("GET", "POST")
ALLOWED = ("content-type", "idempotency-key", "x-request-id")
EXPOSED = ("X-Request-Id", "Idempotency-Replayed", "Retry-After")

_ORIGIN = re.compile(r"https?://[!-~]{1,260}")  # scheme, a host of 253 characters, a port


def origin_of(header: str) -> str | None:
    """The origin that a browser names, if it is one of the web.

    ``null`` (a file, a sandboxed frame) is none, and neither is anything that could not stand in a
    header.
    """
    return header if _ORIGIN.fullmatch(header) else None


def answer_headers(readable_by: str | None, *, preflight: bool) -> Mapping[str, str]:
    """The headers that let pages of one origin read an answer, or nobody's.

    ``preflight`` adds what they may send (Fetch standard, CORS protocol).
    """
    headers = {"Vary": "Origin"}
    if readable_by is None:
        return headers
    headers["Access-Control-Allow-Origin"] = readable_by
    headers["Access-Control-Expose-Headers"] = ", ".join(EXPOSED)
    if preflight:
        headers["Access-Control-Allow-Methods"] = ", ".join(METHODS)
        headers["Access-Control-Allow-Headers"] = ", ".join(ALLOWED)
        headers["Access-Control-Max-Age"] = str(PREFLIGHT_S)
    return headers
