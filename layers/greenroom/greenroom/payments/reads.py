"""Reads of purchases, slots, customers and subscriptions; each thing with the counter it has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import PAGE_MAX
from greenroom.payments.billing_items import (
    InvoiceItem,
    SubscriptionItem,
    reversal_of_json,
    subscription_of,
)
from greenroom.payments.domain import Purchase
from greenroom.payments.items import (
    REFUND,
    CustomerItem,
    EventItem,
    PayerItem,
    PointerItem,
    PurchaseItem,
    SlotItem,
    purchase_of,
)
from greenroom.payments.premium import Subscription
from greenroom.payments.reversals import Reversal
from greenroom.table.batch import get_all
from greenroom.table.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPurchase:
    """A purchase as it is stored; whoever changes it names ``rev``."""

    purchase: Purchase
    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSubscription:
    """A subscription as it is stored; ``rev`` counts its changes from 1."""

    subscription: Subscription
    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """The invoice of a person's subscription."""

    user_id: str
    subscription_id: str
    invoice_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Where a payment leads; or what is known of its refunds before it leads anywhere."""

    purchase_id: str | None
    billed: Billed | None
    reversal: Reversal
    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePointer:
    """Where an invoice leads; or which of its payments came before it leads anywhere."""

    billed: Billed | None
    payments: tuple[str, ...]
    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The one open checkout of a person and a thing, and where they come back to."""

    purchase_id: str
    expires_at: datetime
    success_path: str
    cancel_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Stripe's customer of a person; the generation counts those that were deleted there."""

    customer_id: str | None
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvent:
    """An event that is kept, without what it says."""

    event_id: str
    event_type: str
    happened_at: datetime
    outcome: str


class PaymentReads:
    """What is known of payments; ``PaymentStore`` adds the writes."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def purchase(self, purchase_id: str) -> HeldPurchase | None:
        """The purchase, whosever it is."""
        item = self._table.get(PurchaseItem.at(purchase_id))
        return HeldPurchase(purchase=purchase_of(item), rev=item.rev) if item else None

    def of_user(
        self, user_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Purchase], str | None]:
        """A page of a person's purchases, newest first: the index finds them, the table tells."""
        page = self._table.query(
            PurchaseItem,
            f"USER#{user_id}",
            sk_prefix="PURCHASE#",
            index="GSI1",
            newest_first=True,
            limit=min(limit, PAGE_MAX),
            cursor=cursor,
        )
        keys = [PurchaseItem.at(item.pk.removeprefix("PURCHASE#")) for item in page.items]
        return [purchase_of(item) for item in get_all(self._table, keys)], page.next_cursor

    def due_refunds(self, now: datetime, *, limit: int) -> list[str]:
        """Ids of purchases that are to go back by themselves, at most ``limit`` a shard."""
        keys = self._table.due(REFUND, until_text=to_text(now), limit=limit)
        return [pk.removeprefix("PURCHASE#") for pk, _ in keys]

    def slot(self, user_id: str, thing: str) -> Slot | None:
        """The person's checkout of that thing, also one whose time is past."""
        item = self._table.get(SlotItem.at(user_id, thing))
        if item is None:
            return None
        return Slot(
            purchase_id=item.purchase_id,
            expires_at=item.expires_at,
            success_path=item.success_path,
            cancel_path=item.cancel_path,
        )

    def payer(self, user_id: str) -> Payer | None:
        """Who the person is at Stripe."""
        item = self._table.get(PayerItem.at(user_id))
        return Payer(customer_id=item.customer_id, generation=item.generation) if item else None

    def owner_of(self, customer_id: str) -> str | None:
        """The person whose customer that is."""
        item = self._table.get(CustomerItem.at(customer_id))
        return item.user_id if item else None

    def pointer(self, payment_intent_id: str) -> Pointer | None:
        """Where the payment leads."""
        item = self._table.get(PointerItem.at(payment_intent_id))
        if item is None:
            return None
        return pointer_of(item)

    def invoice(self, invoice_id: str) -> InvoicePointer | None:
        """Where the invoice leads."""
        item = self._table.get(InvoiceItem.at(invoice_id))
        return None if item is None else invoice_pointer_of(item)

    def subscriptions(self, user_id: str) -> list[HeldSubscription]:
        """All subscriptions that the person ever had."""
        found: list[HeldSubscription] = []
        cursor: str | None = None
        while True:
            page = self._table.query(
                SubscriptionItem,
                f"USER#{user_id}",
                sk_prefix="SUBSCRIPTION#",
                limit=PAGE_MAX,
                cursor=cursor,
                consistent=True,
            )
            found += [
                HeldSubscription(subscription=subscription_of(item), rev=item.rev)
                for item in page.items
            ]
            cursor = page.next_cursor
            if cursor is None:
                return found

    def event(self, event_id: str) -> EventItem | None:
        """The event that was kept, and what became of it."""
        return self._table.get(EventItem.at(event_id))

    def events(self) -> Iterator[KeptEvent]:
        """Every event that is kept, in no order: a scan, for operators and never for a function."""
        request: dict[str, Any] = {
            "TableName": self._table.name,
            "FilterExpression": "kind = :kind",
            "ExpressionAttributeValues": {":kind": {"S": EventItem.KIND}},
            "ProjectionExpression": "PK, SK, kind, v, event_type, happened_at, outcome",
        }
        while True:
            answer = self._table.call("Scan", request)
            for item in map(EventItem.read, answer["Items"]):
                yield KeptEvent(
                    event_id=item.pk.removeprefix("EVENT#stripe#"),
                    event_type=item.event_type,
                    happened_at=item.happened_at,
                    outcome=item.outcome,
                )
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def pointer_of(item: PointerItem) -> Pointer:
    """What a payment's pointer says."""
    billed = None
    if item.user_id and item.subscription_id and item.invoice_id:
        billed = Billed(
            user_id=item.user_id,
            subscription_id=item.subscription_id,
            invoice_id=item.invoice_id,
        )
    return Pointer(
        purchase_id=item.purchase_id,
        billed=billed,
        reversal=reversal_of_json(item.reversal),
        rev=item.rev,
    )


def invoice_pointer_of(item: InvoiceItem) -> InvoicePointer:
    """What an invoice's pointer says."""
    billed = None
    if item.user_id and item.subscription_id:
        billed = Billed(
            user_id=item.user_id,
            subscription_id=item.subscription_id,
            invoice_id=item.pk.removeprefix("INVOICE#"),
        )
    return InvoicePointer(billed=billed, payments=tuple(item.payments or ()), rev=item.rev)
