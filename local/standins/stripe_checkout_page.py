"""The page on which a person pays, is declined, pays with a bank debit, or leaves."""

import html

from aiohttp import web

from local.standins.common import refuse_foreign_callers
from local.standins.stripe_account import Account
from local.standins.stripe_completion import (
    CHECKOUT,
    CheckoutCannot,
    decline_card,
    is_waiting,
    offers_to_keep,
    pay_by_bank,
    pay_by_card,
)
from local.standins.stripe_objects import Document
from local.standins.stripe_page import answer_page, link, money_text, period_text
from local.standins.stripe_payments import DECLINED
from local.standins.stripe_refunds import SETTLE_S

EMAIL_CHARS_MAX = 254

_PAGE_ID = "{CHECKOUT_SESSION_ID}"
_STATES = {"complete": "This is paid", "expired": "This page has expired"}


class CheckoutPage:
    """``/c/pay/{id}`` of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the page."""
        router.add_get("/c/pay/{id}", self._show)
        router.add_post("/c/pay/{id}", self._act)

    async def _show(self, request: web.Request) -> web.Response:
        return self._page(self._session(request))

    async def _act(self, request: web.Request) -> web.Response:
        refuse_foreign_callers(request)
        session = self._session(request)
        form = await request.post()
        action, email = str(form.get("action", "")), str(form.get("email", ""))
        keeps = form.get("keep") == "yes"
        if action == "leave" and session["cancel_url"]:
            raise web.HTTPSeeOther(session["cancel_url"])
        try:
            with self._account.store.transaction():
                self._pay(session, action, email[:EMAIL_CHARS_MAX] or None, keeps=keeps)
        except CheckoutCannot as reason:
            problem = f"That did not work: {reason}."
            return self._page(self._session(request), problem=problem, status=409)
        if session["status"] == "open":
            problem = f"{DECLINED} Try another way to pay."
            return self._page(session, problem=problem, status=402)
        raise web.HTTPSeeOther(_back(session))

    def _pay(self, session: Document, action: str, email: str | None, *, keeps: bool) -> None:
        if action == "card":
            pay_by_card(self._account, session, email=email, keeps=keeps)
        elif action == "declined":
            decline_card(self._account, session)
        elif action in ("bank", "bank-fails"):
            pay_by_bank(
                self._account,
                session,
                settles_after_s=SETTLE_S,
                succeeds=action == "bank",
                email=email,
            )
        else:
            raise CheckoutCannot("this is no way to pay")

    def _session(self, request: web.Request) -> Document:
        session = self._account.store.find(request.match_info["id"], CHECKOUT)
        if session is None:
            raise web.HTTPNotFound(text="there is no such checkout\n")
        return session

    def _page(self, session: Document, *, problem: str = "", status: int = 200) -> web.Response:
        targets = [session["success_url"], session["cancel_url"] or ""]
        if session["status"] != "open":
            body = _closed(session)
            title = _STATES[session["status"]]
            if is_waiting(session):
                title = "Your bank is being asked"
            return answer_page(
                title=title, body=body, targets=targets, problem=problem, status=status
            )
        subscribes = session["mode"] == "subscription"
        title = "Subscribe" if subscribes else "Pay"
        body = _bill(session) + _ways(session)
        return answer_page(title=title, body=body, targets=targets, problem=problem, status=status)


def _bill(session: Document) -> str:
    rows = []
    for line in session["_line_items"]["data"]:
        name = html.escape(line["description"])
        recurring = line["price"]["recurring"]
        often = f"<small>{period_text(recurring)}</small>" if recurring else ""
        count = f"{line['quantity']} × " if line["quantity"] > 1 else ""
        amount = money_text(line["amount_total"], line["currency"])
        rows.append(f"<li><span>{count}{name}{often}</span> <strong>{amount}</strong></li>")
    total = money_text(session["amount_total"], session["currency"])
    days = session["_data"].get("trial_period_days")
    rows.append(f'<li class="total"><span>Total</span> <strong>{total}</strong></li>')
    trial = f"<p>The first {days} days are free.</p>" if days else ""
    return f'<ul class="table" aria-label="What you pay for">{"".join(rows)}</ul>{trial}'


def _ways(session: Document) -> str:
    """One form, so that the e-mail address goes along whichever button is pressed."""
    amount = money_text(session["amount_total"], session["currency"])
    subscribes = session["mode"] == "subscription"
    ways = [("card", f"{'Subscribe' if subscribes else f'Pay {amount}'} with a card", "first")]
    if session["amount_total"]:
        ways.append(("declined", "Pay with a card that is declined", ""))
    if session["amount_total"] and "us_bank_account" in session["payment_method_types"]:
        ways.append(("bank", f"Bank debit, paid after {SETTLE_S} s", ""))
        ways.append(("bank-fails", f"Bank debit, refused after {SETTLE_S} s", ""))
    if session["cancel_url"]:
        ways.append(("leave", "Leave without paying", ""))
    buttons = "".join(
        f'<button class="{style}" name="action" value="{action}">{label}</button>'
        for action, label, style in ways
    )
    email = ""
    if session["customer"] is None and session["customer_email"] is None:
        email = (
            "<label>E-mail <small>(may stay empty)</small>"
            f'<input name="email" type="email" maxlength="{EMAIL_CHARS_MAX}"'
            ' autocomplete="off"></label>'
        )
    keep = ""
    if offers_to_keep(session):
        keep = (
            '<label><input name="keep" type="checkbox" value="yes" checked>'
            "Keep this card for the next time</label>"
        )
    return f'<form method="post" class="actions">{email}{keep}{buttons}</form>'


def _closed(session: Document) -> str:
    if session["status"] == "expired":
        text = "Nobody paid here. Go back and begin again."
        back = session["cancel_url"] or session["success_url"]
    else:
        text = "There is nothing more to pay here."
        if is_waiting(session):
            text = "A bank debit is on its way. You will hear when it arrived."
        elif session["payment_status"] == "unpaid":
            text = "Your bank refused the debit, so nothing was paid. Go back and begin again."
        back = _back(session)
    return f'<p>{text}</p><div class="actions">{link(back, "Go back")}</div>'


def _back(session: Document) -> str:
    return str(session["success_url"]).replace(_PAGE_ID, session["id"])
