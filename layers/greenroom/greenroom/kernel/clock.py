"""Time: aware UTC, handed in, never asked for behind the caller's back."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present, aware, in UTC: the clock that production is wired with."""
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """ISO 8601 with microseconds and ``Z``: sorts as text in the order of time.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    text = moment.astimezone(UTC).isoformat(timespec="microseconds")  # a third of strftime's time
    return text.removesuffix("+00:00") + "Z"


def from_text(text: str) -> datetime:
    """The moment that ``to_text`` wrote, or any ISO 8601 text with a zone.

    Raises:
        ValueError: the text is no moment, or has no time zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)


def epoch_s(moment: datetime) -> int:
    """Whole seconds since 1970, rounded down: for TTL and deadlines that are compared."""
    return epoch_ms(moment) // 1000


def epoch_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970, without the error of a float."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def midnight(moment: datetime) -> datetime:
    """When the day (UTC) of that moment began."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def next_midnight(moment: datetime) -> datetime:
    """When the day (UTC) after that moment's begins."""
    return midnight(moment) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on the monotonic clock at which a piece of work has to be over."""

    at_monotonic_s: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The deadline that many seconds from now."""
        return cls(time.monotonic() + seconds)

    def remaining_s(self, *, keep_s: float = 0.0, at_most_s: float | None = None) -> float:
        """Seconds left, less what is kept for later work; never negative, maybe capped."""
        left = max(0.0, self.at_monotonic_s - time.monotonic() - keep_s)
        return left if at_most_s is None else min(left, at_most_s)
