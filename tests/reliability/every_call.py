"""An act that fails at each of its calls, one after the other, and is then done again."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import pytest

from tests.reliability import faults
from tests.reliability.faults import Crash, Fault, Kind

S = TypeVar("S")
CALLS_MAX = 60


def fail_at_every_call(
    kind: Kind,
    *,
    prepare: Callable[[], S],
    act: Callable[[S], Any],
    audit: Callable[[S], Any],
    check: Callable[[S], Any],
    operation: str | None = None,
) -> int:
    """Let an act meet a fault at its first call, in a new scene at its second, and so on.

    After each fault, and again after the act was simply repeated, ``audit`` must find nothing;
    then ``check`` looks whether it was done, once. The last scene is that of an act without a
    fault. The number of calls that were met is the result. With an ``operation`` only its calls
    are met; conflicts are those of transactions.
    """
    operation = "TransactWriteItems" if kind == "conflict" else operation
    for at in range(1, CALLS_MAX):
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
