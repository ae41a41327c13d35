"""Random histories: what the state machines share. One world each, faults, and a count of steps.

A step may meet a fault: the process dies, answers get lost, the store throttles or conflicts. Dead
processes are followed by new ones. THOROUGH=1 tries 200 histories of 30 steps of each machine.
"""

import os
import random
from collections.abc import Callable, Sequence
from itertools import count
from types import SimpleNamespace
from typing import Any, ClassVar, TypeVar
from unittest import mock

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, run_state_machine_as_test

from greenroom.kernel import ids
from greenroom.kernel.clock import epoch_ms
from greenroom.kernel.errors import Unavailable
from greenroom.table.patience import Patience
from tests.figures import Figure
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault, Kind
from tests.world import Person, Reply, World

T = TypeVar("T")
THOROUGH = bool(os.environ.get("THOROUGH"))
EXAMPLES, STEPS = (200, 30) if THOROUGH else (12, 20)
BETWEEN: list[Kind] = ["crash_before", "crash_after", "timeout_before", "timeout_after"]
PASSING: list[Kind] = ["throttle", "unavailable"]
CALLS = st.integers(1, 6)
WHICH = st.integers(0, 50)  # of what there is, counted from the newest
# More often than not nothing goes wrong, so that histories get somewhere.
FAULTS = st.one_of(
    st.none(),
    st.none(),
    st.builds(Fault, kind=st.sampled_from(BETWEEN), at=CALLS),
    st.builds(Fault, kind=st.sampled_from(PASSING), at=CALLS, times=st.sampled_from([1, 99])),
    st.builds(
        Fault,
        kind=st.just("conflict"),
        operation=st.just("TransactWriteItems"),
        at=st.integers(1, 2),
        times=st.sampled_from([1, 99]),
    ),
)
# Seconds: tokens, holds, windows, a call at its longest, days.
MOMENTS = st.sampled_from([1, 31, 61, 185, 605, 3_700, 13 * 3_600, 26 * 3_600])
# What a caller may be told where nothing of this step broke: the breaker remembers earlier ones.
DOWN = {"PROVIDER_DOWN"}


class Machine(RuleBasedStateMachine):
    """A world that rules act upon."""

    make_world: ClassVar[Callable[..., World]]
    taken: ClassVar[list[str]]
    SETTINGS: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).make_world(**self.SETTINGS)
        self.world.table.patience = Patience(monotonic=_ticking(), sleep=lambda _: None)
        self.world.hasty_table.patience = self.world.table.patience
        self._names = count()
        # Ids decide in which order some things are found; the same history has the same ids.
        self._ids = mock.patch.multiple(
            ids,
            os=SimpleNamespace(urandom=random.Random(0).randbytes),
            time=SimpleNamespace(time_ns=lambda: epoch_ms(self.world.clock()) * 1_000_000),
        )
        self._ids.start()

    def teardown(self) -> None:
        """Drop the world's table."""
        self._ids.stop()
        self.world.end()

    def person(self, **claims: Any) -> Person:
        """Somebody new."""
        return self.world.person(f"user_{next(self._names)}", **claims)

    @invariant()
    def counted(self) -> None:
        """A step that was taken, and what follows of it looked at."""
        self.taken.append("step")

    def meet(self, act: Callable[[], Reply], fault: Fault | None = None) -> Reply | None:
        """What an act that may meet a fault is answered; None where its process died."""
        reply: Reply | None = self._met(act, fault)
        return reply

    def run(self, act: Callable[[], Any], fault: Fault | None = None) -> None:
        """Let something run that answers nobody: it may fail where it met a fault."""
        try:
            self._met(act, fault)
        except Unavailable:
            if fault is None:
                raise

    def _met(self, act: Callable[[], Any], fault: Fault | None) -> Any:
        with faults.plan(*[one for one in [fault] if one]) as plan:
            try:
                reply = act()
            except Crash:
                self.world.rewire()  # the next request finds a new container
                return None
        if isinstance(reply, Reply) and reply.status >= 500:
            assert reply.status in {502, 503, 504}, reply.text
            assert plan.fired or reply.code in DOWN, reply.text
        return reply


def one_of(known: Sequence[T], which: int) -> T:
    """One of those that there are, by its number from the newest."""
    return known[-1 - which % len(known)]


def run_machine(machine: type[Machine], make_world: Callable[..., World], figure: Figure) -> None:
    """Try so many histories, and note how many steps kept every rule."""

    class Run(machine):  # type: ignore[misc, valid-type]
        pass

    Run.__name__ = Run.__qualname__ = machine.__name__
    Run.make_world, Run.taken = staticmethod(make_world), []
    try:
        run_state_machine_as_test(
            Run,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=True,
                database=None,
                phases=(Phase.generate,),  # a history of so few steps is read as it is
                suppress_health_check=list(HealthCheck),
            ),
        )
    except BaseException:
        figure("models", machine.__name__.lower(), good=len(Run.taken) - 1, of=len(Run.taken))
        raise
    figure("models", machine.__name__.lower(), good=len(Run.taken), of=len(Run.taken))


def _ticking() -> Callable[[], float]:
    """A clock on which each look takes 0.2 s: what never ends gives up, and nobody waits."""
    ticks = count()
    return lambda: next(ticks) * 0.2
