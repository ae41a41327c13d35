"""Errors as RFC 9457 problem details, with ``error`` beside ``detail`` for older clients."""

import json
from typing import Any

from greenroom.kernel.errors import (
    GreenroomError,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"
DOCS = "https://greenroom.example/errors"
UNAVAILABLE_PAUSE_S = 1
# Where the error knows no better.
RETRY_AFTER_S = {Unavailable: UNAVAILABLE_PAUSE_S, TooManyRequests: 60}


def problem(error: GreenroomError, *, request_id: str) -> dict[str, Any]:
    """The HTTP API answer that tells this error."""
    # What is unknown, somebody else's or no id at all looks the same from outside.
    detail = NotFound.default_detail if isinstance(error, NotFound) else error.detail
    body = {
        "type": f"{DOCS}#{error.code.lower()}",
        "title": error.title,
        "status": error.status,
        "detail": detail,
        "code": error.code,
        "requestId": request_id,
        "error": detail,
        **error.facts,
    }
    headers = {"Content-Type": MEDIA_TYPE, "X-Request-Id": request_id, "Cache-Control": "no-store"}
    known = (pause_s for kind, pause_s in RETRY_AFTER_S.items() if isinstance(error, kind))
    if (pause_s := error.retry_after_s or next(known, None)) is not None:
        headers["Retry-After"] = str(pause_s)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return {
        "statusCode": error.status,
        "headers": headers,
        "body": json.dumps(body, ensure_ascii=False),
    }
