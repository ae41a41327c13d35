"""How far a migration has come, what its runs saw, and how fast they may go."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Literal

Direction = Literal["forward", "back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the runs of a migration saw, row by row.

    A run that was killed is told of up to its last page: what it changed after that is found
    as it should be, and counted so, by the run that goes on.
    """

    read: int = 0  # rows of every kind
    changed: int = 0
    as_it_should_be: int = 0
    left: int = 0
    unreadable: int = 0
    overtaken: int = 0  # somebody else was faster each time that we tried

    def __add__(self, other: "Counts") -> "Counts":
        sums = {
            one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)
        }
        return Counts(**sums)

    @property
    def troubled(self) -> int:
        """How many rows somebody has to look at."""
        return self.left + self.unreadable + self.overtaken


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A migration in one direction: where it goes on, and who runs it until when."""

    number: int
    direction: Direction
    runner: str
    lease_until: datetime
    started_at: datetime
    finished_at: datetime | None = None
    cursor: str | None = None
    counts: Counts = field(default_factory=Counts)

    @property
    def in_force(self) -> bool:
        """Whether its rows are, or may be, changed: only a finished way back undoes that."""
        return self.direction == "forward" or self.finished_at is None

    @property
    def is_done(self) -> bool:
        """Whether it ran to its end, and was not undone."""
        return self.direction == "forward" and self.finished_at is not None

    def is_held(self, now: datetime) -> bool:
        """Whether somebody runs it now."""
        return self.finished_at is None and self.lease_until > now

    def taken_up(self, direction: Direction, *, runner: str, now: datetime) -> "Progress":
        """The same, run by somebody else: from where it stopped, or from the start."""
        if self.finished_at is None and self.direction == direction:
            return replace(self, runner=runner)
        return begun(self.number, direction, runner=runner, now=now)


def begun(number: int, direction: Direction, *, runner: str, now: datetime) -> Progress:
    """A migration from the start."""
    return Progress(
        number=number, direction=direction, runner=runner, lease_until=now, started_at=now
    )


@dataclass(slots=True)
class Pace:
    """Spreads what is written over time: so many a second, never in bursts."""

    per_s: int
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next_s: float = 0.0

    def wait(self) -> None:
        """Return when the next one may be written."""
        now_s = self.monotonic()
        if self._next_s > now_s:
            self.sleep(self._next_s - now_s)
        self._next_s = max(self._next_s, now_s) + 1 / self.per_s
