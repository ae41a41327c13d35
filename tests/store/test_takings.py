"""What days brought in: whoever looks at a person, and however often, counts each entry once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from greenroom.usage.sums import Span
from greenroom.usage.takings import Counted, Takings
from greenroom.usage.takings_store import DAYS_AT_ONCE, TakingsStore
from tests.usage_log import Row, plain
from tests.world import World

DAY = "2026-11-21"
NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))
FIRST = Takings(interviews_started=1, debited=100, granted=300)
LATER = Takings(interviews_started=2, debited=200, given_back=100, granted=300)


@pytest.fixture
def store(world: World) -> TakingsStore:
    return TakingsStore(world.table)


def test_a_look_that_is_repeated_counts_once(store: TakingsStore) -> None:
    for _ in range(2):
        store.count("ada", {}, {DAY: FIRST})

    assert store.by_day(NOVEMBER) == {DAY: FIRST}


def test_of_looks_at_once_one_counts(store: TakingsStore) -> None:
    store.count("ada", {}, {DAY: FIRST})
    counted = {DAY: Counted(FIRST, 1)}
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: store.count("ada", counted, {DAY: LATER}), range(6)))

    assert store.by_day(NOVEMBER) == {DAY: LATER}


def test_people_and_days_are_added_up(store: TakingsStore) -> None:
    store.count("ada", {}, {DAY: FIRST, "2026-11-22": FIRST, "2026-10-31": FIRST})
    store.count("bob", {}, {DAY: LATER})

    assert store.by_day(NOVEMBER) == {DAY: FIRST + LATER, "2026-11-22": FIRST}


def test_what_has_not_changed_is_not_written(store: TakingsStore, world: World) -> None:
    store.count("ada", {DAY: Counted(FIRST, 1)}, {DAY: FIRST})

    assert world.rows() == []


def test_many_days_take_several_transactions(store: TakingsStore, world: World) -> None:
    days = [f"{2020 + n // 336}-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(3 * DAYS_AT_ONCE)]
    store.count("ada", {}, dict.fromkeys(days, FIRST))

    rows: list[Row] = [plain(raw) for raw in world.rows()]
    assert sum(row.get("debited", 0) for row in rows if row["PK"] == "USER#ada") == sum(
        row.get("debited", 0) for row in rows if row["PK"].startswith("TAKINGS#")
    )
    assert len(rows) == 2 * len(set(days))
