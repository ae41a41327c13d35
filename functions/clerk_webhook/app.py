"""Clerk's webhook: verified over the raw bytes, then taken in once."""

from greenroom.accounts import routes
from greenroom.accounts.schema import WebhookReceived
from greenroom.kernel.errors import InvalidRequest, InvalidSignature
from greenroom.kernel.limits import BODY_WEBHOOK_MAX
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.wiring import Wiring

wired = Wiring("clerk_webhook")
lambda_handler = api = Api("clerk_webhook", verify=wired.verify)


@api.route(routes.CLERK_WEBHOOK)
def clerk_webhook(call: Call) -> Answer:
    with wired.webhook_marks.noting("clerk") as delivery:
        receipt = wired.clerk_sync.receive(
            _body(call),
            message_id=call.header("svix-id"),
            timestamp=call.header("svix-timestamp"),
            signature=call.header("svix-signature"),
        )
        delivery.made_at, delivery.outcome = receipt.made_at, receipt.outcome
    call.facts["outcome"] = receipt.outcome
    return Answer(body=WebhookReceived(outcome=receipt.outcome))


def _body(call: Call) -> bytes:
    try:
        return call.body_bytes(at_most=BODY_WEBHOOK_MAX)
    except InvalidRequest as unreadable:  # said to be base64 and is not: never Clerk's
        raise InvalidSignature(log={"reason": "svix-body"}) from unreadable
