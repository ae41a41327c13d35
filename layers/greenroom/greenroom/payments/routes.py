"""The routes of payments: what is for sale, checkout, purchases, subscriptions, the webhook."""

from greenroom.kernel.errors import (
    AccountDeleted,
    ActiveSessionExists,
    AlreadyBooked,
    AmbiguousCustomer,
    BodyTooLarge,
    BookingClosed,
    ClassCancelled,
    ClassFull,
    ExactlyOneCustomer,
    Forbidden,
    IntakeExpired,
    IntakeUsed,
    InvalidRequest,
    InvalidSignature,
    InvalidTransition,
    NoCustomer,
    NotFound,
    Overlap,
    ProviderDown,
    ProviderFailed,
    ProviderThrottled,
    ProviderTimedOut,
    PurchaseNotRedeemable,
    PurchaseNotRefundable,
    StoreUnavailable,
    Unavailable,
    WaiverRequired,
)
from greenroom.payments.schema import (
    CardList,
    CheckoutStarted,
    Portal,
    ProductList,
    PurchasePage,
    Redeemed,
    RefundTaken,
    StartCheckout,
    SubscriptionList,
    WebhookReceipt,
)
from greenroom.web.route import PAGED, Route

PROVIDER_ERRORS = (ProviderDown, ProviderFailed, ProviderThrottled, ProviderTimedOut)

PRODUCTS = Route(
    "GET /api/products",
    summary="Everything for sale: credits, subscriptions, sessions with experts",
    auth="public",
    answers={200: ProductList},
)
CHECKOUT = Route(
    "POST /api/checkout",
    summary="Begin a checkout, or return to the open one of the same thing",
    body=StartCheckout,
    answers={200: CheckoutStarted},
    errors=(
        AccountDeleted,
        ActiveSessionExists,
        IntakeExpired,
        IntakeUsed,
        NotFound,
        WaiverRequired,
        *PROVIDER_ERRORS,
    ),
    in_person=True,
)
PORTAL = Route(
    "POST /api/billing-portal",
    summary="The page where the subscription is managed",
    answers={200: Portal},
    errors=(NoCustomer, *PROVIDER_ERRORS),
    in_person=True,
)
PURCHASES = Route(
    "GET /api/purchases",
    summary="What the person bought, newest first, with what waits to be used",
    answers={200: PurchasePage},
    query=PAGED,
    errors=(AccountDeleted,),
)
REDEEM = Route(
    "POST /api/purchases/{purchaseId}/redeem",
    summary="Let a banked payment have its effect, once: a session, or a confirmed booking",
    answers={200: Redeemed},
    errors=(
        AccountDeleted,
        ActiveSessionExists,
        AlreadyBooked,
        BookingClosed,
        ClassCancelled,
        ClassFull,
        InvalidTransition,
        Overlap,
        PurchaseNotRedeemable,
    ),
    in_person=True,
)
REFUND = Route(
    "POST /api/purchases/{purchaseId}/refund",
    summary="Give back what is left of a payment that was not used, once",
    answers={202: RefundTaken},
    errors=(Forbidden, PurchaseNotRefundable, *PROVIDER_ERRORS),
    in_person=True,
)
SUBSCRIPTIONS = Route(
    "GET /api/subscriptions",
    summary="The person's subscriptions, and whether each one counts now",
    answers={200: SubscriptionList},
    errors=(AccountDeleted,),
)
STRIPE_WEBHOOK = Route(
    "POST /api/webhooks/stripe",
    summary="Stripe tells what happened; signed, applied once, in any order",
    auth="public",
    needs=("Stripe-Signature",),
    answers={200: WebhookReceipt},
    errors=(InvalidSignature, InvalidRequest, BodyTooLarge, StoreUnavailable, Unavailable),
)
CARDS = Route(
    "GET /api/organizations/{organizationId}/payment-methods",
    summary="The cards that a customer, client or lead, let Stripe keep",
    answers={200: CardList},
    query={
        "clientId": "The client, by id",
        "customerId": "The lead, by id",
        "customerRef": "The client or the lead of this id",
    },
    errors=(AmbiguousCustomer, ExactlyOneCustomer, Forbidden, *PROVIDER_ERRORS),
)
