"""Every answer of the Stripe stand-in has the type that the official library declares for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from tests.figures import Figure
from tests.official_types import stripe_differences
from tests.unit.standins.stripe_shop import CREDITS, KEY, MONTHLY, SECRET, Shop, open_shop, until

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

Ask = Callable[[stripe.StripeClient, dict[str, Any]], Any]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("stripe")) as running:
        yield running


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[stripe.StripeClient]:
    http: Any = stripe.HTTPXClient(allow_sync_methods=True, timeout=8)
    addresses: Any = {"api": shop.address}
    yield stripe.StripeClient(KEY, base_addresses=addresses, http_client=http)
    http.close()


def order(customer: str, price: str = CREDITS) -> Any:
    return {
        "mode": "payment" if price == CREDITS else "subscription",
        "customer": customer,
        "line_items": [{"price": price, "quantity": 2}],
        "success_url": "http://127.0.0.1:3000/?cs={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:3000/",
    }


@pytest.fixture(scope="module")
def there(shop: Shop, client: stripe.StripeClient) -> dict[str, Any]:
    """The ids of what somebody bought."""
    customer = client.v1.customers.create({"email": "a@example.com"}).id
    paid = client.v1.checkout.sessions.create(order(customer)).id
    month = client.v1.checkout.sessions.create(order(customer, MONTHLY)).id
    for session in (paid, month):
        shop.control(f"checkout/{session}/pay")
    subscription = client.v1.checkout.sessions.retrieve(month).subscription
    return {
        "customer": customer,
        "session": paid,
        "open": client.v1.checkout.sessions.create(order(customer)).id,
        "intent": client.v1.checkout.sessions.retrieve(paid).payment_intent,
        "subscription": subscription,
    }


SESSION, LIST = stripe.checkout.Session, stripe.ListObject
# What is asked, in this order, and the type that the library declares for the answer.
ASKED: dict[str, tuple[Ask, Any]] = {
    "create a customer": (
        lambda c, _: c.v1.customers.create({"email": "b@example.com", "metadata": {"user": "u"}}),
        stripe.Customer,
    ),
    "retrieve a customer": (
        lambda c, t: c.v1.customers.retrieve(t["customer"]),
        stripe.Customer,
    ),
    "list customers": (lambda c, _: c.v1.customers.list({"limit": 2}), LIST[stripe.Customer]),
    "create a checkout": (
        lambda c, t: c.v1.checkout.sessions.create(order(t["customer"])),
        SESSION,
    ),
    "retrieve a paid checkout, expanded": (
        lambda c, t: c.v1.checkout.sessions.retrieve(
            t["session"], {"expand": ["payment_intent", "line_items"]}
        ),
        SESSION,
    ),
    "list checkouts": (
        lambda c, t: c.v1.checkout.sessions.list({"customer": t["customer"]}),
        LIST[SESSION],
    ),
    "list line items": (
        lambda c, t: c.v1.checkout.sessions.line_items.list(t["session"]),
        LIST[stripe.LineItem],
    ),
    "expire a checkout": (lambda c, t: c.v1.checkout.sessions.expire(t["open"]), SESSION),
    "list products": (lambda c, _: c.v1.products.list(), LIST[stripe.Product]),
    "list prices": (lambda c, _: c.v1.prices.list(), LIST[stripe.Price]),
    "retrieve a price": (lambda c, _: c.v1.prices.retrieve(CREDITS), stripe.Price),
    "retrieve a payment": (
        lambda c, t: c.v1.payment_intents.retrieve(t["intent"]),
        stripe.PaymentIntent,
    ),
    "refund in part": (
        lambda c, t: c.v1.refunds.create({"payment_intent": t["intent"], "amount": 500}),
        stripe.Refund,
    ),
    "list refunds": (
        lambda c, t: c.v1.refunds.list({"payment_intent": t["intent"]}),
        LIST[stripe.Refund],
    ),
    "retrieve a subscription": (
        lambda c, t: c.v1.subscriptions.retrieve(t["subscription"]),
        stripe.Subscription,
    ),
    "list subscriptions": (
        lambda c, t: c.v1.subscriptions.list({"customer": t["customer"]}),
        LIST[stripe.Subscription],
    ),
    "list invoices": (
        lambda c, t: c.v1.invoices.list({"subscription": t["subscription"]}),
        LIST[stripe.Invoice],
    ),
    "list cards on file": (
        lambda c, t: c.v1.customers.payment_methods.list(t["customer"]),
        LIST[stripe.PaymentMethod],
    ),
    "open the portal": (
        lambda c, t: c.v1.billing_portal.sessions.create({"customer": t["customer"]}),
        stripe.billing_portal.Session,
    ),
    "cancel at the period's end": (
        lambda c, t: c.v1.subscriptions.update(t["subscription"], {"cancel_at_period_end": True}),
        stripe.Subscription,
    ),
    "cancel now": (
        lambda c, t: c.v1.subscriptions.cancel(t["subscription"]),
        stripe.Subscription,
    ),
    "list events": (lambda c, _: c.v1.events.list({"limit": 100}), LIST[stripe.Event]),
    "list webhook endpoints": (
        lambda c, _: c.v1.webhook_endpoints.list(),
        LIST[stripe.WebhookEndpoint],
    ),
}


KINDS = {
    "checkout.session": SESSION,
    "customer": stripe.Customer,
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "subscription": stripe.Subscription,
    "invoice": stripe.Invoice,
    "invoice_payment": stripe.InvoicePayment,
    "payment_method": stripe.PaymentMethod,
}


@pytest.mark.parametrize("name", ASKED)
def test_an_answer_is_what_the_library_declares(
    client: stripe.StripeClient, there: dict[str, Any], name: str, figure: Figure
) -> None:
    ask, declared = ASKED[name]

    answer = ask(client, there)

    wrong = list(stripe_differences(answer.to_dict(), declared))
    figure("official clients", "stripe", good=not wrong, of=1)
    assert not wrong


def test_each_delivery_is_an_event_about_an_object_as_declared(
    shop: Shop, client: stripe.StripeClient, there: dict[str, Any], figure: Figure
) -> None:
    until(lambda: len(shop.heard()) >= 10)
    wrong: dict[str, list[str]] = {}
    heard = shop.heard()
    for request in heard:
        body, header = request["bodyText"].encode(), request["headers"]["stripe-signature"]
        event: Any = client.construct_event(body, header, SECRET)
        about = event.to_dict()["data"]["object"]
        if found := list(stripe_differences(about, KINDS[about["object"]])):
            wrong[event.type] = found

    figure("official clients", "stripe deliveries", good=len(heard) - len(wrong), of=len(heard))
    assert not wrong


def test_the_comparison_sees_what_is_undeclared_missing_or_of_another_type() -> None:
    whole = {"id": "x", "object": "billing_portal.session"}
    found = set(stripe_differences(whole | {"mode": 1}, stripe.billing_portal.Session))

    assert "$.mode: Session has no such member" in found
    assert "$.url: missing" in found
    assert list(stripe_differences(None, stripe.Refund)) == ["$: None is no Refund"]
    assert list(stripe_differences(True, int)) == ["$: True is no int"]
    assert list(stripe_differences({"object": "list"}, LIST[stripe.Price]))
