"""Premium: derived from every subscription that a person has, whatever order the news came in.

Stripe orders nothing and counts in whole seconds. So a subscription's news has a fixed order of
its own, and the highest stands: stubs, then ``incomplete`` (which no subscription returns to),
then what lives, then what is over for ever. Payments are merged beside it, and what went back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from greenroom.payments.events import InvoiceFailed, InvoicePaid, SubscriptionChanged
from greenroom.payments.periods import (
    PaidInvoice,
    TakenBack,
    Terms,
    Withheld,
    merge_invoices,
    merge_taken_back,
    withheld,
)

UNHEARD: Final = "unheard"  # an invoice came before any news of its subscription

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OVER: Final = frozenset({"canceled", "incomplete_expired"})
_OPENS: Final = frozenset({"trialing", "active", "past_due"})

# Which of two pieces of news of the same second is the later one.
_ADVANCE: Final = {
    UNHEARD: 0,
    "incomplete": 1,
    "trialing": 2,
    "active": 3,
    "past_due": 4,
    "paused": 6,
    "unpaid": 7,
    "incomplete_expired": 8,
    "canceled": 9,
}
_ADVANCE_UNKNOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscription, as the highest news of it says. ``changed_at`` is Stripe's second.

    ``ends_at``: it was told to stop then. ``paid_until``: the latest end of a period whose
    invoice was paid. ``taken_back`` are refunds and disputes of its payments.
    """

    subscription_id: str
    customer_id: str | None
    status: str
    changed_at: datetime
    deleted: bool = False
    period_end: datetime | None = None
    ends_at: datetime | None = None
    price_id: str | None = None
    product_id: str | None = None
    paid_until: datetime | None = None
    paid_at: datetime | None = None
    payment_failed_at: datetime | None = None
    invoices: tuple[PaidInvoice, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether it can never open anything again."""
        return self.deleted or self.status in _OVER

    @property
    def in_dunning(self) -> bool:
        """Whether the last try to collect failed. To be shown: the status decides access."""
        failed = self.payment_failed_at
        return failed is not None and (self.paid_at is None or failed > self.paid_at)

    @property
    def current_end(self) -> datetime:
        """The end of the period that counts now.

        Stripe moves ``period_end`` on before it collects, so that of a ``past_due`` one counts
        only as far as it was paid, if that is known.
        """
        known = [end for end in (self.period_end, self.paid_until) if end is not None]
        which = min if self.status == "past_due" else max
        return which(known, default=self.changed_at)

    def withheld(self, terms: Terms) -> Withheld | None:
        """Why its present period opens nothing although it was paid; None where it does."""
        return withheld(
            self.current_end, invoices=self.invoices, taken_back=self.taken_back, terms=terms
        )

    def opens_until(self, terms: Terms) -> datetime | None:
        """Until when it opens interviews; None where it opens nothing.

        Grace bridges late news and failed cards; what was told to stop needs none.
        """
        if self.is_over or self.status not in _OPENS or self.withheld(terms):
            return None
        end = self.current_end + terms.grace
        if self.status == "past_due" or self.ends_at is None:
            return end
        return min(self.ends_at, end)


def subscription_of(
    event: SubscriptionChanged | InvoicePaid | InvoiceFailed,
) -> Subscription | None:
    """What one event says of a subscription; None for an invoice that is about none."""
    if isinstance(event, SubscriptionChanged):
        return Subscription(
            subscription_id=event.subscription_id,
            customer_id=event.customer_id,
            status=event.status,
            changed_at=event.created_at,
            deleted=event.deleted,
            period_end=event.period_end,
            ends_at=event.ends_at,
            price_id=event.price_id,
            product_id=event.product_id,
        )
    if event.subscription_id is None:
        return None
    paid = isinstance(event, InvoicePaid)
    invoice = PaidInvoice(
        event.period_end or event.created_at,
        event.invoice_id,
        event.amount_paid_cents or 0,
        tuple(sorted(set(event.payment_intent_ids))),
    )
    return Subscription(
        subscription_id=event.subscription_id,
        customer_id=event.customer_id,
        status=UNHEARD,
        changed_at=_LONG_AGO,
        paid_until=event.period_end if paid else None,
        paid_at=event.created_at if paid else None,
        payment_failed_at=None if paid else event.created_at,
        invoices=(invoice,) if paid else (),
    )


def taken_back_of(subscription_id: str, taken_back: TakenBack) -> Subscription:
    """What is told of a subscription when money of it goes back."""
    return Subscription(
        subscription_id=subscription_id,
        customer_id=None,
        status=UNHEARD,
        changed_at=_LONG_AGO,
        taken_back=(taken_back,),
    )


def newer(known: Subscription, told: Subscription) -> Subscription:
    """What stands of two pieces of news of one subscription, in whatever order they came.

    Commutative, associative and idempotent. A later second wins; within one, the more advanced
    status; ``incomplete`` never replaces anything else, and nothing follows an end.

    Raises:
        ValueError: they are of two subscriptions.
    """
    if known.subscription_id != told.subscription_id:
        raise ValueError("news of two subscriptions cannot be merged")
    return replace(
        max(known, told, key=_order),
        customer_id=max(known.customer_id or "", told.customer_id or "") or None,
        paid_until=_later(known.paid_until, told.paid_until),
        paid_at=_later(known.paid_at, told.paid_at),
        payment_failed_at=_later(known.payment_failed_at, told.payment_failed_at),
        invoices=merge_invoices(known.invoices, told.invoices),
        taken_back=merge_taken_back(known.taken_back, told.taken_back),
    )


def premium_until(
    subscriptions: Iterable[Subscription], now: datetime, terms: Terms
) -> datetime | None:
    """Until when a person is premium: the latest end over all that live; None if that is past."""
    ends = [one.opens_until(terms) for one in subscriptions]
    return max((end for end in ends if end is not None and end > now), default=None)


def _order(one: Subscription) -> tuple[object, ...]:
    """The order of news; all that differs takes part, so that no two differ and are equal."""
    stage = {UNHEARD: 0, "incomplete": 1}.get(one.status, 2)
    if one.is_over:
        stage = 4 if one.deleted else 3
    return (
        stage,
        one.changed_at,
        _ADVANCE.get(one.status, _ADVANCE_UNKNOWN),
        one.status,
        one.period_end or _LONG_AGO,
        one.ends_at or _LONG_AGO,
        one.price_id or "",
        one.product_id or "",
    )


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment), default=None)
