"""The flows that origin 002 lists, end to end: free, paid by card, and the conflict."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from greenroom.kernel.clock import to_text
from greenroom.payments.catalogue import CATALOGUE, Catalogue, ExpertSession
from greenroom.payments.items import PurchaseItem
from tests.expertise import Customer, accept, audit, claim, expert, offer_of, queue
from tests.fakes.stripe import Stripe, open_stripe
from tests.functions.test_edge_errors import raw_set
from tests.intakes import (
    Card,
    begin,
    checkout,
    intake_of,
    pay,
    shown,
    sign,
    signed,
)
from tests.parallel import together
from tests.world import Person, World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def stripe(world: World, tmp_path: Path) -> Iterator[Stripe]:
    with open_stripe(tmp_path, world) as running:
        world.rewire(EXPERT_SIGNUP="open", INITIAL_CENTICREDITS="1000")
        yield running


@pytest.fixture
def ada(stripe: Stripe) -> Person:
    return stripe.world.person(email="ada@example.com")


def purchase_of(person: Person, purchase_id: str) -> dict[str, Any]:
    items = person.call("GET /api/purchases").body["items"]
    return next(one for one in items if one["id"] == purchase_id)


def paid_for(stripe: Stripe, person: Person, intake_id: str) -> tuple[dict[str, Any], Customer]:
    """A card payment on Stripe's page, and the session that its news opened."""
    begun = checkout(person, intake_id)
    stripe.pay(begun)
    session_id = shown(person, intake_id)["sessionId"]
    return begun.body, Customer(person, session_id)


def test_free_session_end_to_end(stripe: Stripe, ada: Person) -> None:
    begun = begin(ada, "free", vehicle="Volvo V60", concern="Brakes")
    session = Customer(ada, begun.body["sessionId"])
    assert session.status == "pending"
    assert begun.body["redirect"].startswith("/intake/waiver?session=")

    bob = expert(stripe.world)
    assert queue(bob) == [session.session_id]
    sign(ada, begun.body["intakeId"])
    assert accept(bob, offer_of(bob, session.session_id)).status == 200
    session.move("start", by=bob)
    session.move("end")

    assert session.status == "completed"
    assert session.events[0] == "created"
    audit(stripe.world)


def test_paid_session_end_to_end(stripe: Stripe, ada: Person) -> None:
    bob = expert(stripe.world, isSpecialist=True, workshopId="north")
    begun = begin(
        ada,
        "standard",
        urgent=True,
        isSpecialist=True,
        preferredMechanicId=bob.user_id,
        routingType="priority_broadcast",
    )
    intake_id = begun.body["intakeId"]
    assert ada.call("GET /api/sessions").body["items"] == []
    assert begun.body["redirect"] == f"/intake/waiver?plan=standard&intake_id={intake_id}"
    assert checkout(ada, intake_id).code == "WAIVER_REQUIRED"
    assert sign(ada, intake_id).body["next"] == f"/intake/pay?intake_id={intake_id}"

    bought, session = paid_for(stripe, ada, intake_id)

    told = session.shown
    assert (told["type"], told["plan"], told["status"]) == ("video", "standard", "pending")
    assert told["stripeSessionId"] == bought["checkoutSessionId"]
    assert told["metadata"] == {
        "payment_method": "stripe",
        "amount_paid": 2999,
        "currency": "usd",
        "urgent": True,
        "is_specialist": True,
        "preferred_mechanic_id": bob.user_id,
        "routing_type": "priority_broadcast",
        "workshop_id": "north",
        "source": "intake",
    }
    assert told["events"][0]["eventType"] == "created"
    assert told["events"][0]["metadata"]["amount_paid"] == 2999
    assert told["waiverSignedAt"] is not None
    assert shown(ada, intake_id)["next"] == f"/sessions/{session.session_id}"
    assert queue(bob) == [session.session_id]
    assert accept(bob, offer_of(bob, session.session_id)).status == 200
    assert session.move("start").body["status"] == "live"
    (asked,) = stripe.requests("/v1/checkout/sessions")
    for name in ("plan", "intake_id", "urgent", "preferred_mechanic_id", "routing_type"):
        assert f"metadata%5B{name}%5D" in asked["bodyText"] or f"metadata[{name}]" in str(asked)
    audit(stripe.world)


def test_409_conflict_end_to_end(stripe: Stripe, ada: Person) -> None:
    first = begin(ada, "free")

    for plan in ("free", "standard"):
        refused = begin(ada, plan)
        assert refused.status == 409
        assert {name: refused.body[name] for name in refused.body if name.startswith("active")} == {
            "activeSessionId": first.body["sessionId"],
            "activeSessionType": "chat",
            "activeSessionStatus": "pending",
        }
        assert refused.body["error"] == "You already have an active session"
    active = ada.call("GET /api/sessions/active").body
    assert active["sessionId"] == first.body["sessionId"]


def test_a_second_click_gets_the_same_page_and_another_way_to_pay_stays_open(
    stripe: Stripe, ada: Person
) -> None:
    intake_id = signed(ada)

    first, second = checkout(ada, intake_id), checkout(ada, intake_id)

    assert first.body == second.body
    assert shown(ada, intake_id)["status"] == "checkout"
    assert shown(ada, intake_id)["expiresAt"] is None
    stripe.act(f"checkout/{first.body['checkoutSessionId']}/expire")
    stripe.settle()
    third = checkout(ada, intake_id)
    assert third.body["checkoutSessionId"] != first.body["checkoutSessionId"]
    assert pay(ada, intake_id).status == 201


def test_paid_twice_is_one_session_and_one_banked_payment(stripe: Stripe, ada: Person) -> None:
    intake_id = signed(ada)
    begun = checkout(ada, intake_id)
    session_id = pay(ada, intake_id).body["sessionId"]
    ada.call(f"POST /api/sessions/{session_id}/cancel")  # the credits are back, the intake free
    assert pay(ada, intake_id).status == 201

    stripe.pay(begun)

    bought = purchase_of(ada, begun.body["purchaseId"])
    assert (bought["status"], bought["reason"]) == ("banked", "active_session")
    active = ada.call("GET /api/sessions/active").body["sessionId"]
    claim(expert(stripe.world), active)
    for act in ("start", "end"):
        ada.call(f"POST /api/sessions/{active}/{act}")
    redeemed = ada.call(f"POST /api/purchases/{begun.body['purchaseId']}/redeem")
    assert redeemed.status == 200, redeemed.text
    assert redeemed.body["sessionId"] not in {active, session_id}
    assert shown(ada, intake_id)["sessionId"] == active, "the intake stays its first session's"


def test_a_payment_for_an_intake_that_was_used_is_banked(stripe: Stripe, ada: Person) -> None:
    intake_id = signed(ada)
    card = Card(ada, intake_id)
    used = Customer(ada, pay(ada, intake_id).body["sessionId"])
    claim(expert(stripe.world), used.session_id)
    used.move("start")
    used.move("end")

    assert card.outcome() == "banked"

    assert (card.now.standing, card.now.reason) == ("banked", "intake_used")
    assert card.outcome() == "duplicate"


def test_a_free_intake_and_a_payments_news_race_for_one_session(
    stripe: Stripe, ada: Person
) -> None:
    card = Card(ada, signed(ada))

    acts: list[Any] = [lambda: begin(ada, "free").status, card.outcome]

    free, outcome = together(*acts)

    assert (free, outcome) in {(200, "banked"), (409, "applied")}
    sessions = ada.call("GET /api/sessions").body["items"]
    assert len(sessions) == 1
    audit(stripe.world)


def test_one_news_of_a_payment_in_sixteen_containers_is_one_session(
    stripe: Stripe, ada: Person
) -> None:
    card = Card(ada, signed(ada))

    outcomes = together(*[card.outcome for _ in range(16)])

    assert sorted(outcomes) == ["applied"] + ["duplicate"] * 15
    assert len(ada.call("GET /api/sessions").body["items"]) == 1


# Money back by rule


def test_a_paid_session_that_no_expert_served_is_banked_at_once_and_refunded_by_itself(
    stripe: Stripe, ada: Person
) -> None:
    world = stripe.world
    bought, session = paid_for(stripe, ada, signed(ada))
    world.clock.move(1800)
    world.sweep()

    assert session.status == "expired"
    assert session.shown["givenBack"] is True
    one = purchase_of(ada, bought["purchaseId"])
    assert (one["status"], one["reason"]) == ("banked", "not_connected")
    assert (one["redeemable"], one["refundable"]) == (True, True)

    world.clock.move(86_399)
    world.sweep()
    assert stripe.requests("/v1/refunds") == []
    world.clock.move(1)
    for _ in range(3):
        world.sweep()
    stripe.settle()

    assert len(stripe.requests("/v1/refunds")) == 1
    one = purchase_of(ada, bought["purchaseId"])
    assert (one["status"], one["redeemable"], one["refundable"]) == ("refunded", False, False)
    assert not [
        row for row in world.rows() if row.get("GSI2PK", {}).get("S", "").startswith("DUE#refund")
    ]


def test_a_returned_payment_opens_another_session_and_is_then_not_refunded(
    stripe: Stripe, ada: Person
) -> None:
    world = stripe.world
    intake_id = signed(ada)
    bought, session = paid_for(stripe, ada, intake_id)
    session.move("cancel")
    assert shown(ada, intake_id)["status"] == "waived"
    route = f"POST /api/purchases/{bought['purchaseId']}/redeem"

    replies = together(*[lambda: ada.call(route) for _ in range(8)])

    (redeemed,) = [reply for reply in replies if reply.status == 200]
    assert redeemed.body["sessionId"] != session.session_id
    again = Customer(ada, redeemed.body["sessionId"])
    assert again.shown["waiverSignedAt"] is not None
    assert shown(ada, intake_id)["sessionId"] == again.session_id
    claim(expert(world), again.session_id)
    again.move("start")
    again.move("end")
    world.clock.move(2 * 86_400)
    world.sweep()
    assert stripe.requests("/v1/refunds") == []
    assert purchase_of(ada, bought["purchaseId"])["status"] == "fulfilled"
    audit(world)


def test_a_payment_may_be_returned_more_than_once(stripe: Stripe, ada: Person) -> None:
    bought, session = paid_for(stripe, ada, signed(ada))
    seen = {session.session_id}
    for _ in range(2):
        session.move("cancel")
        redeemed = ada.call(f"POST /api/purchases/{bought['purchaseId']}/redeem")
        assert redeemed.status == 200, redeemed.text
        session = Customer(ada, redeemed.body["sessionId"])
        seen.add(session.session_id)

    assert len(seen) == 3


def test_a_refund_that_fails_is_asked_for_again_later(stripe: Stripe, ada: Person) -> None:
    world = stripe.world
    _, session = paid_for(stripe, ada, signed(ada))
    session.move("cancel")
    world.clock.move(86_400)
    stripe.fault("POST", "/v1/refunds", "status", status=500, times=2)  # the library tries twice
    assert world.sweep()["refunds_failed"] == 1
    assert world.sweep()["refunds_failed"] == 0, "not before the pause is over"

    world.clock.move(300)

    assert world.sweep()["refunds_refunded"] == 1
    assert world.sweep()["refunds_refunded"] == 0


def test_a_session_that_went_live_keeps_its_payment(stripe: Stripe, ada: Person) -> None:
    bought, session = paid_for(stripe, ada, signed(ada))
    claim(expert(stripe.world), session.session_id)
    session.move("start")
    stripe.world.clock.move(3600)
    stripe.world.sweep()

    assert session.status == "expired"
    assert purchase_of(ada, bought["purchaseId"])["status"] == "fulfilled"


def test_a_person_who_leaves_gets_back_what_never_began(stripe: Stripe, ada: Person) -> None:
    paid_for(stripe, ada, signed(ada))
    ada.call("DELETE /api/user")
    stripe.world.clock.move(86_400)
    stripe.world.sweep()

    assert len(stripe.requests("/v1/refunds")) == 1


# One place for plans and types


def test_a_new_plan_and_a_new_type_are_one_entry_of_the_catalogue(
    stripe: Stripe, ada: Person
) -> None:
    world = stripe.world
    entries = (
        ExpertSession(
            sku="tour",
            name="Tour",
            description="A tour.",
            price_cents=1234,
            type="tour",
            credits=100,
        ),
        ExpertSession(sku="peek", name="Peek", description="A peek.", price_cents=0, type="tour"),
    )
    for name in world.apps:
        world.wiring(name).catalogue = Catalogue(*CATALOGUE, *entries)

    free = Customer(ada, begin(ada, "peek").body["sessionId"])
    free.move("cancel")
    credit_paid = Customer(ada, pay(ada, signed(ada, "tour")).body["sessionId"])
    credit_paid.move("cancel")
    _, card_paid = paid_for(stripe, ada, signed(ada, "tour"))

    methods = [one.shown["paymentMethod"] for one in (free, credit_paid, card_paid)]
    assert methods == ["free", "credits", "stripe"]
    assert {one.shown["type"] for one in (free, credit_paid, card_paid)} == {"tour"}
    bob = expert(world)
    assert claim(bob, card_paid.session_id).status == 200
    assert card_paid.move("start").body["status"] == "live"


def test_what_is_bought_is_a_sku_or_an_intake_and_not_both(stripe: Stripe, ada: Person) -> None:
    for body in ({}, {"sku": "credits_3", "intakeId": intake_of(ada)}):
        refused = ada.call("POST /api/checkout", body)
        assert (refused.status, refused.code) == (422, "VALIDATION_FAILED")
        assert "sku" in refused.body["detail"]


# What only a race could bring


def test_who_has_an_active_session_is_not_sent_to_pay(stripe: Stripe, ada: Person) -> None:
    intake_id = signed(ada)
    begin(ada, "free")

    refused = checkout(ada, intake_id)

    assert (refused.status, refused.code) == (409, "ACTIVE_SESSION_EXISTS")
    assert stripe.requests("/v1/checkout/sessions") == []
    assert shown(ada, intake_id)["status"] == "waived"


@pytest.mark.parametrize("act", ["add_checkout", "add_consumed"])
def test_an_intake_that_expires_under_ones_hands_is_not_used(
    stripe: Stripe, ada: Person, act: str
) -> None:
    world, intake_id = stripe.world, signed(ada)
    store = world.wiring("intake").intake_store
    world.clock.move(7 * 86_400)
    tx = world.table.transaction()
    facts = {"session_id": "s"} if act == "add_consumed" else {}
    getattr(store, act)(tx, intake_id, user_id=ada.user_id, **facts)

    (violation,) = tx.attempt()

    assert violation.error.code == "INTAKE_EXPIRED"


def test_a_payment_that_opened_another_session_is_not_returned_for_this_one(
    stripe: Stripe, ada: Person
) -> None:
    bought, session = paid_for(stripe, ada, signed(ada))
    row = PurchaseItem.at(bought["purchaseId"])
    raw_set(stripe.world, row.pk, row.sk, "session_id", {"S": "another"})

    assert session.move("cancel").status == 200

    assert purchase_of(ada, bought["purchaseId"])["status"] == "fulfilled"


def test_a_refund_that_is_due_later_than_the_index_says_waits(stripe: Stripe, ada: Person) -> None:
    world = stripe.world
    bought, session = paid_for(stripe, ada, signed(ada))
    session.move("cancel")
    row = PurchaseItem.at(bought["purchaseId"])
    later = {"S": to_text(world.clock.now + timedelta(days=9))}
    raw_set(world, row.pk, row.sk, "refund_due_at", later)
    world.clock.move(86_400)

    world.sweep()

    assert stripe.requests("/v1/refunds") == []


def test_the_books_agree_whatever_becomes_of_a_session(stripe: Stripe, ada: Person) -> None:
    world = stripe.world
    bob = expert(world)
    bought, session = paid_for(stripe, ada, signed(ada))
    session.move("cancel")
    redeemed = ada.call(f"POST /api/purchases/{bought['purchaseId']}/redeem")
    again = Customer(ada, redeemed.body["sessionId"])
    for act in ("claim", "start"):
        assert again.move(act, by=bob).status == 200
    again.move("end")
    by_credits = Customer(ada, pay(ada, signed(ada, "quick")).body["sessionId"])
    by_credits.move("cancel")
    _, unserved = paid_for(stripe, ada, signed(ada))
    world.clock.move(1800)
    world.sweep()
    assert unserved.status == "expired"
    world.clock.move(86_400)
    world.sweep()
    stripe.settle()

    found = world.invoke("reconcile", {"time": to_text(world.clock())}, remaining_ms=110_000)

    assert (found["people"], found["findings"]) == (2, 0)
    audit(world)
