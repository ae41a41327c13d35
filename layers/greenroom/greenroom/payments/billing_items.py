"""Subscriptions and what leads to them in the table; ``items`` has the key chart."""

from typing import Any

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from greenroom.kernel.clock import from_text, to_text
from greenroom.payments.events import RefundFacts
from greenroom.payments.periods import PaidInvoice, TakenBack
from greenroom.payments.premium import Subscription
from greenroom.payments.reversals import DisputeFacts, Reversal
from greenroom.table.attributes import IntegerAttribute, JsonAttribute, MomentAttribute
from greenroom.table.item import Item, Key


class SubscriptionItem(Item):
    """One subscription of a person, as the highest news of it says."""

    KIND = "subscription"

    rev = IntegerAttribute()
    customer_id = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    changed_at = MomentAttribute()
    deleted = BooleanAttribute()
    period_end = MomentAttribute(null=True)
    ends_at = MomentAttribute(null=True)
    price_id = UnicodeAttribute(null=True)
    product_id = UnicodeAttribute(null=True)
    paid_until = MomentAttribute(null=True)
    paid_at = MomentAttribute(null=True)
    payment_failed_at = MomentAttribute(null=True)
    invoices = JsonAttribute(null=True)
    taken_back = JsonAttribute(null=True)

    @classmethod
    def at(cls, user_id: str, subscription_id: str) -> "Key[SubscriptionItem]":
        """Where the subscription is."""
        return Key(cls, f"USER#{user_id}", f"SUBSCRIPTION#{subscription_id}")


class InvoiceItem(Item):
    """From an invoice to its subscription; ``payments`` are those that came before it did."""

    KIND = "invoice_pointer"

    rev = IntegerAttribute()
    user_id = UnicodeAttribute(null=True)
    subscription_id = UnicodeAttribute(null=True)
    payments = JsonAttribute(null=True)

    @classmethod
    def at(cls, invoice_id: str) -> "Key[InvoiceItem]":
        """Where the pointer is."""
        return Key(cls, f"INVOICE#{invoice_id}", "SUBSCRIPTION")


SUBSCRIPTION_PLAIN = (
    "customer_id",
    "status",
    "changed_at",
    "deleted",
    "period_end",
    "ends_at",
    "price_id",
    "product_id",
    "paid_until",
    "paid_at",
    "payment_failed_at",
)


def subscription_of(item: SubscriptionItem) -> Subscription:
    """The domain's subscription of a stored one."""
    return Subscription(
        subscription_id=item.sk.removeprefix("SUBSCRIPTION#"),
        **{name: getattr(item, name) for name in SUBSCRIPTION_PLAIN},
        invoices=tuple(
            PaidInvoice(from_text(end), name, cents, tuple(payments))
            for end, name, cents, payments in item.invoices or ()
        ),
        taken_back=tuple(
            TakenBack(payment, invoice, reversal_of_json(reversal))
            for payment, invoice, reversal in item.taken_back or ()
        ),
    )


def subscription_values(subscription: Subscription) -> dict[str, Any]:
    """The attributes of a subscription's item, without keys and ``rev``."""
    invoices = [
        [to_text(one.period_end), one.invoice_id, one.paid_cents, list(one.payments)]
        for one in subscription.invoices
    ]
    taken_back = [
        [one.payment_intent_id, one.invoice_id, reversal_to_json(one.reversal)]
        for one in subscription.taken_back
    ]
    return {name: getattr(subscription, name) for name in SUBSCRIPTION_PLAIN} | {
        "invoices": invoices or None,
        "taken_back": taken_back or None,
    }


def reversal_to_json(reversal: Reversal) -> dict[str, Any]:
    """The stored form of what was taken back."""
    return {
        "refunds": [[one.refund_id, one.amount_cents, one.status] for one in reversal.refunds],
        "charge_refunded_cents": reversal.charge_refunded_cents,
        "disputes": [
            [one.dispute_id, one.status, to_text(one.changed_at)] for one in reversal.disputes
        ],
    }


def reversal_of_json(stored: dict[str, Any] | None) -> Reversal:
    """What was taken back, of its stored form."""
    if stored is None:
        return Reversal()
    return Reversal(
        refunds=tuple(
            RefundFacts(name, amount, status) for name, amount, status in stored["refunds"]
        ),
        charge_refunded_cents=stored["charge_refunded_cents"],
        disputes=tuple(
            DisputeFacts(name, status, from_text(at)) for name, status, at in stored["disputes"]
        ),
    )
