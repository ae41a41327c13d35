"""The official Stripe SDK runs against the stand-in, with nothing patched."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.standins.stripe_shop import CREDITS, KEY, MONTHLY, SECRET, Shop, open_shop, until

stripe: Any = pytest.importorskip("stripe")
# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path) as running:
        yield running


@pytest.fixture
def client(shop: Shop) -> Iterator[Any]:
    http = stripe.HTTPXClient(allow_sync_methods=True, timeout=8)
    yield stripe.StripeClient(
        KEY, base_addresses={"api": shop.address}, http_client=http, max_network_retries=2
    )
    http.close()


def order(customer: str, price: str = CREDITS) -> dict[str, Any]:
    return {
        "mode": "payment" if price == CREDITS else "subscription",
        "customer": customer,
        "client_reference_id": "purchase-1",
        "line_items": [{"price": price, "quantity": 1}],
        "metadata": {"purchase_id": "purchase-1"},
        "success_url": "http://127.0.0.1:3000/?cs={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:3000/",
    }


def test_a_purchase_from_customer_to_refund(shop: Shop, client: Any) -> None:
    customer = client.v1.customers.create({"email": "a@example.com", "metadata": {"user": "u1"}})
    session = client.v1.checkout.sessions.create(
        {
            **order(customer.id),
            "payment_intent_data": {"metadata": {"purchase_id": "purchase-1"}},
            "expand": ["line_items"],
        },
        options={"idempotency_key": "checkout:1"},
    )
    assert session.line_items.data[0].price.unit_amount == 1500

    shop.control(f"checkout/{session.id}/pay")

    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (paid.payment_status, paid.payment_intent.metadata["purchase_id"]) == (
        "paid",
        "purchase-1",
    )
    refund = client.v1.refunds.create(
        {"payment_intent": paid.payment_intent.id, "reason": "requested_by_customer"},
        options={"idempotency_key": "refund:1"},
    )
    assert (refund.amount, refund.status) == (1500, "succeeded")
    client.v1.customers.delete(customer.id)
    assert client.v1.customers.retrieve(customer.id).deleted is True


def test_a_subscription_from_checkout_to_its_end(shop: Shop, client: Any) -> None:
    customer = client.v1.customers.create()
    session = client.v1.checkout.sessions.create(order(customer.id, MONTHLY))
    shop.control(f"checkout/{session.id}/pay")

    subscription = client.v1.subscriptions.list({"customer": customer.id}).data[0]
    assert subscription["items"].data[0].current_period_end > subscription.created
    changed = client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert changed.cancel_at_period_end is True
    portal = client.v1.billing_portal.sessions.create(
        {"customer": customer.id, "return_url": "http://127.0.0.1:3000/"}
    )
    assert portal.url.startswith(f"{shop.address}/p/session/bps_")
    invoices = client.v1.invoices.list({"subscription": subscription.id})
    assert [invoice.status for invoice in invoices.data] == ["paid"]
    assert client.v1.subscriptions.cancel(subscription.id).status == "canceled"


def test_the_webhook_verifies_with_the_sdks_own_algorithm(shop: Shop, client: Any) -> None:
    shop.paid()
    until(lambda: len(shop.heard()) == 4)

    for request in shop.heard():
        body, header = request["bodyText"].encode(), request["headers"]["stripe-signature"]
        event = client.construct_event(body, header, SECRET)
        assert event.id == json.loads(body)["id"]
        with pytest.raises(stripe.SignatureVerificationError):
            client.construct_event(body + b" ", header, SECRET)


def test_refusals_become_the_sdks_own_errors(shop: Shop, client: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(order("cus_nobody"))
    assert (refusal.value.code, refusal.value.param) == ("resource_missing", "customer")
    assert refusal.value.request_id.startswith("req_")
    client.v1.customers.create({"name": "A"}, options={"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"name": "B"}, options={"idempotency_key": "k"})
    stranger = stripe.StripeClient("sk_live_1", base_addresses={"api": shop.address})
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.customers.list()


def test_a_retry_after_a_lost_answer_acts_once(shop: Shop, client: Any) -> None:
    fault = {
        "method": "POST",
        "path": "/v1/customers",
        "times": 1,
        "kind": "actThenStatus",
        "status": 500,
    }
    assert shop.script.put("/faults", json=[fault]).status_code == 200

    made = client.v1.customers.create({"email": "once@example.com"})

    listed = client.v1.customers.list({"email": "once@example.com"})
    assert [customer.id for customer in listed.data] == [made.id]
    assert made.last_response.headers["Idempotent-Replayed"] == "true"


def test_lists_page_by_themselves(shop: Shop, client: Any) -> None:
    made = [client.v1.customers.create().id for _ in range(5)]

    walked = client.v1.customers.list({"limit": 2}).auto_paging_iter()

    assert [customer.id for customer in walked] == made[::-1]
    oldest = client.v1.events.list({"types": ["customer.created"], "limit": 100}).data[-1].id
    later = client.v1.events.list(
        {"types": ["customer.created"], "ending_before": oldest, "limit": 2}
    )
    ids = [event.data.object.id for event in later.auto_paging_iter()]
    assert ids == made[1:]
