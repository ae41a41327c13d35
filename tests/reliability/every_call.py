"""An act that meets a fault, or another act, at each of its calls, one after the other."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar
from zlib import crc32

import pytest

from tests.reliability import faults
from tests.reliability.faults import Crash, Fault, Kind
from tests.reliability.snapshots import Snapshot
from tests.world import World

S = TypeVar("S")
CALLS_MAX = 60
FEW = 12
STRIDE = 1 if os.environ.get("THOROUGH") else 3


def sampled(most: int, *, stride: int = STRIDE) -> Iterator[int]:
    """The calls, below ``most``, at which an act is to fail: all of them where THOROUGH is set.

    Otherwise the first and then every third, which differ from test to test and are the same in
    every run: each act is met at its start, its middle and its end by some kind of fault.
    """
    yield 1
    test = os.environ.get("PYTEST_CURRENT_TEST", "")
    first = 2 + crc32(test.encode()) % stride
    yield from range(first, most, stride)


def few(calls: int) -> Iterator[int]:
    """A sample of so many calls as ``sampled``, but for long acts of no more than a dozen."""
    return sampled(calls + 1, stride=1 if STRIDE == 1 else max(STRIDE, calls // FEW))


def fail_at_every_call(
    kind: Kind,
    *,
    prepare: Callable[[], S],
    act: Callable[[S], Any],
    audit: Callable[[S], Any],
    check: Callable[[S], Any],
    operation: str | None = None,
    world: World | None = None,
) -> int:
    """Let an act meet a fault at its first call, in a new scene at its second, and so on.

    After each fault, and again after the act was simply repeated, ``audit`` must find nothing;
    then ``check`` looks whether it was done, once. The last scene is that of an act without a
    fault. The number of calls that were met is the result. With an ``operation`` only its calls
    are met; conflicts are those of transactions.

    With a ``world`` of its own for all of them the scene is set once, and the world put back.
    """
    operation = "TransactWriteItems" if kind == "conflict" else operation
    scene, begun = prepare(), Snapshot(world) if world else None
    for at in sampled(CALLS_MAX):
        if begun:
            begun.restore()
        elif at > 1:
            scene = prepare()
        with faults.plan(Fault(kind=kind, at=at, operation=operation)) as plan, suppress(Crash):
            act(scene)
        audit(scene)
        if not plan.fired:
            assert at > 1, "the act makes no call that can fail so"
            check(scene)
            return at - 1

        act(scene)

        audit(scene)
        check(scene)
    pytest.fail("the act makes more calls than that")
