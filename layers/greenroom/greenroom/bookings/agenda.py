"""When a customer is in class: the five-minute buckets of each UTC day that a class takes. Pure.

Two classes overlap if they share a bucket. All buckets of a day are attributes of one item, so that
one condition finds any overlap, whichever classes it is of.
"""

import base64
import uuid
from datetime import datetime, timedelta
from typing import Final

BUCKET_MIN: Final = 5
_DAY_MIN: Final = 24 * 60


def buckets_of(starts_at: datetime, duration_min: int) -> dict[str, list[str]]:
    """The names of the buckets that a class takes, by day (``2026-12-01``).

    A bucket that is taken in part is taken.
    """
    found: dict[str, list[str]] = {}
    midnight = starts_at.replace(hour=0, minute=0, second=0, microsecond=0)
    first = int((starts_at - midnight).total_seconds() // 60) // BUCKET_MIN
    end = starts_at + timedelta(minutes=duration_min) - midnight
    last = -(-int(end.total_seconds()) // (60 * BUCKET_MIN))
    for bucket in range(first, last):
        days, inside = divmod(bucket * BUCKET_MIN, _DAY_MIN)
        day = (midnight + timedelta(days=days)).date().isoformat()
        found.setdefault(day, []).append(f"b{inside // BUCKET_MIN}")
    return found


def mark_of(booking_id: str) -> str:
    """A booking's id as it stands in a bucket: 22 characters, since there are many."""
    return base64.urlsafe_b64encode(uuid.UUID(booking_id).bytes).rstrip(b"=").decode()


def marked(mark: str) -> str:
    """The booking's id of a mark; ValueError if it is none."""
    return str(uuid.UUID(bytes=base64.urlsafe_b64decode(mark + "==")))
