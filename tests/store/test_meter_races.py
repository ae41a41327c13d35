"""Many at once: no unit is used twice, and none is lost."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from greenroom.kernel.errors import IdempotencyMismatch, QuotaExceeded
from greenroom.usage.domain import Allowance, NoLongerHeld, Payer, Plan
from tests.parallel import together
from tests.quotas import ADA, SCHOOL, Metered, allowances
from tests.world import World

FIFTY = Plan({"exam_generation": Allowance(50)})


@pytest.fixture
def metered(world: World) -> Metered:
    return Metered(world)


def test_of_a_hundred_at_once_fifty_are_let_through(metered: Metered) -> None:
    metered.plan = FIFTY
    metered.used()  # a first call makes the client, which a hundred at once would each do
    people = [Payer(f"{ADA[:-2]}{n:02}", SCHOOL) for n in range(10)]

    def reserve(n: int) -> str:
        try:
            metered.held(payer=people[n % 10])
        except QuotaExceeded as refusal:
            return str(refusal.facts["scope"])
        return "ticket"

    results = together(*[lambda n=n: reserve(n) for n in range(100)])

    assert (results.count("ticket"), results.count("tenant")) == (50, 50)
    assert len(metered.rows("reservation")) == 50
    assert metered.used() == 50
    metered.audit()


def test_a_person_alone_who_clicks_wildly_is_limited_too(metered: Metered) -> None:
    metered.payer = Payer(ADA)
    metered.daily = {"exam_generation": 5}

    def reserve() -> str:
        try:
            metered.held()
        except QuotaExceeded as refusal:
            return str(refusal.facts["scope"])
        return "ticket"

    results = together(*[reserve] * 20)

    assert (results.count("ticket"), results.count("day")) == (5, 15)
    metered.audit()


def endings(metered: Metered) -> dict[str, Callable[[Any], object]]:
    """All ways in which a reservation may end, each by somebody who knows of no other."""

    def settle(ticket: Any) -> str:
        try:
            metered.meter.settle(ticket, answer=b"{}")
        except NoLongerHeld:
            return "no longer held"
        return "settled"

    return {
        "fail": lambda ticket: metered.meter.release(ticket, reason="failed"),
        "cancel": lambda ticket: metered.meter.cancel(ADA, ticket.request_id),
        "sweep": lambda _: metered.meter.sweep(metered.world.clock()).released,
        "settle": settle,
    }


@pytest.mark.parametrize(
    "racing", [pair for n in (2, 3, 4) for pair in itertools.combinations(
        ["fail", "cancel", "sweep", "settle"], n)], ids="+".join,
)  # fmt: skip
def test_however_calls_end_at_once_their_units_go_back_once_or_never(
    metered: Metered, racing: tuple[str, ...]
) -> None:
    """Three calls end in all of these ways at the same moment, each way twice."""
    ways = endings(metered)
    tickets = [metered.held() for _ in range(3)]
    kept = metered.held("another")
    metered.meter.settle(kept, answer=None)
    metered.world.clock.move(301)

    acts = [
        lambda way=way, ticket=ticket: ways[way](ticket)
        for ticket in tickets
        for way in racing
        for _ in range(2)
    ]
    together(*acts)

    states = metered.states()
    assert "held" not in states
    assert metered.used() == states.count("settled")
    if "settle" not in racing:
        assert states == ["released"] * 3 + ["settled"]
    metered.audit()


def test_what_races_with_a_crash_is_told_as_crashed_only_where_it_was(metered: Metered) -> None:
    tickets = [metered.held() for _ in range(4)]
    metered.world.clock.move(301)

    results = together(
        *[lambda one=one: metered.meter.release(one, reason="failed") for one in tickets],
        *[lambda: metered.meter.sweep(metered.world.clock()).released for _ in range(4)],
    )

    crashed = 4 - sum(results[:4])
    assert sum(results[4:]) == crashed
    assert len({one["request_id"] for one in metered.logged}) == crashed
    assert all(one["status"] == "crashed" for one in metered.logged)
    metered.audit()


def test_an_allowance_that_is_set_while_many_call_counts_for_all_that_come_later(
    metered: Metered,
) -> None:
    service = allowances(metered)

    def reserve() -> str:
        try:
            metered.held()  # with the plan as it was read before
        except QuotaExceeded:
            return "refused"
        return "ticket"

    def set_to(limit: int) -> str:
        service.set_allowance(SCHOOL, "exam_generation", Allowance(limit), actor="op")
        return "set"

    together(*[reserve] * 12, *[lambda n=n: set_to(n) for n in (5, 9)])
    before = metered.used()  # between 5 and 12: as many as came before the limits
    set_to(14)
    results = together(*[reserve] * 14)

    assert results.count("ticket") == 14 - before
    assert metered.used() == 14
    metered.audit()


def test_allowances_of_two_services_that_are_set_at_once_are_both_kept(metered: Metered) -> None:
    service = allowances(metered)

    together(
        *[
            lambda n=n: service.set_allowance(SCHOOL, f"service_{n}", Allowance(n), actor="op")
            for n in range(5)
        ]
    )

    plan = service.plan(SCHOOL).allowances
    assert {name: one.limit for name, one in plan.items()} == {f"service_{n}": n for n in range(5)}


def test_an_adjustment_of_one_key_is_made_once_by_many_and_others_beside_it(
    metered: Metered,
) -> None:
    service = allowances(metered)

    def adjust(key: str, units: int) -> object:
        try:
            made = service.adjust(
                SCHOOL, "exam_generation", units=units, reason="x", actor="op", key=key
            )
        except IdempotencyMismatch:
            return "mismatch"
        return made.already_done

    results = together(
        *[lambda: adjust("a", 7)] * 6,
        *[lambda n=n: adjust(f"b{n}", -1) for n in range(4)],
        *[lambda: metered.held().units] * 4,
    )

    assert results[:6].count(False) == 1
    assert results[6:10] == [False] * 4
    assert adjust("a", 8) == "mismatch"
    (row,) = [one for one in metered.rows("quota") if "#U#" not in one["SK"]["S"]]
    assert (row["adjusted"]["N"], row["available"]["N"]) == ("3", "499")
    metered.audit()
