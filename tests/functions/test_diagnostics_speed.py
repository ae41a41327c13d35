"""How fast the table is from a container, and the container's own state."""

from collections.abc import Callable
from typing import Any

import pytest

from greenroom.diagnostics.timing import pattern_of, timing_of
from greenroom.kernel.clock import Deadline
from greenroom.kernel.limits import TEST_ROUNDS_DEFAULT, TEST_ROUNDS_MAX
from greenroom.table.inspection import close, pool_state
from greenroom.table.item import Item, Key
from greenroom.table.patience import Patience
from greenroom.table.table import Table
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.world import CREDENTIALS, World

KEY = Key(Item, "PROBE", "PROBE")
HASTY = Patience(budget_s=0)
OPERATIONS = ("get", "query", "update", "transaction", "batch")
FIGURES = ("minMs", "p50Ms", "p90Ms", "p99Ms", "maxMs")


def ask(world: World, what: str) -> dict[str, Any]:
    reply = world.person("user_admin").call(f"GET /api/diagnostic/{what}")
    assert reply.status == 200, reply.text
    body: dict[str, Any] = reply.body
    return body


def probes(world: World) -> list[dict[str, Any]]:
    return [row for row in world.rows() if row["PK"]["S"].startswith("PROBE#")]


def test_each_operation_is_timed_as_often_as_asked_and_leaves_nothing(world: World) -> None:
    with faults.plan() as plan:
        told = ask(world, "db-performance?n=3")

    assert told["rounds"] == 3
    assert tuple(told["operations"]) == OPERATIONS
    for timing in told["operations"].values():
        assert (timing["count"], timing["failed"]) == (3, 0)
        figures = [timing[name] for name in FIGURES]
        assert figures == sorted(figures)
        assert figures[0] > 0
    assert {"GetItem": 3, "UpdateItem": 3, "TransactWriteItems": 3, "BatchGetItem": 3}.items() <= {
        name: len(plan.of(name))
        for name in ("GetItem", "UpdateItem", "TransactWriteItems", "BatchGetItem")
    }.items()
    assert probes(world) == []


def test_without_a_number_there_are_ten_rounds(world: World) -> None:
    assert ask(world, "db-performance")["rounds"] == TEST_ROUNDS_DEFAULT


@pytest.mark.parametrize("n", ["0", str(TEST_ROUNDS_MAX + 1), "x", ""])
def test_the_number_of_rounds_is_bounded(world: World, n: str) -> None:
    reply = world.person("user_admin").call(f"GET /api/diagnostic/db-performance?n={n}")

    assert reply.status == 422
    assert reply.body["errors"][0]["field"] == "n"


class TwoRounds(Deadline):
    """A time that is up after two looks, however fast the machine is."""

    looks = 0

    def remaining_s(self, *, keep_s: float = 0.0, at_most_s: float | None = None) -> float:
        """Some, twice."""
        assert keep_s > 0
        type(self).looks += 1
        return 1.0 if self.looks <= 10 else 0.0


def test_rounds_end_with_the_functions_time(world: World) -> None:
    performance = world.wiring("diagnostics").performance

    told = performance.of_operations(TEST_ROUNDS_MAX, deadline=TwoRounds.after(0))

    assert told.rounds == 2
    assert probes(world) == []


def test_what_fails_is_counted_and_its_time_is_not_among_the_others(world: World) -> None:
    wired = world.wiring("diagnostics")
    wired.table = Table(world.table_name, world.connection, clock=world.clock, patience=HASTY)
    with faults.plan(Fault(kind="unavailable", operation="GetItem", at=2)):
        told = ask(world, "db-performance?n=3")

    assert (told["operations"]["get"]["count"], told["operations"]["get"]["failed"]) == (2, 1)
    assert told["operations"]["batch"]["failed"] == 0


def test_a_table_that_has_gone_away_ends_the_test_in_time(world: World) -> None:
    wired = world.wiring("diagnostics")
    wired.table = Table(world.table_name, world.connection, clock=world.clock, patience=HASTY)
    with faults.plan(Fault(kind="unavailable", at=7, times=2)):
        told = ask(world, "db-performance?n=50")

    failed = [one["failed"] for one in told["operations"].values()]
    assert (told["rounds"], sum(failed)) == (2, 2)


def test_figures_are_of_the_nearest_rank() -> None:
    timing = timing_of([float(one) for one in range(1, 101)], failed=0)

    assert (timing.min_ms, timing.p50_ms, timing.p90_ms) == (1, 50, 90)
    assert (timing.p99_ms, timing.max_ms) == (99, 100)
    assert timing_of([], failed=1).p50_ms is None
    assert pattern_of([9, 1, 3, 2]).later_p50_ms == 2


@pytest.mark.parametrize("client", ["wire", "botocore"])
def test_the_pool_tells_of_its_connections_and_what_they_carried(
    make_world: Callable[..., World], client: str
) -> None:
    world = make_world(TABLE_CLIENT=client)
    wired = world.wiring("diagnostics")
    wired.table = wired._open_table()
    wired.table.get(KEY)
    before = ask(world, "connection-pool")
    wired.table.get(KEY)

    told = ask(world, "connection-pool")
    close(wired.table)

    assert told["maxConnections"] == 10
    assert (told["inUse"], told["idle"], told["opened"]) == (0, 1, 1)
    assert told["requests"] == before["requests"] + 1 == 2
    assert told["invocations"] == before["invocations"] + 1
    assert told["coldStart"] is False
    assert told["containerAgeS"] >= before["containerAgeS"]


def test_a_connection_of_botocore_that_carries_a_request_is_in_use(
    make_world: Callable[..., World],
) -> None:
    world = make_world(TABLE_CLIENT="botocore")
    table = world.wiring("diagnostics")._open_table()
    seen: list[int] = []
    client: Any = table.connection.client
    table.get(KEY)
    manager = client._endpoint.http_session._manager
    (pool,) = [manager.pools[key] for key in list(manager.pools.keys())]

    (connection,) = [one for one in pool.pool.queue if one is not None]
    send = connection.request

    def look(*args: Any, **options: Any) -> Any:
        seen.append(pool_state(table).in_use)
        return send(*args, **options)

    connection.request = look
    table.get(KEY)

    assert seen == [1]
    assert pool_state(table).in_use == 0
    close(table)


def test_reads_in_a_row_are_shown_over_the_kept_and_over_a_new_connection(world: World) -> None:
    wired = world.wiring("diagnostics")
    environ = {**wired.environ, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024"}
    wired.rewire(environ=environ, clock=world.clock, table=world.table)

    told = ask(world, "runtime-db-test")

    assert told["region"] == CREDENTIALS["AWS_REGION"]
    assert told["memoryMb"] == 1024
    for pattern in (told["keptConnection"], told["newConnection"]):
        assert len(pattern["allMs"]) == TEST_ROUNDS_DEFAULT
        assert pattern["firstMs"] == pattern["allMs"][0]
        assert pattern["laterP50Ms"] <= pattern["laterMaxMs"] == max(pattern["allMs"][1:])


@pytest.mark.parametrize(
    "what",
    [
        "config",
        "connection-pool",
        "connection-test",
        "db-performance",
        "error-test",
        "runtime-db-test",
        "webhooks",
    ],
)
def test_diagnostics_are_for_admins_alone(world: World, what: str) -> None:
    with faults.plan() as plan:
        assert world.call(f"GET /api/diagnostic/{what}").code == "UNAUTHENTICATED"
        assert world.person().call(f"GET /api/diagnostic/{what}").code == "FORBIDDEN"

    assert plan.calls == []
