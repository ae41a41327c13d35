"""A payment that met an active session is banked: seen, redeemed once, or given back once."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from greenroom.payments.domain import Purchase
from tests.fakes.stripe import Stripe, open_stripe
from tests.till import Till, event_of
from tests.unit.payments.stripe_events import fixture
from tests.world import Person, Reply, World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

REFUNDS = "/v1/refunds"


@pytest.fixture
def till(world: World) -> Till:
    return Till(world)


@pytest.fixture
def ada(world: World) -> Person:
    person = world.person()
    person.credits()
    return person


def banked(till: Till, person: Person, *, sku: str = "standard", **members: Any) -> Purchase:
    """A session's payment that arrived while the person was in another one."""
    till.outcome(till.paid(till.seed(person, "quick")))
    purchase = till.seed(person, sku)
    assert till.outcome(till.paid(purchase, **members)) == "banked"
    return purchase


def free(person: Person) -> None:
    active = person.call("GET /api/sessions/active").body["sessionId"]
    assert person.call(f"POST /api/sessions/{active}/cancel").status == 200


def redeem(person: Person, purchase: Purchase) -> Reply:
    return person.call(f"POST /api/purchases/{purchase.purchase_id}/redeem")


def refund(person: Person, purchase: Purchase) -> Reply:
    return person.call(f"POST /api/purchases/{purchase.purchase_id}/refund")


def shown(person: Person, purchase: Purchase) -> dict[str, Any]:
    items = person.call("GET /api/purchases").body["items"]
    found: dict[str, Any] = next(one for one in items if one["id"] == purchase.purchase_id)
    return found


def test_a_payment_while_a_session_is_active_is_banked_and_listed(till: Till, ada: Person) -> None:
    purchase = banked(till, ada)

    one = shown(ada, purchase)
    assert (one["status"], one["reason"]) == ("banked", "active_session")
    assert (one["redeemable"], one["refundable"], one["sessionId"]) == (True, True, None)


def test_a_banked_payment_becomes_exactly_one_session_when_the_person_is_free(
    till: Till, ada: Person
) -> None:
    purchase = banked(till, ada)
    busy = redeem(ada, purchase)
    assert (busy.status, busy.code) == (409, "ACTIVE_SESSION_EXISTS")
    free(ada)

    done, again = redeem(ada, purchase), redeem(ada, purchase)

    assert done.status == 200, done.text
    session = ada.call(f"GET /api/sessions/{done.body['sessionId']}").body
    assert (session["type"], session["paymentMethod"]) == ("video", "stripe")
    assert done.body["purchase"]["sessionId"] == done.body["sessionId"]
    assert (again.status, again.code) == (409, "PURCHASE_NOT_REDEEMABLE")
    assert again.body["purchaseStatus"] == "fulfilled"
    one = shown(ada, purchase)
    assert (one["status"], one["redeemable"], one["refundable"]) == ("fulfilled", False, False)


def test_parallel_redemptions_open_one_session(till: Till, ada: Person) -> None:
    purchase = banked(till, ada)
    free(ada)
    replies: list[Reply] = []
    barrier = threading.Barrier(8)

    def click() -> None:
        barrier.wait()
        replies.append(redeem(ada, purchase))

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(reply.status for reply in replies) == [200] + [409] * 7
    codes = {reply.code for reply in replies if reply.status == 409}
    assert codes <= {"PURCHASE_NOT_REDEEMABLE", "ACTIVE_SESSION_EXISTS"}
    listed = ada.call("GET /api/sessions").body["items"]
    assert sorted(one["type"] for one in listed) == ["chat", "video"]


def test_only_a_banked_payment_is_redeemed_and_only_by_its_owner(
    till: Till, ada: Person, world: World
) -> None:
    pack = till.seed(ada)
    assert redeem(ada, pack).code == "PURCHASE_NOT_REDEEMABLE"
    till.outcome(till.paid(pack))
    assert redeem(ada, pack).code == "PURCHASE_NOT_REDEEMABLE"
    purchase = banked(till, ada)
    free(ada)

    assert redeem(world.person(), purchase).status == 404
    assert redeem(world.person("user_admin"), purchase).status == 404


def test_what_went_back_or_is_disputed_is_not_redeemed(till: Till, ada: Person) -> None:
    purchase = banked(till, ada)
    free(ada)
    till.outcome(till.about(purchase, event_of(fixture(30))))
    assert redeem(ada, purchase).body["purchaseStatus"] == "disputed"

    till.outcome(till.about(purchase, event_of(fixture(32))))
    assert redeem(ada, purchase).status == 200


def test_a_payment_that_went_back_before_it_arrived_opens_nothing(till: Till, ada: Person) -> None:
    purchase = till.seed(ada, "standard")
    refunded = till.about(purchase, event_of(fixture(26)), amount=purchase.amount_cents)
    till.outcome(refunded)

    assert till.outcome(till.paid(purchase)) == "banked"

    assert till.now(purchase).reason == "reversed"
    assert ada.call("GET /api/sessions/active").status == 204
    assert redeem(ada, purchase).code == "PURCHASE_NOT_REDEEMABLE"


# With Stripe itself, as far as the stand-in is Stripe


@pytest.fixture
def stripe(world: World, tmp_path: Path) -> Iterator[Stripe]:
    with open_stripe(tmp_path, world) as running:
        yield running


@pytest.fixture
def bank(stripe: Stripe, till: Till, ada: Person) -> Purchase:
    """A banked payment that Stripe knows, of the price of credits so that it can be paid."""
    started = ada.call("POST /api/checkout", {"sku": "credits_3"})
    stripe.act(f"checkout/{started.body['checkoutSessionId']}/pay")
    (paid,) = stripe.get("payment_intents")["data"]
    till.outcome(till.paid(till.seed(ada, "quick")))
    purchase = till.seed(ada, "standard")
    event = till.paid(purchase, payment_intent=paid["id"])
    assert till.outcome(event) == "banked"
    return purchase


def test_an_unused_payment_goes_back_exactly_once(
    stripe: Stripe, ada: Person, bank: Purchase
) -> None:
    first, second = refund(ada, bank), refund(ada, bank)

    assert first.status == 202, first.text
    assert (second.status, second.code) == (409, "PURCHASE_NOT_REFUNDABLE")
    assert len(stripe.get("refunds")["data"]) == 1
    free(ada)
    assert redeem(ada, bank).code == "PURCHASE_NOT_REDEEMABLE", "a refund is under way"


def test_parallel_refunds_make_one(stripe: Stripe, ada: Person, bank: Purchase) -> None:
    threads = [threading.Thread(target=refund, args=(ada, bank)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(stripe.get("refunds")["data"]) == 1


def test_a_refund_whose_answer_was_lost_is_asked_again_under_the_same_key(
    stripe: Stripe, ada: Person, bank: Purchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("greenroom.payments.gateway.STRIPE_TIMEOUT_S", 1.0)
    monkeypatch.setattr("greenroom.payments.gateway.STRIPE_RETRIES", 0)
    stripe.rewire()
    stripe.fault("POST", REFUNDS, "actThenHang", seconds=3)

    lost = refund(ada, bank)
    assert (lost.status, lost.code) == (504, "PROVIDER_TIMEOUT")
    assert shown(ada, bank)["redeemable"] is False
    assert refund(ada, bank).status == 202

    assert len(stripe.get("refunds")["data"]) == 1


def test_a_refund_that_stripe_declines_leaves_the_payment_as_it_was(
    stripe: Stripe, ada: Person, bank: Purchase
) -> None:
    (paid,) = stripe.get("payment_intents")["data"]
    stripe.refund(paid["id"])  # by an operator, whose news has not arrived

    declined = refund(ada, bank)

    assert (declined.status, declined.code) == (409, "PURCHASE_NOT_REFUNDABLE")
    assert shown(ada, bank)["redeemable"] is True


def test_what_was_used_is_given_back_by_an_admin_alone(
    stripe: Stripe, ada: Person, world: World
) -> None:
    started = ada.call("POST /api/checkout", {"sku": "credits_3"})
    stripe.pay(started)
    path = f"POST /api/purchases/{started.body['purchaseId']}/refund"
    mine = ada.call(path)
    assert (mine.status, mine.code) == (403, "FORBIDDEN")

    assert world.person("user_admin").call(path).status == 202
    stripe.settle()

    assert ada.credits() == 3.0
    assert ada.call("GET /api/purchases").body["items"][0]["status"] == "refunded"
