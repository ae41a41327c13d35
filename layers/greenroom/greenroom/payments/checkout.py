"""Sending a person to pay: our own row first, then Stripe; at most one open checkout a thing.

The purchase's id is Stripe's client reference and in the idempotency key, so whoever begins
again after a crash, or in another tab, is given the same page. Nothing has to be released: a
slot counts as long as its purchase can still be paid.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from greenroom.accounts.identity import Identity
from greenroom.accounts.service import Accounts
from greenroom.kernel.breaker import Passing, always
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import NoCustomer, ProviderFailed, ValidationFailed
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import CHECKOUT_LIFE_MIN_S
from greenroom.kernel.turns import Overtaken, in_turn
from greenroom.payments.catalogue import Catalogue, Product
from greenroom.payments.domain import BookingFacts, Purchase, SessionFacts, order
from greenroom.payments.kinds import NATURES
from greenroom.payments.provider import CheckoutLink, CheckoutOrder, Provider
from greenroom.payments.reads import HeldPurchase, Slot
from greenroom.payments.redirects import Returns
from greenroom.payments.store import PaymentStore
from greenroom.payments.telling import told_of
from greenroom.table.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants to buy; ``thing`` is what they may have only one open checkout of.

    ``also`` adds the steps of another room, which are done with the purchase or not at all.
    """

    product: Product
    quantity: int = 1
    intake_id: str | None = None
    session: SessionFacts | None = None
    booking: BookingFacts | None = None
    also: Callable[[Transaction], None] = lambda _: None
    success_path: str
    cancel_path: str

    @property
    def thing(self) -> str:
        """What the slot is for: a booking, an intake, or so many of a sku."""
        if self.booking is not None:
            return f"booking:{self.booking.booking_id}"
        if self.intake_id is not None:
            return f"intake:{self.intake_id}"
        return f"{self.product.sku}:{self.quantity}"


class Checkouts:
    """Begins checkouts, and opens the page where subscriptions are managed."""

    def __init__(
        self,
        store: PaymentStore,
        *,
        accounts: Accounts,
        provider: Provider,
        catalogue: Catalogue,
        prices: Mapping[str, str],
        returns: Returns,
        credits_name: str,
        livemode: Callable[[], bool],
        clock: Clock,
        passing: Passing = always,
    ) -> None:
        self._passing = passing
        self._store = store
        self._accounts = accounts
        self._provider = provider
        self._catalogue = catalogue
        self._prices = dict(prices)
        self._returns = returns
        self._credits_name = credits_name
        self._livemode = livemode
        self._clock = clock

    def buy(
        self,
        identity: Identity,
        sku: str,
        *,
        quantity: int,
        success_path: str,
        cancel_path: str,
    ) -> Purchase:
        """Begin a checkout of credits or a subscription, as ``begin`` does.

        Raises:
            ValidationFailed: there is no such product, or it is a session's plan, which is
                bought by its intake.
        """
        product = self._catalogue.get(sku)
        if product is None or product.kind == "session":
            told = {"field": "sku", "message": "is not for sale here", "type": "value_error"}
            raise ValidationFailed("sku: is not for sale here", errors=[told])
        wish = Wish(
            product=product,
            quantity=quantity,
            success_path=success_path,
            cancel_path=cancel_path,
        )
        return self.begin(identity, wish)

    def begin(self, identity: Identity, wish: Wish) -> Purchase:
        """The purchase with the page where it is paid; the open one, if there is one.

        Raises:
            AccountDeleted: the person's account was deleted.
            ValidationFailed: only credits come in more than one.
            ProviderFailed, ProviderThrottled, ProviderTimedOut: begin again; nothing is lost.
            ProviderDown: nothing was done at all.
        """
        with self._passing():
            return self._begun(identity, wish)

    def _begun(self, identity: Identity, wish: Wish) -> Purchase:
        person, _ = self._accounts.see(identity)
        held, slot = in_turn(lambda: self._claimed(identity, person.user_id, wish))
        if held.purchase.checkout_url is not None:
            return held.purchase
        customer_id = in_turn(
            lambda: self._customer(identity, person.user_id, email=person.email, name=person.name)
        )
        product = self._catalogue.get(held.purchase.sku) or wish.product
        asked = self._order(held.purchase, slot, product, customer_id=customer_id)
        try:
            link = self._provider.create_checkout(asked)
        except ProviderFailed:
            # Stripe repeats this answer to the same key for a day: the next click is a new one.
            in_turn(lambda: self._given_up(held.purchase))
            raise
        return in_turn(lambda: self._linked(held.purchase, link, customer_id=customer_id))

    def portal(self, user_id: str) -> str:
        """The page where the person manages their subscription.

        Raises:
            NoCustomer: they have never begun a checkout.
            ProviderFailed, ProviderThrottled, ProviderTimedOut: nothing happened.
        """
        payer = self._store.payer(user_id)
        if payer is None or payer.customer_id is None:
            raise NoCustomer
        return self._provider.create_portal(
            customer_id=payer.customer_id, return_url=self._returns.home
        )

    def _claimed(self, identity: Identity, user_id: str, wish: Wish) -> tuple[HeldPurchase, Slot]:
        """The purchase that holds the slot: the one that can still be paid, or a new one."""
        slot = self._store.slot(user_id, wish.thing)
        held = self._store.purchase(slot.purchase_id) if slot else None
        if slot and held and self._can_be_paid(held.purchase):
            return held, slot
        now = self._clock()
        life_s = NATURES[wish.product.kind].life_s
        purchase = order(
            wish.product,
            purchase_id=new_id(),
            user_id=user_id,
            clerk_id=identity.clerk_id,
            livemode=self._livemode(),
            created_at=now,
            expires_at=now + timedelta(seconds=life_s),
            quantity=wish.quantity,
            intake_id=wish.intake_id,
            session=wish.session,
            booking=wish.booking,
        )
        taken = Slot(
            purchase_id=purchase.purchase_id,
            expires_at=purchase.expires_at,
            success_path=wish.success_path,
            cancel_path=wish.cancel_path,
        )
        tx = self._store.transaction()
        self._accounts.add_existence(tx, user_id)
        self._store.add_purchase(tx, purchase)
        if slot is None:
            self._store.add_slot(tx, user_id, wish.thing, taken)
        else:
            self._store.add_slot_takeover(tx, user_id, wish.thing, taken, of=slot.purchase_id)
        wish.also(tx)
        tx.commit()
        return HeldPurchase(purchase=purchase, rev=1), taken

    def _can_be_paid(self, purchase: Purchase) -> bool:
        """Whether its page stands, or can still be made: Stripe wants half an hour of life."""
        if purchase.standing == "processing":
            return purchase.checkout_url is not None and purchase.expires_at > self._clock()
        least_s = 0 if purchase.checkout_url is not None else CHECKOUT_LIFE_MIN_S
        lasts = purchase.expires_at > self._clock() + timedelta(seconds=least_s)
        return purchase.standing == "open" and lasts

    def _customer(
        self, identity: Identity, user_id: str, *, email: str | None, name: str | None
    ) -> str:
        """Stripe's customer of the person, made at the first checkout."""
        payer = self._store.payer(user_id)
        if payer is not None and payer.customer_id is not None:
            return payer.customer_id
        generation = payer.generation if payer else 0
        customer_id = self._provider.create_customer(
            key=f"customer:{user_id}" + (f":{generation}" if generation else ""),
            metadata={"user_id": user_id, "clerk_id": identity.clerk_id},
            email=email,
            name=name,
        )
        tx = self._store.transaction()
        self._store.add_customer(tx, user_id, customer_id, generation=generation)
        tx.commit()
        return customer_id

    def _order(
        self, purchase: Purchase, slot: Slot, product: Product, *, customer_id: str
    ) -> CheckoutOrder:
        nature = NATURES[purchase.kind]
        return CheckoutOrder(
            purchase_id=purchase.purchase_id,
            mode=nature.mode,
            at_once=nature.at_once,
            customer_id=customer_id,
            price_id=self._price(purchase.sku),
            name=product.named(self._credits_name),
            amount_cents=purchase.amount_cents // purchase.quantity,
            currency=purchase.currency,
            quantity=purchase.quantity,
            metadata=told_of(purchase),
            success_url=self._returns.url(slot.success_path, purchase.purchase_id, "success"),
            cancel_url=self._returns.url(slot.cancel_path, purchase.purchase_id, "cancelled"),
            expires_at=purchase.expires_at,
        )

    def _price(self, sku: str) -> str | None:
        """Stripe's price; a product is asked once a container for its default one."""
        price_id = self._prices.get(sku)
        if price_id is not None and price_id.startswith("prod_"):
            price_id = self._prices[sku] = self._provider.default_price(price_id)
        return price_id

    def _given_up(self, purchase: Purchase) -> None:
        held = self._store.purchase(purchase.purchase_id)
        if held is None or held.purchase.standing != "open" or held.purchase.checkout_url:
            return
        tx = self._store.transaction()
        self._store.add_change(tx, held, replace(held.purchase, standing="expired"))
        tx.commit()

    def _linked(self, purchase: Purchase, link: CheckoutLink, *, customer_id: str) -> Purchase:
        """The purchase as its page now stands on it, whatever news of it has come meanwhile."""
        held = self._store.purchase(purchase.purchase_id)
        if held is None:
            raise Overtaken
        linked = replace(
            held.purchase,
            checkout_id=link.checkout_id,
            checkout_url=link.url,
            customer_id=held.purchase.customer_id or customer_id,
            expires_at=link.expires_at,
        )
        tx = self._store.transaction()
        self._store.add_change(tx, held, linked)
        tx.commit()
        return linked
