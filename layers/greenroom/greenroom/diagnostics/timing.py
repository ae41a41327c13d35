"""How long things took: percentiles by the nearest rank, in milliseconds. Pure."""

import time
from collections.abc import Callable, Sequence
from math import ceil

from greenroom.diagnostics.schema import Pattern, Timing


def took_ms(act: Callable[[], object]) -> float:
    """How long an act took, in milliseconds; what it raises is raised."""
    began_s = time.perf_counter()
    act()
    return (time.perf_counter() - began_s) * 1000


def timing_of(taken_ms: Sequence[float], *, failed: int) -> Timing:
    """The figures of one kind of operation; all None where none succeeded."""
    ordered = sorted(taken_ms)
    return Timing(
        count=len(ordered),
        failed=failed,
        min_ms=_rank(ordered, 0),
        p50_ms=_rank(ordered, 50),
        p90_ms=_rank(ordered, 90),
        p99_ms=_rank(ordered, 99),
        max_ms=_rank(ordered, 100),
    )


def pattern_of(taken_ms: Sequence[float]) -> Pattern:
    """The first of some acts in a row against the later ones; at least one of each."""
    first, later = taken_ms[0], sorted(taken_ms[1:])
    return Pattern(
        first_ms=round(first, 2),
        later_p50_ms=_rank(later, 50),
        later_max_ms=_rank(later, 100),
        all_ms=[round(one, 2) for one in taken_ms],
    )


def _rank(ordered: Sequence[float], percent: int) -> float | None:
    """The value that so many percent do not exceed, or None of nothing."""
    if not ordered:
        return None
    return round(ordered[max(0, ceil(len(ordered) * percent / 100) - 1)], 2)
