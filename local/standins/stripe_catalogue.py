"""Products and prices of the Stripe stand-in, and the products that it begins with."""

from typing import Any

from local.standins.stripe_account import Account
from local.standins.stripe_calls import Call, Route, found, listing, retrieve
from local.standins.stripe_errors import StripeRefused, missing_parameter, no_such
from local.standins.stripe_objects import Document, new_id
from local.standins.stripe_parameters import (
    Choice,
    Flag,
    Kind,
    ListOf,
    Metadata,
    Record,
    Text,
    Whole,
    merged_metadata,
)

# The products of the original shop: id, name, US cents, months (0 = paid once).
FIRST_PRODUCTS = (
    ("prod_SJPpjWE9zhJnEh", "3 interview credits", 1500, 0),
    ("prod_SJQ8EwiLxPh62L", "5 interview credits", 2000, 0),
    ("prod_SLHl7Tl1LX1NMH", "Monthly Coach", 1999, 1),
    ("prod_SLHvbICsIUy3oZ", "Quarterly Coach", 5037, 3),
    ("prod_SJPmP9GnMNDso0", "Annual Coach", 17991, 12),
)
CURRENCIES = ("usd", "eur", "gbp", "chf", "cad", "aud", "jpy")

_RECURRING = Record(
    {
        "interval": Choice(("day", "week", "month", "year")),
        "interval_count": Whole(least=1, most=1095),
        "trial_period_days": Whole(least=1, most=730),
        "usage_type": Choice(("licensed",)),
    },
    ("interval",),
)
_PRODUCT_DATA: dict[str, Kind] = {
    "name": Text(chars_max=250),
    "description": Text(),
    "images": ListOf(Text(), 8),
    "metadata": Metadata(),
    "tax_code": Text(),
    "unit_label": Text(chars_max=12),
}
_TERMS: dict[str, Kind] = {
    "currency": Choice(CURRENCIES),
    "product": Text(),
    "recurring": _RECURRING,
    "tax_behavior": Choice(("exclusive", "inclusive", "unspecified")),
    "unit_amount": Whole(most=99_999_999),
}
PRICE_DATA = Record({**_TERMS, "product_data": Record(_PRODUCT_DATA, ("name",))}, ("currency",))
_PRICE = Record(
    {
        **_TERMS,
        "active": Flag(),
        "lookup_key": Text(),
        "metadata": Metadata(),
        "nickname": Text(),
        "product_data": Record(_PRODUCT_DATA, ("name",)),
    },
    ("currency",),
)
_PRODUCT = Record(
    {**_PRODUCT_DATA, "id": Text(), "active": Flag(), "default_price_data": PRICE_DATA}, ("name",)
)
_PRODUCT_UPDATE = Record({**_PRODUCT_DATA, "active": Flag(), "default_price": Text()})
_PRICE_UPDATE = Record({"active": Flag(), "metadata": Metadata(), "nickname": Text()})


def seed(account: Account) -> None:
    """Make the first products and their default prices, where they are missing."""
    with account.store.transaction():
        for product_id, name, amount, months in FIRST_PRODUCTS:
            if account.store.find(product_id) is not None:
                continue
            now = account.now()
            price_id = product_id.replace("prod_", "price_")
            account.add(
                "product",
                id=product_id,
                name=name,
                default_price=price_id,
                created=now,
                updated=now,
            )
            interval = ("year", 1) if months == 12 else ("month", months)
            recurring = {"interval": interval[0], "interval_count": interval[1]}
            terms: dict[str, Any] = {"currency": "usd", "unit_amount": amount}
            if months:
                terms["recurring"] = recurring
            _add_price(account, price_id, product_id, terms)


def inline_price(account: Account, terms: Document, path: str) -> Document:
    """The price that ``price_data`` describes; it can be used this once.

    Raises:
        StripeRefused: no product, or no amount.
    """
    price = _price_of(account, terms, path)
    account.change(price, active=False)
    return price


def _create_product(call: Call) -> Document:
    account, given = call.account, dict(call.given)
    product_id = given.pop("id", None) or new_id("prod", 14)
    if account.store.find(product_id) is not None:
        raise StripeRefused("Product already exists.", code="resource_already_exists", param="id")
    terms = given.pop("default_price_data", None)
    now = account.now()
    given["metadata"] = given.get("metadata") or {}
    product = account.add("product", id=product_id, created=now, updated=now, **given)
    if terms is not None:
        price = _price_of(account, {**terms, "product": product_id}, "default_price_data")
        account.change(product, default_price=price["id"])
    account.emit("product.created", product)
    return product


def _update_product(call: Call) -> Document:
    product = found(call, "product", "product")
    values = dict(call.given)
    if "metadata" in values:
        values["metadata"] = merged_metadata(product["metadata"], values["metadata"])
    if "default_price" in values:
        usable_price(call.account, values["default_price"], "default_price")
    before = call.account.change(product, updated=call.account.now(), **values)
    call.account.emit("product.updated", product, before)
    return product


def _create_price(call: Call) -> Document:
    price = _price_of(call.account, dict(call.given), "")
    call.account.emit("price.created", price)
    return price


def _update_price(call: Call) -> Document:
    price = found(call, "price", "price")
    values = dict(call.given)
    if "metadata" in values:
        values["metadata"] = merged_metadata(price["metadata"], values["metadata"])
    before = call.account.change(price, **values)
    call.account.emit("price.updated", price, before)
    return price


def usable_price(account: Account, price_id: str, param: str) -> Document:
    """The active price of an active product.

    Raises:
        StripeRefused: there is none with this id, or it may not be sold any more.
    """
    price = account.store.find(price_id, "price")
    if price is None:
        raise no_such("price", price_id, param=param)
    if not price["active"]:
        text = "The price specified is inactive. This field only accepts active prices."
        raise StripeRefused(text, param=param)
    if not account.store.get(price["product"])["active"]:
        text = f"The product {price['product']} is not active. It must be active to be sold."
        raise StripeRefused(text, param=param)
    return price


def _price_of(account: Account, terms: Document, path: str) -> Document:
    within = f"{path}[{{}}]".format if path else str
    if ("product" in terms) == ("product_data" in terms):
        if "product" in terms:
            text = "You may only specify one of these parameters: product, product_data."
            raise StripeRefused(text, param=path or "product", early=True)
        raise missing_parameter(within("product"))
    if "unit_amount" not in terms:
        raise missing_parameter(within("unit_amount"))
    product_id = terms.get("product")
    if product_id is None:
        now, described = account.now(), dict(terms["product_data"])
        described["metadata"] = described.get("metadata") or {}
        product_id = new_id("prod", 14)
        account.add("product", id=product_id, created=now, updated=now, **described)
    elif account.store.find(product_id, "product") is None:
        raise no_such("product", product_id, param=within("product"))
    return _add_price(account, new_id("price"), product_id, terms)


def _add_price(account: Account, price_id: str, product_id: str, terms: Document) -> Document:
    recurring = terms.get("recurring")
    more = {
        name: terms[name]
        for name in ("active", "lookup_key", "nickname", "tax_behavior")
        if name in terms
    }
    return account.add(
        "price",
        id=price_id,
        created=account.now(),
        currency=terms["currency"],
        metadata=terms.get("metadata") or {},
        product=product_id,
        recurring=recurring
        and {
            "interval": recurring["interval"],
            "interval_count": recurring.get("interval_count", 1),
            "meter": None,
            "trial_period_days": recurring.get("trial_period_days"),
            "usage_type": "licensed",
        },
        type="recurring" if recurring else "one_time",
        unit_amount=terms["unit_amount"],
        unit_amount_decimal=str(terms["unit_amount"]),
        **more,
    )


ROUTES = (
    Route("POST", "/v1/products", _PRODUCT, _create_product),
    listing("product", "/v1/products", {"active": "active"}),
    Route("GET", "/v1/products/{id}", Record(), retrieve("product", "product")),
    Route("POST", "/v1/products/{id}", _PRODUCT_UPDATE, _update_product),
    Route("POST", "/v1/prices", _PRICE, _create_price),
    listing("price", "/v1/prices", {"active": "active", "product": "product", "type": "type"}),
    Route("GET", "/v1/prices/{id}", Record(), retrieve("price", "price")),
    Route("POST", "/v1/prices/{id}", _PRICE_UPDATE, _update_price),
)
