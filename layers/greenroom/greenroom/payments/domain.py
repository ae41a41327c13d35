"""A purchase, its status, and what may be done with it. Pure: no clock, no table, no Stripe.

Where the money of its checkout stands (``standing``) and what refunds and disputes took back
(``reversal``) are two states that move independently; the status that people see follows
from both.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from greenroom.kernel.errors import PurchaseNotRedeemable, ValidationFailed
from greenroom.payments.catalogue import CreditPack, Product
from greenroom.payments.kinds import NATURES, Kind
from greenroom.payments.reversals import Reversal
from greenroom.sessions.domain import RoutingType, SessionType

# Open: nobody has paid. Processing: a delayed payment is under way. See ``settlement``.
Standing = Literal["open", "expired", "processing", "failed", "unmatched", "banked", "fulfilled"]
Status = Literal[
    "awaiting",
    "fulfilled",
    "banked",
    "failed",
    "expired",
    "partially_refunded",
    "refunded",
    "disputed",
    "unmatched",
]

# Refund due: it was paid for nothing, or for what was given up, and goes back.
Money = Literal["paid", "refund_due", "refunded"]

_STATUSES: Final[dict[Standing, Status]] = {
    "open": "awaiting",
    "processing": "awaiting",
    "expired": "expired",
    "failed": "failed",
    "unmatched": "unmatched",
    "banked": "banked",
    "fulfilled": "fulfilled",
}
_PAID_FOR: Final[frozenset[Standing]] = frozenset({"unmatched", "banked", "fulfilled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What the session that was paid for is to be."""

    type: SessionType
    urgent: bool = False
    is_specialist: bool = False
    preferred_expert_id: str | None = None
    routing_type: RoutingType = "broadcast"
    workshop_id: str | None = None
    waived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFacts:
    """Which booking of a studio's class is paid for; ``class_name`` is as it was then."""

    organization_id: str
    booking_id: str
    class_session_id: str
    class_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What a person set out to buy, and what became of it.

    ``credits`` and ``reversed_credits`` are centicredits of the whole purchase, ``amount_cents``
    is its price and ``paid_cents`` what Stripe took, in the smallest unit of ``currency``.
    ``session_id`` is the session that it became; ``returns`` counts the sessions before it that
    ended before they began. ``refund_due_at`` is when a payment that was returned so goes back by
    itself. ``refund_attempt`` counts our own requests of
    a refund; ``refund_asked`` says that the last one was not declined, ``refund_id`` is its name.
    """

    purchase_id: str
    user_id: str
    clerk_id: str
    sku: str
    kind: Kind
    quantity: int
    credits: int
    amount_cents: int
    currency: str
    livemode: bool
    standing: Standing
    created_at: datetime
    expires_at: datetime
    reason: str | None = None
    checkout_id: str | None = None
    checkout_url: str | None = None
    customer_id: str | None = None
    payment_intent_id: str | None = None
    subscription_id: str | None = None
    invoice_id: str | None = None
    paid_cents: int | None = None
    paid_at: datetime | None = None
    intake_id: str | None = None
    session: SessionFacts | None = None
    session_id: str | None = None
    booking: BookingFacts | None = None
    reversal: Reversal = field(default_factory=Reversal)
    reversed_credits: int = 0
    refund_attempt: int = 0
    refund_asked: bool = False
    refund_id: str | None = None
    returns: int = 0
    refund_due_at: datetime | None = None

    @property
    def is_paid(self) -> bool:
        """Whether money came (or none was asked for), whatever became of it since."""
        return self.standing in _PAID_FOR

    @property
    def is_open(self) -> bool:
        """Whether it still holds the person's one checkout of this thing."""
        return self.standing in {"open", "processing"}

    @property
    def status(self) -> Status:
        """The one word that people see."""
        if self.standing in _PAID_FOR:
            if self.reversal.is_disputed:
                return "disputed"
            if self.reversal.is_full(self.paid_cents or 0):
                return "refunded"
            if self.reversal.refunded_cents > 0:
                return "partially_refunded"
        return _STATUSES[self.standing]

    @property
    def is_taken_back(self) -> bool:
        """Whether refunds or a dispute took all of the money, or hold it."""
        return self.reversal.is_disputed or self.reversal.is_full(self.paid_cents or 0)

    @property
    def refund_stands(self) -> bool:
        """Whether we asked for a refund that was neither declined nor failed."""
        return self.refund_asked and not self.reversal.has_failed(self.refund_id)

    @property
    def refundable_cents(self) -> int:
        """What could still go back."""
        if not self.is_paid or self.reversal.is_disputed:
            return 0
        return max((self.paid_cents or 0) - self.reversal.refunded_cents, 0)


def order(
    product: Product,
    *,
    purchase_id: str,
    user_id: str,
    clerk_id: str,
    livemode: bool,
    created_at: datetime,
    expires_at: datetime,
    quantity: int = 1,
    intake_id: str | None = None,
    session: SessionFacts | None = None,
    booking: BookingFacts | None = None,
) -> Purchase:
    """The purchase of a product as it is written before anybody is sent to pay.

    Raises:
        ValidationFailed: only credits come in more than one, and ten packs at the most.
        ValueError: the facts are not those of the product's kind.
    """
    for kind, facts in (("session", session), ("booking", booking)):
        if (product.kind == kind) is not (facts is not None):
            raise ValueError(f"the facts of a {kind} belong to one, and only there")
    if not 1 <= quantity <= NATURES[product.kind].quantity_max:
        raise ValidationFailed(
            errors=[{"field": "quantity", "message": "is out of range", "type": "value_error"}]
        )
    return Purchase(
        purchase_id=purchase_id,
        user_id=user_id,
        clerk_id=clerk_id,
        sku=product.sku,
        kind=product.kind,
        quantity=quantity,
        credits=product.credits * quantity if isinstance(product, CreditPack) else 0,
        amount_cents=product.price_cents * quantity,
        currency=product.currency,
        livemode=livemode,
        standing="open",
        created_at=created_at,
        expires_at=expires_at,
        intake_id=intake_id,
        session=session,
        booking=booking,
    )


def money_of(purchase: Purchase) -> Money | None:
    """Where the money of what is had whole now stands; None while none has come, or nobody knows.

    An open dispute changes nothing until it is decided.
    """
    if purchase.standing not in {"banked", "fulfilled"}:
        return None
    reversal = purchase.reversal
    lost = reversal.is_disputed and not reversal.may_be_won
    if lost or reversal.is_full(purchase.paid_cents or 0):
        return "refunded"
    return "paid" if purchase.standing == "fulfilled" else "refund_due"


def fulfilled(purchase: Purchase, *, session_id: str | None = None) -> Purchase:
    """The purchase whose effect is had; a session names itself."""
    return replace(
        purchase, standing="fulfilled", reason=None, session_id=session_id, refund_due_at=None
    )


def banked(purchase: Purchase, reason: str) -> Purchase:
    """The paid purchase whose effect could not be had: kept, to be redeemed or refunded."""
    return replace(purchase, standing="banked", reason=reason)


def unmatched(purchase: Purchase, reason: str) -> Purchase:
    """The paid purchase that fits nothing we know: kept, for an operator to decide."""
    return replace(purchase, standing="unmatched", reason=reason)


def difference(purchase: Purchase) -> int:
    """The centicredits to post now, so that the ledger shows what was taken back in all.

    Negative takes credits, positive restores them. Only what was credited can be taken back:
    before fulfilment this is 0, and at it the early news counts.
    """
    if purchase.standing != "fulfilled" or purchase.kind != "credits":
        return 0
    target = purchase.reversal.of_credits(purchase.credits, paid_cents=purchase.paid_cents or 0)
    return purchase.reversed_credits - target


def posted(purchase: Purchase) -> Purchase:
    """The purchase once ``difference`` stands in the ledger."""
    return replace(purchase, reversed_credits=purchase.reversed_credits - difference(purchase))


def check_redeem(purchase: Purchase) -> None:
    """Let a banked payment have its effect.

    A partial refund leaves it good; a full one, a dispute or a refund under way does not.

    Raises:
        PurchaseNotRedeemable: with the purchase's status.
    """
    if purchase.standing != "banked" or purchase.is_taken_back or purchase.refund_stands:
        raise PurchaseNotRedeemable(purchaseStatus=purchase.status)
