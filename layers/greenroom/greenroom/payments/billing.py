"""News of a subscription's money on its way: what it tells, and what it learns by being overtaken.

A payment leads to its invoice and an invoice to its subscription; what came before either led
anywhere is kept at their pointers, and is learnt when a write meets it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from greenroom.payments.events import (
    ChargeRefunded,
    CustomerDeleted,
    DisputeChanged,
    InvoiceFailed,
    InvoicePaid,
    InvoicePaymentPaid,
    RefundChanged,
    SubscriptionChanged,
)
from greenroom.payments.news import News
from greenroom.payments.periods import TakenBack
from greenroom.payments.premium import Subscription, taken_back_of
from greenroom.payments.races import InvoiceMoved, PaymentMoved
from greenroom.payments.reads import Billed, HeldSubscription
from greenroom.payments.reversals import Reversal
from greenroom.table.transaction import Transaction

ReversalEvent = RefundChanged | ChargeRefunded | DisputeChanged
SubscriptionEvent = SubscriptionChanged | InvoicePaid | InvoiceFailed
AnyEvent = SubscriptionEvent | InvoicePaymentPaid | ReversalEvent | CustomerDeleted

Steps = Callable[[Transaction], None]


@dataclass(slots=True)
class Work:
    """One piece of news on its way: what it tells, and what was learnt when it was overtaken.

    ``invoice_rev`` and ``payment_revs`` are the pointers that have to lead to what is billed, each
    with the counter that it is known to have; None, or not there, where none has to be written.
    """

    news: News[AnyEvent]
    user_id: str
    told: Sequence[Subscription] = ()
    billed: Billed | None = None
    invoice_rev: int | None = None
    payment_revs: dict[str, int] = field(default_factory=dict)
    held: list[HeldSubscription] | None = None
    also: Steps | None = None

    @property
    def leads(self) -> bool:
        """Whether pointers have to be written."""
        return self.invoice_rev is not None or bool(self.payment_revs)

    def learn_of_invoice(self, moved: InvoiceMoved) -> None:
        """Its pointer was not as it was known: payments of it came first, or it leads already."""
        self.invoice_rev = None if moved.leads else moved.rev
        self.payment_revs |= dict.fromkeys(moved.payments, 0)

    def learn_of_payment(self, moved: PaymentMoved) -> None:
        """Its pointer was not as it was known: it leads already, or keeps what went back."""
        if moved.leads or self.billed is None:
            self.payment_revs.pop(moved.payment_intent_id)
            return
        self.payment_revs[moved.payment_intent_id] = moved.rev
        self.told = [*self.told, told_of(self.billed, moved.payment_intent_id, moved.reversal)]


def told_of(billed: Billed, payment_intent_id: str, reversal: Reversal) -> Subscription:
    """What is told of a subscription when money of its invoice's payment went back."""
    taken_back = TakenBack(payment_intent_id, billed.invoice_id, reversal)
    return taken_back_of(billed.subscription_id, taken_back)
