"""Every test of a store runs on both engines; each has a table of its own.

``GREENROOM_ENGINES`` (comma list) limits the engines. One that cannot be had fails loudly.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from pynamodb.connection import Connection

from greenroom.table.item import KINDS
from greenroom.table.table import Table
from greenroom.table.wire import WireConnection
from local.engine import Engine, start_engine
from tests.conftest import connect
from tests.store.things import Thing
from tests.world import World, client_of

ENGINES = os.environ.get("GREENROOM_ENGINES", "dynoxide,ministack").split(",")


class Running:
    """The engines of this process, each started when first needed and kept until the end.

    Tests that run in several processes come in no order, so an engine must outlive a test of
    the other one.
    """

    def __init__(self) -> None:
        self.engines: dict[str, Engine] = {}
        self.connections: dict[tuple[str, type], Connection] = {}

    def engine(self, kind: Any) -> Engine:
        if kind not in self.engines:
            self.engines[kind] = start_engine(kind)
        return self.engines[kind]

    def connection(self, engine: Engine, of: type[Connection] = WireConnection) -> Connection:
        if (engine.name, of) not in self.connections:
            self.connections[engine.name, of] = connect(engine.endpoint, of)
        return self.connections[engine.name, of]


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """All engines of this process."""
    running = Running()
    yield running
    for connection in running.connections.values():
        connection.client.close()
    for engine in running.engines.values():
        client_of(engine.endpoint).close()
        engine.stop()


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest, running: Running) -> Engine:
    """Each engine whose transactions are isolated, in memory."""
    return running.engine(request.param)


@pytest.fixture(scope="session")
def connection(engine: Engine, running: Running) -> Connection:
    """One connection for all tables of an engine."""
    return running.connection(engine)


@pytest.fixture(scope="session")
def usual(engine: Engine, running: Running) -> Connection:
    """The same over all of botocore."""
    return running.connection(engine, Connection)


@pytest.fixture
def table(world: World) -> Table:
    """A fresh table."""
    return world.table


@pytest.fixture(autouse=True)
def _things_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind that only these tests have."""
    monkeypatch.setitem(KINDS, Thing.KIND, Thing)
