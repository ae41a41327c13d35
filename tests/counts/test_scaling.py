"""docs/scaling.md says what the code, the template and the simulations say now."""

from dataclasses import replace

import pytest

from benchmarks import limits, page, scaling
from benchmarks.scaling import Measured
from benchmarks.simulation import crowd, hottest


@pytest.fixture(scope="module")
def measured() -> Measured:
    return scaling.measure()


def test_the_page_is_what_make_bench_would_write(measured: Measured) -> None:
    assert scaling.PAGE.read_text(encoding="utf-8") == scaling.page(measured)
    assert page.read()[scaling.TITLE].startswith(scaling.text(measured))
    assert scaling.PLOT.read_text(encoding="utf-8") == scaling.drawing()


def test_every_partition_that_interviews_share_has_its_row_and_its_screw(
    measured: Measured,
) -> None:
    costs, shared, _ = measured
    told = {one.what: one for one in limits.limits(costs, shared)}

    for kind, one in shared.items():
        row = told[f"partition `{kind}`"]
        assert row.sessions_per_s == pytest.approx(1_000 * one.partitions / one.units)
        assert row.turn


def test_twice_as_many_shards_carry_twice_as_many_sessions(measured: Measured) -> None:
    costs, shared, _ = measured
    name = f"partition `{scaling.DUE}`"
    wider = {**shared, scaling.DUE: replace(shared[scaling.DUE], partitions=16)}

    before, after = (
        next(one for one in limits.limits(costs, some) if one.what == name)
        for some in (shared, wider)
    )

    assert after.sessions_per_s == 2 * before.sessions_per_s


def test_the_limit_that_is_reached_first_stands_first(measured: Measured) -> None:
    rates = [one.sessions_per_s for one in limits.limits(measured.costs, measured.shared)]

    assert rates == sorted(rates)
    assert rates[0] > 0


def test_everybody_of_a_crowd_is_told_or_gives_up_inside_the_budget() -> None:
    small, large = crowd(20, holds_s=0.008), crowd(1_000, holds_s=0.008)

    assert (small.told, small.gave_up) == (20, 0)
    assert large.told + large.gave_up == 1_000
    assert large.gave_up > 0
    # Nobody can be told sooner than one behind the other, nor later than the budget of the table.
    assert large.told * 0.008 <= large.last_s <= 5.0


def test_the_fullest_shard_carries_more_than_its_share() -> None:
    assert 100 * 5 / 8 < hottest(100, shards=8, units=5) < 2.5 * 100 * 5 / 8
    assert hottest(100, shards=1, units=5) == 500
