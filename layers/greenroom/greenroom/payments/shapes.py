"""From Stripe's wire to our events: a total function over every version of the API.

The version of the webhook endpoint decides the shape, not ours, so both spellings are read
wherever they differ (basil, 2025-03-31, moved periods to the items, and the subscription of an
invoice to its parent). A reference may be an id or an expanded object.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypedDict, TypeVar

from greenroom.kernel.clock import from_text
from greenroom.kernel.foreign import (
    Members,
    dig,
    entries,
    identifier,
    members,
    moment_of_s,
    read_object,
    text,
    whole,
)
from greenroom.kernel.limits import BODY_WEBHOOK_MAX, INVOICE_PAYMENTS_MAX
from greenroom.payments.events import (
    ChargeRefunded,
    Checkout,
    CheckoutAsyncFailed,
    CheckoutAsyncSucceeded,
    CheckoutCompleted,
    CheckoutExpired,
    CustomerDeleted,
    DisputeChanged,
    Ignored,
    Invoice,
    InvoiceFailed,
    InvoicePaid,
    InvoicePaymentPaid,
    Malformed,
    RefundChanged,
    RefundFacts,
    StripeEvent,
    SubscriptionChanged,
)

METADATA_KEYS_MAX = 50  # Stripe: 50 keys of 40 characters, values of 500
_TYPE = re.compile(r"[A-Za-z0-9_.]{1,120}")


_SomeCheckout = TypeVar("_SomeCheckout", bound=Checkout)
_SomeInvoice = TypeVar("_SomeInvoice", bound=Invoice)
_Value = TypeVar("_Value")


class _Head(TypedDict):
    event_id: str
    type: str
    created_at: datetime
    livemode: bool


class _Missing(Exception):
    """A member without which the event says nothing."""


def read_event(raw: bytes) -> StripeEvent | Malformed:
    """The event that a verified body holds.

    Unknown members are passed over and unknown types are ``Ignored``; what should be known and
    cannot be read is ``Malformed``. A total function: it raises nothing, whatever the bytes.
    """
    event = read_object(raw, bytes_max=BODY_WEBHOOK_MAX)
    if event is None:
        return Malformed(reason="not_a_json_object")
    event_id = identifier(event.get("id"))
    try:
        head = _head(event)
        reader = None if _is_thin(event) else _READERS.get(head["type"])
        if reader is None:
            return Ignored(**head)
        return reader(head, members(dig(event, "data", "object")))
    except _Missing as missing:
        return Malformed(reason=f"without_{missing}", event_id=event_id)


def _head(event: Members) -> _Head:
    name, livemode = event.get("type"), event.get("livemode")
    if not isinstance(name, str) or _TYPE.fullmatch(name) is None:
        raise _Missing("type")
    if not isinstance(livemode, bool):
        raise _Missing("livemode")
    created = event.get("created")
    return _Head(
        event_id=_id(event.get("id"), "id"),
        type=name,
        created_at=_known(moment_of_s(created) or _iso_moment(created), "created"),
        livemode=livemode,
    )


def _is_thin(event: Members) -> bool:
    """Whether this is an event of API v2, which names its object and does not hold it."""
    return event.get("object") != "event"


def _checkout(kind: type[_SomeCheckout]) -> Callable[[_Head, Members], _SomeCheckout]:
    def read(head: _Head, session: Members) -> _SomeCheckout:
        totals = session.get("total_details")
        return kind(
            **head,
            checkout_id=_id(session.get("id"), "checkout_id"),
            client_reference_id=text(session.get("client_reference_id")),
            customer_id=identifier(session.get("customer")),
            payment_intent_id=identifier(session.get("payment_intent")),
            subscription_id=identifier(session.get("subscription")),
            invoice_id=identifier(session.get("invoice")),
            mode=text(session.get("mode")),
            status=text(session.get("status")),
            payment_status=text(session.get("payment_status")),
            amount_total_cents=whole(session.get("amount_total")),
            amount_subtotal_cents=whole(session.get("amount_subtotal")),
            discount_cents=whole(dig(totals, "amount_discount")) or 0,
            tax_cents=whole(dig(totals, "amount_tax")) or 0,
            shipping_cents=whole(dig(totals, "amount_shipping")) or 0,
            currency=_currency(session),
            metadata=_metadata(session.get("metadata")),
            expires_at=moment_of_s(session.get("expires_at")),
        )

    return read


def _subscription(head: _Head, subscription: Members) -> SubscriptionChanged:
    items = entries(dig(subscription.get("items"), "data"))
    price = next((one.get("price") or one.get("plan") for one in items), subscription.get("plan"))
    ends = [end for one in items if (end := moment_of_s(one.get("current_period_end")))]
    period_end = max(ends, default=moment_of_s(subscription.get("current_period_end")))
    ends_at = moment_of_s(subscription.get("cancel_at"))
    if ends_at is None and subscription.get("cancel_at_period_end") is True:
        ends_at = period_end
    return SubscriptionChanged(
        **head,
        subscription_id=_id(subscription.get("id"), "subscription_id"),
        customer_id=identifier(subscription.get("customer")),
        status=_known(text(subscription.get("status")), "status"),
        deleted=head["type"] == "customer.subscription.deleted",
        period_end=period_end,
        ends_at=ends_at,
        price_id=identifier(price),
        product_id=identifier(dig(price, "product")),
        metadata=_metadata(subscription.get("metadata")),
    )


def _invoice(kind: type[_SomeInvoice]) -> Callable[[_Head, Members], _SomeInvoice]:
    def read(head: _Head, invoice: Members) -> _SomeInvoice:
        details = dig(invoice.get("parent"), "subscription_details")
        lines = entries(dig(invoice.get("lines"), "data"))
        named = [dig(details, "subscription"), invoice.get("subscription"), *map(_billed, lines)]
        payments = entries(dig(invoice.get("payments"), "data"))
        intents = [dig(one, "payment", "payment_intent") for one in payments]
        described = dig(details, "metadata") or dig(invoice.get("subscription_details"), "metadata")
        ends = [moment_of_s(dig(line, "period", "end")) for line in lines if _is_period(line)]
        return kind(
            **head,
            invoice_id=_id(invoice.get("id"), "invoice_id"),
            customer_id=identifier(invoice.get("customer")),
            subscription_id=_first(named),
            payment_intent_ids=_all([invoice.get("payment_intent"), *intents]),
            billing_reason=text(invoice.get("billing_reason")),
            amount_paid_cents=whole(invoice.get("amount_paid")),
            currency=_currency(invoice),
            period_end=max((end for end in ends if end), default=None),
            metadata=_metadata(described),
        )

    return read


def _invoice_payment(head: _Head, payment: Members) -> InvoicePaymentPaid:
    return InvoicePaymentPaid(
        **head,
        invoice_id=_id(payment.get("invoice"), "invoice_id"),
        payment_intent_id=identifier(dig(payment.get("payment"), "payment_intent")),
    )


def _billed(line: Members) -> Any:
    """The subscription that a line of an invoice is about, in either spelling."""
    parent = dig(line.get("parent"), "subscription_item_details", "subscription")
    return parent or line.get("subscription")


def _is_period(line: Members) -> bool:
    """Whether a line bills a period of a subscription, and is no correction of one."""
    details = dig(line.get("parent"), "subscription_item_details")
    proration = dig(details, "proration") or line.get("proration")
    return _billed(line) is not None and proration is not True


def _refund(head: _Head, refund: Members) -> RefundChanged:
    return RefundChanged(
        **head,
        refund=_refund_facts(refund, failed=head["type"] == "refund.failed"),
        charge_id=identifier(refund.get("charge")),
        payment_intent_id=identifier(refund.get("payment_intent")),
        currency=_currency(refund),
        metadata=_metadata(refund.get("metadata")),
    )


def _refund_facts(refund: Members, *, failed: bool = False) -> RefundFacts:
    status = "failed" if failed else text(refund.get("status"))
    return RefundFacts(
        refund_id=_id(refund.get("id"), "refund_id"),
        amount_cents=_known(whole(refund.get("amount")), "amount"),
        status=status or "pending",  # Stripe's oldest refunds have none
    )


def _charge(head: _Head, charge: Members) -> ChargeRefunded:
    return ChargeRefunded(
        **head,
        charge_id=_id(charge.get("id"), "charge_id"),
        payment_intent_id=identifier(charge.get("payment_intent")),
        customer_id=identifier(charge.get("customer")),
        amount_cents=whole(charge.get("amount")),
        amount_refunded_cents=_known(whole(charge.get("amount_refunded")), "amount_refunded"),
        currency=_currency(charge),
        refunds=tuple(map(_refund_facts, entries(dig(charge.get("refunds"), "data")))),
    )


def _dispute(head: _Head, dispute: Members) -> DisputeChanged:
    return DisputeChanged(
        **head,
        dispute_id=_id(dispute.get("id"), "dispute_id"),
        charge_id=identifier(dispute.get("charge")),
        payment_intent_id=identifier(dispute.get("payment_intent")),
        amount_cents=whole(dispute.get("amount")),
        currency=_currency(dispute),
        status=_known(text(dispute.get("status")), "status"),
        reason=text(dispute.get("reason")),
    )


def _customer(head: _Head, customer: Members) -> CustomerDeleted:
    return CustomerDeleted(
        **head,
        customer_id=_id(customer.get("id"), "customer_id"),
        metadata=_metadata(customer.get("metadata")),
    )


# The types are those of the payment facts; a legacy account calls ``refund.updated`` by its
# older name.
_READERS: Mapping[str, Callable[[_Head, Members], StripeEvent]] = {
    "checkout.session.completed": _checkout(CheckoutCompleted),
    "checkout.session.async_payment_succeeded": _checkout(CheckoutAsyncSucceeded),
    "checkout.session.async_payment_failed": _checkout(CheckoutAsyncFailed),
    "checkout.session.expired": _checkout(CheckoutExpired),
    **dict.fromkeys(
        (
            f"customer.subscription.{what}"
            for what in ("created", "updated", "paused", "resumed", "deleted")
        ),
        _subscription,
    ),
    "invoice.paid": _invoice(InvoicePaid),
    "invoice.payment_failed": _invoice(InvoiceFailed),
    "invoice_payment.paid": _invoice_payment,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.refund.updated": _refund,
    "charge.refunded": _charge,
    **dict.fromkeys(
        (
            f"charge.dispute.{what}"
            for what in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
        ),
        _dispute,
    ),
    "customer.deleted": _customer,
}
EVENT_TYPES: Final = tuple(sorted(_READERS))  # what we want Stripe to tell us


def _id(value: Any, name: str) -> str:
    return _known(identifier(value), name)


def _known(value: _Value | None, name: str) -> _Value:
    if value is None:
        raise _Missing(name)
    return value


def _first(values: list[Any]) -> str | None:
    return next(iter(_all(values)), None)


def _all(values: list[Any]) -> tuple[str, ...]:
    return tuple(found for one in values if (found := identifier(one)))[:INVOICE_PAYMENTS_MAX]


def _currency(thing: Members) -> str | None:
    currency = text(thing.get("currency"), chars_max=3)
    return currency.lower() if currency else None


def _metadata(value: Any) -> Mapping[str, str]:
    """The metadata that can be stored and read back; the rest is none of ours."""
    found = {text(name): text(held, chars_max=500) for name, held in members(value).items()}
    kept = [(name, held) for name, held in found.items() if name and held]
    return dict(kept[:METADATA_KEYS_MAX])


def _iso_moment(value: Any) -> datetime | None:
    """The moment that events of API v2 write as text."""
    try:
        return from_text(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
