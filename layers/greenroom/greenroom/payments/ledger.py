"""The entries of the ledger that purchases make. Pure."""

from greenroom.accounts.domain import Posting
from greenroom.payments.domain import Purchase


def purchase_posting(purchase: Purchase) -> Posting:
    """The entry of what was bought: once a purchase, by its key."""
    return Posting(
        key=f"purchase:{purchase.purchase_id}",
        kind="purchase",
        amount=purchase.credits,
        reason=purchase.sku,
    )


def reversal_posting(purchase: Purchase, amount: int, *, rev: int) -> Posting:
    """The entry of what refunds and disputes took or gave back (centicredits), by its revision."""
    return Posting(
        key=f"reversal:{purchase.purchase_id}:{rev}",
        kind="reversal",
        amount=amount,
        reason="dispute" if purchase.reversal.disputes else "refund",
    )
