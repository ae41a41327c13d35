"""Writes of subscriptions and of what leads to them; ``items`` has the key chart.

A step that meets a pointer which is not as it was known says what that pointer holds:
``InvoiceMoved`` and ``PaymentMoved``.
"""

from greenroom.kernel.errors import GreenroomError
from greenroom.kernel.limits import INVOICE_PAYMENTS_MAX
from greenroom.kernel.turns import Overtaken
from greenroom.payments.billing_items import InvoiceItem, SubscriptionItem, subscription_values
from greenroom.payments.changes import differences, made
from greenroom.payments.items import PointerItem
from greenroom.payments.premium import Subscription
from greenroom.payments.races import InvoiceMoved, PaymentMoved
from greenroom.payments.reads import (
    Billed,
    InvoicePointer,
    PaymentReads,
    invoice_pointer_of,
    pointer_of,
)
from greenroom.table.transaction import Transaction


class BillingStore(PaymentReads):
    """The subscriptions' part of the payments."""

    def add_subscription(
        self, tx: Transaction, user_id: str, subscription: Subscription, *, rev: int
    ) -> None:
        """Add the step that writes a subscription; ``rev`` is that of the known one, 0 of none."""
        tx.update(
            f"subscription {subscription.subscription_id}",
            SubscriptionItem.at(user_id, subscription.subscription_id),
            *made(SubscriptionItem, self._table.clock()),
            *differences(SubscriptionItem, {}, subscription_values(subscription)),
            SubscriptionItem.rev.set(rev + 1),
            when=(SubscriptionItem.rev == rev) if rev else SubscriptionItem.pk.does_not_exist(),
            otherwise=Overtaken(),
        )

    def add_invoice(self, tx: Transaction, billed: Billed, *, rev: int) -> None:
        """Add the step that lets an invoice lead to its subscription.

        ``rev`` is that of the pointer that is known, 0 for none; another is ``InvoiceMoved``.
        """
        key = InvoiceItem.at(billed.invoice_id)

        def moved(old: InvoiceItem | None) -> GreenroomError:
            if old is None:
                return Overtaken()
            known = invoice_pointer_of(old)
            leads = known.billed is not None
            return InvoiceMoved(rev=known.rev, payments=known.payments, leads=leads)

        tx.update(
            "invoice_pointer",
            key,
            *made(InvoiceItem, self._table.clock()),
            InvoiceItem.user_id.set(billed.user_id),
            InvoiceItem.subscription_id.set(billed.subscription_id),
            InvoiceItem.payments.remove(),
            InvoiceItem.rev.set(rev + 1),
            when=(InvoiceItem.rev == rev) if rev else InvoiceItem.pk.does_not_exist(),
            otherwise=moved,
        )

    def add_early_payment(
        self,
        tx: Transaction,
        invoice_id: str,
        payment_intent_id: str,
        *,
        known: InvoicePointer | None,
    ) -> None:
        """Add the step that keeps a payment at its invoice until that leads somewhere."""
        rev = known.rev if known else 0
        payments = {*(known.payments if known else ()), payment_intent_id}
        tx.update(
            "invoice_pointer",
            InvoiceItem.at(invoice_id),
            *made(InvoiceItem, self._table.clock()),
            InvoiceItem.payments.set(sorted(payments)[:INVOICE_PAYMENTS_MAX]),
            InvoiceItem.rev.set(rev + 1),
            when=(InvoiceItem.rev == rev) if rev else InvoiceItem.pk.does_not_exist(),
            otherwise=Overtaken(),
        )

    def add_invoice_payment(
        self, tx: Transaction, payment_intent_id: str, billed: Billed, *, rev: int
    ) -> None:
        """Add the step that lets a payment lead to the subscription whose invoice it paid.

        ``rev`` is that of the pointer that is known, 0 for none; another is ``PaymentMoved``.
        """
        key = PointerItem.at(payment_intent_id)

        def moved(old: PointerItem | None) -> GreenroomError:
            if old is None:
                return Overtaken()
            known = pointer_of(old)
            return PaymentMoved(
                payment_intent_id=payment_intent_id,
                rev=known.rev,
                reversal=known.reversal,
                leads=known.purchase_id is not None or known.billed is not None,
            )

        tx.update(
            f"payment_pointer {payment_intent_id}",
            key,
            *made(PointerItem, self._table.clock()),
            PointerItem.user_id.set(billed.user_id),
            PointerItem.subscription_id.set(billed.subscription_id),
            PointerItem.invoice_id.set(billed.invoice_id),
            PointerItem.reversal.remove(),
            PointerItem.rev.set(rev + 1),
            when=(PointerItem.rev == rev) if rev else PointerItem.pk.does_not_exist(),
            otherwise=moved,
        )
