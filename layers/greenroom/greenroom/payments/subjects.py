"""Which thing of Stripe's an event is about: one id, under which its events are listed. Pure."""

from greenroom.payments.events import (
    ChargeRefunded,
    Checkout,
    CustomerDeleted,
    DisputeChanged,
    Invoice,
    InvoicePaymentPaid,
    RefundChanged,
    StripeEvent,
    SubscriptionChanged,
)


def subject_of(event: StripeEvent) -> str | None:
    """The checkout, payment, subscription or customer that an event tells of, by Stripe's id.

    A purchase and a subscription name the same ids, so their events are found by them.
    """
    subject: str | None = None
    match event:
        case Checkout():
            subject = event.checkout_id
        case SubscriptionChanged():
            subject = event.subscription_id
        case Invoice():
            subject = event.subscription_id or event.invoice_id
        case InvoicePaymentPaid():
            subject = event.payment_intent_id or event.invoice_id
        case RefundChanged() | ChargeRefunded() | DisputeChanged():
            subject = event.payment_intent_id or event.charge_id
        case CustomerDeleted():
            subject = event.customer_id
    return subject
