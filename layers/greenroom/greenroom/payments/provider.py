"""What the product asks of a payment provider (``payments.gateway.StripeGateway``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from greenroom.kernel.breaker import Passing


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutOrder:
    """What a person is about to pay for; ``price_id`` or else name and amount say how much.

    ``at_once``: only what is paid in this very moment will do, which is a card.
    """

    purchase_id: str
    mode: str
    at_once: bool
    customer_id: str
    price_id: str | None
    name: str
    amount_cents: int
    currency: str
    quantity: int
    metadata: Mapping[str, str]
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutLink:
    """Where the person pays, and until when."""

    checkout_id: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOnFile:
    """A card that a person let Stripe keep; ``last4`` is all of its number that is told."""

    payment_method_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """An address to which Stripe sends events of these types; ``*`` is all of them."""

    url: str
    enabled: bool
    events: tuple[str, ...]


class Provider(Protocol):
    """Every method raises the provider errors of the kernel."""

    @property
    def passing(self) -> Passing:
        """What work that is going to ask begins with, before it has done anything."""
        ...

    def create_customer(
        self, *, key: str, metadata: Mapping[str, str], email: str | None, name: str | None
    ) -> str:
        """The customer of a person: one for each ``key``, whatever is retried."""
        ...

    def default_price(self, product_id: str) -> str:
        """The price of a product, since Checkout takes no product."""
        ...

    def create_checkout(self, order: CheckoutOrder) -> CheckoutLink:
        """A page on which the order can be paid; the same one for the same purchase."""
        ...

    def create_portal(self, *, customer_id: str, return_url: str) -> str:
        """The page on which a person manages their subscription."""
        ...

    def payment_methods(self, customer_id: str) -> list[CardOnFile]:
        """The cards of a customer, newest first; none for one who is gone."""
        ...

    def refund(self, *, payment_intent_id: str, purchase_id: str, key: str) -> str:
        """Give back what is left of a payment, once for each ``key``: the refund's id."""
        ...
