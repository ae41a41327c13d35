"""docs/performance.md and docs/costs.md say what the handlers do now."""

from decimal import Decimal

import pytest

from benchmarks import __main__ as bench
from benchmarks import costs, counts
from tests.world import World


@pytest.fixture
def measured(world: World) -> list[counts.Cost]:
    return counts.measure(world)


def test_the_pages_are_what_make_bench_would_write(measured: list[counts.Cost]) -> None:
    told = bench.TEXT.format(costs=counts.table(measured))

    assert bench.PAGE.read_text(encoding="utf-8") == told
    assert bench.COSTS.read_text(encoding="utf-8") == costs.page(measured)


def test_they_are_counted_with_the_shards_of_a_deployment() -> None:
    limits = bench.ROOT / "layers" / "greenroom" / "greenroom" / "kernel" / "limits.py"

    assert f"INDEX_SHARDS = {counts.SHARDS}" in limits.read_text(encoding="utf-8")


def test_one_more_write_unit_in_a_start_costs_what_it_costs(measured: list[counts.Cost]) -> None:
    dearer = [
        counts.Cost(**{**vars(one), "write_units": one.write_units + (one.name == "start")})
        for one in measured
    ]

    before, after = (
        sum(line.usd for line in costs.lines_of(some)[0]) for some in (measured, dearer)
    )

    assert after - before == Decimal("0.000625")  # a thousand write units
