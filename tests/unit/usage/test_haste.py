"""Whatever hangs, a row is out of the way of its answer in time: measured at real sockets."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from greenroom.kernel.limits import HASTE_BUDGET_S, HASTE_QUEUE_TIMEOUT_S
from greenroom.kernel.queue import Queue
from greenroom.table.haste import hasty
from greenroom.table.table import CLIENTS, Client, Table
from greenroom.usage.log import UsageLog
from greenroom.usage.log_store import LogStore
from tests.usage_log import FACTS
from tests.world import MovableClock

MACHINE_S = 1.0  # what a busy machine may add; without our timeouts it would be minutes


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that accepts and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_table_and_a_queue_that_hang_hold_nothing_up_for_longer_than_their_budgets(
    silent: str, client: Client
) -> None:
    patient = Table.open("greenroom", endpoint=silent, region="eu-central-1", client=client)
    queue = Queue(f"{silent}/1/q", endpoint=silent, timeout_s=HASTE_QUEUE_TIMEOUT_S, tries=1)
    lines: list[object] = []
    log = UsageLog(
        LogStore(hasty(patient)),
        queue=lambda: queue,
        clock=MovableClock(),
        note=lambda *_: None,
        report=lambda *told: lines.append(told),
    )
    assert log.write(FACTS) == "lost"  # the clients are made by the first

    began_s = time.monotonic()
    assert log.write(FACTS) == "lost"

    assert time.monotonic() - began_s < HASTE_BUDGET_S + 2 * HASTE_QUEUE_TIMEOUT_S + MACHINE_S
    assert len(lines) == 2


@pytest.mark.parametrize("client", CLIENTS)
def test_the_hasty_connection_shares_what_is_dear_to_make(client: Client) -> None:
    table = Table.open(
        "greenroom", endpoint="http://127.0.0.1:1", region="eu-central-1", client=client
    )

    beside = hasty(table)

    assert beside.connection is not table.connection
    assert isinstance(beside.connection, CLIENTS[client])
    if client == "botocore":
        assert beside.connection.session is table.connection.session
    assert beside.connection.client is not table.connection.client
    assert beside.patience.budget_s == HASTE_BUDGET_S < table.patience.budget_s
