"""Engines are shared by the whole run; every world has a table of its own."""

import gc
import os
from collections.abc import Callable, Generator, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests import actions, figures
from tests.actions import (  # noqa: F401 (hooks of pytest)
    pytest_configure,
    pytest_sessionfinish,
    pytest_testnodedown,
)
from tests.canaries import pytest_runtest_makereport  # noqa: F401 (a hook of pytest)
from tests.figures import (  # noqa: F401 (a fixture, and hooks of pytest)
    figure,
    pytest_collection_modifyitems,
    pytest_runtest_logreport,
    pytest_terminal_summary,
)
from tests.world import CREDENTIALS, World, client_of

os.environ.update(CREDENTIALS)
os.environ.pop("AWS_PROFILE", None)

import botocore.session
import httpx
from hypothesis import settings
from pynamodb.connection import Connection

from greenroom.kernel import limits
from greenroom.kernel.limits import STORE_READ_TIMEOUT_S
from greenroom.table import item, pool, table
from greenroom.table.wire import WireConnection
from local.engine import Engine, start_engine
from local.resources import Template
from local.template import read_template

ROOT = Path(__file__).parents[1]
# A sweep reads every partition of the work index, and many tests sweep: two tell as much as eight.
for module in (limits, item, table):
    vars(module)["INDEX_SHARDS"] = 2

# Engines close a connection that was idle for five seconds, maybe while something is being sent.
vars(pool)["IDLE_S"] = 2.0

# Each botocore session parses its endpoints and DynamoDB's model anew; a command of ops opens one.
botocore.session.create_loader = cache(botocore.session.create_loader)

# Each client of httpx reads all the world's certificates anew (20 ms), and here nobody speaks TLS.
vars(httpx._transports.default)["create_ssl_context"] = cache(httpx.create_ssl_context)

# make test installs no browser driver; make test-browser does.
collect_ignore = [] if find_spec("playwright") else ["browser"]

# The same examples in every run, without a deadline: these machines are shared and noisy.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a run writes down, where somebody asks for it."""
    figures.pytest_addoption(parser)
    actions.pytest_addoption(parser)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among what the finding of 16,000 tests makes: all of it stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def template() -> Template:
    """The product's template, as the laptop cloud reads it."""
    return read_template(ROOT / "template.yaml", environ={}, queue_url=lambda name: name)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """A DynamoDB engine whose transactions are isolated, in memory."""
    started = start_engine()
    yield started
    client_of(started.endpoint).close()
    started.stop()


@pytest.fixture(scope="session")
def connection(engine: Engine) -> Iterator[Connection]:
    """One connection for all tables of the run."""
    made = connect(engine.endpoint)
    yield made
    made.client.close()


@pytest.fixture
def world(template: Template, engine: Engine, connection: Connection) -> Iterator[World]:
    """A world of its own."""
    made = World(template, engine.endpoint, connection)
    yield made
    made.end()


@pytest.fixture
def make_world(
    template: Template, engine: Engine, connection: Connection
) -> Iterator[Callable[..., World]]:
    """Worlds with settings of their own."""
    made: list[World] = []

    def make(**settings: str) -> World:
        made.append(World(template, engine.endpoint, connection, settings=settings))
        return made[-1]

    yield make
    for one in made:
        one.end()


def connect(endpoint: str, of: type[Connection] = WireConnection) -> Connection:
    """A connection as ``Table.open`` makes it, with patience for a busy machine."""
    return of(
        region=CREDENTIALS["AWS_REGION"],
        host=endpoint,
        connect_timeout_seconds=5,
        read_timeout_seconds=max(STORE_READ_TIMEOUT_S, 10),
        max_retry_attempts=0,
    )
