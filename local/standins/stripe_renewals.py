"""What time does to subscriptions: renewals, failed renewals, the end of trials and terms."""

from typing import Final

from local.standins.stripe_account import Account
from local.standins.stripe_invoices import pay_invoice, refuse_invoice, write_invoice
from local.standins.stripe_objects import Document
from local.standins.stripe_subscriptions import (
    DAY_S,
    after,
    charged_items,
    end_subscription,
    period_end,
)

RETRY_DAYS: Final = (3, 5, 7)
"""How long after each declined payment the next one is tried; then the subscription ends."""


def renew(account: Account, subscription: Document) -> None:
    """What is due on a subscription now: its next period, its next attempt, or its end."""
    if subscription["status"] == "past_due":
        _collect(account, subscription, account.store.get(subscription["latest_invoice"]))
    elif subscription["cancel_at_period_end"]:
        end_subscription(account, subscription)
    else:
        _begin_period(account, subscription)


def _begin_period(account: Account, subscription: Document) -> None:
    """As Stripe: the next period runs from the due time, whether or not it gets paid."""
    start = period_end(subscription)
    recurring = subscription["items"]["data"][0]["price"]["recurring"]
    number = subscription["_periods"] + 1
    end = after(subscription["billing_cycle_anchor"], recurring, number)
    items = [
        {**item, "current_period_start": start, "current_period_end": end}
        for item in subscription["items"]["data"]
    ]
    before = account.change(
        subscription,
        items={**subscription["items"], "data": items},
        _periods=number,
        status="active",
    )
    invoice = write_invoice(
        account,
        subscription,
        charged_items(subscription),
        reason="subscription_cycle",
        period=(start, end),
    )
    account.emit("customer.subscription.updated", subscription, before)
    _collect(account, subscription, invoice)


def _collect(account: Account, subscription: Document, invoice: Document) -> None:
    if not subscription["_renewals_fail"]:
        pay_invoice(account, invoice)
        before = account.change(subscription, status="active", _failures=0)
        if before:
            account.emit("customer.subscription.updated", subscription, before)
        account.store.set_due(subscription["id"], period_end(subscription))
        return
    failures = subscription["_failures"]
    retry_at = None
    if failures < len(RETRY_DAYS):
        retry_at = account.now() + RETRY_DAYS[failures] * DAY_S
    refuse_invoice(account, invoice, next_attempt=retry_at)
    if retry_at is None:
        end_subscription(account, subscription, reason="payment_failed")
        return
    before = account.change(subscription, status="past_due", _failures=failures + 1)
    if before:
        account.emit("customer.subscription.updated", subscription, before)
    account.store.set_due(subscription["id"], retry_at)
