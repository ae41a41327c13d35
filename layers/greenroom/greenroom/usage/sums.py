"""What uses of AI services add up to, and over which days. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Literal

By = Literal["day", "service", "tenant", "user"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Counts of calls by what became of them, and sums of what they took.

    ``units`` are those of calls that succeeded, ``cost_micros`` what the provider charges for all
    (millionths of its currency), ``processing_ms`` how long all took together.
    """

    calls: int = 0
    ok: int = 0
    failed: int = 0
    cancelled: int = 0
    crashed: int = 0
    units: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0
    processing_ms: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        """Both together."""
        names = [field.name for field in fields(self)]
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What one owner has used of one service on one day; ``owner`` is "" for the platform.

    An owner is a tenant's token (``ps#...``) or a person's id.
    """

    owner: str
    day: str
    service: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Span:
    """Days (UTC), both ends included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse an end before its beginning: ValueError."""
        if self.last < self.first:
            raise ValueError("the last day is before the first")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def __contains__(self, day: str) -> bool:
        """Whether a day (``2026-11-21``) is one of them."""
        return self.first.isoformat() <= day <= self.last.isoformat()

    def months(self) -> Iterator[str]:
        """The months (``2026-11``) that it touches, in their order."""
        month = self.first.replace(day=1)
        while month <= self.last:
            yield f"{month:%Y-%m}"
            month = (month + timedelta(days=31)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Report:
    """Sums by what they were asked for (days, services, tenants' tokens, people's ids).

    ``totals`` are those of the whole platform over all its days, whatever page this is.
    """

    by: By
    span: Span
    lines: list[tuple[str, Sums]]
    totals: Sums
    next_cursor: str | None = None
