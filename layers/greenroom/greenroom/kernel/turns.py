"""Work that reads, decides and writes, begun anew whenever somebody else was first."""

from collections.abc import Callable
from typing import TypeVar

from greenroom.kernel.errors import Conflict, StoreUnavailable

TURNS_MAX = 8  # how often in a row one piece of work may be overtaken

_Result = TypeVar("_Result")


class Overtaken(Conflict):
    """What was read has changed since: read again. Never an answer, always a next try."""


def in_turn(work: Callable[[], _Result]) -> _Result:
    """The result of such work.

    Raises:
        StoreUnavailable: others were faster every time.
    """
    overtaken: Overtaken | None = None
    for _ in range(TURNS_MAX):
        try:
            return work()
        except Overtaken as reason:
            overtaken = reason
    raise StoreUnavailable(log={"reason": "overtaken"}) from overtaken
