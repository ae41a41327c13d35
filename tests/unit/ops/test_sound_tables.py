"""Reconciliation finds nothing in the rows that the product itself writes, whatever was done."""

import os
from collections.abc import Iterator
from datetime import datetime

import pytest
from pynamodb.connection import Connection

from local.engine import Engine
from local.resources import Template
from tests.books import Operator
from tests.contract.test_table_doc import USE_CASES, Story
from tests.world import MovableClock, World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


# All of them where THOROUGH is set, else some, which are the same in every run.
SOME = list(USE_CASES)[:: 1 if os.environ.get("THOROUGH") else 6]


class TickingClock(MovableClock):
    """A clock that goes on with every look at it, as clocks do."""

    def __call__(self) -> datetime:
        """The present."""
        return self.move(0.000_1)


@pytest.fixture
def world(template: Template, engine: Engine, connection: Connection) -> Iterator[World]:
    made = World(template, engine.endpoint, connection, clock=TickingClock())
    yield made
    made.end()


@pytest.mark.parametrize("name", SOME)
def test_nothing_is_found_wrong_after_a_use_case(world: World, name: str) -> None:
    prepare, act = USE_CASES[name]
    story = Story(world)
    act(story, prepare(story))

    _, found = Operator(world).run("reconcile", "--no-stripe")

    assert found["rowFindings"] == []
    assert found["findings"] == []


def days_pass(world: World) -> None:
    """The schedules do what comes due, later and later."""
    for hours in (1, 6, 72, 1):
        world.clock.move(hours * 3600)
        world.sweep()
        world.feedback()


@pytest.mark.parametrize("name", SOME[::3])
def test_nothing_is_found_wrong_after_days_and_once_its_people_are_erased(
    world: World, name: str
) -> None:
    prepare, act = USE_CASES[name]
    story = Story(world)
    act(story, prepare(story))
    operator = Operator(world)

    days_pass(world)
    _, later = operator.run("reconcile", "--no-stripe")
    for person in {row["PK"]["S"] for row in world.rows() if row["kind"]["S"] == "user"}:
        operator.run("user", "erase", person.removeprefix("USER#"), "--yes")
    days_pass(world)
    _, erased = operator.run("reconcile", "--no-stripe")

    assert later["rowFindings"] == []
    assert erased["rowFindings"] == []
