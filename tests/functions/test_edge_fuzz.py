"""Whatever the event holds, a function answers; and never with 500."""

import copy
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenroom.kernel.ids import new_id
from scripts.openapi import all_routes
from tests.functions.edge import STAFF
from tests.world import World

FUNCTIONS = {route.key: function for function, route in all_routes()}
PARTS = ("routeKey", "headers", "queryStringParameters", "pathParameters", "requestContext", "body")

texts = st.text(max_size=40) | st.sampled_from(["", "Bearer ", "application/json", "\ud800", "\0"])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
bodies = texts | values.map(json.dumps) | st.sampled_from(["{}", "[]", "null", '{"sessionId":"x"}'])


@st.composite
def mutations(draw: st.DrawFn) -> dict[str, Any]:
    """Parts of an event to replace; the route stays, so that its handler is met."""
    changed: dict[str, Any] = {
        "headers": draw(st.dictionaries(texts, texts, max_size=3)),
        "queryStringParameters": draw(
            st.none() | st.dictionaries(st.sampled_from(["limit", "cursor", "status"]), texts)
        ),
        "pathParameters": draw(
            st.sampled_from(["id", "sessionId", "interviewId"]).flatmap(
                lambda name: st.dictionaries(st.just(name), texts | st.just(new_id()))
            )
        ),
        "body": draw(st.none() | bodies),
        "isBase64Encoded": draw(st.booleans()),
    }
    for name in draw(st.sets(st.sampled_from(PARTS[1:]), max_size=2)):
        changed[name] = draw(values)
    return changed


@cache
def examples() -> list[tuple[dict[str, Any], bool]]:
    """What to replace, and whether somebody is signed in: drawn once, the same for every route."""
    drawn: list[tuple[dict[str, Any], bool]] = []

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(mutations(), st.booleans())
    def draw(changes: dict[str, Any], signed_in: bool) -> None:
        drawn.append((changes, signed_in))

    draw()
    return drawn


@pytest.mark.parametrize("key", FUNCTIONS)
def test_no_event_breaks_a_function(world: World, key: str) -> None:
    ada = world.person(**STAFF)
    genuine, function = world.event(key.replace("{", "").replace("}", ""), token=ada.token())

    for changes, signed_in in examples():
        event = copy.deepcopy(genuine | changes)
        if signed_in and isinstance(event["headers"], dict):
            event["headers"] |= {
                "authorization": f"Bearer {ada.token()}",
                "content-type": "application/json",
            }

        answer = world.invoke(function, event)

        assert answer["statusCode"] != 500, (event, answer)
        assert 200 <= answer["statusCode"] < 500, event
        assert answer["headers"]["X-Request-Id"]
        json.dumps(answer)
    assert len(examples()) >= 25


@pytest.mark.parametrize("function", sorted(set(FUNCTIONS.values())))
@pytest.mark.parametrize("event", [{}, {"headers": None}, {"requestContext": []}, [], None, "x", 1])
def test_an_event_that_is_none_is_a_404(world: World, function: str, event: Any) -> None:
    answer = world.invoke(function, event)

    assert answer["statusCode"] == 404
    assert json.loads(answer["body"])["requestId"] == "unknown"
