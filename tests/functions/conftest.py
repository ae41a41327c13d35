"""One table for all edge tests: they only need that nobody else's things are in the way."""

import logging
from collections.abc import Iterator

import pytest
from pynamodb.connection import Connection

from greenroom.kernel.log import logger
from greenroom.web.route import Route
from local.engine import Engine
from local.resources import Template
from tests.functions.edge import ORGANIZATION_ID, STAFF, WIDGET_KEY
from tests.logs import Written
from tests.metrics import Emitted
from tests.widgets import SITE, open_widget
from tests.world import Person, World


@pytest.fixture(scope="module")
def shared(template: Template, engine: Engine, connection: Connection) -> World:
    world = World(template, engine.endpoint, connection, origin=SITE)
    open_widget(world, ORGANIZATION_ID, key=WIDGET_KEY)
    return world


@pytest.fixture
def edge(shared: World) -> World:
    """One table for all of these tests; functions wired to it again, since others rewire."""
    shared.rewire()
    return shared


@pytest.fixture
def ada(edge: World, request: pytest.FixtureRequest) -> Person:
    """Somebody who may call the route that the test is about, if it is about one."""
    route = getattr(request.node, "callspec", None) and request.node.callspec.params.get("route")
    is_admins = isinstance(route, Route) and route.auth == "admin"
    return edge.person("user_admin" if is_admins else None, **STAFF)


@pytest.fixture
def written() -> Iterator[Written]:
    log = Written()
    logger.addHandler(log.handler)
    yield log
    logging.getLogger("greenroom").removeHandler(log.handler)


@pytest.fixture
def emitted() -> Iterator[Emitted]:
    with Emitted.collecting() as found:
        yield found
