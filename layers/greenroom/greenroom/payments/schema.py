"""Payments on the wire."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from greenroom.payments.domain import Status
from greenroom.payments.kinds import QUANTITY_MAX, Kind
from greenroom.payments.news import Outcome
from greenroom.payments.periods import Withheld
from greenroom.payments.provider import CardOnFile
from greenroom.payments.redirects import PATH_PATTERN, PURCHASES_PATH
from greenroom.sessions.domain import SessionType
from greenroom.web.wire import Timestamp, Wire, exactly_one

Path = Annotated[str, Field(pattern=PATH_PATTERN, description="a path of the front end")]


class ProductView(Wire):
    """One thing for sale; ``credits`` (bought) and ``months`` only where it has some.

    A session may be paid with ``priceCredits`` instead of money.
    """

    sku: str
    kind: Kind
    name: str
    description: str
    amount_cents: int
    currency: str
    credits: float | None
    months: int | None
    session_type: SessionType | None
    price_credits: float | None


class ProductList(Wire):
    """``GET /products``: everything for sale, in the order in which it is shown."""

    items: list[ProductView]


class StartCheckout(Wire):
    """``POST /checkout``: a sku, or the session of an intake. What it costs is our business.

    An intake's checkout comes back to the intake's own pages.
    """

    model_config = ConfigDict(json_schema_extra=exactly_one("sku", "intakeId"))

    sku: str | None = Field(default=None, min_length=1, max_length=64)
    intake_id: str | None = None
    quantity: int = Field(default=1, ge=1, le=QUANTITY_MAX, strict=True)
    success_path: Path = PURCHASES_PATH
    cancel_path: Path = PURCHASES_PATH

    @field_validator("intake_id")
    @classmethod
    def _without_a_sku(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("sku") is not None:
            raise ValueError("goes without a sku")
        return value

    @field_validator("quantity", "success_path", "cancel_path")
    @classmethod
    def _with_a_sku(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("intake_id") is not None:
            raise ValueError("goes with a sku, not with an intake")
        return value

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if self.sku is None and self.intake_id is None:
            raise ValueError("exactly one of sku and intakeId")
        return self


class CheckoutStarted(Wire):
    """Where to pay, and until when."""

    checkout_url: str
    checkout_session_id: str
    purchase_id: str
    expires_at: Timestamp


class Portal(Wire):
    """Where the subscription is managed."""

    url: str


class PurchaseView(Wire):
    """A purchase. ``credits`` is what was bought, ``checkoutUrl`` where it can still be paid.

    ``reason`` says why a payment is banked or unmatched. The seat in a class names its booking, a
    session that was asked for its intake.
    """

    id: str
    sku: str
    kind: Kind
    name: str
    quantity: int
    credits: float
    amount_cents: int
    currency: str
    status: Status
    reason: str | None
    created_at: Timestamp
    paid_at: Timestamp | None
    checkout_url: str | None
    redeemable: bool
    refundable: bool
    session_id: str | None
    intake_id: str | None
    organization_id: str | None
    booking_id: str | None


class PurchasePage(Wire):
    """One page of purchases, newest first."""

    items: list[PurchaseView]
    next_cursor: str | None


class Redeemed(Wire):
    """The purchase and what it became: a session, or a booking that is confirmed."""

    purchase: PurchaseView
    session_id: str | None
    booking_id: str | None


class RefundTaken(Wire):
    """The purchase whose refund was asked for; Stripe's news will say what went back."""

    purchase: PurchaseView


class SubscriptionView(Wire):
    """A subscription. ``live``: it makes premium now; ``endsAt``: it was told to stop then.

    ``withheld``: why its present period counts for nothing although it was paid.
    """

    subscription_id: str
    sku: str | None
    status: str
    period_end: Timestamp | None
    ends_at: Timestamp | None
    in_dunning: bool
    withheld: Withheld | None
    live: bool


class SubscriptionList(Wire):
    """``GET /subscriptions``, the newest news first."""

    items: list[SubscriptionView]


class WebhookReceipt(Wire):
    """What became of an event: also for what was banked, ignored or had come before."""

    received: Literal[True] = True
    outcome: Outcome


class CardView(Wire):
    """A card that its owner let Stripe keep; ``last4`` is all of its number that is told."""

    payment_method_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


class CardList(Wire):
    """``GET …/payment-methods``: newest first; none of whoever has never paid by card."""

    items: list[CardView]

    @classmethod
    def of(cls, cards: list[CardOnFile]) -> "CardList":
        """The view of cards."""
        return cls(
            items=[
                CardView(
                    payment_method_id=one.payment_method_id,
                    brand=one.brand,
                    last4=one.last4,
                    exp_month=one.exp_month,
                    exp_year=one.exp_year,
                )
                for one in cards
            ]
        )
