"""When what is left of a payment may go back, and what asking for it does to a purchase. Pure."""

from dataclasses import replace

from greenroom.kernel.errors import Forbidden, PurchaseNotRefundable
from greenroom.payments.domain import Purchase


def check_refund(purchase: Purchase, *, by_admin: bool) -> None:
    """Let what is left of a payment go back: the owner's while it is banked.

    A request whose answer never came passes again, since it has Stripe's idempotency key.

    Raises:
        Forbidden: the owner has had what was bought; an admin may still refund it.
        PurchaseNotRefundable: nothing is left, a dispute holds it, or a refund stands.
    """
    answered = purchase.refund_stands and purchase.refund_id is not None
    if purchase.refundable_cents == 0 or answered:
        raise PurchaseNotRefundable(purchaseStatus=purchase.status)
    if not by_admin and purchase.standing != "banked":
        raise Forbidden("Only a payment that was not used yet can be refunded here.")


def refund_asked(purchase: Purchase) -> Purchase:
    """The purchase whose refund is asked for: written first, so that nobody redeems meanwhile."""
    if purchase.refund_asked and purchase.refund_id is None:
        return purchase  # the answer never came: the same request again
    return replace(
        purchase, refund_asked=True, refund_attempt=purchase.refund_attempt + 1, refund_id=None
    )


def refund_declined(purchase: Purchase) -> Purchase:
    """The purchase whose refund Stripe refused to make: as if nobody had asked."""
    return replace(purchase, refund_asked=False, refund_due_at=None)


def refund_answered(purchase: Purchase, refund_id: str) -> Purchase:
    """The purchase whose refund Stripe made: its events will say what went back."""
    return replace(purchase, refund_id=refund_id, refund_due_at=None)


def refund_key(purchase: Purchase) -> str:
    """Stripe's idempotency key of the attempt that stands.

    The request names no amount (all that is left goes back), so that its parameters are the
    same each time.
    """
    return f"refund:{purchase.purchase_id}:{purchase.refund_attempt}"
