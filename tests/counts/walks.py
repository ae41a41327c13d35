"""All walks, and what they count in all: each route of the table, each use case that writes."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from pynamodb.connection import Connection

from benchmarks.counting import Cost, as_deployed
from local.resources import Template
from tests.counts import of_buyers, of_experts, of_operators, of_people, of_studios, of_widgets
from tests.counts.walk import Walk
from tests.reliability.use_cases import USE_CASES


def use_case(name: str, walk: Walk) -> None:
    """One of the use cases whose crashes are tried."""
    done = USE_CASES[name].set(walk)
    walk.case(name, done.act)


WALKS: Mapping[str, Callable[[Walk], None]] = {
    "account": of_people.account,
    "interview": of_people.interview,
    "chat": of_people.chat,
    "intake": of_experts.intake,
    "desk": of_experts.desk,
    "shop": of_buyers.shop,
    "diagnostics": of_buyers.diagnostics,
    "studio": of_studios.studio,
    "classes": of_studios.classes,
    "widget": of_widgets.widget,
    "ai": of_operators.ai,
    "admin": of_operators.admin,
    "webhooks": of_operators.webhooks,
    "schedules": of_operators.schedules,
    **{f"use case {name}": partial(use_case, name) for name in USE_CASES},
}


def count(
    template: Template, endpoint: str, connection: Connection, folder: Path
) -> dict[str, Cost]:
    """What everything costs, by route and by name of a use case."""
    found: dict[str, Cost] = {}
    with as_deployed():
        for name, go in WALKS.items():
            settings = USE_CASES[name[9:]].settings if name.startswith("use case") else {}
            place = folder / name.replace(" ", "-")
            place.mkdir()
            walk = Walk(template, endpoint, connection, folder=place, **settings)
            try:
                go(walk)
            finally:
                walk.end()
            assert not found.keys() & walk.costs.keys()
            found |= walk.costs
    return found
