"""The warm path is measured on containers of both clients, each with a table of its own."""

import re
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from pynamodb.connection import Connection

from benchmarks import page, warm
from benchmarks.containers import TABLES, Containers, Seen
from benchmarks.phases import CLIENT, LOG, OURS, PHASES, SHAPES
from benchmarks.sampler import Sampler
from benchmarks.visits import VISITS
from greenroom.table.table import CLIENTS, Client
from local.engine import Engine
from local.resources import Template
from tests.world import MovableClock

ROUTE = "GET /api/user"
ROW_OF_CLIENTS = r"^\| (.*) \| (\d\.\d\d) \| \d+% \| \d+% \|$"


class LookingClock(MovableClock):
    """Looks at the stack whenever somebody asks for the time."""

    sampler = Sampler()

    def __call__(self) -> datetime:
        self.sampler.look(signal.SIGPROF, sys._getframe())
        return super().__call__()


@pytest.fixture
def containers(template: Template, engine: Engine, connection: Connection) -> Iterator[Containers]:
    world = Containers(template, engine.endpoint, connection)
    yield world
    world.end()


def asked_in_turns(world: Containers) -> None:
    ada = world.person()
    for client in CLIENTS:
        world.turn_to(client)
        assert ada.call(ROUTE).status == 200
        assert ada.call("GET /api/config").status == 200


def test_each_client_has_containers_and_connections_of_its_own(containers: Containers) -> None:
    asked_in_turns(containers)

    used: dict[Client, Connection] = {}
    for client in CLIENTS:
        containers.turn_to(client)
        used[client] = containers.wiring("account").table.connection
    assert {client: type(one) for client, one in used.items()} == CLIENTS
    assert containers.table.connection not in used.values()
    assert not any(name in vars(containers.wiring("admin")) for name in TABLES)


def test_requests_of_the_route_are_timed_by_client_and_no_others(containers: Containers) -> None:
    with containers.looking_at(ROUTE) as seen:
        asked_in_turns(containers)
    asked_in_turns(containers)

    assert {client: len(one.seconds) for client, one in seen.items()} == dict.fromkeys(CLIENTS, 1)
    assert all(one.seconds[0] > 0 and not one.stacks for one in seen.values())


def test_a_look_falls_into_the_function_and_not_into_what_stands_around_it(
    template: Template, engine: Engine, connection: Connection
) -> None:
    clock = LookingClock()
    world = Containers(template, engine.endpoint, connection, clock=clock)
    world.sampler = clock.sampler

    with world.looking_at(ROUTE) as seen:
        asked_in_turns(world)

    for one in seen.values():
        assert one.stacks
        assert {(stack[0], stack[-1]) for stack in one.stacks} == {(__name__, "greenroom.web.api")}
        assert not one.seconds
    world.end()


def test_the_tables_are_those_of_what_was_seen() -> None:
    shared = Counter(
        {("botocore.client", "greenroom.table.table"): 2, ("pydantic.main",): 1, ("logging",): 1}
    )
    seen: dict[Client, Seen] = {
        "wire": Seen([0.1, 0.2, 9.0], Counter({("greenroom.web.api",): 3, **shared})),
        "botocore": Seen([0.4, 0.4, 9.0], shared),
    }
    calls: dict[str, dict[Client, float]] = {
        "a GetItem": {"wire": 0.002, "botocore": 0.004},
        "two": {"wire": 0.003, "botocore": 0.008},
    }

    written = warm.text({ROUTE: seen}, calls).splitlines()

    told = {CLIENT: "29%", SHAPES: "14%", LOG: "14%", OURS: "43%"}
    shares = " | ".join(told.get(phase, "0%") for phase in PHASES)
    assert f"| {ROUTE} | {shares} |" in written
    assert f"| {warm.ALL} | {shares} |" in written
    assert f"| {ROUTE} | 0.50 | 29% | 50% |" in written
    assert "| a GetItem | 1.0 | 2.0 | 0.50 |" in written
    assert "| two | 1.5 | 4.0 | 0.38 |" in written


def test_the_page_tells_of_every_route_and_that_the_short_way_is_worth_it() -> None:
    written = page.read()[warm.TITLE]

    ratios = {
        route: float(ratio) for route, ratio in re.findall(ROW_OF_CLIENTS, written, re.MULTILINE)
    }
    assert list(ratios) == [*VISITS, warm.ALL]
    assert max(ratio for route, ratio in ratios.items() if route != "GET /api/config") < 0.9
