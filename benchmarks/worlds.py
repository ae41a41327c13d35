"""Worlds of tests for measuring: the real handlers on an engine of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from pynamodb.connection import Connection

from benchmarks.page import ROOT
from local.engine import start_engine
from local.resources import Template
from local.template import read_template
from tests.conftest import connect
from tests.world import World, client_of

W = TypeVar("W", bound=World)


@contextmanager
def an_engine() -> Iterator[tuple[Template, str, Connection]]:
    """The template, an engine in memory by its address, and a connection to it."""
    template = read_template(ROOT / "template.yaml", environ={}, queue_url=lambda name: name)
    engine = start_engine()
    connection = connect(engine.endpoint)
    try:
        yield template, engine.endpoint, connection
    finally:
        connection.client.close()
        client_of(engine.endpoint).close()
        engine.stop()


@contextmanager
def a_world(**settings: str) -> Iterator[World]:
    """A world on an engine that ends with it."""
    with a_world_of(World, **settings) as world:
        yield world


@contextmanager
def a_world_of(kind: type[W], /, **settings: str) -> Iterator[W]:
    """The same, of a kind of its own."""
    with an_engine() as (template, endpoint, connection):
        yield kind(template, endpoint, connection, settings=settings)
