"""The one adapter to Stripe: what we ask it to do, its deadlines, and what its refusals mean.

Every POST carries an idempotency key that follows from what it is for, so that a retry, ours
or Stripe's library's, never does a thing twice. The library's own time limit is 80 s, longer
than API Gateway waits: ours is explicit. What people wait for passes a circuit breaker, and is
refused at once (ProviderDown) while Stripe does not answer.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import stripe

from greenroom.kernel.breaker import Breaker, Passing
from greenroom.kernel.clock import epoch_s
from greenroom.kernel.errors import (
    Conflict,
    ProviderFailed,
    ProviderThrottled,
    ProviderTimedOut,
    PurchaseNotRefundable,
)
from greenroom.kernel.limits import (
    PAYMENT_METHODS_MAX,
    STRIPE_RETRIES,
    STRIPE_TIMEOUT_S,
    WEBHOOK_ENDPOINTS_MAX,
)
from greenroom.kernel.telemetry import outside
from greenroom.payments.provider import (
    CardOnFile,
    CheckoutLink,
    CheckoutOrder,
    WebhookEndpoint,
)

API_VERSION = "2026-10-28.endive"
STRIPE_API = "https://api.stripe.com"
SERVER_ERROR = 500


class StripeGateway:
    """Calls Stripe's API; ``api_key`` is asked at each use, so that a rotated key serves."""

    def __init__(
        self,
        *,
        api_key: Callable[[], str],
        api_base: str = STRIPE_API,
        breaker: Breaker | None = None,
    ) -> None:
        self._breaker = breaker or Breaker("stripe")
        self._api_key = api_key
        self._api_base = api_base.rstrip("/")
        self._lock = threading.Lock()
        self._http: stripe.HTTPXClient | None = None
        self._clients: dict[str, stripe.StripeClient] = {}

    def close(self) -> None:
        """Let go of the connections; they come back when they are needed."""
        if self._http is not None:
            self._http.close()  # type: ignore[no-untyped-call]
        self._http = None
        self._clients.clear()

    def create_customer(
        self, *, key: str, metadata: Mapping[str, str], email: str | None, name: str | None
    ) -> str:
        """The customer of a person: one for each ``key``, whatever is retried.

        Raises:
            ProviderFailed, ProviderThrottled, ProviderTimedOut: see the module.
        """
        params: dict[str, Any] = {"metadata": dict(metadata)}
        params |= {key: value for key, value in (("email", email), ("name", name)) if value}
        with self._asked():
            customer = self._client.v1.customers.create(
                params,  # type: ignore[arg-type]  # a plain dict of what the library names
                {"idempotency_key": key},
            )
        return customer.id

    def default_price(self, product_id: str) -> str:
        """The price of a product, since Checkout takes no product.

        Raises:
            ProviderFailed: the product is unknown, or has no default price.
        """
        with self._asked():
            product = self._client.v1.products.retrieve(product_id)
        price = product.default_price
        if not price:
            raise _failed("the product has no default price")
        return price if isinstance(price, str) else price.id

    def create_checkout(self, order: CheckoutOrder) -> CheckoutLink:
        """A page on which the order can be paid; the same one for the same purchase."""
        item: dict[str, Any] = {"quantity": order.quantity}
        if order.price_id is not None:
            item["price"] = order.price_id
        else:
            item["price_data"] = {
                "currency": order.currency,
                "unit_amount": order.amount_cents,
                "product_data": {"name": order.name},
            }
        metadata = dict(order.metadata)
        about = "subscription_data" if order.mode == "subscription" else "payment_intent_data"
        params: dict[str, Any] = {
            "mode": order.mode,
            "line_items": [item],
            "customer": order.customer_id,
            "client_reference_id": order.purchase_id,
            "metadata": metadata,
            about: {"metadata": metadata},
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
            "expires_at": epoch_s(order.expires_at),
        }
        if order.at_once:
            params["payment_method_types"] = ["card"]
        if order.mode == "payment":
            # The person is asked whether the card is to be kept; a subscription's is anyway.
            params["saved_payment_method_options"] = {"payment_method_save": "enabled"}
        with self._asked():
            session = self._client.v1.checkout.sessions.create(
                params,  # type: ignore[arg-type]
                {"idempotency_key": f"checkout:{order.purchase_id}"},
            )
        if not session.url:
            raise _failed("the checkout session has no page")
        expires_at = datetime.fromtimestamp(session.expires_at, UTC)
        return CheckoutLink(checkout_id=session.id, url=session.url, expires_at=expires_at)

    def create_portal(self, *, customer_id: str, return_url: str) -> str:
        """The page on which a person manages their subscription."""
        with self._asked():
            portal = self._client.v1.billing_portal.sessions.create(
                {"customer": customer_id, "return_url": return_url}
            )
        return portal.url

    def payment_methods(self, customer_id: str) -> list[CardOnFile]:
        """The cards of a customer, newest first; none for one who is gone.

        Raises:
            ProviderFailed, ProviderThrottled, ProviderTimedOut: see the module.
        """
        kept: list[stripe.PaymentMethod] = []
        with self._asked(missing_is_fine=True):
            kept = self._client.v1.customers.payment_methods.list(
                customer_id, {"type": "card", "limit": PAYMENT_METHODS_MAX}
            ).data
        return [_card(one.id, one.card) for one in kept if one.card is not None]

    def refund(self, *, payment_intent_id: str, purchase_id: str, key: str) -> str:
        """Give back what is left of a payment, once for each ``key``: the refund's id.

        Raises:
            PurchaseNotRefundable: Stripe will not; most often it was given back before.
        """
        with self._asked(declined=PurchaseNotRefundable):
            refund = self._client.v1.refunds.create(
                {"payment_intent": payment_intent_id, "metadata": {"purchase_id": purchase_id}},
                {"idempotency_key": key},
            )
        return refund.id

    def cancel_subscription(self, subscription_id: str) -> None:
        """End a subscription now; one that has ended already counts as ended."""
        with _translated(missing_is_fine=True):
            self._client.v1.subscriptions.cancel(
                subscription_id, {}, {"idempotency_key": f"cancel:{subscription_id}"}
            )

    def events(self, *, since: datetime, types: list[str]) -> Iterator[bytes]:
        """The raw events since then, oldest last, for replay (Stripe keeps 30 days)."""
        params = {"created": {"gte": epoch_s(since)}, "types": types, "limit": 100}
        with _translated():
            listed = self._client.v1.events.list(params)  # type: ignore[arg-type]
            for event in listed.auto_paging_iter():
                yield str(event).encode()

    def webhook_endpoints(self) -> list[WebhookEndpoint]:
        """The addresses to which Stripe sends this account's events (16 at most).

        Raises:
            ProviderFailed, ProviderThrottled, ProviderTimedOut: see the module.
        """
        with _translated():
            listed = self._client.v1.webhook_endpoints.list({"limit": WEBHOOK_ENDPOINTS_MAX}).data
        return [
            WebhookEndpoint(
                url=one.url, enabled=one.status == "enabled", events=tuple(one.enabled_events)
            )
            for one in listed
        ]

    @property
    def passing(self) -> Passing:
        """What work that is going to ask begins with, before it has done anything."""
        return self._breaker.passing

    @contextmanager
    def _asked(self, **how: Any) -> Iterator[None]:
        """A call that a person waits for: as ``_translated``, if the breaker lets it through."""
        with self._breaker.calling() as call, _translated(**how):
            try:
                yield
            except stripe.APIConnectionError:
                raise
            except stripe.StripeError as error:
                call.answered = (error.http_status or 0) < SERVER_ERROR
                raise
            call.answered = True

    @property
    def _client(self) -> stripe.StripeClient:
        key = self._api_key()
        with self._lock:
            return self._client_of(key)

    def _client_of(self, key: str) -> stripe.StripeClient:
        if key not in self._clients:
            self.close()
            self._http = stripe.HTTPXClient(timeout=STRIPE_TIMEOUT_S, allow_sync_methods=True)
            self._clients[key] = stripe.StripeClient(
                key,
                stripe_version=API_VERSION,
                base_addresses={"api": self._api_base},
                max_network_retries=STRIPE_RETRIES,
                http_client=self._http,
            )
        return self._clients[key]


@contextmanager
def _translated(
    *, missing_is_fine: bool = False, declined: type[Conflict] | None = None
) -> Iterator[None]:
    """A call of Stripe, told to the metrics, with its errors as ours."""
    ours = _as_ours(missing_is_fine=missing_is_fine, declined=declined)
    with outside("stripe", "stripe"), ours:
        yield


@contextmanager
def _as_ours(*, missing_is_fine: bool, declined: type[Conflict] | None) -> Iterator[None]:
    """Stripe's errors as ours; their texts are left out, since they may quote what was sent."""
    try:
        yield
    except stripe.RateLimitError as busy:
        raise ProviderThrottled("The payment provider is busy.", log=_facts(busy)) from busy
    except stripe.APIConnectionError as silence:
        raise ProviderTimedOut(
            "The payment provider did not answer in time. Try again.",
            may_have_acted=True,
            log=_facts(silence),
        ) from silence
    except stripe.InvalidRequestError as refusal:
        if missing_is_fine and refusal.code == "resource_missing":
            return
        if declined is not None:
            raise declined(log=_facts(refusal)) from refusal
        raise _failed("refused", **_facts(refusal)) from refusal
    except stripe.AuthenticationError as locked:
        raise _failed("our key", alarm="PROVIDER_CREDENTIALS", **_facts(locked)) from locked
    except stripe.StripeError as error:
        raise _failed("failed", **_facts(error)) from error


def _card(payment_method_id: str, card: Any) -> CardOnFile:
    return CardOnFile(
        payment_method_id=payment_method_id,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
    )


def _failed(reason: str, **facts: Any) -> ProviderFailed:
    log = {"provider": "stripe", "reason": reason, **facts}
    return ProviderFailed("The payment provider failed. Try again.", log=log)


def _facts(error: stripe.StripeError) -> dict[str, Any]:
    return {
        "provider_status": error.http_status,
        "provider_code": error.code,
        "provider_request_id": error.request_id,
    }
