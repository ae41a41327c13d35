"""What the news of a checkout does to its purchase.

A purchase only ever rises: open, expired, processing, failed, and above them the three that mean
that money came: unmatched, banked, fulfilled. News that would lower it changes nothing, so
checkout events may come in any order and any number of times.
"""

import uuid
from dataclasses import dataclass, replace
from typing import Final, Literal

from greenroom.payments.domain import Purchase, Standing, banked, fulfilled, unmatched
from greenroom.payments.events import (
    CheckoutAsyncFailed,
    CheckoutAsyncSucceeded,
    CheckoutCompleted,
    CheckoutExpired,
)
from greenroom.payments.kinds import NATURES

Action = Literal["fulfil", "bank", "record", "unmatch", "stray", "nothing"]
CheckoutEvent = CheckoutCompleted | CheckoutAsyncSucceeded | CheckoutAsyncFailed | CheckoutExpired

_STRAYS: Final = uuid.UUID("0b7f7c58-3d1c-5d55-9d0c-6a1f0e2d9c47")  # fixed for ever

PAID: Final = frozenset({"paid", "no_payment_required"})
_HEIGHTS: Final[dict[Standing, int]] = {
    "open": 0,
    "expired": 1,
    "processing": 2,
    "failed": 3,
    "unmatched": 4,
    "banked": 5,
    "fulfilled": 6,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one piece of news asks for.

    ``purchase`` is as it is to be written: for ``fulfil`` together with the effect (whoever
    finds that the effect cannot be had writes ``banked(...)`` or ``unmatched(...)`` instead),
    for ``bank``, ``record`` and ``unmatch`` alone, for ``nothing`` not at all. ``stray`` is money
    that belongs to none of our purchases: it gets a row of its own, ``stray(...)``.
    ``alarming`` news must reach an operator.
    """

    action: Action
    purchase: Purchase
    reason: str | None = None
    alarming: bool = False


def decide(purchase: Purchase, event: CheckoutEvent) -> Decision:
    """What the news of a checkout does to its purchase.

    Paid (also with nothing to pay) is fulfilled from every standing below, late or not, and
    examined first: another amount, currency or mode than was asked for is unmatched. News of
    another checkout is none of this purchase's.
    """
    told = _told(event)
    if purchase.checkout_id not in {None, event.checkout_id}:
        stray_money = told == "fulfilled"
        action: Action = "stray" if stray_money else "nothing"
        return Decision(
            action=action, purchase=purchase, reason="other_checkout", alarming=stray_money
        )
    if told == "fulfilled" and purchase.standing in {"banked", "fulfilled"}:
        return Decision(action="nothing", purchase=purchase, reason="duplicate")
    if told == "fulfilled":
        return _paid(purchase, event)
    if _HEIGHTS[told] > _HEIGHTS[purchase.standing]:
        seen = replace(_linked(purchase, event), standing=told)
        unknown = told == "processing" and event.payment_status != "unpaid"
        return Decision(action="record", purchase=seen, alarming=unknown)
    contradicts = purchase.is_paid and told in {"failed", "expired"}
    reason = "paid_already" if contradicts else "duplicate"
    return Decision(action="nothing", purchase=purchase, reason=reason, alarming=contradicts)


def mismatch(purchase: Purchase, event: CheckoutEvent) -> str | None:
    """Why a paid checkout is not the one that was asked for; None where it is.

    A discount is always our own doing (our checkouts take no codes), and tax comes on top, so
    a total is right if Stripe's own parts lead from our price to it.
    """
    explained = (
        purchase.amount_cents - event.discount_cents + event.tax_cents + event.shipping_cents
    )
    total = event.amount_total_cents
    nothing_to_pay = event.payment_status == "no_payment_required" and total == 0
    from_our_price = event.amount_subtotal_cents == purchase.amount_cents and total == explained
    if event.livemode is not purchase.livemode:
        return "livemode"
    if event.mode != NATURES[purchase.kind].mode:
        return "mode"
    if event.currency != purchase.currency:
        return "currency"
    if not (total == purchase.amount_cents or from_our_price or nothing_to_pay):
        return "amount"
    return None


def stray_id_of(checkout_id: str) -> str:
    """The id of the purchase that stands for a stray checkout: the same each time it is told."""
    return str(uuid.uuid5(_STRAYS, checkout_id))


def stray(event: CheckoutEvent, *, purchase_id: str) -> Purchase:
    """The unmatched purchase that keeps money visible which none of our own rows expects."""
    return Purchase(
        purchase_id=purchase_id,
        user_id="",
        clerk_id="",
        sku="",
        kind="subscription" if event.mode == "subscription" else "credits",
        quantity=1,
        credits=0,
        amount_cents=event.amount_total_cents or 0,
        currency=event.currency or "",
        livemode=event.livemode,
        standing="unmatched",
        created_at=event.created_at,
        expires_at=event.created_at,
        reason="unknown_purchase",
        checkout_id=event.checkout_id,
        customer_id=event.customer_id,
        payment_intent_id=event.payment_intent_id,
        subscription_id=event.subscription_id,
        invoice_id=event.invoice_id,
        paid_cents=event.amount_total_cents,
        paid_at=event.created_at,
    )


def _told(event: CheckoutEvent) -> Standing:
    """The standing that the news alone would give."""
    if isinstance(event, CheckoutExpired):
        return "expired"
    if isinstance(event, CheckoutAsyncFailed):
        return "failed"
    return "fulfilled" if event.payment_status in PAID else "processing"


def _paid(purchase: Purchase, event: CheckoutEvent) -> Decision:
    paid = replace(
        _linked(purchase, event), paid_cents=event.amount_total_cents, paid_at=event.created_at
    )
    reason = mismatch(purchase, event)
    if reason is None and NATURES[purchase.kind].whole and paid.is_taken_back:
        # The refund came first: there is no money left to have anything for.
        return Decision(action="bank", purchase=banked(paid, "reversed"), reason="reversed")
    if reason is None:
        return Decision(action="fulfil", purchase=fulfilled(paid))
    if purchase.standing == "unmatched":
        return Decision(action="nothing", purchase=purchase, reason="duplicate")
    return Decision(
        action="unmatch", purchase=unmatched(paid, reason), reason=reason, alarming=True
    )


def _linked(purchase: Purchase, event: CheckoutEvent) -> Purchase:
    """The purchase with Stripe's ids, those that it already had before the event's."""
    return replace(
        purchase,
        checkout_id=purchase.checkout_id or event.checkout_id,
        customer_id=purchase.customer_id or event.customer_id,
        payment_intent_id=purchase.payment_intent_id or event.payment_intent_id,
        subscription_id=purchase.subscription_id or event.subscription_id,
        invoice_id=purchase.invoice_id or event.invoice_id,
    )
