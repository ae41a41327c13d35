"""What people buy, and Stripe."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import note
from greenroom.kernel.settings import CommonSettings, LimitSettings, PaymentSettings
from greenroom.wiring.bookings import BookingsWiring
from greenroom.wiring.sessions import SessionsWiring

if TYPE_CHECKING:
    from greenroom.bookings.paying import BookingPayments
    from greenroom.payments.catalogue import Catalogue
    from greenroom.payments.checkout import Checkouts
    from greenroom.payments.domain import Purchase
    from greenroom.payments.effects import Effects
    from greenroom.payments.gateway import StripeGateway
    from greenroom.payments.payers import Payers
    from greenroom.payments.purchases import Purchases
    from greenroom.payments.subscriptions import Subscriptions
    from greenroom.payments.webhook import StripeWebhook
    from greenroom.table.transaction import Transaction


class PaymentsWiring(SessionsWiring, BookingsWiring):
    """Checkouts, purchases, subscriptions and Stripe's news."""

    @cached_property
    def catalogue(self) -> "Catalogue":
        """Everything that is for sale."""
        from greenroom.payments.catalogue import CATALOGUE

        return CATALOGUE

    @cached_property
    def skus(self) -> dict[str, str]:
        """Our names of Stripe's prices and products."""
        from greenroom.payments.catalogue import skus_of

        return skus_of(self.of(PaymentSettings).price_variables(), catalogue=self.catalogue)

    @cached_property
    def stripe(self) -> "StripeGateway":
        """The payment provider."""
        from greenroom.payments.gateway import StripeGateway

        return StripeGateway(
            api_key=lambda: self.secrets.get("STRIPE_SECRET_KEY"),
            api_base=self.of(PaymentSettings).stripe_api_base,
            breaker=self._breaker("stripe"),
        )

    def livemode(self) -> bool:
        """Whether this deployment takes real money: Stripe's key says so."""
        key = self.secrets.find("STRIPE_SECRET_KEY") or ""
        return key.startswith(("sk_live_", "rk_live_"))

    def stripe_webhook_secrets(self) -> list[str]:
        """The secrets that Stripe may sign with: two during a rotation; none closes the door."""
        return (self.secrets.find("STRIPE_WEBHOOK_SECRETS") or "").split(",")

    @cached_property
    def checkouts(self) -> "Checkouts":
        """Sending people to pay."""
        from greenroom.payments.catalogue import price_ids
        from greenroom.payments.checkout import Checkouts
        from greenroom.payments.redirects import Returns

        settings, common = self.of(PaymentSettings), self.of(CommonSettings)
        return Checkouts(
            self.payment_store,
            accounts=self.accounts,
            provider=self.stripe,
            catalogue=self.catalogue,
            prices=price_ids(settings.price_variables(), catalogue=self.catalogue),
            returns=Returns(settings.app_url or next(iter(common.allowed_origins), "")),
            credits_name=common.credits_name,
            livemode=self.livemode,
            clock=self.clock,
            passing=self.stripe.passing,
        )

    @cached_property
    def payers(self) -> "Payers":
        """People as Stripe's customers."""
        from greenroom.payments.payers import Payers

        return Payers(self.payment_store, provider=lambda: self.stripe)

    @cached_property
    def booking_payments(self) -> "BookingPayments":
        """Paying for a class by card."""
        from greenroom.bookings.paying import BookingPayments

        return BookingPayments(
            self.booking_store, checkouts=lambda: self.checkouts, clock=self.clock
        )

    @cached_property
    def purchases(self) -> "Purchases":
        """What people bought."""
        from greenroom.payments.purchases import Purchases

        return Purchases(
            self.payment_store,
            effects=self._effects,
            provider=lambda: self.stripe,
            clock=self.clock,
            note=note,
        )

    @cached_property
    def _effects(self) -> "Effects":
        """What each kind of purchase becomes."""
        from greenroom.payments.effect_booking import BookingConfirmed
        from greenroom.payments.effect_session import SessionOpened
        from greenroom.payments.effects import Credited, Subscribed

        return {
            "credits": Credited(self.payment_store, accounts=self.accounts),
            "subscription": Subscribed(self.payment_store, accounts=self.accounts),
            "session": SessionOpened(
                factory=self.session_factory,
                consume=self._consume,
                clock=self.clock,
                limits=self.of(LimitSettings),
            ),
            "booking": BookingConfirmed(
                self.payment_store,
                confirm=self._confirm_booking,
                follow=self._follow_booking,
                clock=self.clock,
            ),
        }

    def _confirm_booking(self, tx: "Transaction", purchase: "Purchase") -> bool:
        from greenroom.organizations.repo import OrgRepo

        if purchase.booking is None:
            raise ValueError("a purchase of no booking")
        repo = OrgRepo.of_system(purchase.booking.organization_id)
        return self.confirming.add_paid(
            tx, repo, purchase.booking.booking_id, purchase_id=purchase.purchase_id
        )

    def _follow_booking(self, tx: "Transaction", purchase: "Purchase") -> None:
        from greenroom.organizations.repo import OrgRepo
        from greenroom.payments.domain import money_of

        money = money_of(purchase)
        if purchase.booking is None or money is None:
            return
        self.booking_money.add_money(
            tx,
            OrgRepo.of_system(purchase.booking.organization_id),
            purchase.booking.booking_id,
            purchase_id=purchase.purchase_id,
            money=money,
        )

    def _consume(self, tx: "Transaction", purchase: "Purchase", *, optional: bool) -> None:
        if purchase.intake_id is not None and purchase.session_id is not None:
            self.intake_store.add_consumed(
                tx,
                purchase.intake_id,
                user_id=purchase.user_id,
                session_id=purchase.session_id,
                optional=optional,
            )

    @cached_property
    def subscriptions(self) -> "Subscriptions":
        """Subscriptions and what they open."""
        from greenroom.payments.subscriptions import Subscriptions

        return Subscriptions(
            self.payment_store,
            accounts=self.accounts,
            clock=self.clock,
            limits=self.of(LimitSettings),
            note=note,
        )

    @cached_property
    def stripe_webhook(self) -> "StripeWebhook":
        """Stripe's news."""
        from greenroom.payments.clawback import Clawback
        from greenroom.payments.fulfilment import Fulfilment
        from greenroom.payments.webhook import StripeWebhook

        return StripeWebhook(
            self.payment_store,
            fulfilment=Fulfilment(self.payment_store, effects=self._effects, note=note),
            clawback=Clawback(
                self.payment_store,
                accounts=self.accounts,
                effects=self._effects,
                subscriptions=self.subscriptions,
                note=note,
            ),
            subscriptions=self.subscriptions,
            secrets=self.stripe_webhook_secrets,
            livemode=self.livemode,
            clock=self.clock,
            note=note,
        )
