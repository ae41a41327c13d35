"""Invoices of subscriptions: written, paid, refused."""

from dataclasses import dataclass
from typing import Any

from local.standins.stripe_account import Account
from local.standins.stripe_calls import CREATED, LISTING, Call, Route, listing, page, retrieve
from local.standins.stripe_objects import Document, list_of, new_id, new_object
from local.standins.stripe_parameters import Choice, Record, Text
from local.standins.stripe_payments import refuse_card, start_payment, take_payment


@dataclass(frozen=True, kw_only=True)
class Charged:
    """One thing on an invoice; ``item`` is the subscription's item, None for one-time prices."""

    price: Document
    quantity: int
    amount: int
    item: str | None


def write_invoice(
    account: Account,
    subscription: Document,
    charged: list[Charged],
    *,
    reason: str,
    period: tuple[int, int],
) -> Document:
    """A finalised invoice that waits for its payment."""
    invoice_id, now = new_id("in"), account.now()
    total = sum(each.amount for each in charged)
    customer = account.store.get(subscription["customer"])
    lines = [_line(account, invoice_id, subscription, each, period) for each in charged]
    number = customer["next_invoice_sequence"]
    account.change(customer, next_invoice_sequence=number + 1)
    invoice = account.add(
        "invoice",
        id=invoice_id,
        amount_due=total,
        amount_paid=0,
        amount_remaining=total,
        billing_reason=reason,
        created=now,
        currency=subscription["currency"],
        customer=customer["id"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        effective_at=now,
        lines=list_of(lines, f"/v1/invoices/{invoice_id}/lines"),
        number=f"{customer['invoice_prefix']}-{number:04}",
        parent={
            "quote_details": None,
            "subscription_details": {
                "metadata": dict(subscription["metadata"]),
                "subscription": subscription["id"],
            },
            "type": "subscription_details",
        },
        period_end=now,
        period_start=now if reason == "subscription_create" else subscription["start_date"],
        status="open",
        subtotal=total,
        subtotal_excluding_tax=total,
        total=total,
        total_excluding_tax=total,
        _payment_intent=None,
    )
    invoice["status_transitions"]["finalized_at"] = now
    account.store.put(invoice)
    account.change(subscription, latest_invoice=invoice_id)
    account.emit("invoice.created", invoice)
    account.emit("invoice.finalized", invoice)
    return invoice


def pay_invoice(account: Account, invoice: Document) -> None:
    """The customer's card pays it; an invoice of nothing is paid by itself."""
    now = account.now()
    if invoice["amount_due"]:
        intent = _intent_of(account, invoice)
        take_payment(account, intent)
        payment = account.add(
            "invoice_payment",
            id=new_id("inpay"),
            amount_paid=invoice["amount_due"],
            amount_requested=invoice["amount_due"],
            created=now,
            currency=invoice["currency"],
            invoice=invoice["id"],
            payment={"payment_intent": intent["id"], "type": "payment_intent"},
            status_transitions={"canceled_at": None, "paid_at": now},
        )
        account.emit("invoice_payment.paid", payment)
    account.change(
        invoice,
        amount_paid=invoice["amount_due"],
        amount_remaining=0,
        attempt_count=invoice["attempt_count"] + 1,
        attempted=True,
        next_payment_attempt=None,
        status="paid",
        status_transitions={**invoice["status_transitions"], "paid_at": now},
    )
    account.emit("invoice.paid", invoice)
    account.emit("invoice.payment_succeeded", invoice)


def refuse_invoice(account: Account, invoice: Document, *, next_attempt: int | None) -> None:
    """The customer's card is declined; ``next_attempt`` in epoch seconds, None: given up."""
    refuse_card(account, _intent_of(account, invoice))
    account.change(
        invoice,
        attempt_count=invoice["attempt_count"] + 1,
        attempted=True,
        next_payment_attempt=next_attempt,
    )
    account.emit("invoice.payment_failed", invoice)


def _intent_of(account: Account, invoice: Document) -> Document:
    if invoice["_payment_intent"] is not None:
        return account.store.get(invoice["_payment_intent"])
    intent = start_payment(
        account,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        details={"description": "Subscription", "metadata": {}},
    )
    account.change(invoice, _payment_intent=intent["id"])
    return intent


def _line(
    account: Account,
    invoice_id: str,
    subscription: Document,
    charged: Charged,
    period: tuple[int, int],
) -> Document:
    price = charged.price
    product = account.store.get(price["product"])
    line = new_object(
        "line_item",
        id=new_id("il"),
        amount=charged.amount,
        currency=price["currency"],
        description=f"{charged.quantity} × {product['name']}",
        invoice=invoice_id,
        metadata=dict(subscription["metadata"]),
        period={"start": period[0], "end": period[1]},
        quantity=charged.quantity,
        subtotal=charged.amount,
    )
    line["parent"]["subscription_item_details"] |= {
        "subscription": subscription["id"],
        "subscription_item": charged.item,
    }
    line["pricing"] |= {"unit_amount_decimal": price["unit_amount_decimal"]}
    line["pricing"]["price_details"] = {"price": price["id"], "product": price["product"]}
    return line


def _list_payments(call: Call) -> Document:
    where: dict[str, str | bool] = {}
    if "invoice" in call.given:
        where["invoice"] = call.given["invoice"]
    payment: dict[str, Any] = call.given.get("payment", {})
    if "payment_intent" in payment:
        where["payment.payment_intent"] = payment["payment_intent"]
    found = call.account.store.select("invoice_payment", where)
    return page(call, found, "/v1/invoice_payments")


_PAYMENT = Record({"payment_intent": Text(), "type": Choice(("payment_intent",))}, ("type",))
ROUTES = (
    listing(
        "invoice",
        "/v1/invoices",
        {
            "customer": "customer",
            "status": "status",
            "subscription": "parent.subscription_details.subscription",
        },
    ),
    Route("GET", "/v1/invoices/{id}", Record(), retrieve("invoice", "invoice")),
    Route(
        "GET",
        "/v1/invoice_payments",
        Record({**LISTING, **CREATED, "invoice": Text(), "payment": _PAYMENT}),
        _list_payments,
    ),
)
