"""The endpoints for subscriptions of the Stripe stand-in."""

from typing import Any, Final

from local.standins.stripe_calls import CREATED, LISTING, Call, Route, found, page, retrieve
from local.standins.stripe_errors import StripeRefused, no_such
from local.standins.stripe_objects import Document
from local.standins.stripe_parameters import Choice, Flag, Metadata, Record, Text, merged_metadata
from local.standins.stripe_subscriptions import (
    ENDED,
    SubscriptionCannot,
    end_subscription,
    resume_subscription,
    set_cancel_at_end,
)

STATUSES: Final = (
    "active",
    "canceled",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
)

_DETAILS = Record({"comment": Text(clearable=True), "feedback": Text(clearable=True)})
_UPDATE = Record(
    {
        "cancel_at_period_end": Flag(),
        "cancellation_details": _DETAILS,
        "description": Text(chars_max=500, clearable=True),
        "metadata": Metadata(),
    }
)
_CANCEL = Record({"cancellation_details": _DETAILS, "invoice_now": Flag(), "prorate": Flag()})
_LIST = Record(
    {
        **LISTING,
        **CREATED,
        "customer": Text(),
        "price": Text(),
        "status": Choice((*STATUSES, "all", "ended")),
    }
)


def _update(call: Call) -> Document:
    account, given = call.account, call.given
    subscription = found(call, "subscription", "subscription")
    ended = subscription["status"] in ENDED
    if ended and given.keys() - {"cancellation_details", "metadata"}:
        text = "A canceled subscription can only update its cancellation_details and metadata."
        raise StripeRefused(text)
    values: dict[str, Any] = {}
    if "metadata" in given:
        values["metadata"] = merged_metadata(subscription["metadata"], given["metadata"])
    if "cancellation_details" in given:
        details = subscription["cancellation_details"]
        values["cancellation_details"] = {**details, **given["cancellation_details"]}
    if "description" in given:
        values["description"] = given["description"]
    before = account.change(subscription, **values)
    if before:
        account.emit("customer.subscription.updated", subscription, before)
    wanted = given.get("cancel_at_period_end", subscription["cancel_at_period_end"])
    if wanted != subscription["cancel_at_period_end"]:
        set_cancel_at_end(account, subscription, cancels=wanted)
    return subscription


def _cancel(call: Call) -> Document:
    subscription = found(call, "subscription", "subscription")
    if subscription["status"] in ENDED:
        raise no_such("subscription", subscription["id"])
    details = call.given.get("cancellation_details", {})
    subscription["cancellation_details"] |= details
    end_subscription(call.account, subscription)
    return subscription


def _resume(call: Call) -> Document:
    subscription = found(call, "subscription", "subscription")
    try:
        resume_subscription(call.account, subscription)
    except SubscriptionCannot as reason:
        raise StripeRefused(f"Only a paused subscription can be resumed: {reason}.") from None
    return subscription


def _list(call: Call) -> Document:
    given = call.given
    where = {"customer": given["customer"]} if "customer" in given else {}
    listed = call.account.store.select("subscription", where)
    status = given.get("status")
    if status is None:
        listed = [each for each in listed if each["status"] != "canceled"]
    elif status == "ended":
        listed = [each for each in listed if each["ended_at"]]
    elif status != "all":
        listed = [each for each in listed if each["status"] == status]
    if price := given.get("price"):
        listed = [
            each
            for each in listed
            if any(item["price"]["id"] == price for item in each["items"]["data"])
        ]
    return page(call, listed, "/v1/subscriptions")


ROUTES = (
    Route("GET", "/v1/subscriptions", _LIST, _list),
    Route("GET", "/v1/subscriptions/{id}", Record(), retrieve("subscription", "subscription")),
    Route("POST", "/v1/subscriptions/{id}", _UPDATE, _update),
    Route("DELETE", "/v1/subscriptions/{id}", _CANCEL, _cancel),
    Route("POST", "/v1/subscriptions/{id}/resume", Record(), _resume),
)
