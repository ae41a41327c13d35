"""What Stripe tells us, without Stripe's spelling: one class for each kind of news.

Only what some rule uses is kept. Amounts are in the currency's smallest unit; statuses are
Stripe's words, also those that are newer than this file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every event says. Stripe orders nothing; ``created_at`` has whole seconds."""

    event_id: str
    type: str
    created_at: datetime
    livemode: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout(Envelope):
    """A Checkout session as it was when the event was made."""

    checkout_id: str
    client_reference_id: str | None
    customer_id: str | None
    payment_intent_id: str | None
    subscription_id: str | None
    invoice_id: str | None
    mode: str | None
    status: str | None
    payment_status: str | None
    amount_total_cents: int | None
    amount_subtotal_cents: int | None
    discount_cents: int
    tax_cents: int
    shipping_cents: int
    currency: str | None
    metadata: Mapping[str, str]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutCompleted(Checkout):
    """The person has finished; with a delayed method, the money is still to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutAsyncSucceeded(Checkout):
    """A delayed payment arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutAsyncFailed(Checkout):
    """A delayed payment will not arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutExpired(Checkout):
    """Nobody paid in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChanged(Envelope):
    """A subscription as it was. ``ends_at``: it was told to stop then."""

    subscription_id: str
    customer_id: str | None
    status: str
    deleted: bool
    period_end: datetime | None
    ends_at: datetime | None
    price_id: str | None
    product_id: str | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice(Envelope):
    """An invoice; ``period_end`` is the latest end of a subscription period that it bills.

    Only old versions of the API, and a list that is asked for, name its payments here.
    """

    invoice_id: str
    customer_id: str | None
    subscription_id: str | None
    payment_intent_ids: tuple[str, ...]
    billing_reason: str | None
    amount_paid_cents: int | None
    currency: str | None
    period_end: datetime | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaid(Invoice):
    """An invoice was paid, or had nothing to pay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFailed(Invoice):
    """A try to collect an invoice failed; Stripe may try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaymentPaid(Envelope):
    """A payment of an invoice arrived: what leads from the one to the other."""

    invoice_id: str
    payment_intent_id: str | None


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """One refund."""

    refund_id: str
    amount_cents: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundChanged(Envelope):
    """A refund was made or changed."""

    refund: RefundFacts
    charge_id: str | None
    payment_intent_id: str | None
    currency: str | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRefunded(Envelope):
    """A charge's refunded total; only old versions of the API list its ``refunds``."""

    charge_id: str
    payment_intent_id: str | None
    customer_id: str | None
    amount_cents: int | None
    amount_refunded_cents: int
    currency: str | None
    refunds: tuple[RefundFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeChanged(Envelope):
    """A dispute (or the inquiry before one) was opened, changed or closed."""

    dispute_id: str
    charge_id: str | None
    payment_intent_id: str | None
    amount_cents: int | None
    currency: str | None
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDeleted(Envelope):
    """The customer is gone from Stripe, and their subscriptions with them."""

    customer_id: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored(Envelope):
    """An event that no rule of ours is about; kept, and answered like any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """No event that we can read. ``reason`` is safe to log: nothing of the body is in it."""

    reason: str
    event_id: str | None = None


StripeEvent = (
    CheckoutCompleted
    | CheckoutAsyncSucceeded
    | CheckoutAsyncFailed
    | CheckoutExpired
    | SubscriptionChanged
    | InvoicePaid
    | InvoiceFailed
    | InvoicePaymentPaid
    | RefundChanged
    | ChargeRefunded
    | DisputeChanged
    | CustomerDeleted
    | Ignored
)
