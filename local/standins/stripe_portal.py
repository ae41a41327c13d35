"""The billing portal of the Stripe stand-in: the endpoint that opens it, and its page."""

import html

from aiohttp import web

from local.standins.common import refuse_foreign_callers
from local.standins.stripe_account import Account
from local.standins.stripe_calls import Call, Route
from local.standins.stripe_customers import living_customer
from local.standins.stripe_objects import Document, new_id
from local.standins.stripe_page import answer_page, button, date_text, link, money_text, period_text
from local.standins.stripe_parameters import Link, Record, Text
from local.standins.stripe_subscriptions import (
    ENDED,
    end_subscription,
    period_end,
    set_cancel_at_end,
)

INVOICES_SHOWN_MAX = 12
SESSION = "billing_portal.session"

_CREATE = Record(
    {"configuration": Text(), "customer": Text(), "locale": Text(), "return_url": Link()},
    ("customer",),
)
_WORDS = {
    "active": "Active",
    "canceled": "Ended",
    "past_due": "The last payment failed",
    "paused": "Paused",
    "trialing": "On trial",
}


def _create(call: Call) -> Document:
    customer = living_customer(call.account, call.given["customer"], param="customer")
    session_id = new_id("bps")
    return call.account.add(
        SESSION,
        id=session_id,
        created=call.account.now(),
        customer=customer["id"],
        locale=call.given.get("locale"),
        return_url=call.given.get("return_url"),
        url=f"{call.base_url}/p/session/{session_id}",
    )


class PortalPage:
    """``/p/session/{id}`` of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the page."""
        router.add_get("/p/session/{id}", self._show)
        router.add_post("/p/session/{id}", self._act)

    async def _show(self, request: web.Request) -> web.Response:
        return self._page(self._session(request))

    async def _act(self, request: web.Request) -> web.Response:
        refuse_foreign_callers(request)
        session = self._session(request)
        form = await request.post()
        action, identifier = str(form.get("action", "")), str(form.get("subscription", ""))
        subscription = self._account.store.find(identifier, "subscription")
        if subscription is None or subscription["customer"] != session["customer"]:
            raise web.HTTPNotFound(text="there is no such subscription\n")
        if subscription["status"] in ENDED:
            return self._page(session, problem="This subscription has ended.", status=409)
        with self._account.store.transaction():
            if action == "cancel-now":
                end_subscription(self._account, subscription)
            elif action in ("cancel-at-end", "resume"):
                cancels = action == "cancel-at-end"
                set_cancel_at_end(self._account, subscription, cancels=cancels)
        raise web.HTTPSeeOther(request.path)

    def _session(self, request: web.Request) -> Document:
        session = self._account.store.find(request.match_info["id"], SESSION)
        if session is None:
            raise web.HTTPNotFound(text="there is no such portal session\n")
        return session

    def _page(self, session: Document, *, problem: str = "", status: int = 200) -> web.Response:
        where: dict[str, str | bool] = {"customer": session["customer"]}
        plans = [self._plan(each) for each in self._account.store.select("subscription", where)]
        invoices = self._account.store.select("invoice", where)[:INVOICES_SHOWN_MAX]
        back = session["return_url"]
        body = "".join(plans) or "<p>There is no subscription.</p>"
        body += _invoices(invoices)
        if back:
            body += f'<div class="actions">{link(back, "Go back")}</div>'
        return answer_page(
            title="Your subscription",
            body=body,
            targets=[back or ""],
            problem=problem,
            status=status,
        )

    def _plan(self, subscription: Document) -> str:
        price = subscription["items"]["data"][0]["price"]
        name = html.escape(self._account.store.get(price["product"])["name"])
        amount = money_text(price["unit_amount"], price["currency"])
        terms = f"{amount} {period_text(price['recurring'])}"
        return (
            f'<section class="plan" aria-label="{name}"><h3>{name}</h3>'
            f"<p>{terms}</p><p><strong>{_state(subscription)}</strong></p>"
            f"{_choices(subscription)}</section>"
        )


def _state(subscription: Document) -> str:
    status = subscription["status"]
    words = _WORDS.get(status, html.escape(status))
    if subscription["ended_at"]:
        return f"{words} on {date_text(subscription['ended_at'])}"
    end = date_text(period_end(subscription))
    if subscription["cancel_at_period_end"]:
        return f"{words}, ends on {end}"
    return f"{words}, renews on {end}" if status in ("active", "trialing") else words


def _choices(subscription: Document) -> str:
    if subscription["status"] in ENDED:
        return ""
    identifier = html.escape(subscription["id"])
    fields = f'<input type="hidden" name="subscription" value="{identifier}">'
    first = ("cancel-at-end", "Cancel at the end of the period")
    if subscription["cancel_at_period_end"]:
        first = ("resume", "Do not cancel")
    return (
        '<div class="actions">'
        f"{button(*first, fields=fields)}"
        f"{button('cancel-now', 'Cancel now', style='grave', fields=fields)}</div>"
    )


def _invoices(invoices: list[Document]) -> str:
    rows = "".join(
        f"<li><span>{date_text(invoice['created'])}<small>{html.escape(invoice['number'])},"
        f" {html.escape(invoice['status'])}</small></span>"
        f" <strong>{money_text(invoice['total'], invoice['currency'])}</strong></li>"
        for invoice in invoices
    )
    return f'<h2>Invoices</h2><ul class="table">{rows}</ul>' if rows else ""


ROUTES = (Route("POST", "/v1/billing_portal/sessions", _CREATE, _create),)
