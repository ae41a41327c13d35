"""Checkout sessions of the Stripe stand-in: made, shown, listed, given up.

A session lives on the caller's clock, which the stand-in's own clock may have left behind: its
``expires_at`` is measured from the real time of its making, and only moves of the stand-in's
clock that come later count.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from local.standins.stripe_account import Account
from local.standins.stripe_calls import CREATED, LISTING, Call, Route, found, page
from local.standins.stripe_customers import living_customer
from local.standins.stripe_errors import StripeRefused, missing_parameter
from local.standins.stripe_lines import LINE, bought_lines, shown_line, total_of
from local.standins.stripe_objects import Document, list_of, new_id, shown
from local.standins.stripe_parameters import (
    Choice,
    Flag,
    Kind,
    Link,
    ListOf,
    Metadata,
    Record,
    Text,
    Whole,
    merged_metadata,
)

EXPIRY_S_MIN: Final = 30 * 60
EXPIRY_S_MAX: Final = 24 * 3600
SESSION_ID_LETTERS: Final = 56

_PAYMENT_DATA = Record(
    {
        "description": Text(chars_max=1_000),
        "metadata": Metadata(),
        "receipt_email": Text(),
        "setup_future_usage": Choice(("off_session", "on_session")),
        "statement_descriptor": Text(chars_max=22),
    }
)
_SUBSCRIPTION_DATA = Record(
    {
        "description": Text(chars_max=500),
        "metadata": Metadata(),
        "trial_period_days": Whole(least=1, most=730),
    }
)
_SAVED = Record(
    {
        "allow_redisplay_filters": ListOf(Choice(("always", "limited", "unspecified")), 3),
        "payment_method_remove": Choice(("disabled", "enabled")),
        "payment_method_save": Choice(("disabled", "enabled")),
    }
)
_SAVED_DEFAULTS = {
    "allow_redisplay_filters": ["always"],
    "payment_method_remove": "disabled",
    "payment_method_save": None,
}
# Parameters that change nothing here but stand in the object as they were given.
_KEPT: dict[str, Kind] = {
    "allow_promotion_codes": Flag(),
    "billing_address_collection": Choice(("auto", "required")),
    "locale": Text(),
    "payment_method_collection": Choice(("always", "if_required")),
    "submit_type": Choice(("auto", "book", "donate", "pay", "subscribe")),
}
_CREATE = Record(
    {
        **_KEPT,
        "adaptive_pricing": Record({"enabled": Flag()}),
        "cancel_url": Link(),
        "client_reference_id": Text(chars_max=200),
        "customer": Text(),
        "customer_creation": Choice(("always", "if_required")),
        "customer_email": Text(chars_max=800),
        "customer_update": Record(
            dict.fromkeys(("address", "name", "shipping"), Choice(("auto", "never")))
        ),
        "expires_at": Whole(),
        "line_items": ListOf(LINE),
        "metadata": Metadata(),
        "mode": Choice(("payment", "subscription")),
        "payment_intent_data": _PAYMENT_DATA,
        "saved_payment_method_options": _SAVED,
        "payment_method_types": ListOf(Choice(("card", "link", "us_bank_account")), 10),
        "subscription_data": _SUBSCRIPTION_DATA,
        "success_url": Link(),
        "ui_mode": Choice(("hosted_page",)),
    },
    ("mode",),
)
_LIST = Record(
    {
        **LISTING,
        **CREATED,
        "customer": Text(),
        "payment_intent": Text(),
        "status": Choice(("complete", "expired", "open")),
        "subscription": Text(),
    }
)


def _create(call: Call) -> Document:
    account, given = call.account, call.given
    _check(call)
    mode, now = given["mode"], int(time.time())
    expires_at = _expiry(given, now)
    session_id = new_id("cs_test", SESSION_ID_LETTERS)
    bought = bought_lines(account, given["line_items"], mode)
    currency, total = total_of(bought, mode)
    methods = ["card"] if mode == "subscription" else ["card", "us_bank_account"]
    session = account.add(
        "checkout.session",
        id=session_id,
        adaptive_pricing={"enabled": given.get("adaptive_pricing", {}).get("enabled", False)},
        amount_subtotal=total,
        amount_total=total,
        cancel_url=given.get("cancel_url"),
        client_reference_id=given.get("client_reference_id"),
        created=now,
        currency=currency,
        customer=given.get("customer"),
        customer_creation=_creation(given),
        customer_email=given.get("customer_email"),
        expires_at=expires_at,
        metadata=given.get("metadata") or {},
        mode=mode,
        payment_method_types=given.get("payment_method_types", methods),
        payment_status="unpaid",
        saved_payment_method_options=_SAVED_DEFAULTS
        | given.get("saved_payment_method_options", {}),
        status="open",
        success_url=given["success_url"],
        url=f"{call.base_url}/c/pay/{session_id}",
        _line_items=list_of(
            [shown_line(price, quantity, account) for price, quantity in bought],
            f"/v1/checkout/sessions/{session_id}/line_items",
        ),
        _data=given.get("payment_intent_data") or given.get("subscription_data") or {},
        _payment_intent=None,
        **{name: given[name] for name in _KEPT if name in given},
    )
    account.store.set_due(session_id, expires_at + account.store.moved_s)
    return session


def _check(call: Call) -> None:
    given, mode = call.given, call.given["mode"]
    for name in ("line_items", "success_url"):
        if not given.get(name):
            raise missing_parameter(name)
    if "customer" in given and "customer_email" in given:
        text = "You may only specify one of these parameters: customer, customer_email."
        raise StripeRefused(text, early=True)
    if "customer" in given:
        living_customer(call.account, given["customer"], param="customer")
    other = "subscription_data" if mode == "payment" else "payment_intent_data"
    if other in given:
        text = f"You can not pass `{other}` in `{mode}` mode."
        raise StripeRefused(text, param=other, early=True)
    if mode == "subscription" and "customer_creation" in given:
        text = "`customer_creation` can only be used in `payment` and `setup` mode."
        raise StripeRefused(text, param="customer_creation", early=True)


def _expiry(given: Mapping[str, Any], now: int) -> int:
    expires_at = int(given.get("expires_at", now + EXPIRY_S_MAX))
    if expires_at < now + EXPIRY_S_MIN:
        text = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session"
        raise StripeRefused(f"{text} creation.", param="expires_at", early=True)
    if expires_at > now + EXPIRY_S_MAX:
        text = "The `expires_at` timestamp must be less than 24 hours from Checkout Session"
        raise StripeRefused(f"{text} creation.", param="expires_at", early=True)
    return expires_at


def _creation(given: Mapping[str, Any]) -> str | None:
    if "customer" in given:
        return None
    default = "always" if given["mode"] == "subscription" else "if_required"
    return str(given.get("customer_creation", default))


def expire_session(account: Account, session: Document) -> None:
    """Nobody paid in time, or the seller took the page away."""
    account.change(session, status="expired", url=None)
    account.store.set_due(session["id"], None)
    account.emit("checkout.session.expired", session)


def _expire(call: Call) -> Document:
    session = found(call, "checkout.session", "checkout.session")
    if session["status"] != "open":
        text = (
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of `{session['status']}`."
        )
        raise StripeRefused(text)
    expire_session(call.account, session)
    return session


def _retrieve(call: Call) -> Document:
    return found(call, "checkout.session", "checkout.session")


def _update(call: Call) -> Document:
    session = _retrieve(call)
    metadata = merged_metadata(session["metadata"], call.given.get("metadata", {}))
    call.account.change(session, metadata=metadata)
    return session


def _lines(call: Call) -> Document:
    session = _retrieve(call)
    lines: list[Document] = session["_line_items"]["data"]
    path = f"/v1/checkout/sessions/{session['id']}/line_items"
    return page(call, [shown(line) for line in lines], path)


def _list(call: Call) -> Document:
    where = {
        name: call.given[name]
        for name in ("customer", "payment_intent", "status", "subscription")
        if name in call.given
    }
    sessions = call.account.store.select("checkout.session", where)
    return page(call, sessions, "/v1/checkout/sessions")


_PATH = "/v1/checkout/sessions"
ROUTES = (
    Route("POST", _PATH, _CREATE, _create),
    Route("GET", _PATH, _LIST, _list),
    Route("GET", f"{_PATH}/{{id}}", Record(), _retrieve),
    Route("POST", f"{_PATH}/{{id}}", Record({"metadata": Metadata()}), _update),
    Route("POST", f"{_PATH}/{{id}}/expire", Record(), _expire),
    Route("GET", f"{_PATH}/{{id}}/line_items", Record(LISTING), _lines),
)
