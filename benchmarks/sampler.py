"""Where the time of a core goes: a look at the stack each time that some more of it was used."""

import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final
from unittest import mock

EVERY_S: Final = 0.004  # as often as a kernel looks at its clock (250 Hz)
SWITCH_S: Final = 0.0001  # a look must not wait until another thread has done what it does

GENERATED: Final = "<string>"
"""Where the methods are that dataclasses make: they work for whoever calls them."""

Stack = tuple[str, ...]
"""The modules of what was running, from the innermost call to the outermost."""


class Sampler:
    """Counts stacks while a block of ``on`` runs.

    ITIMER_PROF runs by the time of cores that the process uses, waiting not included, and runs on
    between the blocks: where a look falls inside one is left to chance. A look comes to the main
    thread; while that waits for a thread that it has started, the other one is looked at.
    """

    def __init__(self) -> None:
        self._stacks: Counter[Stack] | None = None
        self._outermost: FrameType | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the timer run."""
        before, switches_s = signal.signal(signal.SIGPROF, self.look), sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)
        try:
            with mock.patch.object(threading.Thread, "run", _deaf(threading.Thread.run)):
                signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
                yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            sys.setswitchinterval(switches_s)
            signal.signal(signal.SIGPROF, before)

    @contextmanager
    def on(self, frame: FrameType, stacks: Counter[Stack]) -> Iterator[None]:
        """Count in ``stacks`` what ``frame`` calls inside the block."""
        self._outermost, self._stacks = frame, stacks
        try:
            yield
        finally:
            self._outermost = self._stacks = None

    def look(self, _signal: int, frame: FrameType | None) -> None:
        """Look once; it is a handler of signals."""
        if self._stacks is None or frame is None:
            return
        if frame.f_globals.get("__name__") == threading.__name__:
            frame = _of_another_thread() or frame
        stack: list[str] = []
        at: FrameType | None = frame
        while at is not None and at is not self._outermost:
            if at.f_code.co_filename != GENERATED:
                stack.append(str(at.f_globals.get("__name__")))
            at = at.f_back
        self._stacks[tuple(stack)] += 1


def _of_another_thread() -> FrameType | None:
    here = threading.main_thread().ident
    frames = sys._current_frames().items()  # noqa: SLF001 (documented, for debuggers)
    return next((frame for thread, frame in frames if thread != here), None)


def _deaf(run: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    """The same, in a thread that takes no looks: a kernel sends them to the one that works."""

    def ran(thread: threading.Thread) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
        run(thread)

    return ran
