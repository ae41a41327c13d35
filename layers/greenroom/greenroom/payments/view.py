"""From purchases, products and subscriptions to the shapes of the wire."""

from collections.abc import Mapping
from datetime import datetime

from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import Refused
from greenroom.kernel.money import credits_to_json
from greenroom.payments.catalogue import (
    Catalogue,
    CreditPack,
    ExpertSession,
    Membership,
    Product,
)
from greenroom.payments.domain import Purchase, check_redeem
from greenroom.payments.periods import Terms
from greenroom.payments.premium import Subscription
from greenroom.payments.refunding import check_refund
from greenroom.payments.schema import (
    CheckoutStarted,
    ProductList,
    ProductView,
    PurchaseView,
    Redeemed,
    SubscriptionView,
)


def product_list(catalogue: Catalogue, *, credits_name: str) -> ProductList:
    """Everything for sale."""
    return ProductList(items=[_product(one, credits_name) for one in catalogue])


def checkout_started(purchase: Purchase) -> CheckoutStarted:
    """Where the purchase is paid."""
    return CheckoutStarted(
        checkout_url=purchase.checkout_url or "",
        checkout_session_id=purchase.checkout_id or "",
        purchase_id=purchase.purchase_id,
        expires_at=to_text(purchase.expires_at),
    )


def purchase_view(
    purchase: Purchase, *, catalogue: Catalogue, credits_name: str, now: datetime
) -> PurchaseView:
    """A purchase as its owner sees it."""
    over = purchase.standing == "open" and purchase.expires_at <= now
    payable = purchase.standing == "open" and not over
    return PurchaseView(
        id=purchase.purchase_id,
        sku=purchase.sku,
        kind=purchase.kind,
        name=_name(purchase, catalogue, credits_name),
        quantity=purchase.quantity,
        credits=credits_to_json(purchase.credits),
        amount_cents=purchase.amount_cents,
        currency=purchase.currency,
        status="expired" if over else purchase.status,
        reason=purchase.reason,
        created_at=to_text(purchase.created_at),
        paid_at=_text(purchase.paid_at),
        checkout_url=purchase.checkout_url if payable else None,
        redeemable=_may_redeem(purchase),
        refundable=_may_refund(purchase),
        session_id=purchase.session_id,
        intake_id=purchase.intake_id,
        organization_id=purchase.booking.organization_id if purchase.booking else None,
        booking_id=purchase.booking.booking_id if purchase.booking else None,
    )


def redeemed(view: PurchaseView) -> Redeemed:
    """What a redeemed purchase became."""
    return Redeemed(purchase=view, session_id=view.session_id, booking_id=view.booking_id)


def subscription_view(
    subscription: Subscription, *, skus: Mapping[str, str], terms: Terms, live: bool
) -> SubscriptionView:
    """A subscription; ``skus`` names what a price or a product of Stripe is."""
    known = [one for one in (subscription.price_id, subscription.product_id) if one]
    return SubscriptionView(
        subscription_id=subscription.subscription_id,
        sku=next((skus[one] for one in known if one in skus), None),
        status=subscription.status,
        period_end=_text(subscription.period_end),
        ends_at=_text(subscription.ends_at),
        in_dunning=subscription.in_dunning,
        withheld=subscription.withheld(terms),
        live=live,
    )


def _product(product: Product, credits_name: str) -> ProductView:
    return ProductView(
        sku=product.sku,
        kind=product.kind,
        name=product.named(credits_name),
        description=product.described(credits_name),
        amount_cents=product.price_cents,
        currency=product.currency,
        credits=credits_to_json(product.credits) if isinstance(product, CreditPack) else None,
        months=product.months if isinstance(product, Membership) else None,
        session_type=product.type if isinstance(product, ExpertSession) else None,
        price_credits=_price_credits(product),
    )


def _price_credits(product: Product) -> float | None:
    price = product.credits if isinstance(product, ExpertSession) else None
    return None if price is None else credits_to_json(price)


def _name(purchase: Purchase, catalogue: Catalogue, credits_name: str) -> str:
    product = catalogue.get(purchase.sku)
    if product is not None:
        return product.named(credits_name)
    return purchase.booking.class_name if purchase.booking else purchase.sku


def _may_redeem(purchase: Purchase) -> bool:
    try:
        check_redeem(purchase)
    except Refused:
        return False
    return True


def _may_refund(purchase: Purchase) -> bool:
    try:
        check_refund(purchase, by_admin=False)
    except Refused:
        return False
    return purchase.payment_intent_id is not None


def _text(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None
