"""One table for all edge tests: they only need that nobody else's things are in the way."""

import pytest
from pynamodb.connection import Connection

from local.engine import Engine
from local.resources import Template
from tests.functions.edge import STAFF
from tests.world import Person, World


@pytest.fixture(scope="module")
def shared(template: Template, engine: Engine, connection: Connection) -> World:
    return World(template, engine.endpoint, connection)


@pytest.fixture
def edge(shared: World) -> World:
    """One table for all of these tests; functions wired to it again, since others rewire."""
    shared.rewire()
    return shared


@pytest.fixture
def ada(edge: World) -> Person:
    return edge.person(**STAFF)
