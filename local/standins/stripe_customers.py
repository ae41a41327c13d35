"""Customers of the Stripe stand-in."""

from local.standins.stripe_account import Account
from local.standins.stripe_calls import LISTING, Call, Route, listing, page
from local.standins.stripe_errors import no_such
from local.standins.stripe_objects import Document, new_id
from local.standins.stripe_parameters import (
    Choice,
    Kind,
    ListOf,
    Metadata,
    Record,
    Text,
    merged_metadata,
)
from local.standins.stripe_payment_methods import KIND as PAYMENT_METHOD
from local.standins.stripe_subscriptions import ENDED, end_subscription

_ADDRESS = Record(
    dict.fromkeys(
        ("city", "country", "line1", "line2", "postal_code", "state"), Text(clearable=True)
    )
)
_FIELDS: dict[str, Kind] = {
    "address": _ADDRESS,
    "description": Text(clearable=True),
    "email": Text(chars_max=512, clearable=True),
    "metadata": Metadata(),
    "name": Text(chars_max=256, clearable=True),
    "phone": Text(chars_max=20, clearable=True),
    "preferred_locales": ListOf(Text(), 10),
}
_METHODS = Record(
    {
        **LISTING,
        "allow_redisplay": Choice(("always", "limited", "unspecified")),
        "type": Choice(("card", "link", "us_bank_account")),
    }
)
_EMPTY_ADDRESS = dict.fromkeys(_ADDRESS.fields)


def add_customer(account: Account, **values: object) -> Document:
    """Make a customer and tell of it."""
    customer = account.add(
        "customer",
        id=new_id("cus", 14),
        created=account.now(),
        invoice_prefix=new_id("x", 8)[2:].upper(),
        **values,
    )
    account.emit("customer.created", customer)
    return customer


def living_customer(account: Account, customer_id: str, *, param: str | None = None) -> Document:
    """The customer, who was not deleted.

    Raises:
        StripeRefused: there is no such customer; 400 where a parameter named it, else 404.
    """
    customer = account.store.find(customer_id, "customer")
    if customer is None or customer.get("deleted"):
        raise no_such("customer", customer_id, param=param)
    return customer


def _create(call: Call) -> Document:
    return add_customer(call.account, **_values(call, {}, _EMPTY_ADDRESS))


def _retrieve(call: Call) -> Document:
    customer = call.account.store.find(call.ids["id"], "customer")
    if customer is None:
        raise no_such("customer", call.ids["id"])
    return _gone(customer) if customer.get("deleted") else customer


def _update(call: Call) -> Document:
    customer = living_customer(call.account, call.ids["id"])
    known = customer["address"] or _EMPTY_ADDRESS
    before = call.account.change(customer, **_values(call, customer["metadata"], known))
    call.account.emit("customer.updated", customer, before)
    return customer


def _delete(call: Call) -> Document:
    """As Stripe: the subscriptions end at once, and the id stays known as deleted."""
    account = call.account
    customer = living_customer(account, call.ids["id"])
    for subscription in account.store.select("subscription", {"customer": customer["id"]}):
        if subscription["status"] not in ENDED:
            end_subscription(account, subscription)
    account.emit("customer.deleted", customer)
    account.store.put({**customer, "deleted": True})
    return _gone(customer)


def _methods(call: Call) -> Document:
    """The payment methods that were kept for the customer, newest first."""
    customer = living_customer(call.account, call.ids["id"])
    where = {name: call.given[name] for name in ("allow_redisplay", "type") if name in call.given}
    kept = call.account.store.select(PAYMENT_METHOD, {"customer": customer["id"], **where})
    return page(call, kept, f"/v1/customers/{customer['id']}/payment_methods")


def _values(call: Call, metadata: Document, address: Document) -> Document:
    values = dict(call.given)
    if "metadata" in values:
        values["metadata"] = merged_metadata(metadata, values["metadata"])
    if "address" in values:
        values["address"] = {**address, **values["address"]}
    return values


def _gone(customer: Document) -> Document:
    return {"id": customer["id"], "object": "customer", "deleted": True}


ROUTES = (
    Route("POST", "/v1/customers", Record(_FIELDS), _create),
    listing("customer", "/v1/customers", {"email": "email"}),
    Route("GET", "/v1/customers/{id}", Record(), _retrieve),
    Route("POST", "/v1/customers/{id}", Record(_FIELDS), _update),
    Route("DELETE", "/v1/customers/{id}", Record(), _delete),
    Route("GET", "/v1/customers/{id}/payment_methods", _METHODS, _methods),
)
