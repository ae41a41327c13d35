"""A row that cannot be stored now, on its way to be stored later: as a message, or as a line."""

import base64
import gzip
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from greenroom.kernel.errors import InvalidRequest
from greenroom.usage.drift import facts_of, row_of
from greenroom.usage.log_row import LogRow

UNPACKED_BYTES_MAX = 1024 * 1024  # a row has at most some 70 KB


def message_of(row: LogRow) -> str:
    """The row as the body of a message."""
    return json.dumps({"usage": facts_of(row)}, ensure_ascii=False, separators=(",", ":"))


def row_of_message(body: Any, *, now: datetime) -> LogRow:
    """The row that a message holds.

    Raises:
        InvalidRequest: it holds none; it can only end in the dead-letter queue.
    """
    try:
        facts = json.loads(body)["usage"]
    except (KeyError, TypeError, ValueError, RecursionError) as cause:
        raise InvalidRequest("The message holds no row.") from cause
    return row_of(_whole(facts), now=now)


def packed(row: LogRow) -> str:
    """The row as one word of a line of the log: small, and nothing that a search stumbles on."""
    return base64.b64encode(gzip.compress(message_of(row).encode(), mtime=0)).decode()


def row_of_packed(word: Any, *, now: datetime) -> LogRow:
    """The row that a word of a line holds.

    Raises:
        InvalidRequest: it holds none.
    """
    try:
        body = gzip.decompress(base64.b64decode(word, validate=True))
    except (TypeError, ValueError, OSError, EOFError) as cause:
        raise InvalidRequest("The line holds no row.") from cause
    return row_of_message(body, now=now)


def _whole(facts: Any) -> Mapping[str, Any]:
    """Only a row that says which it is can be stored once.

    Raises:
        InvalidRequest: it does not.
    """
    named = ("request_id", "user_id", "at")
    if not isinstance(facts, dict) or not all(isinstance(facts.get(n), str) for n in named):
        raise InvalidRequest("The message holds no row.")
    return facts
