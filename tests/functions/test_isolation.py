"""Organisations are apart: every route of one, against everybody who has nothing to do with it.

The requests come from the route table. A new route of an organisation is tried without a change
here; one that names what nobody knows here yet fails, and the failure says what is missing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from greenroom.kernel.ids import new_id
from greenroom.web.route import Route
from scripts.openapi import all_routes
from tests.isolated import (
    CHOSEN,
    KINDS,
    PERSONAL,
    PLACES,
    PLAIN,
    Shot,
    Side,
    apart_from_its_name,
    named_ids,
    shots,
    studio_routes,
    unknown,
)
from tests.widgets import SITE
from tests.world import Person, Reply, World

HOME = "/api/organizations/{organizationId}"
# What customers may ask for; every other route is the staff's.
CUSTOMERS_MAY = {
    f"GET {HOME}",
    f"GET {HOME}/clients/{{clientId}}",
    f"PATCH {HOME}/clients/{{clientId}}",
    f"GET {HOME}/leads/{{customerId}}",
    f"PATCH {HOME}/leads/{{customerId}}",
    f"GET {HOME}/packages",
    f"GET {HOME}/memberships",
    f"GET {HOME}/payment-methods",
    f"GET {HOME}/classes",
    f"GET {HOME}/classes/{{classSessionId}}",
    f"POST {HOME}/classes/{{classSessionId}}/waitlist",
    f"POST {HOME}/bookings",
    f"GET {HOME}/bookings",
    f"GET {HOME}/bookings/payment-options",
    f"GET {HOME}/bookings/{{bookingId}}",
    f"POST {HOME}/bookings/{{bookingId}}/cancel",
    f"POST {HOME}/bookings/{{bookingId}}/confirm",
    f"POST {HOME}/bookings/{{bookingId}}/checkout",
}
# What whoever is signed in may do: become a customer.
EVERYBODY_MAY = {f"POST {HOME}/me"}
# What of the staff only admins may do.
ADMINS_MAY = {f"PATCH {HOME}", f"POST {HOME}/widget-key"}
# What nobody does for a customer.
THEMSELVES_ALONE = {f"POST {HOME}/bookings/{{bookingId}}/checkout"}


def of(routes: Iterable[Route]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("route", list(routes), ids=lambda route: route.key)


each = of(studio_routes())
closed = of(route for route in studio_routes() if route.key not in EVERYBODY_MAY)
the_staffs = of(
    route for route in studio_routes() if route.key not in CUSTOMERS_MAY | EVERYBODY_MAY
)
the_customers = of(route for route in studio_routes() if route.key in CUSTOMERS_MAY)


@pytest.fixture(scope="module")
def victim(shared: World) -> Side:
    return Side(shared, "canaryvermilion")


@pytest.fixture(scope="module")
def mine(shared: World) -> Side:
    return Side(shared, "magpieochre")


@pytest.fixture(scope="module")
def spent(shared: World) -> Side:
    return Side(shared, "linnetumber")


@pytest.fixture(scope="module")
def outsiders(shared: World, mine: Side) -> dict[str, Person]:
    return {
        "another studio's admin": mine.studio.admin,
        "another studio's member": mine.member,
        "another studio's client": mine.own["client"].person,
        "another studio's lead": mine.own["lead"].person,
        "nobody's": shared.person(),
    }


def leaks(reply: Reply, canaries: set[str]) -> set[str]:
    """What the answer tells of what it may not, in any case of letters."""
    told = f"{reply.text} {dict(reply.headers)}".casefold()
    return {one for one in canaries if one.casefold() in told}


def test_everything_that_a_route_names_is_known_here() -> None:
    """A new id in a path, a query or a body: say in ``Side.ids`` what it is of a studio."""
    assert {route.key: named_ids(route) - PLACES - PLAIN - CHOSEN for route in studio_routes()} == {
        route.key: set() for route in studio_routes()
    }


def test_what_is_named_here_are_routes() -> None:
    named = CUSTOMERS_MAY | EVERYBODY_MAY | ADMINS_MAY
    assert {route.key for route in studio_routes()} >= named


@each
def test_the_same_requests_with_ones_own_ids_are_understood(spent: Side, route: Route) -> None:
    """So that what the other tests see refused is refused for whose it is."""
    # A lead who becomes a client is nobody's lead any more.
    side = Side(spent.world, "linnetash") if "/convert" in route.key else spent
    for shot in shots(route):
        reply = shot.sent_by(_whoever_may(side, shot), side.ids(shot))
        by_member = shot.sent_by(side.member, side.ids(shot))

        assert reply.status < 300 or reply.status == 409, (shot, reply.text)
        refused = by_member.status == 403
        assert refused == (route.key in ADMINS_MAY | THEMSELVES_ALONE)


def _whoever_may(side: Side, shot: Shot) -> Person:
    alone = shot.route.key in THEMSELVES_ALONE
    return side.own[shot.kind].person if alone else side.studio.admin


@closed
def test_whoever_has_nothing_to_do_with_an_organisation_finds_nothing_there(
    shared: World, victim: Side, outsiders: dict[str, Person], route: Route
) -> None:
    """With real ids of everything, and the same answer as where there is no organisation."""
    before = shared.rows()

    for shot in shots(route):
        nothing = shot.sent_by(shared.person(), unknown(shot))
        assert nothing.status == 404
        for who, person in outsiders.items():
            reply = shot.sent_by(person, victim.ids(shot))

            assert apart_from_its_name(reply) == apart_from_its_name(nothing), (who, shot)
            assert leaks(reply, victim.everything) == set(), (who, shot)
    assert shared.rows() == before


@each
def test_nobody_signed_in_is_told_nothing(shared: World, victim: Side, route: Route) -> None:
    before = shared.rows()

    for shot in shots(route):
        target, body = shot.filled(victim.ids(shot))
        reply = shared.call(target, body)

        assert (reply.status, reply.code) == (401, "UNAUTHENTICATED")
        assert leaks(reply, victim.everything) == set()
    assert shared.rows() == before


@closed
def test_an_id_of_another_organisation_is_the_id_of_nothing(
    shared: World, victim: Side, mine: Side, route: Route
) -> None:
    """In one's own organisation: each id for itself, in path, query and body."""
    before = shared.rows()

    for person, refused in _insiders(mine):
        for shot, place in _places(route):
            own = mine.ids(shot)
            theirs = shot.sent_by(person, own | {place: victim.ids(shot)[place]})
            nothing = shot.sent_by(person, own | {place: new_id()})

            assert apart_from_its_name(theirs) == apart_from_its_name(nothing), (shot, place)
            assert theirs.status in refused, (shot, place)
            assert leaks(theirs, victim.everything) == set(), (shot, place)
    assert shared.rows() == before


@the_staffs
def test_customers_are_refused_what_is_the_staffs(
    shared: World, victim: Side, route: Route
) -> None:
    """Whether there is such a thing or not; also when it is their own."""
    before = shared.rows()

    for person, shot in product(_customers(victim), shots(route)):
        home = {"organizationId": victim.studio.organization_id}
        nothing = shot.sent_by(person, unknown(shot) | home)
        reply = shot.sent_by(person, victim.ids(shot))

        assert (reply.status, reply.code) == (403, "FORBIDDEN")
        assert apart_from_its_name(reply) == apart_from_its_name(nothing)
        assert leaks(reply, victim.everything) == set()
    assert shared.rows() == before


@the_customers
def test_customers_are_refused_what_is_another_customers(
    shared: World, victim: Side, route: Route
) -> None:
    """Of either kind: each id of the other for itself, and all together."""
    before = shared.rows()

    for kind, shot in product(KINDS, shots(route)):
        me, theirs = victim.other[kind], victim.ids(shot)
        personal = PERSONAL & set(shot.places)
        mine = victim.ids(shot, me)
        mixed = [mine | {place: theirs[place]} for place in personal if shot.kind == kind]
        for ids in [theirs, *mixed]:
            reply = shot.sent_by(me.person, ids)

            assert reply.status in ({403, 404} if personal else {200, 403}), (shot, reply.text)
            assert leaks(reply, victim.personal(but=me)) == set(), shot
    assert shared.rows() == before


@each
def test_what_is_no_id_is_the_id_of_nothing(shared: World, victim: Side, route: Route) -> None:
    """Of one's own staff, too; a genuine id in another spelling or inside another key is none."""
    before = shared.rows()

    for place, shot in {place: shot for shot, place in _places(route)}.items():
        ids = victim.ids(shot)
        known = ids[place]
        nothing = shot.sent_by(victim.studio.admin, ids | {place: new_id()})
        for odd in _odd(known):
            reply = shot.sent_by(victim.studio.admin, ids | {place: odd})

            if reply.status not in {400, 422}:  # as of a body that cannot be read, or is too long
                assert apart_from_its_name(reply) == apart_from_its_name(nothing), (place, odd)
            assert leaks(reply, victim.everything) == set()
    assert shared.rows() == before


def _odd(known: str) -> list[str]:
    """What cannot be an id: and a path has no part that is empty."""
    return [
        known.upper(),
        known.replace("-", ""),
        f"{known}#CLASS",
        f"C#cl#{known}",
        "#",
        "%23",
        "..",
        "*",
        known.replace("-", "\u2010"),
        f"{known}\u200b",
        f" {known}",
        f"org_{known}",
        "org_",
        "org_\ud800",
        "\ud800",
        "\0",
        "\u0130" * 64,
    ]


def _customers(side: Side) -> list[Person]:
    return [one.person for one in side.own.values()]


def _insiders(mine: Side) -> list[tuple[Person, set[int]]]:
    """People of an organisation, and how they may be refused there."""
    customers = [(person, {403, 404}) for person in _customers(mine)]
    return [(mine.studio.admin, {404}), *customers]


def _places(route: Route) -> Iterator[tuple[Shot, str]]:
    return ((shot, place) for shot in shots(route) for place in shot.places)


def test_whoever_becomes_a_customer_is_told_of_nobody_else(shared: World) -> None:
    """An e-mail that somebody only says is theirs makes them nobody who is there already."""
    side = Side(shared, "canaryruby")
    taken = side.own["client"].customer.email

    for person in (shared.person(), shared.person(email=taken, email_verified=False)):
        joined = person.call(f"POST {side.studio.home}/me", {"name": "Newcomer"})
        again = person.call(f"POST {side.studio.home}/me", {"name": "Newcomer"})

        assert (joined.status, again.status) == (201, 200)
        assert joined.body["customer"]["kind"] == "lead"
        assert again.body == joined.body
        assert leaks(joined, side.personal()) == set()
        assert person.call(f"GET {side.studio.home}/bookings").body["items"] == []


def test_nobody_finds_another_organisations_customers_by_name_or_e_mail(
    victim: Side, mine: Side
) -> None:
    found = [victim.own[kind].customer for kind in KINDS]

    for text in [victim.word, *(one.name for one in found), *(one.email or "" for one in found)]:
        for kind in ("clients", "leads"):
            path = f"/{kind}?q={text}"
            reply = mine.studio.staff(f"GET {path}")

            assert (reply.status, reply.body["items"]) == (200, [])
            there = victim.studio.staff(f"GET {path}").body["items"]
            assert len(there) <= len(victim.own) * 3
    assert victim.studio.staff(f"GET /clients?q={victim.word}").body["items"]


def test_ids_and_e_mails_are_each_organisations_own(
    shared: World, victim: Side, mine: Side
) -> None:
    """Whoever imports a customer with an id and an e-mail of another one learns nothing."""
    theirs = [row for row in shared.rows() if victim.studio.organization_id in row["PK"]["S"]]

    for kind in KINDS:
        known = victim.own[kind].customer
        body = {"name": "Mine", "id": known.ref.customer_id, "email": known.email}
        made = mine.studio.staff(f"POST /{kind}s", body)

        assert made.status == 201, made.text
        assert made.body["name"] == "Mine"
        assert {made.body["notes"], made.body["phone"], made.body["userId"]} == {None}
    assert theirs == [
        row for row in shared.rows() if victim.studio.organization_id in row["PK"]["S"]
    ]


def test_nobody_is_told_of_organisations_that_are_not_theirs(
    victim: Side, outsiders: dict[str, Person]
) -> None:
    for person in outsiders.values():
        reply = person.call("GET /api/organizations")

        assert reply.status == 200
        assert leaks(reply, victim.everything) == set()
    mine = victim.own["lead"].person.call("GET /api/organizations").body["items"]
    assert [one["organizationId"] for one in mine] == [victim.studio.organization_id]


def test_a_member_who_was_removed_finds_nothing_any_more(shared: World) -> None:
    """Whatever a token says that is still good; only Clerk's news of a new membership counts."""
    side = Side(shared, "canarysienna")
    side.employ(side.member)
    assert _sees(side, side.member) == 200

    side.employ(side.member, removed=True)

    before = shared.rows()
    for shot in _one_of_each():
        if shot.route.key not in EVERYBODY_MAY:
            reply = shot.sent_by(side.member, side.ids(shot))
            assert reply.status == 404, shot
            assert leaks(reply, side.everything) == set()
    assert shared.rows() == before


def test_a_member_who_was_removed_and_is_a_customer_is_no_more_than_that(shared: World) -> None:
    side = Side(shared, "canarycoral")
    me = side.own["client"]
    person = shared.person(me.person.clerk_id, **side.member.claims)
    side.employ(person)
    assert _sees(side, person) == 200

    side.employ(person, removed=True)

    assert _sees(side, person) == 403
    assert person.call(f"GET {side.studio.home}/bookings").status == 200


def test_a_deleted_organisation_is_there_for_nobody(shared: World) -> None:
    """Neither for its staff, nor for its customers; also by a token that calls it active."""
    side = Side(shared, "canaryumber")
    _deleted(side)
    before = shared.rows()

    people = [side.studio.admin, side.member, *_customers(side), shared.person()]
    for shot in _one_of_each():
        nothing = shot.sent_by(people[-1], unknown(shot))
        for person in people:
            reply = shot.sent_by(person, side.ids(shot))

            assert apart_from_its_name(reply) == apart_from_its_name(nothing), shot
            assert reply.status == 404
            assert leaks(reply, side.everything) == set()
    assert shared.rows() == before


def test_clerks_id_of_an_organisation_opens_it_for_those_in_it_alone(
    shared: World, victim: Side, outsiders: dict[str, Person]
) -> None:
    before = shared.rows()

    for shot in _one_of_each():
        if shot.route.method != "GET":
            continue
        ids = victim.ids(shot) | {"organizationId": victim.studio.clerk_id}
        assert shot.sent_by(victim.studio.admin, ids).status == 200
        nothing = shot.sent_by(shared.person(), unknown(shot))
        for person in outsiders.values():
            reply = shot.sent_by(person, ids)

            assert apart_from_its_name(reply) == apart_from_its_name(nothing)
    assert shared.rows() == before


def test_a_page_of_one_organisation_does_not_go_on_in_another(
    shared: World, victim: Side, mine: Side
) -> None:
    """A cursor holds a key: it is good for its own list alone."""
    for route in studio_routes():
        for shot in shots(route) if "cursor" in route.query else ():
            paged = replace(shot, query=(*shot.query, ("limit", "1")))
            cursor = paged.sent_by(victim.studio.admin, victim.ids(shot)).body["nextCursor"]
            assert cursor, f"{route.key}: a list of one tells nothing of its cursors"

            forged = replace(paged, query=(*paged.query, ("cursor", cursor)))
            reply = forged.sent_by(mine.studio.admin, mine.ids(shot))

            assert (reply.status, reply.code) == (400, "INVALID_REQUEST")
            assert leaks(reply, victim.everything) == set()


def test_a_key_of_one_organisations_staff_replays_nothing_in_another(shared: World) -> None:
    """One person who works in two, the same body and the same Idempotency-Key."""
    sides = [Side(shared, word) for word in ("canaryteal", "magpieteal")]
    person = shared.person()
    for side in sides:
        side.employ(person)
    key = {"idempotency-key": "one and the same"}

    for shot in (shot for shot in _one_of_each() if shot.route.spends):
        ids = sides[0].ids(shot)
        there = {"organizationId": sides[1].studio.organization_id}
        (first, body), (second, same) = shot.filled(ids), shot.filled(ids | there)
        theirs = person.call(first, body, headers=key)
        mine = person.call(second, same, headers=key)

        assert "Idempotency-Replayed" not in mine.headers
        assert leaks(mine, sides[0].everything) == set(), (shot, theirs.status)


def _sees(side: Side, person: Person) -> int:
    """Whether the person sees what is the staff's."""
    return person.call(f"GET {side.studio.home}/classes/{side.class_id}/roster").status


def test_a_widget_is_of_its_own_studio_alone(shared: World, victim: Side, mine: Side) -> None:
    """Neither a class nor the link of a booking of another one's is anything to it."""
    site, there = (_widget(side) for side in (mine, victim))
    body = {"name": "Robin", "email": "robin@example.com", "classSessionId": victim.open_id}
    booked = _visit(shared, f"POST /api/widget/{there}/bookings", body)
    token = booked.body["manageToken"]
    canaries = victim.everything | {token}

    def lasting() -> list[dict[str, Any]]:
        return [row for row in shared.rows() if row["kind"]["S"] != "rate"]

    before = lasting()
    for _, route in all_routes():
        if "{key}" in route.path and route.method != "OPTIONS":
            target = route.key.replace("{key}", site)
            sent = {"token": (token, "x"), "classSessionId": (victim.open_id, new_id())}
            replies = [
                _visit(
                    shared,
                    target.replace("{token}", sent["token"][n]),
                    body | {"classSessionId": sent["classSessionId"][n]} if route.body else None,
                )
                for n in (0, 1)
            ]

            assert apart_from_its_name(replies[0]) == apart_from_its_name(replies[1]), route.key
            assert leaks(replies[0], canaries) == set()
            named = route.body is not None or "{token}" in route.path
            assert replies[0].status in ({403, 404} if named else {200})
    assert lasting() == before


def _widget(side: Side) -> str:
    """A key of the studio's widget, which may stand on one site."""
    assert side.studio.staff("PATCH ", {"allowedOrigins": [SITE]}).status == 200
    shown = side.studio.staff("POST /widget-key").body
    return str(shown["studio"]["widget"]["key"])


def _visit(world: World, route: str, body: Any) -> Reply:
    return world.call(route, body, headers={"origin": SITE})


def _one_of_each() -> Iterator[Shot]:
    return (next(shots(route)) for route in studio_routes())


def _deleted(side: Side) -> None:
    """Delete an organisation as Clerk's news of it would."""
    store = side.world.wiring("bookings").organization_store
    known = store.organization(side.studio.organization_id)
    assert known is not None
    tx = store.transaction()
    store.add_organization(tx, replace(known, deleted=True), before=known)
    tx.commit()
