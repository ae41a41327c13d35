"""A circuit breaker: whoever calls a provider that is down is told so at once.

    closed      every call goes through; so many in a row that find nobody open it
    open        no call goes through until a pause is over
    half-open   the next one goes through, alone; an answer closes it, silence opens it again

Down is a provider that cannot be reached, stays silent, or answers 5xx. Any other answer, also a
refusal or "too often", says that somebody is there. The state is one container's, in memory: asking
it costs nothing. docs/decisions/0015 says why it is not shared.
"""

import math
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from greenroom.kernel.clock import Clock, utc_now
from greenroom.kernel.errors import ProviderDown, Unavailable
from greenroom.kernel.telemetry import count

State = Literal["closed", "open", "half_open"]


class Passing(Protocol):
    """What lets a piece of work begin that needs a provider; ``Breaker.passing`` is one."""

    def __call__(self) -> AbstractContextManager[None]:
        """Raises ProviderDown where it cannot be done now."""
        ...


always: Passing = nullcontext


@dataclass(slots=True)
class Call:
    """One call of the provider; ``answered`` once somebody has, who is not down."""

    answered: bool = False


@dataclass(slots=True)
class _Passage:
    """The right to call, of one piece of work: as the breaker's only one, where it is a probe."""

    probes: bool


class Breaker:
    """One provider, as one container sees it. Safe to use from several threads.

    ``failures`` in a row open it for ``pause_s`` seconds; 0 of them never do.
    """

    def __init__(
        self, provider: str, *, failures: int = 0, pause_s: int = 0, clock: Clock = utc_now
    ) -> None:
        self.provider = provider
        self._failures_max = failures
        self._pause = timedelta(seconds=pause_s)
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opens_at: datetime | None = None  # None while it is closed
        self._probed = False
        self._passage: ContextVar[_Passage | None] = ContextVar(f"{provider}_passage", default=None)

    @property
    def state(self) -> State:
        """Closed, open, or half-open: the pause is over, and a probe is awaited or under way."""
        with self._lock:
            if self._opens_at is None:
                return "closed"
            return "open" if self._clock() < self._opens_at else "half_open"

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Work that is going to call, before it has done anything: its calls are let through.

        Work that then calls nobody gives its probe back.

        Raises:
            ProviderDown: not now, with when.
        """
        passage = self._admitted()
        token = self._passage.set(passage)
        try:
            yield
        finally:
            self._passage.reset(token)
            self._returned(passage)

    @contextmanager
    def calling(self) -> Iterator[Call]:
        """One call, within such work or by itself.

        It has failed where it ends with nobody having ``answered``; what else is raised before
        that, as for want of our own key, says nothing of the provider.

        Raises:
            ProviderDown: not now, with when.
        """
        within = self._passage.get()
        passage = within or self._admitted()
        call = Call()
        try:
            yield call
        except Unavailable:
            self._settled(passage, up=call.answered)
            raise
        except BaseException:
            if call.answered:
                self._settled(passage, up=True)
            raise
        else:
            self._settled(passage, up=call.answered)
        finally:
            if within is None:
                self._returned(passage)

    def _admitted(self) -> _Passage:
        with self._lock:
            if self._opens_at is None:
                return _Passage(probes=False)
            left_s = (self._opens_at - self._clock()).total_seconds()
            if left_s > 0 or self._probed:
                log = {"provider": self.provider}
                raise ProviderDown(retry_after_s=max(1, math.ceil(left_s)), log=log)
            self._probed = True
            return _Passage(probes=True)

    def _settled(self, passage: _Passage, *, up: bool) -> None:
        """What a call tells. While it is not closed, only the probe's word counts."""
        with self._lock:
            if self._opens_at is not None and not passage.probes:
                return
            if up:
                self._failures, self._opens_at = 0, None
            else:
                self._failures += 1
                if passage.probes or self._failures == self._failures_max:
                    self._opens_at = self._clock() + self._pause
                    count("CircuitOpened", provider=self.provider)
            if passage.probes:
                self._probed = False
                passage.probes = False

    def _returned(self, passage: _Passage) -> None:
        """A probe that told nothing is free for the next one."""
        with self._lock:
            if passage.probes:
                self._probed = False
                passage.probes = False
