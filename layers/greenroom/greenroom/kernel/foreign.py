"""JSON that an outside party wrote. Every reader is total: what was asked for, or None."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Members = Mapping[str, Any]

WHOLE_MAX = 10**12  # ten thousand million dollars in cents; 2001 in milliseconds is less
MOMENT_S_MAX = 10**10  # the year 2286; adding a grace period to it cannot overflow
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,255}")


def read_object(raw: bytes, *, bytes_max: int) -> Members | None:
    """The JSON object that these bytes (UTF-8) are."""
    if len(raw) > bytes_max:
        return None
    try:
        parsed = json.loads(raw.decode())
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object, as a hook for ``json.loads``.

    Raises:
        ValueError: one is named twice, which two readers read in two ways (RFC 8259 §4).
    """
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members


def dig(value: Any, *names: str) -> Any:
    """The member at the end of a path of names."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def members(value: Any) -> Members:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> list[Members]:
    """The objects in a list; nothing where the value is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any, *, chars_max: int = 255) -> str | None:
    """A printable text without the space around it. Lone surrogates are not printable."""
    if not isinstance(value, str):
        return None
    plain = value.strip()
    return plain if plain and len(plain) <= chars_max and plain.isprintable() else None


def identifier(value: Any) -> str | None:
    """An id: a word of letters, digits, ``_`` and ``-``; or that of an expanded object."""
    named = value.get("id") if isinstance(value, dict) else value
    if not isinstance(named, str) or _IDENTIFIER.fullmatch(named) is None:
        return None
    return named


def whole(value: Any, *, most: int = WHOLE_MAX) -> int | None:
    """A whole number from 0 to ``most``; true is no number."""
    number = isinstance(value, int) and not isinstance(value, bool)
    return value if number and 0 <= value <= most else None


def moment_of_s(value: Any) -> datetime | None:
    """The moment that seconds since 1970 name."""
    seconds = whole(value, most=MOMENT_S_MAX)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def moment_of_ms(value: Any) -> datetime | None:
    """The moment that milliseconds since 1970 name, exactly."""
    milliseconds = whole(value, most=MOMENT_S_MAX * 1000)
    if milliseconds is None:
        return None
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)
