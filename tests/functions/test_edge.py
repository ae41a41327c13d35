"""The edge, for every route there is: who may call, and what is there for whom."""

import json
from typing import Any

import pytest

from greenroom.kernel.ids import new_id
from greenroom.web.route import Route
from scripts.openapi_words import EXAMPLES
from tests.expertise import expert
from tests.fakes.provider import OFFER
from tests.functions.edge import ROUTES, each, example, path_of, saved_interview
from tests.world import Person, Reply, World

BAD_IDS = ["x", "%23", "a%23b", "..", "0" * 300, "SESSION", new_id().upper(), new_id()[:-1]]


def apart_from_its_name(reply: Reply) -> dict[str, Any]:
    return {name: value for name, value in reply.body.items() if name != "requestId"}


@each(lambda route: route.auth != "public")
def test_a_route_without_a_good_token_answers_401(edge: World, route: Route) -> None:
    good = edge.person().token()
    headers: list[dict[str, str]] = [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer  "},
        {"authorization": good},
        {"authorization": f"Basic {good}"},
        {"authorization": "Bearer a.b.c"},
        {"authorization": f"Bearer {good}x"},
        {"authorization": "Bearer \ud800é\0"},
        {"authorization": f"Bearer {edge.person().token(exp=1)}"},
        {"authorization": f"Bearer {edge.person().token(azp='https://evil.example')}"},
        {"cookie": f"__session={good}"},
    ]
    for one in headers:
        reply = edge.call(path_of(route), example(route), headers=one)

        assert reply.status == 401, one
        assert reply.code == "UNAUTHENTICATED"
        assert reply.headers["WWW-Authenticate"] == "Bearer"


@each(lambda route: route.auth == "public")
def test_a_public_route_asks_for_nobody(edge: World, route: Route) -> None:
    expected = 200 if 200 in route.answers else min(route.answers)
    if "/webhooks/" in route.key:
        expected = 400  # it asks for a signature instead
    elif "{token}" in route.path and route.method != "OPTIONS":
        expected = 403  # and the widget for a link
    elif route.body is not None:
        expected = 422
    assert edge.call(path_of(route)).status == expected
    assert edge.call(path_of(route), token="nonsense").status == expected


SUPPORT: dict[str, Any] = {
    "act": {"iss": "https://dashboard.clerk.com", "sid": "sess_9", "sub": "user_support"}
}


def test_what_is_a_persons_own_to_do_is_declared_so() -> None:
    """Their money and their account; a new route of that sort belongs here."""
    assert {key for key, route in ROUTES.items() if route.in_person} == {
        "POST /api/admin/ai/adjustments",
        "POST /api/admin/credits",
        "PUT /api/admin/ai/quota",
        "POST /api/checkout",
        "POST /api/billing-portal",
        "POST /api/intake/{intakeId}/credits",
        "POST /api/intake/{intakeId}/waiver",
        "POST /api/organizations/{organizationId}/bookings/{bookingId}/checkout",
        "POST /api/organizations/{organizationId}/me",
        "POST /api/purchases/{purchaseId}/redeem",
        "POST /api/purchases/{purchaseId}/refund",
        "DELETE /api/user",
    }


@each(lambda route: route.in_person)
def test_whoever_impersonates_a_person_is_refused_what_is_theirs_to_do(
    edge: World, route: Route
) -> None:
    """Also an impersonated admin; before the body is read, and without a trace in the table."""
    edge.person("user_admin").credits()
    before = edge.rows()

    for one in (edge.person(**SUPPORT), edge.person("user_admin", **SUPPORT)):
        for body in (example(route), "{", None):
            reply = one.call(path_of(route), body)

            assert (reply.status, reply.code) == (403, "IMPERSONATED")
            assert reply.body["error"] == reply.body["detail"]
    assert edge.rows() == before


@each(lambda route: route.method == "GET" and route.auth == "person")
def test_whoever_impersonates_a_person_may_look(edge: World, route: Route) -> None:
    ada = edge.person()
    ada.credits()
    support = edge.person(ada.clerk_id, **SUPPORT)
    known_id = new_id()

    seen, theirs = (one.call(path_of(route, known_id)) for one in (support, ada))

    assert seen.status == theirs.status
    assert seen.status in {200, 204, 404} or seen.code == "NOT_AN_EXPERT"


@each(lambda route: route.auth == "admin")
def test_an_admins_route_answers_403_to_others(edge: World, route: Route) -> None:
    """Before the body is read, and before anything is looked for."""
    allowed = edge.person("user_admin").call(path_of(route), example(route))
    assert allowed.status in {200, 404, 422}
    for body in (None, example(route), "{"):
        assert edge.person().call(path_of(route), body).code == "FORBIDDEN"
    claims: dict[str, Any] = {
        "role": "admin",
        "public_metadata": {"role": "admin"},
        "org_role": "org:admin",
    }
    assert edge.person(**claims).call(path_of(route)).status == 403


@pytest.mark.parametrize("function", ["account", "diagnostics", "sessions"])
@pytest.mark.parametrize("key", ["GET /api/nothing", "PUT /api/user", "$default", "", None])
def test_a_route_that_is_not_declared_is_a_404(edge: World, function: str, key: str | None) -> None:
    event, _ = edge.event("GET /api/user")

    answer = edge.invoke(function, event | {"routeKey": key})

    assert answer["statusCode"] == 404
    assert json.loads(answer["body"])["code"] == "NOT_FOUND"


def test_a_function_answers_only_its_own_routes(edge: World, ada: Person) -> None:
    event, _ = edge.event("GET /api/user", token=ada.token())

    assert edge.invoke("sessions", event)["statusCode"] == 404
    assert edge.invoke("account", event)["statusCode"] == 200


@each(lambda route: "{" in route.path)
def test_what_is_no_id_unknown_or_foreign_is_one_and_the_same_404(
    edge: World, route: Route
) -> None:
    """Of an expert, too, who may see more than others."""
    edge.rewire(EXPERT_SIGNUP="open")
    ada, bob = expert(edge), edge.person()
    theirs = saved_interview(edge, bob)
    body = example(route)
    if route.auth == "admin":
        ada = edge.person("user_admin")

    replies = [ada.call(path_of(route, one), body) for one in [*BAD_IDS, new_id(), theirs]]

    assert [reply.status for reply in replies] == [404] * len(replies)
    first = apart_from_its_name(replies[0])
    assert all(apart_from_its_name(reply) == first for reply in replies)


@each(lambda route: "sessionId" in EXAMPLES.get(route.key, {}))
def test_a_session_that_a_body_names_is_the_same_404_too(edge: World, route: Route) -> None:
    ada, bob = edge.person(), edge.person()
    theirs = saved_interview(edge, bob)
    sent = example(route)
    if "sdp" in sent:
        sent["sdp"] = OFFER.decode()
        # A genuine token of somebody else's opens nothing either.
        sent["token"] = bob.start().body["token"]

    replies = [
        ada.call(path_of(route), sent | {"sessionId": one}) for one in ["x", new_id(), theirs]
    ]

    assert [reply.status for reply in replies] == [404] * 3, replies[0].text
    first = apart_from_its_name(replies[0])
    assert all(apart_from_its_name(reply) == first for reply in replies)
