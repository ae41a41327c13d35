"""What the edge tests share: every route there is, its paths and examples."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from greenroom.customers.domain import NewCustomer
from greenroom.kernel.ids import new_id
from greenroom.organizations.domain import organization_id_of
from greenroom.organizations.repo import OrgRepo
from greenroom.web.route import Route
from scripts.openapi import all_routes
from scripts.openapi_words import EXAMPLES
from tests.fakes.provider import OFFER
from tests.world import Person, World

# Every person of these tests works in one studio, so that its routes read what is sent to them.
STAFF: dict[str, Any] = {"o": {"id": "org_edge", "rol": "admin", "slg": "edge"}}
ORGANIZATION_ID = organization_id_of("org_edge")
WIDGET_KEY = "wk_" + "e" * 24
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
        .replace("{organizationId}", ORGANIZATION_ID)
        .replace("{classSessionId}", "{id}")
        .replace("{bookingId}", "{id}")
        .replace("{clientId}", "{id}")
        .replace("{customerId}", "{id}")
        .replace("{passId}", "{id}")
        .replace("{userId}", "{id}")
        .replace("{key}", known_id or WIDGET_KEY)
        .replace("{token}", "x")
        .replace("{id}", known_id or new_id())
    )


def example(route: Route, session_id: str | None = None) -> Any:
    body = copy.deepcopy(EXAMPLES.get(route.key))
    if body and "sessionId" in body:
        body["sessionId"] = session_id or new_id()
    if body and "organizationId" in body:
        body["organizationId"] = ORGANIZATION_ID
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


def list_of(route: Route, world: World, person: Person) -> str:
    """The address of a list that is there, up to where more of its query follows."""
    if "{userId}" in route.path:
        person.credits()
        return f"{path_of(route, person.user_id)}?"
    path = path_of(route, saved_interview(world, person)) if "{" in route.path else path_of(route)
    if "ref" in route.query:
        person.credits()
        return f"{path}?ref={person.user_id}&"
    if "clientId" not in route.query:
        return f"{path}?"
    wired = world.wiring("bookings")
    repo = OrgRepo.of_system(ORGANIZATION_ID)
    customer = wired.customers.create(repo, "client", NewCustomer(name="Ada")).customer
    return f"{path}?clientId={customer.ref.customer_id}&"
