"""A local stand-in for Stripe: its API, its checkout and portal pages, and signed webhooks.

For back ends: the endpoints under ``/v1`` that the product uses, as strict as Stripe's; the
official SDK runs against them. For people: ``/c/pay/{id}`` and ``/p/session/{id}``. For
scripts: ``stripe_control``. No money moves anywhere.
"""

import argparse
import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from local.standins import (
    stripe_catalogue,
    stripe_checkout,
    stripe_customers,
    stripe_disputes,
    stripe_events,
    stripe_invoices,
    stripe_payment_methods,
    stripe_payments,
    stripe_portal,
    stripe_refunds,
    stripe_subscription_calls,
    stripe_webhook_endpoints,
)
from local.standins.common import StandIn, main
from local.standins.stripe_account import Account
from local.standins.stripe_api import Api
from local.standins.stripe_checkout_page import CheckoutPage
from local.standins.stripe_clock import run_due
from local.standins.stripe_control import Control
from local.standins.stripe_delivery import RETRY_FIRST_S, Courier
from local.standins.stripe_portal import PortalPage
from local.standins.stripe_store import Store

APP_PORTS_BELOW = 3  # the app's port is this many below ours, unless its address is given
TICK_S = 0.5  # how soon something that is due happens

ROUTES = (
    *stripe_catalogue.ROUTES,
    *stripe_checkout.ROUTES,
    *stripe_customers.ROUTES,
    *stripe_disputes.ROUTES,
    *stripe_events.ROUTES,
    *stripe_invoices.ROUTES,
    *stripe_payment_methods.ROUTES,
    *stripe_payments.ROUTES,
    *stripe_portal.ROUTES,
    *stripe_refunds.ROUTES,
    *stripe_subscription_calls.ROUTES,
    *stripe_webhook_endpoints.ROUTES,
)


class StripeStandIn(StandIn):
    """Stripe, as far as the product uses it.

    Webhooks go to ``webhook_url``, signed with each of ``webhook_secrets``; without an
    address or a secret none are sent. Without a ``secret_key`` every ``sk_test_`` key is good.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        webhook_url: str | None = None,
        webhook_secrets: tuple[str, ...] = (),
        secret_key: str | None = None,
        retry_first_s: float = RETRY_FIRST_S,
    ) -> None:
        super().__init__("Stripe")
        self._store = Store(data_dir / "stripe.sqlite3")
        listens = webhook_url is not None and bool(webhook_secrets)
        self.account = Account(self._store, listens=listens)
        stripe_catalogue.seed(self.account)
        self.app.cleanup_ctx.append(self._keep_store)
        if webhook_url is not None and webhook_secrets:
            courier = Courier(
                self.account, webhook_url, webhook_secrets, retry_first_s=retry_first_s
            )
            self.account.on_event = courier.wake
            stripe_webhook_endpoints.seed(self.account, webhook_url)
            self.app.cleanup_ctx.append(courier.running)
        self.app.cleanup_ctx.append(self._tick)
        control = Control(self.account, self.account.on_event)
        self.on_reset.append(control.reset)
        control.add_to(self.app.router)
        CheckoutPage(self.account).add_to(self.app.router)
        PortalPage(self.account).add_to(self.app.router)
        Api(self.account, ROUTES, secret_key).add_to(self.app.router)

    async def _keep_store(self, _app: web.Application) -> AsyncIterator[None]:
        yield
        self._store.close()

    async def _tick(self, _app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run_due())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _run_due(self) -> None:
        while True:
            run_due(self.account, self.account.now())
            await asyncio.sleep(TICK_S)


def secrets_of(environ: dict[str, str]) -> tuple[str, ...]:
    """The webhook secrets that the product may know, from both names of the setting."""
    names = ("STRIPE_WEBHOOK_SECRETS", "STRIPE_WEBHOOK_SECRET")
    listed = ",".join(environ.get(name, "") for name in names).split(",")
    return tuple(dict.fromkeys(secret.strip() for secret in listed if secret.strip()))


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--webhook-url",
        help="where events go (default: /api/webhooks/stripe, three ports below)",
    )


def _make(options: argparse.Namespace) -> StripeStandIn:
    app = f"http://127.0.0.1:{options.port - APP_PORTS_BELOW}"
    # Secrets are not options: those show in process lists.
    return StripeStandIn(
        options.data_dir,
        webhook_url=options.webhook_url or f"{app}/api/webhooks/stripe",
        webhook_secrets=secrets_of(dict(os.environ)),
        secret_key=os.environ.get("STRIPE_SECRET_KEY") or None,
    )


if __name__ == "__main__":
    raise SystemExit(main(_make, add_arguments=_options))
