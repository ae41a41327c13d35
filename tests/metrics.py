"""What handlers have told as metrics."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from greenroom.kernel import metrics


class Emitted(logging.Handler):
    """The lines in embedded metric format, as they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(json.loads(record.getMessage()))

    def values(self, metric: str, **label: str) -> list[float]:
        """All values of a metric so far, of those lines that have this label."""
        return [
            value
            for line in self.lines
            if metric in line and label.items() <= line.items()
            for value in line[metric]
        ]

    @classmethod
    @contextmanager
    def collecting(cls) -> Iterator["Emitted"]:
        """What is told inside."""
        found = cls()
        metrics.lines.addHandler(found)
        try:
            yield found
        finally:
            metrics.lines.removeHandler(found)
