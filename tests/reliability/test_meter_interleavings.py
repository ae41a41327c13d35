"""A call that ends in two ways: one of them whole between any two calls of the other."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from greenroom.usage.domain import Allowance, NoLongerHeld, Ticket
from tests.quotas import ADA, EXAM, SCHOOL, Metered, allowances
from tests.reliability.schedules import between_calls
from tests.world import World

CALLS_MAX = 12  # of one ending: the sweep reads two shards


def settle(metered: Metered, ticket: Ticket) -> Any:
    try:
        metered.meter.settle(ticket, answer=b"{}")
    except NoLongerHeld:
        return False
    return True


ENDINGS: dict[str, Callable[[Metered, Ticket], Any]] = {
    "settle": settle,
    "fail": lambda metered, ticket: metered.meter.release(ticket, reason="failed"),
    "cancel": lambda metered, ticket: metered.meter.cancel(ADA, ticket.request_id),
    "sweep": lambda metered, _: metered.meter.sweep(metered.world.clock()).released == 1,
    "repeat": lambda metered, ticket: metered.reserve(ticket.request_id),
}


@pytest.mark.parametrize(("one", "other"), [*itertools.permutations(ENDINGS, 2)], ids=str)
def test_of_two_endings_one_counts_and_what_is_told_is_what_was(
    world: World, one: str, other: str
) -> None:
    for point in range(1, CALLS_MAX):
        metered = Metered(world)
        ticket = metered.held(f"r{point}")
        world.clock.move(301)

        first, second = (partial(ENDINGS[name], metered, ticket) for name in (one, other))
        met, _ = between_calls(first, second, point)

        metered.audit()
        (row,) = [
            row for row in metered.rows("reservation") if row["PK"]["S"].endswith(f"#r{point}")
        ]
        # A row of the log is named by request and attempt: telling it twice is telling it once.
        crashed = sorted({facts["attempt"] for facts in metered.logged})
        if "repeat" in {one, other} and row["attempt"]["N"] == "2":
            assert crashed in ([], [1]), "only the first attempt"
        else:
            assert crashed == ([1] if row.get("reason", {}).get("S") == "crashed" else [])
        world.clock.move(301)
        metered.meter.sweep(world.clock())
        if not met:
            break
    else:
        pytest.fail("the ending makes more calls than that")


def limited(limit: int, metered: Metered) -> Any:
    return allowances(metered).set_allowance(SCHOOL, EXAM.name, Allowance(limit), actor="op")


CHANGES: dict[str, Callable[[Metered], Any]] = {
    "limit to 9": partial(limited, 9),
    "limit to 4": partial(limited, 4),
    "grant": lambda metered: allowances(metered).adjust(
        SCHOOL, EXAM.name, units=5, reason="x", actor="op", key="k"
    ),
    "call": lambda metered: metered.held(),
}


@pytest.mark.parametrize("used", [False, True], ids=["first of the month", "used before"])
@pytest.mark.parametrize(("one", "other"), [*itertools.permutations(CHANGES, 2)], ids=str)
def test_of_two_changes_of_a_quota_both_count(
    make_world: Any, one: str, other: str, used: bool
) -> None:
    for point in range(1, CALLS_MAX):
        metered = Metered(make_world())
        if used:
            metered.held()

        first, second = (partial(CHANGES[name], metered) for name in (one, other))
        met, _ = between_calls(first, second, point)

        metered.audit()
        if not met:
            break
        (row,) = [row for row in metered.rows("quota") if "#U#" not in row["SK"]["S"]]
        allowed = allowances(metered).allowance(SCHOOL, EXAM.name)
        assert int(row["limit_units"]["N"]) == allowed.limit
        assert row.get("adjusted", {}).get("N") == ("5" if "grant" in {one, other} else None)
    else:
        pytest.fail("the change makes more calls than that")
