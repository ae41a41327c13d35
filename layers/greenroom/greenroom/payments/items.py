"""Purchases, their pointers, subscriptions and Stripe's events in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| purchase | PURCHASE#{id} | PURCHASE | USER#{user_id} / PURCHASE#{created_at}#{id} |
| checkout_slot | USER#{user_id} | CHECKOUT#{thing} | |
| payment_pointer | PAYMENT#{payment_intent_id} | PURCHASE | |
| invoice_pointer | INVOICE#{invoice_id} | SUBSCRIPTION | |
| customer | CUSTOMER#{customer_id} | USER | |
| payer | USER#{user_id} | PAYER | |
| subscription | USER#{user_id} | SUBSCRIPTION#{subscription_id} | |
| stripe_event | EVENT#stripe#{event_id} | EVENT | STRIPE#{subject} / {happened_at}#{event_id} |

A purchase that is to be refunded by itself is in GSI2 under DUE#refund#{shard} /
{refund_due_at}#{id}.

A purchase is written before anybody is sent to pay: its id is Stripe's client reference. The
slot holds the one open checkout of a person and a thing. A payment's pointer leads news of
refunds and disputes to the purchase, or to the subscription whose invoice it paid; where they come
first, it keeps them until it does.
"""

import gzip
from dataclasses import asdict
from typing import Any, cast

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, UnicodeAttribute

from greenroom.kernel.clock import from_text, to_text
from greenroom.payments.billing_items import reversal_of_json, reversal_to_json
from greenroom.payments.domain import BookingFacts, Purchase, SessionFacts, Standing
from greenroom.payments.events import StripeEvent
from greenroom.payments.kinds import Kind
from greenroom.payments.privacy import without_person
from greenroom.payments.subjects import subject_of
from greenroom.table.attributes import IntegerAttribute, JsonAttribute, MomentAttribute
from greenroom.table.item import Item, Key

REFUND = "refund"  # work that is due: payments that go back by themselves


class PurchaseItem(Item):
    """What a person set out to buy; ``rev`` counts its changes."""

    KIND = "purchase"

    rev = IntegerAttribute()
    user_id = UnicodeAttribute()
    clerk_id = UnicodeAttribute()
    sku = UnicodeAttribute()
    purchase_kind = UnicodeAttribute()
    quantity = IntegerAttribute()
    credits = IntegerAttribute()
    amount_cents = IntegerAttribute()
    currency = UnicodeAttribute()
    livemode = BooleanAttribute()
    standing = UnicodeAttribute()
    expires_at = MomentAttribute()
    reason = UnicodeAttribute(null=True)
    checkout_id = UnicodeAttribute(null=True)
    checkout_url = UnicodeAttribute(null=True)
    customer_id = UnicodeAttribute(null=True)
    payment_intent_id = UnicodeAttribute(null=True)
    subscription_id = UnicodeAttribute(null=True)
    invoice_id = UnicodeAttribute(null=True)
    paid_cents = IntegerAttribute(null=True)
    paid_at = MomentAttribute(null=True)
    intake_id = UnicodeAttribute(null=True)
    session = JsonAttribute(null=True)
    session_id = UnicodeAttribute(null=True)
    booking = JsonAttribute(null=True)
    reversal = JsonAttribute()
    reversed_credits = IntegerAttribute()
    refund_attempt = IntegerAttribute()
    refund_asked = BooleanAttribute()
    refund_id = UnicodeAttribute(null=True)
    returns = IntegerAttribute(null=True)
    refund_due_at = MomentAttribute(null=True)

    @classmethod
    def at(cls, purchase_id: str) -> "Key[PurchaseItem]":
        """Where the purchase is."""
        return Key(cls, f"PURCHASE#{purchase_id}", "PURCHASE")


class SlotItem(Item):
    """The one open checkout of a person and a thing; taken over when its time is past."""

    KIND = "checkout_slot"

    purchase_id = UnicodeAttribute()
    expires_at = MomentAttribute()
    success_path = UnicodeAttribute()
    cancel_path = UnicodeAttribute()

    @classmethod
    def at(cls, user_id: str, thing: str) -> "Key[SlotItem]":
        """Where the slot is; ``thing`` is what is bought, and how much of it."""
        return Key(cls, f"USER#{user_id}", f"CHECKOUT#{thing}")


class PointerItem(Item):
    """From a payment to its purchase, or to the invoice of a person's subscription.

    ``reversal`` is news that came before the payment led anywhere.
    """

    KIND = "payment_pointer"

    rev = IntegerAttribute()
    purchase_id = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    subscription_id = UnicodeAttribute(null=True)
    invoice_id = UnicodeAttribute(null=True)
    reversal = JsonAttribute(null=True)

    @classmethod
    def at(cls, payment_intent_id: str) -> "Key[PointerItem]":
        """Where the pointer is."""
        return Key(cls, f"PAYMENT#{payment_intent_id}", "PURCHASE")


class CustomerItem(Item):
    """From Stripe's customer to the person."""

    KIND = "customer"

    user_id = UnicodeAttribute()

    @classmethod
    def at(cls, customer_id: str) -> "Key[CustomerItem]":
        """Where the link is."""
        return Key(cls, f"CUSTOMER#{customer_id}", "USER")


class PayerItem(Item):
    """From a person to Stripe's customer, who may be deleted there and made again."""

    KIND = "payer"

    customer_id = UnicodeAttribute(null=True)
    generation = IntegerAttribute()

    @classmethod
    def at(cls, user_id: str) -> "Key[PayerItem]":
        """Where the person's customer is named."""
        return Key(cls, f"USER#{user_id}", "PAYER")


class EventItem(Item):
    """An event of Stripe without its personal members, and what became of it; for replay."""

    KIND = "stripe_event"

    event_type = UnicodeAttribute()
    happened_at = MomentAttribute()
    outcome = UnicodeAttribute()
    raw = BinaryAttribute(legacy_encoding=False)

    @classmethod
    def at(cls, event_id: str) -> "Key[EventItem]":
        """Where the event is."""
        return Key(cls, f"EVENT#stripe#{event_id}", "EVENT")


PURCHASE_PLAIN = (
    "user_id",
    "clerk_id",
    "sku",
    "quantity",
    "credits",
    "amount_cents",
    "currency",
    "livemode",
    "standing",
    "expires_at",
    "reason",
    "checkout_id",
    "checkout_url",
    "customer_id",
    "payment_intent_id",
    "subscription_id",
    "invoice_id",
    "paid_cents",
    "paid_at",
    "intake_id",
    "session_id",
    "reversed_credits",
    "refund_attempt",
    "refund_asked",
    "refund_id",
    "refund_due_at",
)


def purchase_values(purchase: Purchase) -> dict[str, Any]:
    """The attributes of a purchase's item, without keys and ``rev``."""
    plain = {name: getattr(purchase, name) for name in PURCHASE_PLAIN}
    return plain | {
        "purchase_kind": purchase.kind,
        "returns": purchase.returns or None,
        "session": session_to_json(purchase.session) if purchase.session else None,
        "booking": asdict(purchase.booking) if purchase.booking else None,
        "reversal": reversal_to_json(purchase.reversal),
    }


def purchase_of(item: PurchaseItem) -> Purchase:
    """The domain's purchase of a stored one."""
    plain = {name: getattr(item, name) for name in PURCHASE_PLAIN}
    plain["standing"] = cast("Standing", item.standing)
    return Purchase(
        **plain,
        purchase_id=item.pk.removeprefix("PURCHASE#"),
        kind=cast("Kind", item.purchase_kind),
        created_at=item.created_at,
        returns=item.returns or 0,
        session=session_of_json(item.session) if item.session else None,
        booking=booking_of_json(item.booking) if item.booking else None,
        reversal=reversal_of_json(item.reversal),
    )


def booking_of_json(stored: dict[str, Any]) -> BookingFacts:
    """Which booking is paid for, of its stored form; members that are unknown are left out."""
    return BookingFacts(**{name: stored[name] for name in BookingFacts.__dataclass_fields__})


def session_to_json(facts: SessionFacts) -> dict[str, Any]:
    """The stored form of what a session is to be."""
    waived_at = to_text(facts.waived_at) if facts.waived_at else None
    return asdict(facts) | {"waived_at": waived_at}


def session_of_json(stored: dict[str, Any]) -> SessionFacts:
    """What a session is to be, of its stored form; members that are unknown are left out."""
    known = {name: stored[name] for name in SessionFacts.__dataclass_fields__ if name in stored}
    waived_at = known.get("waived_at")
    return SessionFacts(**known | {"waived_at": from_text(waived_at) if waived_at else None})


def event_item(event: StripeEvent, raw: bytes, *, outcome: str, ttl: int) -> EventItem:
    """The item that keeps an event; in the list of what it is about, if it says so."""
    key, subject = EventItem.at(event.event_id), subject_of(event)
    item = EventItem(
        key.pk,
        key.sk,
        event_type=event.type,
        happened_at=event.created_at,
        outcome=outcome,
        raw=gzip.compress(without_person(raw), mtime=0),
        ttl=ttl,
    )
    if subject is not None:
        item.gsi1pk = f"STRIPE#{subject}"
        item.gsi1sk = f"{to_text(event.created_at)}#{event.event_id}"
    return item
