"""What a checkout sells: its line items, read and checked."""

from typing import Final

from local.standins.stripe_account import Account
from local.standins.stripe_catalogue import PRICE_DATA, inline_price, usable_price
from local.standins.stripe_errors import StripeRefused
from local.standins.stripe_objects import Document, new_id, new_object
from local.standins.stripe_parameters import Record, Text, Whole

LINE: Final = Record({"price": Text(), "price_data": PRICE_DATA, "quantity": Whole(most=999_999)})
CHARGE_MIN: Final = 50  # the smallest units of most currencies; Stripe: amount_too_small


def bought_lines(account: Account, lines: list[Document], mode: str) -> list[tuple[Document, int]]:
    """The prices and quantities of the lines, which fit the mode.

    Raises:
        StripeRefused: a line, or what they are together, is refused.
    """
    bought: list[tuple[Document, int]] = []
    for number, line in enumerate(lines):
        path = f"line_items[{number}]"
        if ("price" in line) == ("price_data" in line):
            text = f"You must specify either `price` or `price_data` in `{path}`."
            raise StripeRefused(text, code="parameter_missing", param=f"{path}[price]", early=True)
        if not line.get("quantity"):
            text = f"Quantity is required. Add `quantity` to `{path}`"
            param = f"{path}[quantity]"
            raise StripeRefused(text, code="parameter_missing", param=param, early=True)
        if "price" in line:
            price = usable_price(account, line["price"], f"{path}[price]")
        else:
            price = inline_price(account, line["price_data"], f"{path}[price_data]")
        bought.append((price, line["quantity"]))
    recurring = [price["recurring"] for price, _ in bought if price["recurring"]]
    if mode == "payment" and recurring:
        text = (
            "You specified `payment` mode but passed a recurring price. Either switch to"
            " `subscription` mode or use only one-time prices."
        )
        raise StripeRefused(text, param="line_items")
    if mode == "subscription" and not recurring:
        text = "You must provide at least one recurring price in `subscription` mode."
        raise StripeRefused(text, param="line_items")
    if any(terms["interval"] != recurring[0]["interval"] for terms in recurring) or any(
        terms["interval_count"] != recurring[0]["interval_count"] for terms in recurring
    ):
        text = "Checkout does not support multiple prices with different billing intervals."
        raise StripeRefused(text, param="line_items")
    return bought


def total_of(bought: list[tuple[Document, int]], mode: str) -> tuple[str, int]:
    """The currency, and the sum in its smallest unit.

    Raises:
        StripeRefused: several currencies, or too little to charge.
    """
    currencies = {price["currency"] for price, _ in bought}
    if len(currencies) > 1:
        text = "All prices of a Checkout Session must have the same currency."
        raise StripeRefused(text, param="line_items")
    total = sum(price["unit_amount"] * quantity for price, quantity in bought)
    if mode == "payment" and 0 < total < CHARGE_MIN:
        text = "The Checkout Session's total amount must convert to at least 50 cents."
        raise StripeRefused(text, code="amount_too_small")
    return currencies.pop(), total


def shown_line(price: Document, quantity: int, account: Account) -> Document:
    """A line as the session shows it."""
    amount = price["unit_amount"] * quantity
    return new_object(
        "item",
        id=new_id("li"),
        amount_subtotal=amount,
        amount_total=amount,
        currency=price["currency"],
        description=account.store.get(price["product"])["name"],
        price=price,
        quantity=quantity,
    )
