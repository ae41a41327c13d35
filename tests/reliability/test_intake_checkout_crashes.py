"""The card checkout of an intake while the process, the store or Stripe fails at any call."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.expertise import audit
from tests.fakes.stripe import Stripe, open_stripe
from tests.intakes import checkout, intake_of, shown, sign, signed
from tests.parallel import together
from tests.reliability import faults
from tests.reliability.every_call import sampled
from tests.reliability.faults import Crash, Fault, Kind
from tests.world import World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

CALLS_MAX = 40
CHECKOUTS = "/v1/checkout/sessions"


@pytest.fixture
def stripe(world: World, tmp_path: Path) -> Iterator[Stripe]:
    with open_stripe(tmp_path, world) as running:
        yield running


@pytest.mark.parametrize("kind", ["crash_before", "crash_after", "timeout_after", "unavailable"])
def test_a_checkout_that_fails_at_any_call_of_the_store_is_taken_up(
    stripe: Stripe, kind: Kind
) -> None:
    for at in sampled(CALLS_MAX):
        ada = stripe.world.person()
        intake_id = signed(ada)
        with faults.plan(Fault(kind=kind, at=at)) as plan, suppress(Crash):
            checkout(ada, intake_id)
        if not plan.fired:
            assert at > 5
            return

        again = checkout(ada, intake_id)

        assert again.status == 200, again.text
        assert len(ada.call("GET /api/purchases").body["items"]) == 1
        stripe.pay(again)
        (session,) = ada.call("GET /api/sessions").body["items"]
        assert shown(ada, intake_id)["sessionId"] == session["sessionId"]
        audit(stripe.world)
    pytest.fail("the checkout makes more calls than that")


@pytest.mark.parametrize("kind", ["refuse", "actThenHang"])
def test_a_checkout_whose_page_was_lost_at_stripe_is_taken_up(
    stripe: Stripe, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("greenroom.payments.gateway.STRIPE_TIMEOUT_S", 1.0)
    monkeypatch.setattr("greenroom.payments.gateway.STRIPE_RETRIES", 0)
    ada = stripe.world.person()
    intake_id = signed(ada)
    stripe.fault("POST", CHECKOUTS, kind, seconds=3)

    lost, again = checkout(ada, intake_id), checkout(ada, intake_id)

    assert lost.status >= 500
    assert again.status == 200, again.text
    assert len(stripe.get("checkout/sessions")["data"]) == 1
    stripe.pay(again)
    assert shown(ada, intake_id)["status"] == "consumed"


def test_a_checkout_that_stripe_refused_is_begun_anew(stripe: Stripe) -> None:
    ada = stripe.world.person()
    intake_id = signed(ada)
    stripe.fault("POST", CHECKOUTS, "status", status=400, times=1)
    refused = checkout(ada, intake_id)
    assert refused.status == 502

    stripe.pay(checkout(ada, intake_id))

    assert shown(ada, intake_id)["status"] == "consumed"
    assert [one["status"] for one in ada.call("GET /api/purchases").body["items"]] == [
        "fulfilled",
        "expired",
    ]


def test_sixteen_clicks_are_one_page_and_one_purchase(stripe: Stripe) -> None:
    ada = stripe.world.person()
    intake_id = signed(ada)

    replies = together(*[lambda: checkout(ada, intake_id) for _ in range(16)])

    assert {reply.status for reply in replies} == {200}
    assert len({reply.body["checkoutUrl"] for reply in replies}) == 1
    assert len(ada.call("GET /api/purchases").body["items"]) == 1


def test_sixteen_signatures_are_one(stripe: Stripe) -> None:
    ada = stripe.world.person()
    intake_id = intake_of(ada)

    replies = together(*[lambda: sign(ada, intake_id) for _ in range(16)])

    assert {reply.status for reply in replies} == {200}
    assert len([row for row in stripe.world.rows() if row["kind"]["S"] == "waiver"]) == 1
