"""What one container remembers for some seconds, so as not to read it again.

Never to admit, debit or decide: another container may have changed it meanwhile. What this
container writes itself, it forgets; a read that was under way then is not remembered either.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from greenroom.kernel.clock import Clock
from greenroom.kernel.telemetry import count

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Remembered(Generic[V]):
    """A value, and how many whole seconds ago it was read."""

    value: V
    age_s: int


class Cache(Generic[V]):
    """Values by key for at most ``life_s`` seconds, the oldest dropped first beyond ``most``.

    Looks are counted as the metrics ``hit`` and ``miss``. Safe to use from several threads.
    """

    def __init__(self, *, hit: str, miss: str, life_s: int, most: int, clock: Clock) -> None:
        self._hit, self._miss = hit, miss
        self._life_s = life_s
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[datetime, V]] = {}
        self._forgotten = 0

    def look(self, key: str, *, at_most_s: int | None = None) -> Remembered[V] | None:
        """What is remembered and younger than that; None counts as a miss."""
        life_s = self._life_s if at_most_s is None else min(at_most_s, self._life_s)
        with self._lock:
            kept = self._kept.get(key)
            age_s = (self._clock() - kept[0]).total_seconds() if kept else 0.0
            if kept is None or not 0 <= age_s < life_s:
                count(self._miss)
                return None
        count(self._hit)
        return Remembered(kept[1], int(age_s))

    def reading(self) -> Callable[[str, V], None]:
        """To be asked for before a read; remembers its result, unless something was forgotten."""
        begun, at = self._forgotten, self._clock()

        def remember(key: str, value: V) -> None:
            with self._lock:
                if self._forgotten != begun:
                    return
                self._kept.pop(key, None)
                self._kept[key] = (at, value)
                if len(self._kept) > self._most:
                    del self._kept[next(iter(self._kept))]

        return remember

    def forget(self, key: str) -> None:
        """It was, or may have been, changed."""
        with self._lock:
            self._forgotten += 1
            self._kept.pop(key, None)
