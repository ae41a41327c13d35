"""What one invocation did and how long it took: phases, counts, and where they are told.

Whoever does something worth knowing says so here, in one line and without being handed anything.
The edge of the function opens a record for each invocation and tells it when that ends. Outside of
an invocation (a test of one room, the operators' command) what is said goes nowhere.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from greenroom.kernel.errors import ProviderDown, Refused, Unavailable

_WORD = re.compile(r"[A-Za-z0-9._:=/+-]{1,128}")


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of a metric. ``label`` tells apart what is counted together, such as a code."""

    metric: str
    value: float
    unit: str
    label: tuple[str, str] | None = None


@dataclass(slots=True)
class Record:
    """One invocation. ``phases`` are milliseconds by name, ``calls`` how often each was entered.

    ``ids`` are what its metrics and messages are found by, such as the correlation id.
    """

    phases: dict[str, float] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    cold_start: bool = False

    def facts(self) -> dict[str, Any]:
        """What the canonical line says of it."""
        return {
            "cold_start": self.cold_start,
            "phases_ms": {name: round(ms, 1) for name, ms in self.phases.items()},
            "calls": dict(self.calls),
        }


_RECORD: ContextVar[Record | None] = ContextVar("record", default=None)


@contextmanager
def recorded() -> Iterator[Record]:
    """A record of what happens inside."""
    record = Record()
    token = _RECORD.set(record)
    try:
        yield record
    finally:
        _RECORD.reset(token)


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Time what happens inside, also where it fails; times of one name are added up."""
    record = _RECORD.get()
    if record is None:
        yield
        return
    began_s = time.perf_counter()
    try:
        yield
    finally:
        elapsed_ms = (time.perf_counter() - began_s) * 1000
        record.phases[name] = record.phases.get(name, 0.0) + elapsed_ms
        record.calls[name] = record.calls.get(name, 0) + 1


def current() -> Record | None:
    """The record of the invocation that runs, if any does."""
    return _RECORD.get()


def correlation_id() -> str | None:
    """What the invocation is called by whoever caused it, to be handed on with what it causes."""
    record = _RECORD.get()
    return None if record is None else record.ids.get("correlation_id")


def plain_word(text: object) -> str | None:
    """A correlation id that somebody sent, if it is a plain word, fit for a log; else None."""
    return text if isinstance(text, str) and _WORD.fullmatch(text) else None


def count(metric: str, value: float = 1, **label: str) -> None:
    """Count something that happened; at most one label, such as ``code="CLASS_FULL"``."""
    measure(metric, value, "Count", **label)


@contextmanager
def outside(provider: str, what: str, *, latency: str | None = None) -> Iterator[None]:
    """A call of a party outside: timed as a phase, counted, and counted as an error if it failed.

    ``latency`` is a metric for how long it took, in milliseconds, whatever came of it. What the
    party rightly refuses (``Refused``) is no error of its, and what a breaker held back no call.
    """
    began_s = time.perf_counter()
    called = True
    try:
        with phase(what):
            yield
    except ProviderDown:
        called = False
        raise
    except Unavailable:
        count("ProviderErrors", provider=provider)
        raise
    finally:
        if called:
            count("ProviderCalls", provider=provider)
        if called and latency is not None:
            measure(latency, (time.perf_counter() - began_s) * 1000, "Milliseconds")


@contextmanager
def refusals(metric: str, *, label: str, but: type[Refused] | None = None) -> Iterator[None]:
    """Count what is refused inside by its code, ``but`` what is no refusal to whoever asked."""
    try:
        yield
    except Refused as refusal:
        if but is None or not isinstance(refusal, but):
            measure(metric, 1, "Count", **{label: refusal.code})
        raise


def measure(metric: str, value: float, unit: str, **label: str) -> None:
    """Note a value of a metric; ``unit`` is one of CloudWatch's words.

    Raises:
        ValueError: more than one label.
    """
    if len(label) > 1:
        raise ValueError("a metric has one label at most")
    record = _RECORD.get()
    if record is not None:
        record.measured.append(Measured(metric, value, unit, next(iter(label.items()), None)))
