"""Doing things at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
WAIT_S = 60.0


def together(*acts: Callable[[], T], wait_s: float = WAIT_S) -> list[T]:
    """The results of all acts, begun in threads at one moment; the first error is raised."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        barrier.wait(wait_s)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        futures = [pool.submit(run, act) for act in acts]
        return [future.result(wait_s) for future in futures]
