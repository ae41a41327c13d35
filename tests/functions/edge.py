"""What the edge tests share: every route there is, its paths and examples."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from greenroom.kernel.ids import new_id
from greenroom.web.route import Route
from scripts.openapi import all_routes
from scripts.openapi_words import EXAMPLES
from tests.fakes.provider import OFFER
from tests.world import Person, World

ROUTES = {route.key: route for _, route in all_routes()}


def each(chosen: Callable[[Route], object]) -> pytest.MarkDecorator:
    found = [one for one in ROUTES.values() if chosen(one)]
    return pytest.mark.parametrize("route", found, ids=lambda one: one.key)


def path_of(route: Route, known_id: str | None = None) -> str:
    return (
        route.key.replace("{sessionId}", "{id}")
        .replace("{interviewId}", "{id}")
        .replace("{purchaseId}", "{id}")
        .replace("{intakeId}", "{id}")
        .replace("{offerId}", "{id}")
        .replace("{id}", known_id or new_id())
    )


def example(route: Route, session_id: str | None = None) -> Any:
    body = copy.deepcopy(EXAMPLES.get(route.key))
    if body and "sessionId" in body:
        body["sessionId"] = session_id or new_id()
    return body


def saved_interview(world: World, person: Person) -> str:
    """A session of that person that was answered, saved and so completed."""
    started = person.start()
    assert started.status == 201, started.text
    assert person.exchange(started, OFFER).status == 201
    session_id: str = started.body["sessionId"]
    messages = [{"role": "user", "content": "Hello.", "timestamp": 1}]
    saved = person.call("POST /api/interviews", {"sessionId": session_id, "messages": messages})
    assert saved.status == 201, saved.text
    world.clock.move(1)
    return session_id
