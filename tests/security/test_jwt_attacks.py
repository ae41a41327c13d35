"""No forged, stale or confused session token opens anything: at the verifier, and over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from pynamodb.connection import Connection

from greenroom.accounts.keys import ConfiguredKeys
from greenroom.accounts.tokens import SessionTokens
from greenroom.kernel.errors import Unauthenticated
from local.engine import Engine
from local.resources import Template
from tests.figures import Figure
from tests.security.forgeries import ISSUER, NOW, PARTY, claims, jwks, sign
from tests.security.jwt_attacks import ATTACKS
from tests.world import MovableClock, World

ROUTES = ("GET /api/user", "GET /api/sessions")


@pytest.fixture(scope="module")
def world(template: Template, engine: Engine, connection: Connection) -> World:
    """The product, with the keys that forgers know the public half of."""
    settings = {"CLERK_ISSUER": ISSUER, "CLERK_JWKS": jwks(), "CLERK_AUTHORIZED_PARTIES": PARTY}
    return World(template, engine.endpoint, connection, settings, clock=MovableClock(NOW))


@pytest.fixture(scope="module")
def verifier() -> SessionTokens:
    return SessionTokens(
        issuer=ISSUER,
        keys=ConfiguredKeys(jwks()),
        authorized_parties=(PARTY,),
        clock=lambda: NOW,
    )


def judged(verifier: SessionTokens, token: Any) -> str:
    """Why the verifier refuses a token; nothing of the token is in it."""
    try:
        return f"accepted: {verifier.verify(token)}"
    except Unauthenticated as refusal:
        told = str(vars(refusal))
        return "tells the token" if token and str(token) in told else str(refusal.log["reason"])


def test_there_are_at_least_thirty_attacks() -> None:
    assert len(ATTACKS) >= 30
    told = [attack() for attack in ATTACKS.values()]
    assert sign(claims()) not in told


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_no_forged_or_broken_token_is_accepted(
    world: World, verifier: SessionTokens, figure: Figure, attack: Callable[[], Any]
) -> None:
    """Over HTTP it is a 401 that says nothing more, and nobody's account is made."""
    token = attack()

    reason = judged(verifier, token)
    before = world.rows()
    headers = {"authorization": f"Bearer {token}"}
    replies = [world.call(route, headers=headers) for route in ROUTES]
    told = {reply.text if reply.status < 400 else reply.code for reply in replies}

    refused = reason.startswith("token-") and told == {"UNAUTHENTICATED"}
    figure("jwt attacks", "refused with 401", good=int(refused), of=1)
    assert refused, (reason, told)
    assert {reply.status for reply in replies} == {401}
    assert world.rows() == before


def test_the_genuine_token_is_accepted(world: World) -> None:
    """So that each attack is refused for what it is."""
    for token in (sign(claims()), sign(claims(), jku="https://evil.example")):
        assert world.call("GET /api/user", token=token).status == 200
