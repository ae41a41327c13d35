"""How long one use of the table may take, and how its tries are spread over that time."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from greenroom.kernel.limits import (
    CONFLICT_PAUSE_MAX_S,
    CONFLICT_PAUSE_S,
    STORE_BUDGET_S,
    STORE_CONNECT_TIMEOUT_S,
    STORE_READ_TIMEOUT_S,
)

# Containers that start from one snapshot would all share the state of any other generator.
_SYSTEM = random.SystemRandom()


def _jitter(ceiling_s: float) -> float:
    return _SYSTEM.uniform(0, ceiling_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """A budget of seconds, of which one try may take ``try_s``.

    The last try begins early enough to end inside the budget. Whoever must not wait hands in
    another clock. Full jitter under a doubling ceiling: AWS Architecture Blog, "Exponential
    Backoff And Jitter".
    """

    budget_s: float = STORE_BUDGET_S
    try_s: float = STORE_CONNECT_TIMEOUT_S + STORE_READ_TIMEOUT_S
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float], float] = _jitter

    def tries(self) -> Iterator[None]:
        """One step a try, at once for the first, after a pause for each later one."""
        last_start_s = self.monotonic() + self.budget_s - self.try_s
        ceiling_s = CONFLICT_PAUSE_S
        yield
        while True:
            pause_s = self.jitter(ceiling_s)
            if self.monotonic() + pause_s > last_start_s:
                return
            self.sleep(pause_s)
            yield
            ceiling_s = min(2 * ceiling_s, CONFLICT_PAUSE_MAX_S)
