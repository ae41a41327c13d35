"""Worlds of tests for measuring: the real handlers on an engine of their own."""

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.page import ROOT
from local.engine import start_engine
from local.template import read_template
from tests.conftest import connect
from tests.world import World


@contextmanager
def a_world(**settings: str) -> Iterator[World]:
    """A world, and its engine in memory, which ends with it."""
    template = read_template(ROOT / "template.yaml", environ={}, queue_url=lambda name: name)
    engine = start_engine()
    try:
        yield World(template, engine.endpoint, connect(engine.endpoint), settings=settings)
    finally:
        engine.stop()
