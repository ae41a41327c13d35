"""docs/performance.md and docs/costs.md say what the handlers do now."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from benchmarks import costs, counting, counts, interview, page
from benchmarks.__main__ import SECTIONS, load
from tests.world import World


@pytest.fixture
def measured(make_world: Callable[..., World]) -> list[counting.Cost]:
    return counts.measure(make_world(**counting.QUEUES))


def test_the_pages_are_what_make_bench_would_write(measured: list[counting.Cost]) -> None:
    assert page.read()[interview.TITLE].startswith(interview.text(measured))
    assert interview.COSTS.read_text(encoding="utf-8") == costs.page(measured)


def test_the_page_has_every_section_in_order_and_nothing_else() -> None:
    order = [load(name).TITLE for name in SECTIONS]

    assert list(page.read()) == order
    assert page.PAGE.read_text(encoding="utf-8") == page.page(page.read(), order)


def test_they_are_counted_with_the_shards_of_a_deployment() -> None:
    limits = page.ROOT / "layers" / "greenroom" / "greenroom" / "kernel" / "limits.py"

    assert f"INDEX_SHARDS = {counting.SHARDS}" in limits.read_text(encoding="utf-8")


def test_one_more_write_unit_in_a_start_costs_what_it_costs(measured: list[counting.Cost]) -> None:
    dearer = [
        counting.Cost(**{**vars(one), "write_units": one.write_units + (one.name == "start")})
        for one in measured
    ]

    before, after = (
        sum(line.usd for line in costs.lines_of(some)[0]) for some in (measured, dearer)
    )

    assert after - before == Decimal("0.000625")  # a thousand write units
