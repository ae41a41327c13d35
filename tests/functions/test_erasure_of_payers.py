"""Deleting the account of somebody who has paid: Stripe's side ends, nothing tells who it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.stripe import Stripe, open_stripe
from tests.reliability import test_erasure_crashes as erasures
from tests.world import World

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def stripe(world: World, tmp_path: Path) -> Iterator[Stripe]:
    with open_stripe(tmp_path, world) as running:
        yield running


def test_a_live_subscription_ends_with_the_account(stripe: Stripe, world: World) -> None:
    """Nobody goes on paying for an account that is gone."""
    ada = world.person(email=f"{erasures.CANARY}.payer@example.org", email_verified=True)
    stripe.pay(ada.call("POST /api/checkout", {"sku": "coach_monthly"}))
    (subscription,) = ada.call("GET /api/subscriptions").body["items"]

    assert ada.call("DELETE /api/user").status == 202
    erasures.finish(world)

    at_stripe = stripe.get(f"subscriptions/{subscription['subscriptionId']}")
    assert at_stripe["status"] == "canceled"


def test_no_row_tells_who_has_paid(stripe: Stripe, world: World) -> None:
    """Stripe's events are kept for replay, and name the payer nowhere."""
    email = f"{erasures.CANARY}.payer@example.org"
    ada = world.person(email=email, email_verified=True, name="Canary Payer")
    stripe.pay(ada.call("POST /api/checkout", {"sku": "credits_3"}), email=email)
    before = erasures.ledger_of(world, ada)

    assert ada.call("DELETE /api/user").status == 202
    erasures.finish(world)
    stripe.settle()

    assert erasures.leaks(world) == []
    assert erasures.ledger_of(world, ada) == before
