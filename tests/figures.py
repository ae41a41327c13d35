"""What a run proved, as figures: ``figure("jwt attacks", "refused", good=34, of=34)``.

Each figure belongs to one acceptance of docs/reliability.md. A test notes its figure before it
asserts, so that a failure shows as 33 of 34. The parts are summed by name over all tests and
workers, printed at the end of the run, and written as JSON where ``--figures=FILE`` asks for it;
``--only-figures`` runs no test that notes none.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

# The acceptances, in the order of docs/reliability.md: what N counts.
NAMES = {
    "crash points": "crash points from which a repeat converges",
    "interleavings": "schedules of two invocations without a double effect or a 5xx",
    "bank": "consistent reads, beside eight writers, that balance",
    "models": "steps of random histories that keep every rule",
    "foreign access": "calls of foreign people and organisations refused, nothing told",
    "jwt attacks": "forged, stale and confused tokens refused",
    "webhooks": "mutated deliveries refused, none unhandled",
    "llm outputs": "malformed outputs handled and within bounds",
    "injections": "prompt injections without effect",
    "hostile input": "hostile bodies, addresses and origins refused by rule",
    "poison batches": "batches whose reported failures are the poison",
    "redrive": "messages of a dead-letter queue that arrive again",
    "corruptions": "seeded corruptions of the table found",
    "template": "rules of the template kept",
    "granted actions": "granted actions that are used, and used that are granted",
    "golden requests": "answers equal on both local platforms",
    "schemathesis": "operations of our OpenAPI document without a failure",
    "official clients": "requests of official SDKs that our stand-ins answer as the real party",
    "outage": "routes that refuse in time while the table is away, and lose nothing",
}

Figure = Callable[..., None]
_PROPERTY = "figure"


@dataclass
class _Sum:
    """What all tests of one part noted, and the files that they stand in."""

    good: int = 0
    of: int = 0
    files: set[str] = field(default_factory=set)


_sums: dict[tuple[str, str], _Sum] = {}


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Note that ``good`` of so many cases were as they should be."""

    def note(name: str, part: str, *, good: int, of: int) -> None:
        assert name in NAMES, f"{name} is no acceptance of docs/reliability.md"
        assert 0 <= good <= of
        request.node.user_properties.append((_PROPERTY, (name, part, good, of)))

    return note


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the figures go, besides the end of the run."""
    parser.addoption("--figures", type=Path, help="write what the run proved to this file, as JSON")
    parser.addoption("--only-figures", action="store_true", help="run the tests that note figures")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what notes no figure, where that was asked for."""
    if not config.getoption("--only-figures"):
        return
    left_out = [item for item in items if "figure" not in getattr(item, "fixturenames", ())]
    items[:] = [item for item in items if "figure" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=left_out)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Sum up the figures of a test that has ended, on whichever worker it ran."""
    if report.when != "teardown":  # the properties of the earlier phases are in this one's
        return
    for name, value in report.user_properties:
        if name == _PROPERTY:
            acceptance, part, good, of = cast("tuple[str, str, int, int]", value)
            total = _sums.setdefault((acceptance, part), _Sum())
            total.good += good
            total.of += of
            total.files.add(report.nodeid.partition("::")[0])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the figures, and write them where that was asked for."""
    found = [
        {"name": name, "part": part, "good": s.good, "of": s.of, "files": sorted(s.files)}
        for (name, part), s in sorted(
            _sums.items(), key=lambda one: (list(NAMES).index(one[0][0]), one[0][1])
        )
    ]
    if found:
        terminalreporter.section("figures")
    for one in found:
        terminalreporter.line(f"{one['name']}: {one['part']}: {one['good']} of {one['of']}")
    if path := config.getoption("--figures"):
        path.write_text(json.dumps(found, indent=1) + "\n")
