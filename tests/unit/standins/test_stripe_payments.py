"""The Stripe stand-in's payments: cards, bank debits, refunds and disputes."""

import time
from collections.abc import Iterator

import pytest

from tests.unit.standins.stripe_shop import DAY_S, MONTHLY, Document, Shop, open_shop, until


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("stripe"), listens=False) as running:
        yield running


def new_events(shop: Shop, act: str, **asked: object) -> list[str]:
    shop.post("customers")
    last: str = shop.get("events", limit="1")["data"][0]["id"]
    shop.control(act, **asked)
    told = shop.get("events", limit="100", ending_before=last)["data"]
    return [event["type"] for event in reversed(told)]


def session_of(shop: Shop, identifier: str) -> Document:
    return shop.get(f"checkout/sessions/{identifier}")


def test_a_card_pays_and_the_purchase_travels_in_every_object(shop: Shop) -> None:
    purchase = {
        "client_reference_id": "purchase-1",
        "metadata__purchase_id": "purchase-1",
        "payment_intent_data__metadata__purchase_id": "purchase-1",
    }
    session = shop.checkout(**purchase)
    assert (session["status"], session["payment_status"]) == ("open", "unpaid")
    assert session["url"] == f"{shop.address}/c/pay/{session['id']}"
    assert session["payment_intent"] is None

    told = new_events(shop, f"checkout/{session['id']}/pay")

    assert told == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    paid = session_of(shop, session["id"])
    assert (paid["status"], paid["payment_status"], paid["url"]) == ("complete", "paid", None)
    assert (paid["amount_total"], paid["client_reference_id"]) == (1500, "purchase-1")
    intent = shop.get(f"payment_intents/{paid['payment_intent']}")
    charge = shop.get(f"charges/{intent['latest_charge']}")
    assert [each["metadata"] for each in (paid, intent, charge)] == [
        {"purchase_id": "purchase-1"}
    ] * 3


def test_the_details_of_a_payment_or_subscription_stand_in_it(shop: Shop) -> None:
    details = {
        "payment_intent_data__description": "Three credits",
        "payment_intent_data__receipt_email": "a@example.com",
    }
    intent = shop.get(f"payment_intents/{shop.paid(**details)['payment_intent']}")
    assert (intent["description"], intent["receipt_email"]) == ("Three credits", "a@example.com")
    subscription = shop.subscribed(subscription_data__description="Coach")
    assert subscription["description"] == "Coach"


def test_a_paid_or_expired_checkout_cannot_be_paid(shop: Shop) -> None:
    for act in ("pay", "expire"):
        session = shop.checkout()["id"]
        shop.control(f"checkout/{session}/{act}")
        assert shop.script.post(f"/checkout/{session}/pay").status_code == 409
    assert shop.script.post("/checkout/cs_x/pay").status_code == 404


def test_a_declined_card_leaves_the_checkout_open(shop: Shop) -> None:
    session = shop.checkout()["id"]

    told = new_events(shop, f"checkout/{session}/fail")

    assert told == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    assert session_of(shop, session)["status"] == "open"
    again = new_events(shop, f"checkout/{session}/pay")
    assert "payment_intent.created" not in again
    assert session_of(shop, session)["payment_status"] == "paid"


@pytest.mark.parametrize(
    ("act", "name", "status"),
    [
        ("pay", "checkout.session.async_payment_succeeded", "paid"),
        ("fail", "checkout.session.async_payment_failed", "unpaid"),
    ],
)
def test_a_bank_debit_completes_now_and_settles_later(
    shop: Shop, act: str, name: str, status: str
) -> None:
    session = shop.checkout()["id"]

    began = new_events(shop, f"checkout/{session}/pay", delayed=True, settleSeconds=None)
    waiting = session_of(shop, session)
    settled = new_events(shop, f"checkout/{session}/{act}")

    assert began[-1] == "checkout.session.completed"
    assert (waiting["status"], waiting["payment_status"]) == ("complete", "unpaid")
    assert settled[-1] == name
    assert session_of(shop, session)["payment_status"] == status
    assert shop.script.post(f"/checkout/{session}/{act}").status_code == 409


def test_a_bank_debit_settles_by_itself(shop: Shop) -> None:
    session = shop.checkout()["id"]

    shop.control(f"checkout/{session}/pay", delayed=True, settleSeconds=0)

    until(lambda: bool(session_of(shop, session)["payment_status"] == "paid"))


def test_a_free_checkout_needs_no_payment(shop: Shop) -> None:
    price = shop.post("prices", currency="usd", unit_amount="0", product_data__name="Gift")["id"]
    session = shop.checkout(line_items__0__price=price)["id"]

    told = new_events(shop, f"checkout/{session}/pay")

    assert told == ["checkout.session.completed"]
    done = session_of(shop, session)
    assert (done["payment_status"], done["payment_intent"]) == ("no_payment_required", None)


def test_a_checkout_expires_on_demand_and_in_time(shop: Shop) -> None:
    first = shop.checkout()["id"]
    expired = shop.post(f"checkout/sessions/{first}/expire")
    assert (expired["status"], expired["url"]) == ("expired", None)
    assert shop.api.post(f"/v1/checkout/sessions/{first}/expire").status_code == 400

    second = shop.checkout(expires_at=str(int(time.time()) + 1900))["id"]
    shop.control("clock", advanceSeconds=1800)
    assert session_of(shop, second)["status"] == "open"
    shop.control("clock", advanceSeconds=200)
    assert session_of(shop, second)["status"] == "expired"


def test_a_checkout_made_after_a_move_of_the_clock_lives_on_the_callers_time(shop: Shop) -> None:
    shop.control("clock", advanceSeconds=40 * DAY_S)

    session = shop.checkout(expires_at=str(int(time.time()) + 1900))["id"]

    shop.control("clock", advanceSeconds=0)
    assert session_of(shop, session)["status"] == "open"


def test_refunds_add_up_and_never_exceed_the_charge(shop: Shop) -> None:
    intent = shop.paid()["payment_intent"]

    first = shop.post("refunds", payment_intent=intent, amount="500")
    assert first["status"] == "succeeded"
    event = shop.last_event("charge.refunded")
    assert event["data"]["object"]["amount_refunded"] == 500
    assert event["data"]["previous_attributes"] == {"amount_refunded": 0}
    over = shop.api.post("/v1/refunds", data={"payment_intent": intent, "amount": "1001"})
    assert over.json()["error"]["code"] == "charge_already_refunded"
    rest = shop.post("refunds", charge=first["charge"])
    assert (rest["amount"], rest["payment_intent"]) == (1000, intent)
    assert shop.get(f"charges/{first['charge']}")["refunded"] is True
    again = shop.api.post("/v1/refunds", data={"charge": first["charge"]})
    assert again.json()["error"]["code"] == "charge_already_refunded"
    assert len(shop.get("refunds", payment_intent=intent)["data"]) == 2


def test_a_failed_refund_gives_the_charge_its_money_back(shop: Shop) -> None:
    intent = shop.paid()["payment_intent"]
    refund = shop.post("refunds", payment_intent=intent)

    told = new_events(shop, f"refunds/{refund['id']}/fail")

    assert told == ["refund.updated", "refund.failed", "charge.updated"]
    charge = shop.get(f"charges/{refund['charge']}")
    assert (charge["amount_refunded"], charge["refunded"]) == (0, False)
    assert shop.script.post(f"/refunds/{refund['id']}/fail").status_code == 409


def test_the_refund_of_a_bank_debit_is_pending_first(shop: Shop) -> None:
    session = shop.checkout()["id"]
    shop.control(f"checkout/{session}/pay", delayed=True)
    intent = shop.control(f"checkout/{session}/pay")["payment_intent"]

    refund = shop.post("refunds", payment_intent=intent)

    assert refund["status"] == "pending"
    shop.control("clock", advanceSeconds=60)
    assert shop.get(f"refunds/{refund['id']}")["status"] == "succeeded"


def test_an_unpaid_payment_cannot_be_refunded(shop: Shop) -> None:
    session = shop.checkout()["id"]
    shop.control(f"checkout/{session}/pay", delayed=True, settleSeconds=None)
    intent = session_of(shop, session)["payment_intent"]

    assert shop.api.post("/v1/refunds", data={"payment_intent": intent}).status_code == 400


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_dispute_takes_the_money_until_it_is_won(shop: Shop, outcome: str) -> None:
    checkout = shop.paid()

    opened = new_events(shop, "disputes", checkout=checkout["id"])

    assert opened == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.updated",
    ]
    dispute = shop.get("disputes", payment_intent=checkout["payment_intent"])["data"][0]
    assert (dispute["status"], dispute["amount"]) == ("needs_response", 1500)
    refused = shop.api.post("/v1/refunds", data={"charge": dispute["charge"]})
    assert refused.json()["error"]["code"] == "charge_disputed"
    closed = new_events(shop, f"disputes/{dispute['id']}/close", outcome=outcome)
    back = ["charge.dispute.funds_reinstated"] if outcome == "won" else []
    assert closed == [*back, "charge.dispute.closed"]
    again = shop.script.post(f"/disputes/{dispute['id']}/close", json={"outcome": "won"})
    assert again.status_code == 409


def test_an_inquiry_moves_no_money_and_may_become_a_dispute(shop: Shop) -> None:
    intent = shop.paid()["payment_intent"]
    asked = {"paymentIntent": intent, "status": "warning_needs_response"}

    assert new_events(shop, "disputes", **asked) == ["charge.dispute.created"]
    inquiry = shop.get("disputes", payment_intent=intent)["data"][0]["id"]
    won = shop.script.post(f"/disputes/{inquiry}/close", json={"outcome": "won"})
    assert won.status_code == 409
    moved = new_events(shop, f"disputes/{inquiry}/move", status="needs_response")
    assert moved[:2] == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]
    assert shop.control(f"disputes/{inquiry}/close", outcome="lost")["status"] == "lost"


def test_a_deleted_customer_ends_subscriptions_and_pays_nothing_more(shop: Shop) -> None:
    customer = shop.post("customers", email="gone@example.com")["id"]
    subscription = shop.paid(MONTHLY, customer=customer)["subscription"]
    session = shop.checkout(customer=customer)["id"]

    gone = shop.api.delete(f"/v1/customers/{customer}").json()

    assert gone == {"id": customer, "object": "customer", "deleted": True}
    assert shop.get(f"customers/{customer}") == gone
    assert shop.events()[-2:] == ["customer.subscription.deleted", "customer.deleted"]
    assert shop.get(f"subscriptions/{subscription}")["status"] == "canceled"
    assert shop.script.post(f"/checkout/{session}/pay").status_code == 409
    assert shop.api.delete(f"/v1/customers/{customer}").status_code == 404


SAVING = {"saved_payment_method_options__payment_method_save": "enabled"}


def cards_of(shop: Shop, customer: str, **where: str) -> list[Document]:
    listed = shop.get(f"customers/{customer}/payment_methods", **where)
    assert listed["url"] == f"/v1/customers/{customer}/payment_methods"
    cards: list[Document] = listed["data"]
    return cards


def test_a_card_that_pays_once_belongs_to_nobody(shop: Shop) -> None:
    customer = shop.post("customers", email="a@example.com", name="Ann")["id"]

    paid = shop.paid(customer=customer)

    assert cards_of(shop, customer) == []
    intent = shop.get(f"payment_intents/{paid['payment_intent']}")
    card = shop.get(f"payment_methods/{intent['payment_method']}")
    assert (card["customer"], card["type"]) == (None, "card")
    assert (card["billing_details"]["name"], card["card"]["last4"]) == ("Ann", "4242")


def test_a_card_that_was_kept_is_the_customers_and_pays_again(shop: Shop) -> None:
    customer = shop.post("customers")["id"]
    first = shop.paid(customer=customer, **SAVING)
    (card,) = cards_of(shop, customer, type="card")
    assert (card["allow_redisplay"], card["customer"]) == ("always", customer)
    assert shop.last_event("payment_method.attached")["data"]["object"] == card

    second = shop.paid(customer=customer, **SAVING)

    assert cards_of(shop, customer) == [card]
    for paid in (first, second):
        intent = shop.get(f"payment_intents/{paid['payment_intent']}")
        assert intent["payment_method"] == card["id"]
    assert cards_of(shop, customer, type="us_bank_account") == []
    assert cards_of(shop, customer, allow_redisplay="limited") == []


def test_a_seller_who_asks_for_the_card_gets_it_without_a_question(shop: Shop) -> None:
    customer = shop.post("customers")["id"]

    shop.paid(customer=customer, payment_intent_data__setup_future_usage="off_session")

    assert [card["allow_redisplay"] for card in cards_of(shop, customer)] == ["limited"]


def test_a_subscriptions_card_is_kept_and_pays_every_period(shop: Shop) -> None:
    customer = shop.post("customers")["id"]

    subscription = shop.subscribed(customer=customer)

    (card,) = cards_of(shop, customer)
    assert subscription["default_payment_method"] == card["id"]
    (charge, *_) = shop.get("charges", customer=customer)["data"]
    assert charge["payment_method"] == card["id"]


def test_a_detached_card_is_nobodys_again(shop: Shop) -> None:
    customer = shop.post("customers")["id"]
    shop.paid(customer=customer, **SAVING)
    (card,) = cards_of(shop, customer)

    assert shop.post(f"payment_methods/{card['id']}/detach")["customer"] is None

    assert cards_of(shop, customer) == []


@pytest.mark.parametrize("deleted", [False, True])
def test_nobodys_cards_are_not_found(shop: Shop, deleted: bool) -> None:
    customer = shop.post("customers")["id"] if deleted else "cus_nobody"
    shop.api.delete(f"/v1/customers/{customer}")

    answer = shop.api.get(f"/v1/customers/{customer}/payment_methods")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "resource_missing")


def test_a_checkout_for_cards_takes_no_bank_debit(shop: Shop) -> None:
    session = shop.checkout(payment_method_types__0="card")["id"]

    refused = shop.script.post(f"/checkout/{session}/pay", json={"delayed": True})

    assert refused.status_code == 409
    assert session_of(shop, session)["status"] == "open"
