"""Subscriptions of the Stripe stand-in: begun by a checkout, changed, paused and ended."""

import calendar
from datetime import UTC, datetime, timedelta
from typing import Final

from local.standins.stripe_account import Account
from local.standins.stripe_invoices import Charged, pay_invoice, write_invoice
from local.standins.stripe_objects import Document, list_of, new_id, new_object
from local.standins.stripe_payment_methods import add_method, keep_card, kept_card

DAY_S: Final = 24 * 3600
ENDED: Final = ("canceled", "incomplete_expired")


class SubscriptionCannot(Exception):
    """The subscription is not in a state for this; the text says why."""


def start_subscription(
    account: Account,
    *,
    customer: str,
    bought: list[tuple[Document, int]],
    metadata: dict[str, str],
    description: str | None,
    trial_days: int,
) -> tuple[Document, Document]:
    """A subscription to prices in quantities, with its first invoice paid.

    One-time prices among them stand on the first invoice only. With a trial the recurring
    prices cost nothing until it ends.
    """
    now, subscription_id = account.now(), new_id("sub")
    recurring = [(price, quantity) for price, quantity in bought if price["recurring"]]
    trial_end = now + trial_days * DAY_S if trial_days else None
    end = trial_end or after(now, recurring[0][0]["recurring"], 1)
    items = [_item(subscription_id, price, count, (now, end)) for price, count in recurring]
    url = f"/v1/subscription_items?subscription={subscription_id}"
    subscription = account.add(
        "subscription",
        id=subscription_id,
        billing_cycle_anchor=trial_end or now,
        created=now,
        currency=recurring[0][0]["currency"],
        customer=customer,
        default_payment_method=_card(account, customer),
        description=description,
        items=list_of(items, url),
        metadata=metadata,
        start_date=now,
        status="trialing" if trial_days else "incomplete",
        trial_end=trial_end,
        trial_start=now if trial_days else None,
        _periods=0 if trial_days else 1,
        _renewals_fail=False,
        _failures=0,
    )
    account.emit("customer.subscription.created", subscription)
    charged = _charged(items, trial=bool(trial_days)) + [
        Charged(price=price, quantity=quantity, amount=price["unit_amount"] * quantity, item=None)
        for price, quantity in bought
        if not price["recurring"]
    ]
    invoice = write_invoice(
        account, subscription, charged, reason="subscription_create", period=(now, end)
    )
    pay_invoice(account, invoice)
    if not trial_days:
        before = account.change(subscription, status="active")
        account.emit("customer.subscription.updated", subscription, before)
    account.store.set_due(subscription_id, end)
    return subscription, invoice


def _card(account: Account, customer_id: str) -> str:
    """The card that pays each period: the customer's own, or a new one that becomes theirs."""
    method = kept_card(account, customer_id)
    if method is None:
        method = add_method(account, "card", account.store.find(customer_id))
        keep_card(account, method["id"], customer_id, again="limited")
    return str(method["id"])


def charged_items(subscription: Document) -> list[Charged]:
    """What one more period of the subscription costs."""
    return _charged(subscription["items"]["data"], trial=False)


def period_end(subscription: Document) -> int:
    """When the running period ends, in epoch seconds."""
    return max(int(item["current_period_end"]) for item in subscription["items"]["data"])


def set_cancel_at_end(account: Account, subscription: Document, *, cancels: bool) -> None:
    """Let the subscription end with its period, or go on after all."""
    reason = "cancellation_requested" if cancels else None
    before = account.change(
        subscription,
        cancel_at=period_end(subscription) if cancels else None,
        cancel_at_period_end=cancels,
        canceled_at=account.now() if cancels else None,
        cancellation_details={**subscription["cancellation_details"], "reason": reason},
    )
    if before:
        account.emit("customer.subscription.updated", subscription, before)


def end_subscription(
    account: Account, subscription: Document, *, reason: str = "cancellation_requested"
) -> None:
    """The end, at once."""
    now = account.now()
    account.change(
        subscription,
        canceled_at=subscription["canceled_at"] or now,
        cancellation_details={**subscription["cancellation_details"], "reason": reason},
        ended_at=now,
        status="canceled",
    )
    account.store.set_due(subscription["id"], None)
    account.emit("customer.subscription.deleted", subscription)


def pause_subscription(account: Account, subscription: Document) -> None:
    """As after a trial without a payment method: no service, no invoices, until resumed.

    Raises:
        SubscriptionCannot: it is neither active nor on trial.
    """
    if subscription["status"] not in ("active", "trialing"):
        raise SubscriptionCannot(f"the subscription is {subscription['status']}")
    account.change(subscription, status="paused")
    account.store.set_due(subscription["id"], None)
    account.emit("customer.subscription.paused", subscription)


def resume_subscription(account: Account, subscription: Document) -> None:
    """Go on after a pause; what became due meanwhile is invoiced at once.

    Raises:
        SubscriptionCannot: it is not paused.
    """
    if subscription["status"] != "paused":
        raise SubscriptionCannot(f"the subscription is {subscription['status']}")
    account.change(subscription, status="active")
    account.store.set_due(subscription["id"], period_end(subscription))
    account.emit("customer.subscription.resumed", subscription)


def after(start: int, recurring: Document, periods: int) -> int:
    """When this many periods after ``start`` are over; a short month ends on its last day."""
    interval, count = recurring["interval"], recurring["interval_count"] * periods
    moment = datetime.fromtimestamp(start, UTC)
    if interval in ("day", "week"):
        days = count * (7 if interval == "week" else 1)
        return int((moment + timedelta(days=days)).timestamp())
    months = moment.year * 12 + moment.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return int(moment.replace(year=year, month=month + 1, day=day).timestamp())


def _charged(items: list[Document], *, trial: bool) -> list[Charged]:
    return [
        Charged(
            price=item["price"],
            quantity=item["quantity"],
            amount=0 if trial else item["price"]["unit_amount"] * item["quantity"],
            item=item["id"],
        )
        for item in items
    ]


def _item(
    subscription_id: str, price: Document, quantity: int, period: tuple[int, int]
) -> Document:
    return new_object(
        "subscription_item",
        id=new_id("si", 14),
        created=period[0],
        current_period_start=period[0],
        current_period_end=period[1],
        plan=_plan(price),
        price=price,
        quantity=quantity,
        subscription=subscription_id,
    )


def _plan(price: Document) -> Document:
    """The price as plans were told before there were prices; Stripe still does."""
    same = ("active", "created", "currency", "id", "livemode", "metadata", "nickname", "product")
    return new_object(
        "plan",
        amount=price["unit_amount"],
        amount_decimal=price["unit_amount_decimal"],
        interval=price["recurring"]["interval"],
        interval_count=price["recurring"]["interval_count"],
        **{name: price[name] for name in same},
    )
