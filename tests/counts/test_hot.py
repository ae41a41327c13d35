"""Hot spots: whatever conflicts, nothing is sold twice, nothing is lost, and everybody is told."""

import time
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError

from benchmarks import hot, page
from benchmarks.contention import contention
from benchmarks.counting import QUEUES, as_deployed
from tests.parallel import together
from tests.quotas import Metered
from tests.usage_log import assert_sums_are_those_of_the_rows
from tests.world import World, client_of

COMMIT_S = 0.002  # less than in a region, so that the test is over sooner
CALLS = 60


@pytest.fixture(autouse=True)
def _deployed() -> Iterator[None]:
    with as_deployed():
        yield


@pytest.mark.timeout(300)  # five hundred threads on whatever machine this is
def test_of_five_hundred_who_book_thirty_seats_at_once_thirty_have_one(world: World) -> None:
    found = hot.hot_class(world, hot.BOOKERS, hot.SEATS, commit_s=COMMIT_S)

    assert (found.done, found.too_many) == (hot.SEATS, 0)
    assert found.answers["201"] == hot.SEATS
    assert found.answers["409 CLASS_FULL"] == hot.BOOKERS - hot.SEATS
    assert set(found.answers) <= {"201", "409 CLASS_FULL", "503 STORE_UNAVAILABLE"}
    assert sum(found.seen.conflicts.values()) > 0


def test_a_tenant_that_calls_all_the_time_is_counted_once_a_call(
    make_world: Callable[..., World],
) -> None:
    world = make_world(**QUEUES)

    found = hot.hot_tenant(world, CALLS, commit_s=COMMIT_S)

    assert (found.done, found.too_many, found.answers["200"]) == (CALLS, 0, CALLS)
    assert set(found.answers) <= {"200", "503 STORE_UNAVAILABLE"}
    Metered(world).audit()
    assert_sums_are_those_of_the_rows(world)
    logged = sum(row["kind"]["S"] == "ai_log" for row in world.rows())
    assert logged + found.spilled == CALLS


def test_the_page_says_that_nothing_was_sold_twice() -> None:
    written = page.read()[hot.TITLE]
    table = [line for line in written.splitlines() if line.startswith("|")]

    assert written.startswith(hot.filled("\n".join(table[2:])))
    assert f"| done exactly once | {hot.SEATS} | {hot.CALLS:,} |" in written
    assert "| done too often | 0 | 0 |" in written


# The rule itself


def _put(world: World, key: str, *, in_transaction: bool) -> Callable[[], object]:
    client = client_of(world.endpoint)
    item = {"TableName": world.table_name, "Item": {"PK": {"S": key}, "SK": {"S": "A"}}}
    if in_transaction:
        return lambda: client.transact_write_items(TransactItems=[{"Put": item}])
    return lambda: client.put_item(**item)


@pytest.mark.parametrize(
    ("others", "conflicts"), [((True, True), 1), ((True, False), 1), ((False, False), 0)]
)
def test_what_overlaps_a_transaction_on_its_item_is_refused(
    world: World, others: tuple[bool, bool], conflicts: int
) -> None:
    refused: list[str] = []

    def tried(write: Callable[[], object], after_s: float) -> None:
        time.sleep(after_s)
        try:
            write()
        except ClientError as refusal:
            refused.append(refusal.response["Error"]["Code"])

    first, second = (_put(world, "X", in_transaction=one) for one in others)
    with contention(0.2) as seen:
        together(lambda: tried(first, 0), lambda: tried(second, 0.05))

    assert len(refused) == conflicts == sum(seen.conflicts.values())
