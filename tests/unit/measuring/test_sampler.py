"""A look counts the stack that was running, inside the block that is looked at and nowhere else."""

import json
import signal
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from types import FrameType

import pytest

from benchmarks.sampler import EVERY_S, Sampler, Stack


@pytest.fixture
def sampler() -> Sampler:
    return Sampler()


@pytest.fixture
def stacks() -> Counter[Stack]:
    return Counter()


def look(sampler: Sampler, frame: FrameType | None) -> None:
    """As the timer's signal does."""
    sampler.look(signal.SIGPROF, frame)


def test_nothing_is_counted_outside_a_block(sampler: Sampler, stacks: Counter[Stack]) -> None:
    look(sampler, sys._getframe())
    with sampler.on(sys._getframe(), stacks):
        pass
    look(sampler, sys._getframe())

    assert not stacks


def test_a_stack_is_told_from_the_innermost_call_to_the_outermost_but_one(
    sampler: Sampler, stacks: Counter[Stack]
) -> None:
    with sampler.on(sys._getframe(), stacks):
        json.loads("{}", object_hook=lambda _: look(sampler, sys._getframe()))

    (stack,) = stacks
    assert stack[0] == __name__
    assert stack[-1] == "json"
    assert set(stack[1:-1]) == {"json.decoder"}


def test_what_a_dataclass_generates_works_for_whoever_calls_it(
    sampler: Sampler, stacks: Counter[Stack]
) -> None:
    @dataclass(frozen=True)
    class Seen:
        sight: None = field(default_factory=lambda: look(sampler, sys._getframe(1)))

    with sampler.on(sys._getframe(), stacks):
        Seen()

    assert stacks == {(): 1}


def test_what_was_running_twice_is_counted_twice(sampler: Sampler, stacks: Counter[Stack]) -> None:
    def work() -> None:
        look(sampler, sys._getframe())

    with sampler.on(sys._getframe(), stacks):
        work()
        work()
        look(sampler, None)

    assert stacks == {(__name__,): 2}


def test_blocks_count_each_for_itself(sampler: Sampler, stacks: Counter[Stack]) -> None:
    others: Counter[Stack] = Counter()

    with sampler.on(sys._getframe(), stacks):
        look(sampler, sys._getframe())
    with sampler.on(sys._getframe(), others):
        look(sampler, sys._getframe())

    assert stacks == others == {(): 1}


def test_while_a_thread_is_waited_for_that_one_is_looked_at(
    sampler: Sampler, stacks: Counter[Stack], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = threading.main_thread().ident, sys._getframe()
    assert here is not None
    monkeypatch.setattr(sys, "_current_frames", lambda: {here: sys._getframe(), here + 1: there})

    with sampler.on(there.f_back or there, stacks):
        # A timer's ``run`` is a call of threading's own, on whichever thread asks for it.
        threading.Timer(0, lambda: look(sampler, sys._getframe().f_back)).run()

    assert stacks == {(__name__,): 1}


def test_a_wait_for_nobody_is_counted_as_what_it_is(
    sampler: Sampler, stacks: Counter[Stack], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_current_frames", dict)

    with sampler.on(sys._getframe(), stacks):
        threading.Timer(0, lambda: look(sampler, sys._getframe().f_back)).run()

    assert stacks == {("threading",): 1}


def test_the_timer_runs_inside_its_block_alone_and_leaves_all_as_it_was(sampler: Sampler) -> None:
    def found() -> tuple[object, ...]:
        run, handler = threading.Thread.run, signal.getsignal(signal.SIGPROF)
        return handler, sys.getswitchinterval(), run, signal.getitimer(signal.ITIMER_PROF)[1]

    before = found()
    with sampler.running():
        handler, _, run, every_s = found()

    assert found() == before
    assert (handler, every_s) == (sampler.look, pytest.approx(EVERY_S))
    assert run is not before[2]


def test_a_thread_that_was_started_meanwhile_leaves_the_looks_to_the_main_one(
    sampler: Sampler,
) -> None:
    blocked: set[signal.Signals | int] = set()

    with sampler.running():
        thread = threading.Thread(
            target=lambda: blocked.update(signal.pthread_sigmask(signal.SIG_BLOCK, []))
        )
        thread.start()
        thread.join()

    assert signal.SIGPROF in blocked
