"""Business metrics: what a record measured, as lines in CloudWatch's embedded metric format (EMF).

CloudWatch makes metrics of such lines by itself, so nothing is called and nobody waits. Every
metric has the dimensions service and stage; one with a label has a second set with the label,
so that it can be looked at as a whole and by code, provider or source. Ids stand beside the
values, to be searched for, and are no dimensions: each value of a dimension is a metric that is
paid for. Source: CloudWatch, "Embedded metric format specification". docs/decisions/0014 says more.
"""

import json
import logging
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TextIO

from aws_lambda_powertools.metrics import EphemeralMetrics

from greenroom.kernel import monitor
from greenroom.kernel.container import CONTAINER
from greenroom.kernel.log import log_error
from greenroom.kernel.settings import MonitorSettings
from greenroom.kernel.telemetry import Measured, Record, count, recorded

SERVICE = "greenroom"
VALUES_MAX = 99  # EMF takes 100 values of a metric in a line; Powertools would print the 100th

_Label = tuple[str, str] | None


class _Stdout(logging.StreamHandler[TextIO]):
    """Writes to whatever standard output is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stdout

    @stream.setter
    def stream(self, _stream: TextIO) -> None:
        """There is nothing to set: a handler's own stream is standard output."""


# A line is the metric: no level, no logger's facts, and no log setting may hold it back.
lines = logging.getLogger(f"{SERVICE}.metrics")
lines.setLevel(logging.INFO)
lines.propagate = False
lines.addHandler(_Stdout())


@contextmanager
def invocation(function: str) -> Iterator[Record]:
    """The record of one invocation, whose metrics are told when it ends, however it ends."""
    with recorded() as record:
        record.ids["function"] = function
        CONTAINER.invoked()
        record.cold_start = CONTAINER.is_cold
        if record.cold_start:
            count("ColdStart")
        try:
            with monitor.traced(record):
                yield record
        finally:
            told(record)
            monitor.flush()


@contextmanager
def part(of: Record) -> Iterator[Record]:
    """The record of one message of a batch; what it measured is told when it ends."""
    with recorded() as record:
        record.ids |= of.ids
        try:
            yield record
        finally:
            told(record)


def told(record: Record) -> None:
    """Write what was measured. It never fails: an answer must not be lost to a metric."""
    try:
        for (label, _), measured in _by_label(record.measured).items():
            lines.info(json.dumps(_blob(measured, label, record.ids), separators=(",", ":")))
    except Exception as bug:  # noqa: BLE001 (see above)
        log_error("metrics were lost", bug)


def _by_label(
    measured: Iterable[Measured],
) -> dict[tuple[_Label, int], list[Measured]]:
    """What one line can hold: one label, and at most a hundred values of a metric."""
    groups: dict[tuple[_Label, int], list[Measured]] = defaultdict(list)
    seen: dict[tuple[str, _Label], int] = defaultdict(int)
    for one in _summed(measured):
        values = seen[one.metric, one.label]
        seen[one.metric, one.label] += 1
        groups[one.label, values // VALUES_MAX].append(one)
    return groups


def _summed(measured: Iterable[Measured]) -> Iterator[Measured]:
    """Counts of one metric and label as one value; other values each by itself."""
    sums: dict[tuple[str, _Label], float] = defaultdict(float)
    for one in measured:
        if one.unit == "Count":
            sums[one.metric, one.label] += one.value
        else:
            yield one
    for (metric, label), value in sums.items():
        yield Measured(metric, value, "Count", label)


def _blob(measured: Iterable[Measured], label: _Label, ids: dict[str, str]) -> dict[str, Any]:
    """One line. Metrics of their own, not Powertools' shared ones: threads do not mix."""
    namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or "Greenroom"
    emf = EphemeralMetrics(namespace=namespace, service=SERVICE)
    dimensions = {"service": SERVICE, "stage": _stage()}
    for name, value in dimensions.items():
        emf.add_dimension(name, value)
    if label is not None:
        emf.add_dimensions(**dimensions, **dict([label]))
    for one in measured:
        emf.add_metric(one.metric, one.unit, one.value)
    for name, value in ids.items():
        emf.add_metadata(name, value)
    return {**emf.serialize_metric_set()}


@cache
def _stage() -> str:
    return MonitorSettings.read(os.environ).stage
