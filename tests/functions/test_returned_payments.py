"""What goes back by itself: whatever stands in the way of one payment, none is forgotten."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from greenroom.payments.items import PurchaseItem
from tests.expertise import Customer
from tests.fakes.stripe import Stripe, open_stripe
from tests.functions.test_edge_errors import raw_set
from tests.intakes import checkout, shown, signed
from tests.parallel import together
from tests.till import event_of
from tests.unit.payments.stripe_events import fixture
from tests.world import Person

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

DAY_S = 86_400
REFUNDS = "/v1/refunds"


@pytest.fixture
def stripe(world: Any, tmp_path: Path) -> Iterator[Stripe]:
    with open_stripe(tmp_path, world) as running:
        yield running


def returned(stripe: Stripe) -> tuple[Person, str]:
    """Somebody whose paid session ended before it began, and their purchase."""
    ada = stripe.world.person()
    intake_id = signed(ada)
    begun = checkout(ada, intake_id)
    stripe.pay(begun)
    Customer(ada, shown(ada, intake_id)["sessionId"]).move("cancel")
    return ada, begun.body["purchaseId"]


def purchase_of(person: Person, purchase_id: str) -> dict[str, Any]:
    items = person.call("GET /api/purchases").body["items"]
    return next(one for one in items if one["id"] == purchase_id)


def due(stripe: Stripe) -> list[str]:
    rows = stripe.world.rows()
    keys = [row.get("GSI2PK", {"S": ""})["S"] for row in rows]
    return [key for key in keys if key.startswith("DUE#refund#")]


def disputed(stripe: Stripe, purchase_id: str, number: int) -> None:
    held = stripe.till.store.purchase(purchase_id)
    assert held is not None
    event = event_of(fixture(number), payment_intent=held.purchase.payment_intent_id)
    assert stripe.till.outcome(event) == "applied"


def test_a_row_that_cannot_be_read_stops_no_other_refund_and_no_erasure(stripe: Stripe) -> None:
    people = [returned(stripe) for _ in range(3)]
    row = PurchaseItem.at(people[0][1])
    raw_set(stripe.world, row.pk, row.sk, "amount_cents", {"S": "many"})
    stripe.world.clock.move(DAY_S)

    swept = stripe.world.sweep()

    assert (swept["refunds_refunded"], swept["refunds_failed"]) == (2, 1)
    assert len(stripe.requests(REFUNDS)) == 2


def test_a_dispute_holds_a_refund_until_it_is_won(stripe: Stripe) -> None:
    ada, purchase_id = returned(stripe)
    disputed(stripe, purchase_id, 30)
    stripe.world.clock.move(DAY_S)
    assert stripe.world.sweep()["refunds_refunded"] == 0
    assert stripe.requests(REFUNDS) == []
    disputed(stripe, purchase_id, 32)
    stripe.world.clock.move(DAY_S)

    assert stripe.world.sweep()["refunds_refunded"] == 1

    stripe.settle()
    assert purchase_of(ada, purchase_id)["status"] == "refunded"
    assert due(stripe) == []


def test_what_an_operator_has_refunded_is_not_refunded_again(stripe: Stripe) -> None:
    _, purchase_id = returned(stripe)
    held = stripe.till.store.purchase(purchase_id)
    assert held is not None
    stripe.refund(str(held.purchase.payment_intent_id))
    stripe.settle()
    before = len(stripe.requests(REFUNDS))
    stripe.world.clock.move(DAY_S)

    assert stripe.world.sweep()["refunds_refunded"] == 0

    assert len(stripe.requests(REFUNDS)) == before
    assert due(stripe) == []


def test_the_rest_of_what_went_back_in_part_goes_back_by_itself(stripe: Stripe) -> None:
    ada, purchase_id = returned(stripe)
    held = stripe.till.store.purchase(purchase_id)
    assert held is not None
    stripe.refund(str(held.purchase.payment_intent_id), amount="500")
    stripe.settle()
    stripe.world.clock.move(DAY_S)

    assert stripe.world.sweep()["refunds_refunded"] == 1

    stripe.settle()
    assert purchase_of(ada, purchase_id)["status"] == "refunded"


def test_an_admins_refund_leaves_the_session_which_then_opens_no_other(stripe: Stripe) -> None:
    world, ada = stripe.world, stripe.world.person()
    intake_id = signed(ada)
    begun = checkout(ada, intake_id)
    stripe.pay(begun)
    session = Customer(ada, shown(ada, intake_id)["sessionId"])
    route = f"POST /api/purchases/{begun.body['purchaseId']}"
    assert world.person("user_admin").call(f"{route}/refund").status == 202
    stripe.settle()
    assert session.status == "pending"

    session.move("cancel")

    assert ada.call(f"{route}/redeem").code == "PURCHASE_NOT_REDEEMABLE"
    world.clock.move(DAY_S)
    world.sweep()
    assert len(stripe.requests(REFUNDS)) == 1
    assert due(stripe) == []


def test_a_sweep_whose_refund_was_lost_asks_again_under_the_same_key(
    stripe: Stripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("greenroom.payments.gateway.STRIPE_TIMEOUT_S", 1.0)
    monkeypatch.setattr("greenroom.payments.gateway.STRIPE_RETRIES", 0)
    ada, purchase_id = returned(stripe)
    stripe.rewire()
    stripe.world.clock.move(DAY_S)
    stripe.fault("POST", REFUNDS, "actThenHang", seconds=3)
    assert stripe.world.sweep()["refunds_failed"] == 1
    assert purchase_of(ada, purchase_id)["redeemable"] is False

    stripe.world.clock.move(300)
    assert stripe.world.sweep()["refunds_refunded"] == 1

    assert len(stripe.get("refunds")["data"]) == 1
    assert due(stripe) == []


def test_sweeps_at_once_refund_once(stripe: Stripe) -> None:
    returned(stripe)
    stripe.world.clock.move(DAY_S)

    swept = together(*[stripe.world.sweep for _ in range(6)])

    assert sum(one["refunds_refunded"] for one in swept) == 1
    assert len(stripe.requests(REFUNDS)) == 1


def test_a_sweep_that_is_out_of_time_leaves_the_rest_to_the_next(
    stripe: Stripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    returned(stripe)
    stripe.world.clock.move(DAY_S)
    with monkeypatch.context() as slow:
        slow.setattr("greenroom.payments.purchases.REFUNDS_SWEEP_S", 0.0)
        assert stripe.world.sweep()["refunds_refunded"] == 0

    assert stripe.world.sweep()["refunds_refunded"] == 1
