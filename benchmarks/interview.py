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
Through the real handlers, on the laptop cloud's DynamoDB engine, whose consumed capacity agrees
with the rules of AWS (a transactional write costs two units a kilobyte; entries of indexes are
included). A batch of transcript chunks counts as an update. A test compares the counts of a start
with the budget (tests/store/test_counts.py), and this table with the handlers
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
