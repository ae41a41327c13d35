"""The catalogue: everything that is for sale, in one immutable place.

A new package, plan or subscription is one more entry of ``CATALOGUE``; nothing else lists
them. ``{credits}`` in a text stands for what the deployment calls its credits.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final, TypeVar

from greenroom.kernel.variables import SettingsRefused
from greenroom.payments.kinds import Kind
from greenroom.sessions.domain import INTERVIEW, SessionType

CLASS_SKU: Final = "class"

PRICE_LIST_VARIABLE = "STRIPE_PRICE_ID"
_SKU = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_TYPE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_CURRENCY = re.compile(r"[a-z]{3}")
_PRICE_ID = re.compile(r"(price|prod)_[A-Za-z0-9_]{1,240}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One thing for sale. ``price_cents`` is for one of it; ``sku`` never changes its meaning.

    ``price_id`` is Stripe's id of the price, or of a product whose default price it is;
    ``price_variable`` names the setting that replaces it. Without either, the checkout itself
    says the price.
    """

    kind: ClassVar[Kind]

    sku: str
    name: str
    description: str
    price_cents: int
    currency: str = "usd"
    price_id: str | None = None
    price_variable: str | None = None

    def named(self, credits_name: str) -> str:
        """The name as people read it."""
        return self.name.replace("{credits}", credits_name)

    def described(self, credits_name: str) -> str:
        """The description as people read it."""
        return self.description.replace("{credits}", credits_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditPack(Product):
    """Credits, bought once; ``credits`` is in centicredits."""

    kind: ClassVar[Kind] = "credits"

    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership(Product):
    """Interviews without a debit, paid every ``months`` months."""

    kind: ClassVar[Kind] = "subscription"

    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertSession(Product):
    """A session with an expert: the ``plan`` of an intake, which decides the session's type.

    ``credits`` is its price in centicredits, for whoever pays with them; a free plan that is
    had ``once`` is so per person for ever.
    """

    kind: ClassVar[Kind] = "session"

    type: SessionType
    credits: int | None = None
    once: bool = False

    @property
    def is_free(self) -> bool:
        """Whether there is nothing to pay: the session is made without a checkout."""
        return self.price_cents == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSeat(Product):
    """A seat in a studio's class: made on the fly, since each class says what it costs."""

    kind: ClassVar[Kind] = "booking"

    sku: str = CLASS_SKU
    description: str = ""


_Some = TypeVar("_Some", bound=Product)


class Catalogue:
    """Products by sku, in the order in which they are shown."""

    __slots__ = ("_products",)

    def __init__(self, *products: Product) -> None:
        """Put the products in.

        Raises:
            ValueError: two have one sku or one price setting, or a number is out of range.
        """
        for product in products:
            _check(product)
        self._products = MappingProxyType({product.sku: product for product in products})
        variables = [one.price_variable for one in products if one.price_variable]
        if len(self._products) != len(products) or len(set(variables)) != len(variables):
            raise ValueError("every sku and every price setting belongs to one product")

    def __iter__(self) -> Iterator[Product]:
        return iter(self._products.values())

    def get(self, sku: str) -> Product | None:
        """The product of that sku."""
        return self._products.get(sku)

    def plan(self, name: str) -> ExpertSession | None:
        """The expert session that an intake's plan of that name asks for."""
        product = self.get(name)
        return product if isinstance(product, ExpertSession) else None

    def of(self, kind: type[_Some]) -> list[_Some]:
        """The products of one kind."""
        return [product for product in self if isinstance(product, kind)]


def _check(product: Product) -> None:
    least = 0 if isinstance(product, ExpertSession) else 1
    fits = product.price_cents >= least and _CURRENCY.fullmatch(product.currency) is not None
    if isinstance(product, CreditPack):
        fits = fits and product.credits > 0
    if isinstance(product, ExpertSession):
        fits = fits and _TYPE.fullmatch(product.type) is not None and product.type != INTERVIEW
        fits = fits and (product.credits is None or (product.credits > 0 and not product.is_free))
        fits = fits and (product.is_free or not product.once)  # a paid one is had as often as paid
    if isinstance(product, Membership):
        fits = fits and 1 <= product.months <= 36  # Stripe: an interval is at most three years
    if not fits or _SKU.fullmatch(product.sku) is None:
        raise ValueError(f"not a product: {product.sku!r}")


# Products and their Stripe ids: origin 003, "Payment System". Plans: origin 002. The order of
# the priced ones is that of the list in ``STRIPE_PRICE_ID``.
CATALOGUE = Catalogue(
    CreditPack(
        sku="credits_3",
        name="Three {credits}",
        description="3 {credits} for practice interviews with our AI interviewer.",
        price_cents=1500,
        credits=300,
        price_id="prod_SJPpjWE9zhJnEh",
        price_variable="STRIPE_PRICE_ID_3_CREDITS",
    ),
    CreditPack(
        sku="credits_5",
        name="Five {credits}",
        description="5 {credits} for practice interviews with our AI interviewer, at a lower price "
        "for each.",
        price_cents=2000,
        credits=500,
        price_id="prod_SJQ8EwiLxPh62L",
        price_variable="STRIPE_PRICE_ID_5_CREDITS",
    ),
    Membership(
        sku="coach_monthly",
        name="Monthly Coach",
        description="Unlimited practice interviews with our AI interviewer, paid every month.",
        price_cents=1999,
        months=1,
        price_id="prod_SLHl7Tl1LX1NMH",
        price_variable="STRIPE_PRICE_ID_MONTHLY",
    ),
    Membership(
        sku="coach_quarterly",
        name="Quarterly Coach",
        description="Unlimited practice interviews with our AI interviewer, paid every three "
        "months: 16% less than monthly.",
        price_cents=5037,
        months=3,
        price_id="prod_SLHvbICsIUy3oZ",
        price_variable="STRIPE_PRICE_ID_QUARTERLY",
    ),
    Membership(
        sku="coach_annual",
        name="Annual Coach",
        description="Unlimited practice interviews with our AI interviewer, paid every year: "
        "25% less than monthly.",
        price_cents=17991,
        months=12,
        price_id="prod_SJPmP9GnMNDso0",
        price_variable="STRIPE_PRICE_ID_ANNUAL",
    ),
    *(
        ExpertSession(
            sku=sku,
            name=name,
            description="A first chat with an expert, free of charge."
            if once
            else "A chat with an expert, free of charge.",
            price_cents=0,
            type="chat",
            once=once,
        )
        for sku, name, once in (
            ("trial", "Trial session", True),
            ("free", "Free chat", False),
            ("trial-free", "Free trial", True),
        )
    ),
    ExpertSession(
        sku="quick",
        name="Quick chat",
        description="A chat with an expert.",
        price_cents=999,
        type="chat",
        credits=200,
    ),
    ExpertSession(
        sku="standard",
        name="Video session",
        description="A video call with an expert.",
        price_cents=2999,
        type="video",
        credits=600,
    ),
    ExpertSession(
        sku="diagnostic",
        name="Diagnostic session",
        description="A full diagnosis with an expert.",
        price_cents=4999,
        type="diagnostic",
        credits=1000,
    ),
)


def skus_of(variables: Mapping[str, str], *, catalogue: Catalogue = CATALOGUE) -> dict[str, str]:
    """The sku of every price or product of Stripe that is known, set or by default."""
    defaults = {one.price_id: one.sku for one in catalogue if one.price_id}
    chosen = price_ids(variables, catalogue=catalogue)
    return defaults | {price_id: sku for sku, price_id in chosen.items()}


def price_ids(variables: Mapping[str, str], *, catalogue: Catalogue = CATALOGUE) -> dict[str, str]:
    """Stripe's price (``price_...``) or product (``prod_...``) of every sku that has a setting.

    A single variable (``STRIPE_PRICE_ID_MONTHLY``) goes before the position in the comma list
    ``STRIPE_PRICE_ID``, and that before the default; an empty position keeps its place.

    Raises:
        SettingsRefused: an id is none, two skus share one, or the list is too long. Variables
            are named, values are not.
    """
    priced = [product for product in catalogue if product.price_variable]
    listed = [part.strip() for part in variables.get(PRICE_LIST_VARIABLE, "").split(",")]
    if any(listed[len(priced) :]):
        raise SettingsRefused(f"{PRICE_LIST_VARIABLE}: names more than {len(priced)} prices")
    chosen: dict[str, str] = {}
    holders: dict[str, str] = {}
    for position, product in enumerate(priced):
        holder = str(product.price_variable)
        price = variables.get(holder, "").strip()
        if not price and position < len(listed) and listed[position]:
            holder, price = f"{PRICE_LIST_VARIABLE}[{position}]", listed[position]
        price = price or product.price_id or ""
        if _PRICE_ID.fullmatch(price) is None:
            raise SettingsRefused(f"{holder}: is neither a price_ nor a prod_ id")
        if price in holders:
            raise SettingsRefused(f"{holder}: is the same id as {holders[price]}")
        holders[price] = holder
        chosen[product.sku] = price
    return chosen
