"""What one invocation did and how long it took: phases, counts, and where they are told.

Whoever does something worth knowing says so here, in one line and without being handed anything.
The edge of the function opens a record for each invocation and tells it when that ends. Outside of
an invocation (a test of one room, the operators' command) what is said goes nowhere.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of a metric. ``label`` tells apart what is counted together, such as a code."""

    metric: str
    value: float
    unit: str
    label: tuple[str, str] | None = None


@dataclass(slots=True)
class Record:
    """One invocation. ``phases`` are milliseconds by name, ``calls`` how often each was entered."""

    phases: dict[str, float] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)


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


def count(metric: str, value: float = 1, **label: str) -> None:
    """Count something that happened; at most one label, such as ``code="CLASS_FULL"``."""
    measure(metric, value, "Count", **label)


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
