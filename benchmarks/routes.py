"""A section: what every route and every use case costs; and docs/counts.md and .json, in full.

A test counts anew and fails at the change of any number (tests/counts/test_every_route.py). One
that is meant is written down by ``python -m benchmarks routes``, and shows in the diff.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.counting import Cost
from benchmarks.counts import COLUMNS
from benchmarks.page import ROOT
from benchmarks.worlds import an_engine
from tests.counts.walks import count

TITLE: Final = "Every route and every use case"
COUNTS: Final = ROOT / "docs" / "counts.json"
PAGE: Final = ROOT / "docs" / "counts.md"

Counts = Mapping[str, Mapping[str, Any]]

TEXT: Final = """\
{routes} routes and {cases} use cases are counted, each in a container that remembers nothing:
[counts](counts.md) has them all, and a test recounts them and fails at the change of any number
(tests/counts/test_every_route.py). How many routes call DynamoDB how often:

| calls | routes |
|---|---|
{rows}

By `python -m benchmarks routes`."""

WHOLE: Final = """\
# Counts

What each route and each use case costs on its main, successful way: calls of DynamoDB (`reads`,
`transactions` and `updates`; together they are the round trips), the items that these look at and
write, DynamoDB's units with entries of indexes, messages to queues, and requests to providers.

Each is asked of a container that has just started and remembers nobody: the most that it costs. A
work index of eight partitions is read as in a deployment. Items are small, as those of most people
are: a unit is written for each kilobyte, and two in a transaction. The keys of Clerk are a setting
here; where they are fetched, a new container makes one request more.

Written by `python -m benchmarks routes`, from the walks in `tests/counts/`.

## Routes

{routes}

## Use cases

{cases}
"""


def section(say: Callable[[str], None]) -> str:
    """Count everything, and tell what has changed."""
    with an_engine() as (template, endpoint, connection), TemporaryDirectory() as folder:
        counted = as_document(count(template, endpoint, connection, Path(folder)))
    for change in changes(read() if COUNTS.exists() else {}, counted):
        say(change)
    lines = [f" {json.dumps(name)}: {json.dumps(one)}" for name, one in counted.items()]
    COUNTS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    PAGE.write_text(page(counted), encoding="utf-8")
    return text(counted)


def read() -> Counts:
    """What is written down."""
    found: Counts = json.loads(COUNTS.read_text(encoding="utf-8"))
    return found


def as_document(costs: Mapping[str, Cost]) -> Counts:
    """The counts in the order of the file: routes by path, then use cases by name."""
    order = sorted(costs, key=lambda name: (not is_route(name), name.split(" ")[::-1], name))
    found = {}
    for name in order:
        members = {"round_trips": costs[name].round_trips, **asdict(costs[name])}
        del members["name"]
        found[name] = {key: int(one) if one == int(one) else one for key, one in members.items()}
    return found


def is_route(name: str) -> bool:
    """Whether it is a route's key."""
    return "/" in name


def changes(before: Counts, after: Counts) -> Iterator[str]:
    """Each number that is not what it was, by route."""
    for name in sorted(before.keys() | after.keys()):
        if name not in after or name not in before:
            yield f"{name}: {'is new' if name in after else 'is not counted any more'}"
            continue
        for what, was in before[name].items():
            if (now := after[name].get(what)) != was:
                yield f"{name}: {what} was {was:g}, is {now:g}"


def text(counted: Counts) -> str:
    """The section."""
    routes = {name: one for name, one in counted.items() if is_route(name)}
    calls = Counter(one["round_trips"] for one in routes.values())
    rows = "\n".join(f"| {n} | {calls[n]} |" for n in sorted(calls))
    return TEXT.format(routes=len(routes), cases=len(counted) - len(routes), rows=rows)


def page(counted: Counts) -> str:
    """docs/counts.md."""
    routes = [name for name in counted if is_route(name)]
    cases = [name for name in counted if not is_route(name)]
    return WHOLE.format(routes=_table(counted, routes), cases=_table(counted, cases))


def _table(counted: Counts, names: list[str]) -> str:
    head = ("", *COLUMNS)
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for name in names:
        shown = f"`{name}`" if is_route(name) else name
        cells = (shown, *(f"{counted[name][key]:g}" for key in COLUMNS.values()))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
