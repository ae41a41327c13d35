"""Stripe's webhook: the raw body, its signature, and what became of the event."""

from greenroom.kernel.limits import BODY_WEBHOOK_MAX
from greenroom.payments import routes
from greenroom.payments.schema import WebhookReceipt
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.wiring import Wiring

wired = Wiring("stripe_webhook")
lambda_handler = api = Api("stripe_webhook", verify=wired.verify)


@api.route(routes.STRIPE_WEBHOOK)
def webhook(call: Call) -> Answer:
    with wired.webhook_marks.noting("stripe") as delivery:
        raw = call.body_bytes(at_most=BODY_WEBHOOK_MAX)
        receipt = wired.stripe_webhook.receive(raw, signature=call.header("stripe-signature"))
        delivery.made_at, delivery.outcome = receipt.made_at, receipt.outcome
    call.facts |= {
        "stripe_event_id": receipt.event_id,
        "stripe_event_type": receipt.type,
        "outcome": receipt.outcome,
    }
    return Answer(body=WebhookReceipt(outcome=receipt.outcome))
