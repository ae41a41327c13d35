"""A section: what each step of an interview costs; and docs/costs.md, which follows from it."""

from collections.abc import Callable, Sequence
from typing import Final

from benchmarks import costs, counts
from benchmarks.counting import QUEUES, Cost
from benchmarks.page import ROOT
from benchmarks.worlds import a_world

TITLE: Final = "An interview, step by step"
COSTS: Final = ROOT / "docs" / "costs.md"

TEXT: Final = """\
Through the real handlers, on the laptop cloud's DynamoDB engine. The units are those that the
engine tells, entries of indexes included; a test computes every write anew by DynamoDB's rules
from the sizes of the items, and finds the same (tests/counts/test_units.py). A batch of transcript
chunks counts as an update. Tests hold a start to its budget, no read, one transaction of at most 14
units and one update of at most 3, and this table to the handlers
(tests/store/test_counted_pages.py).

{table}

By `python -m benchmarks interview`."""


def section(say: Callable[[str], None]) -> str:
    """Count the calls and units of each step."""
    say("walking through an interview")
    with a_world(**QUEUES) as world:
        measured = counts.measure(world)
    COSTS.write_text(costs.page(measured), encoding="utf-8")
    return text(measured)


def text(measured: Sequence[Cost]) -> str:
    """The section of what was measured."""
    return TEXT.format(table=counts.table(measured))
