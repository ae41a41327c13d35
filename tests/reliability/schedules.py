"""THE scheduler: two acts in two threads, whose calls leave the process in one given order.

    met = interleave("ABBA", one, other)
    met.results  # what came of both
    met.order  # the order that there was, to be replayed

A thread runs alone from one of its calls to its next: it keeps its turn until it is about to send
another one, or is done. So nothing is left to chance, and an order that is the same makes the same
run. Calls of botocore and of httpx take turns alike, as the fault plane sees them.
"""

import itertools
import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import Any
from zlib import crc32

from greenroom.kernel.errors import Refused
from tests.reliability import faults
from tests.reliability.faults import CallRecord, Plan

NAMES = "AB"
WAIT_S = 60.0
ORDERS_MAX = 1_000  # of one pair, where THOROUGH is set
ORDERS_SHORT = 8
FOR_EVER = 1_000

Act = Callable[[], Any]


class Schedule(Plan):
    """A plan that lets calls go in an order; past its end, A's go before B's."""

    takes_turns = True

    def __init__(self, order: str) -> None:
        super().__init__()
        self.order = ""
        self._left = list(order)
        self._ready: set[str] = set()
        self._running = set(NAMES)
        self._changed = threading.Condition()

    def enter(self, service: str, operation: str, request: Any) -> CallRecord:
        """Wait for this thread's turn; threads that it began itself have none to wait for."""
        name = threading.current_thread().name
        if name in NAMES:
            self._take(name)
        return super().enter(service, operation, request)

    def leave(self, name: str) -> None:
        """The thread is done and makes no more calls."""
        with self._changed:
            self._running.discard(name)
            self._changed.notify_all()

    def _take(self, name: str) -> None:
        with self._changed:
            self._running.discard(name)
            self._ready.add(name)
            self._changed.notify_all()
            reached = self._changed.wait_for(lambda: self._next() == name, WAIT_S)
            assert reached, "the order was never reached"
            if self._left:
                self._left.pop(0)
            self.order += name
            self._ready.discard(name)
            self._running.add(name)

    def _next(self) -> str | None:
        """Whose turn it is, once nobody is between two calls."""
        if self._running or not self._ready:
            return None
        while self._left and self._left[0] not in self._ready:
            self._left.pop(0)
        return self._left[0] if self._left else min(self._ready)


@dataclass(frozen=True)
class Met:
    """What came of two acts: their results, the order of their calls, and those calls."""

    results: list[Any]
    order: str
    calls: list[CallRecord]


def interleave(order: str, one: Act, other: Act) -> Met:
    """Run both, their calls in this order; refusals are results, other errors are raised."""
    results: dict[str, Any] = {}
    errors: list[BaseException] = []
    schedule = Schedule(order)

    def run(name: str, act: Act) -> None:
        try:
            results[name] = act()
        except Refused as refusal:
            results[name] = refusal
        except BaseException as error:  # noqa: BLE001 (raised below, in the thread of the test)
            errors.append(error)
        finally:
            schedule.leave(name)

    with faults.active(schedule):
        threads = [
            threading.Thread(target=run, args=(name, act), name=name, daemon=True)
            for name, act in zip(NAMES, (one, other), strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(2 * WAIT_S)
    if errors:
        raise errors[0]
    return Met([results[name] for name in NAMES], schedule.order, schedule.calls)


def between_calls(one: Act, other: Act, point: int) -> tuple[bool, list[Any]]:
    """Run one act, and the other whole before its call of that number.

    Whether the first came so far, and what came of both.
    """
    met = interleave("A" * (point - 1) + "B" * FOR_EVER, one, other)
    return met.order.count("A") >= point, met.results


def every_order(ones: int, others: int) -> list[str]:
    """All orders of so many calls of the one, and so many of the other."""
    length = ones + others
    return [
        "".join("A" if place in mine else "B" for place in range(length))
        for mine in itertools.combinations(range(length), ones)
    ]


def some_orders(ones: int, others: int, *, name: str) -> list[str]:
    """The orders that are tried in this run: all where THOROUGH is set, as far as that goes.

    Otherwise, and where there are too many, a sample that is the same in every run; the two that
    take turns are always in it.
    """
    most = ORDERS_MAX if os.environ.get("THOROUGH") else ORDERS_SHORT
    if comb(ones + others, ones) <= most:
        return every_order(ones, others)
    chance = random.Random(crc32(name.encode()))
    pair = min(ones, others)
    found = {("AB" * pair).ljust(ones + others, "AB"[others > ones])}
    found.add(("BA" * pair).ljust(ones + others, "AB"[others > ones]))
    while len(found) < most:
        letters = list("A" * ones + "B" * others)
        chance.shuffle(letters)
        found.add("".join(letters))
    return sorted(found)
