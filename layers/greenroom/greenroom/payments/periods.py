"""What the periods of a subscription cost, and what of that money went back. Pure.

A subscription's money is its invoices', and an invoice's is its payments'. Every paid invoice and
every payment that went back is kept as a fact of its own, and facts are merged: whichever comes
first, and however often, the end is the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from greenroom.kernel.limits import SUBSCRIPTION_INVOICES_KEPT, Limits
from greenroom.payments.reversals import Reversal, merge

# Why a period that was paid opens nothing.
Withheld = Literal["dispute", "refund"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long premium outlasts its period, and what of the period's money ends it before."""

    grace: timedelta
    refund_ends: bool = True
    dispute_suspends: bool = True


@dataclass(frozen=True, slots=True, order=True)
class PaidInvoice:
    """An invoice that was paid.

    ``period_end`` is the latest end of a period that it bills, or the moment when it was paid
    where it bills none. ``payments`` are those that the invoice's own news named.
    """

    period_end: datetime
    invoice_id: str
    paid_cents: int
    payments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What went back of one payment of an invoice."""

    payment_intent_id: str
    invoice_id: str
    reversal: Reversal


def terms_of(limits: Limits) -> Terms:
    """The terms of a deployment."""
    return Terms(
        grace=timedelta(seconds=limits.subscription_grace_s),
        refund_ends=limits.subscription_refund_ends_premium,
        dispute_suspends=limits.subscription_dispute_suspends_premium,
    )


def withheld(
    period_end: datetime,
    *,
    invoices: Iterable[PaidInvoice],
    taken_back: Iterable[TakenBack],
    terms: Terms,
) -> Withheld | None:
    """Why the period that ends then opens nothing although it was paid; None where it does.

    A dispute of any of its payments suspends it as long as the money is held or lost; refunds
    end it once all that was paid for it went back. What went back of another period is past.
    """
    paid = {one.invoice_id: one.paid_cents for one in invoices if one.period_end >= period_end}
    gone = [one.reversal for one in taken_back if one.invoice_id in paid]
    if terms.dispute_suspends and any(one.is_disputed for one in gone):
        return "dispute"
    refunded_cents = sum(one.refunded_cents for one in gone)
    if terms.refund_ends and 0 < sum(paid.values()) <= refunded_cents:
        return "refund"
    return None


def merge_invoices(
    known: Iterable[PaidInvoice], told: Iterable[PaidInvoice]
) -> tuple[PaidInvoice, ...]:
    """Both together, the newest periods of them. Order and repeats do not count."""
    merged: dict[str, PaidInvoice] = {}
    for one in (*known, *told):
        held = merged.get(one.invoice_id, one)
        merged[one.invoice_id] = PaidInvoice(
            max(held.period_end, one.period_end),
            one.invoice_id,
            max(held.paid_cents, one.paid_cents),
            tuple(sorted({*held.payments, *one.payments})),
        )
    return tuple(sorted(merged.values())[-SUBSCRIPTION_INVOICES_KEPT:])


def merge_taken_back(
    known: Iterable[TakenBack], told: Iterable[TakenBack]
) -> tuple[TakenBack, ...]:
    """Both together. Order and repeats do not count."""
    merged: dict[str, TakenBack] = {}
    for one in (*known, *told):
        held = merged.get(one.payment_intent_id, one)
        merged[one.payment_intent_id] = TakenBack(
            one.payment_intent_id,
            max(held.invoice_id, one.invoice_id),
            merge(held.reversal, one.reversal),
        )
    return tuple(merged[name] for name in sorted(merged))
