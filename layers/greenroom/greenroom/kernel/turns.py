"""Work that reads, decides and writes, begun anew whenever somebody else was first."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from greenroom.kernel.errors import Conflict, StoreUnavailable
from greenroom.kernel.limits import TURN_PAUSE_MAX_S, TURN_PAUSE_S, TURNS_MAX

_Result = TypeVar("_Result")
# Containers that start from one snapshot would all share the state of any other generator.
_SYSTEM = random.SystemRandom()


class Overtaken(Conflict):
    """What was read has changed since: read again. Never an answer, always a next try."""


def in_turn(
    work: Callable[[], _Result],
    *,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Callable[[float, float], float] = _SYSTEM.uniform,
) -> _Result:
    """The result of such work.

    Whoever was overtaken once tries again at once. After that they pause, each for another time
    (full jitter under a doubling ceiling): of many who want the same thing one comes through in
    each round, and without pauses all would meet again in the next.

    Raises:
        StoreUnavailable: others were faster every time.
    """
    overtaken: Overtaken | None = None
    for turn in range(TURNS_MAX):
        if turn > 1:
            sleep(jitter(0, min(TURN_PAUSE_S * 2 ** (turn - 2), TURN_PAUSE_MAX_S)))
        try:
            return work()
        except Overtaken as reason:
            overtaken = reason
    raise StoreUnavailable(log={"reason": "overtaken"}) from overtaken
