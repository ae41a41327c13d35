"""What a person does on the checkout page: pays, is declined, pays with a bank debit."""

from local.standins.stripe_account import Account
from local.standins.stripe_customers import add_customer, living_customer
from local.standins.stripe_errors import StripeRefused
from local.standins.stripe_objects import Document
from local.standins.stripe_payment_methods import keep_card
from local.standins.stripe_payments import (
    begin_debit,
    refuse_card,
    settle_debit,
    start_payment,
    take_payment,
)
from local.standins.stripe_subscriptions import start_subscription

CHECKOUT = "checkout.session"


class CheckoutCannot(Exception):
    """The checkout is not in a state for this; the text says why."""


def pay_by_card(
    account: Account, session: Document, *, email: str | None = None, keeps: bool = True
) -> None:
    """The card pays at once; the person ``keeps`` it for the next time, if they are asked.

    Raises:
        CheckoutCannot: the session is not open, or its customer is gone.
    """
    _check_open(account, session)
    customer = _customer(account, session, email)
    if session["mode"] == "subscription":
        _subscribe(account, session, str(customer))
    elif session["amount_total"] == 0:
        _complete(account, session, payment_status="no_payment_required")
    else:
        intent = _intent(account, session)
        charge = take_payment(account, intent)
        _keep(account, session, charge["payment_method"], customer, keeps=keeps)
        _complete(account, session, payment_intent=intent["id"], payment_status="paid")


def pay_by_bank(
    account: Account,
    session: Document,
    *,
    settles_after_s: int | None,
    succeeds: bool = True,
    email: str | None = None,
) -> None:
    """The person orders a bank debit, whose outcome the bank tells later.

    ``settles_after_s`` is when, in seconds; None waits until the control surface says so.

    Raises:
        CheckoutCannot: the session is not open, is a subscription or free, takes no bank
            debit, or its customer is gone.
    """
    _check_open(account, session)
    if session["mode"] == "subscription" or session["amount_total"] == 0:
        raise CheckoutCannot("a bank debit pays for single purchases only")
    if "us_bank_account" not in session["payment_method_types"]:
        raise CheckoutCannot("it takes no bank debit")
    _customer(account, session, email)
    intent = _intent(account, session)
    begin_debit(account, intent)
    _complete(
        account,
        session,
        payment_intent=intent["id"],
        payment_status="unpaid",
        _settles_as=succeeds,
    )
    if settles_after_s is not None:
        account.store.set_due(session["id"], account.now() + settles_after_s)


def settle(account: Account, session: Document, *, succeeds: bool) -> None:
    """The bank's answer to a debit.

    Raises:
        CheckoutCannot: no debit is on its way.
    """
    if not is_waiting(session):
        raise CheckoutCannot(f"the checkout is {session['status']} and no debit is on its way")
    account.store.set_due(session["id"], None)
    settle_debit(account, account.store.get(session["payment_intent"]), succeeds=succeeds)
    account.change(session, payment_status="paid" if succeeds else "unpaid", _settles_as=None)
    outcome = "succeeded" if succeeds else "failed"
    account.emit(f"checkout.session.async_payment_{outcome}", session)


def decline_card(account: Account, session: Document) -> None:
    """The card is declined; the page stays open for another try.

    Raises:
        CheckoutCannot: the session is not open, or costs nothing.
    """
    _check_open(account, session)
    if session["amount_total"] == 0:
        raise CheckoutCannot("there is nothing to pay")
    refuse_card(account, _intent(account, session))


def is_waiting(session: Document) -> bool:
    """Whether a bank debit of this session is on its way."""
    return session["status"] == "complete" and session.get("_settles_as") is not None


def offers_to_keep(session: Document) -> bool:
    """Whether the page asks if the card is to be kept."""
    kept: Document = session["saved_payment_method_options"]
    return session["customer"] is not None and kept["payment_method_save"] == "enabled"


def _keep(
    account: Account, session: Document, method_id: str, customer: str | None, *, keeps: bool
) -> None:
    if customer is None:
        return
    if keeps and offers_to_keep(session):
        keep_card(account, method_id, customer, again="always")
    elif session["_data"].get("setup_future_usage"):
        keep_card(account, method_id, customer, again="limited")


def _check_open(account: Account, session: Document) -> None:
    if session["status"] != "open":
        raise CheckoutCannot(f"the checkout is {session['status']}")
    if session["customer"] is not None:
        try:
            living_customer(account, session["customer"])
        except StripeRefused:
            raise CheckoutCannot("its customer was deleted") from None


def _customer(account: Account, session: Document, email: str | None) -> str | None:
    email = session["customer_email"] or email
    if session["customer"] is None and session["customer_creation"] == "always":
        session["customer"] = add_customer(account, email=email)["id"]
    customer = account.store.find(session["customer"] or "")
    session["customer_details"] = {
        "address": None,
        "business_name": None,
        "email": customer["email"] if customer else email,
        "individual_name": None,
        "name": customer["name"] if customer else None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    return str(session["customer"]) if customer else None


def _intent(account: Account, session: Document) -> Document:
    if session["_payment_intent"] is not None:
        intent = account.store.get(session["_payment_intent"])
        account.change(intent, customer=session["customer"])
        return intent
    intent = start_payment(
        account,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"],
        details={**session["_data"], "metadata": session["_data"].get("metadata") or {}},
    )
    account.change(session, _payment_intent=intent["id"])
    return intent


def _subscribe(account: Account, session: Document, customer: str) -> None:
    lines = session["_line_items"]["data"]
    trial_days = session["_data"].get("trial_period_days", 0)
    subscription, invoice = start_subscription(
        account,
        customer=customer,
        bought=[(line["price"], line["quantity"]) for line in lines],
        metadata=session["_data"].get("metadata") or {},
        description=session["_data"].get("description"),
        trial_days=trial_days,
    )
    _complete(
        account,
        session,
        amount_subtotal=invoice["total"],
        amount_total=invoice["total"],
        invoice=invoice["id"],
        payment_status="paid" if invoice["total"] else "no_payment_required",
        subscription=subscription["id"],
    )


def _complete(account: Account, session: Document, **values: object) -> None:
    account.store.set_due(session["id"], None)
    account.change(session, status="complete", url=None, **values)
    account.emit("checkout.session.completed", session)
