"""Every route, asked by those who have no business there: nothing is told, nothing is changed.

The matrix is made from the route table: a new route is in it without a change here; one that
names what nobody knows here yet fails in ``victims.Victim``.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from pynamodb.connection import Connection

from greenroom.web.route import Route
from local.engine import Engine
from local.resources import Template
from scripts.openapi import all_routes
from tests.figures import Figure
from tests.isolated import Side
from tests.security.victims import Request, Victim
from tests.widgets import SITE
from tests.world import Person, Reply, World

ROUTES = [route for _, route in all_routes()]
JOINS = "POST /api/organizations/{organizationId}/me"  # whoever is signed in may become a customer
LASTING = {JOINS, "DELETE /api/user"}  # after which somebody is no stranger, or nobody, any more
STRANGERS = ("another person", "another organisation's admin", "no organisation", "deleted")
_OWN_ID = re.compile(r'"requestId": ?"[^"]*"')


@pytest.fixture(scope="module")
def world(template: Template, engine: Engine, connection: Connection) -> World:
    return World(template, engine.endpoint, connection, origin=SITE)


@pytest.fixture(scope="module")
def victim(world: World) -> Victim:
    return Victim(world)


@pytest.fixture(scope="module")
def mine(template: Template, engine: Engine, connection: Connection) -> Victim:
    """The same in a world of its own, whose owners do with it what they may."""
    return Victim(World(template, engine.endpoint, connection, origin=SITE))


@pytest.fixture(scope="module")
def other(world: World) -> Side:
    """A studio that is not the victim's, with a widget of its own."""
    return Side(world, "magpieochre")


@pytest.fixture(scope="module")
def widget_key(other: Side) -> str:
    assert other.studio.staff("PATCH ", {"allowedOrigins": [SITE]}).status == 200
    return str(other.studio.staff("POST /widget-key").body["studio"]["widget"]["key"])


@pytest.fixture(scope="module")
def strangers(world: World, victim: Victim, other: Side) -> dict[str, Person]:
    """The deleted one was a client of the victim's own studio, and has a token that is good."""
    deleted = victim.side.other["client"].person
    assert deleted.call("DELETE /api/user").status == 202
    world.sweep()
    admin, person, nobody = other.studio.admin, other.own["client"].person, world.person()
    for one in (admin, person, nobody):
        one.credits()
    return dict(zip(STRANGERS, (person, admin, nobody, deleted), strict=True))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_a_stranger_sees_nothing_and_changes_nothing(
    world: World,
    victim: Victim,
    strangers: dict[str, Person],
    widget_key: str,
    figure: Figure,
    route: Route,
) -> None:
    """What is answered is what is answered about things that do not exist."""
    requests = list(victim.requests(route, widget_key=widget_key))
    assert requests
    people = dict(strangers)
    if route.key in LASTING:
        people |= {who: world.person() for who in STRANGERS[:-1]}
    before = rows_of(world)

    found = {
        who: [one for sent in requests for one in faults(route, victim, sent, person)]
        for who, person in people.items()
    }

    changed = differences(before, rows_of(world), people.values())
    wrong = {who: (told, changed) for who, told in found.items() if told or changed}
    good = len(STRANGERS) - len(wrong)
    figure("foreign access", "routes by strangers", good=good, of=len(STRANGERS))
    assert wrong == {}


@pytest.mark.parametrize("name", ["sessionId", "interviewId", "purchaseId", "intakeId", "offerId"])
def test_their_owner_is_answered_otherwise(mine: Victim, widget_key: str, name: str) -> None:
    """So that what is refused above is refused for whose it is: on every route of such a thing."""
    routes = [route for route in ROUTES if f"{{{name}}}" in route.path]
    routes.sort(key=lambda route: (route.method == "DELETE", route.method))
    assert routes

    for route in routes:
        assert any(
            plain(sent.sent_by(person)) != plain(sent.twin.sent_by(person))
            for sent in mine.requests(route, widget_key=widget_key)
            for person in (sent.owner, mine.expert)
            if sent.twin is not None and person is not None
        ), route.key


def faults(route: Route, victim: Victim, sent: Request, person: Person) -> Iterator[str]:
    """What is wrong with how a stranger is answered."""
    reply = sent.sent_by(person)
    told = f"{reply.text} {dict(reply.headers)}".casefold()
    seen = victim.public if route.auth == "public" or route.key == JOINS else set()
    if told_of := {one for one in victim.private - seen if one.casefold() in told}:
        yield f"{sent.target} tells {told_of}"
    if sent.twin is not None and route.key != JOINS:
        nothing = sent.twin.sent_by(person)
        if plain(reply) != plain(nothing):
            yield f"{sent.target}: {plain(reply)} is not {plain(nothing)}"
    if route.auth == "admin" and (reply.status, reply.code) != (403, "FORBIDDEN"):
        yield f"{sent.target}: {reply.status} to one who is no admin"
    if reply.status == 500:
        yield f"{sent.target}: {reply.status} {reply.code}"


def plain(reply: Reply) -> tuple[int, str, dict[str, str]]:
    """All of an answer but the request's own id."""
    headers = {name: one for name, one in reply.headers.items() if name != "X-Request-Id"}
    return reply.status, _OWN_ID.sub("", reply.text), headers


def rows_of(world: World) -> dict[str, Any]:
    """Every row by its key."""
    return {f"{row['PK']['S']} {row['SK']['S']}": row for row in world.rows()}


def differences(
    before: dict[str, Any], after: dict[str, Any], strangers: Iterable[Person]
) -> list[str]:
    """What is changed of what is not the strangers' own, apart from counts of visits."""
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    own = {one.user_id for one in strangers}
    return sorted(
        key
        for key in changed
        if not key.endswith(" RATE")
        and not any(one in f"{before.get(key, '')} {after.get(key, '')}" for one in own)
    )
