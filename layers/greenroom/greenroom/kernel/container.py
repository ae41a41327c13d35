"""The process that serves: how old it is, and how many invocations it has begun.

A Lambda environment is one process that serves one invocation at a time, then the next. What lives
in its memory, such as connections and caches, is as old as it is.
"""

import time
from collections.abc import Callable


class Container:
    """One process; ``monotonic`` is its clock."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._began_s = monotonic()
        self.invocations = 0

    def invoked(self) -> None:
        """An invocation begins."""
        self.invocations += 1

    @property
    def is_cold(self) -> bool:
        """Whether the invocation that runs is its first."""
        return self.invocations <= 1

    @property
    def age_s(self) -> float:
        """Seconds since the process began."""
        return self._monotonic() - self._began_s


CONTAINER = Container()
