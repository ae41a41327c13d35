"""Payment intents and their charges: taken, pending, refused."""

from collections.abc import Mapping
from typing import Any

from local.standins.stripe_account import Account
from local.standins.stripe_calls import Route, listing, retrieve
from local.standins.stripe_objects import Document, new_id, new_object
from local.standins.stripe_parameters import Record
from local.standins.stripe_payment_methods import add_method, kept_card

DECLINED = "Your card was declined."
BANK_REFUSED = "The customer's bank account could not be debited."
_FAILURES = {
    "card": ("card_declined", DECLINED),
    "us_bank_account": ("debit_refused", BANK_REFUSED),
}


def start_payment(
    account: Account,
    *,
    amount: int,
    currency: str,
    customer: str | None,
    details: Mapping[str, Any],
) -> Document:
    """A payment intent that waits for a method; ``amount`` in the currency's smallest unit.

    ``details`` are further fields of it, such as its metadata and description.
    """
    intent_id = new_id("pi")
    intent = account.add(
        "payment_intent",
        id=intent_id,
        amount=amount,
        client_secret=f"{intent_id}_secret_{new_id('x')[2:]}",
        created=account.now(),
        currency=currency,
        customer=customer,
        status="requires_payment_method",
        **details,
    )
    account.emit("payment_intent.created", intent)
    return intent


def take_payment(account: Account, intent: Document) -> Document:
    """The customer's card pays at once, or a new one; answers the charge."""
    method = kept_card(account, intent["customer"])
    charge = _add_charge(account, intent, "card", status="pending", method=method)
    _succeed(account, intent, charge)
    return charge


def begin_debit(account: Account, intent: Document) -> Document:
    """A bank debit is on its way; answers the pending charge."""
    charge = _add_charge(account, intent, "us_bank_account", status="pending")
    account.change(
        intent,
        latest_charge=charge["id"],
        payment_method=charge["payment_method"],
        payment_method_types=["us_bank_account"],
        status="processing",
    )
    account.emit("payment_intent.processing", intent)
    account.emit("charge.pending", charge)
    return charge


def settle_debit(account: Account, intent: Document, *, succeeds: bool) -> None:
    """The bank's answer to a debit that was on its way."""
    charge = account.store.get(intent["latest_charge"])
    if succeeds:
        _succeed(account, intent, charge)
    else:
        _fail(account, intent, charge)


def refuse_card(account: Account, intent: Document) -> Document:
    """The card is declined; the intent waits for another method. Answers the charge."""
    charge = _add_charge(account, intent, "card", status="pending")
    _fail(account, intent, charge)
    return charge


def _succeed(account: Account, intent: Document, charge: Document) -> None:
    account.change(
        charge,
        amount_captured=charge["amount"],
        balance_transaction=new_id("txn"),
        outcome=_outcome("authorized", "approved_by_network", "Payment complete."),
        paid=True,
        status="succeeded",
    )
    account.change(
        intent,
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=charge["id"],
        payment_method=charge["payment_method"],
        status="succeeded",
    )
    account.emit("charge.succeeded", charge)
    account.emit("payment_intent.succeeded", intent)


def _fail(account: Account, intent: Document, charge: Document) -> None:
    method = charge["payment_method_details"]["type"]
    code, message = _FAILURES[method]
    account.change(
        charge,
        failure_code=code,
        failure_message=message,
        outcome=_outcome("issuer_declined", "declined_by_network", message),
        paid=False,
        status="failed",
    )
    error = {
        "charge": charge["id"],
        "code": code,
        "decline_code": "generic_decline",
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": message,
        "type": "card_error",
    }
    account.change(
        intent,
        last_payment_error=error,
        latest_charge=charge["id"],
        payment_method=None,
        status="requires_payment_method",
    )
    account.emit("charge.failed", charge)
    account.emit("payment_intent.payment_failed", intent)


def _add_charge(
    account: Account,
    intent: Document,
    kind: str,
    *,
    status: str,
    method: Document | None = None,
) -> Document:
    customer = account.store.find(intent["customer"] or "")
    method = method or add_method(account, kind, customer)
    charge_id = new_id("ch")
    charge = account.add(
        "charge",
        id=charge_id,
        amount=intent["amount"],
        amount_captured=0,
        created=account.now(),
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=dict(intent["metadata"]),
        outcome=_outcome("authorized", None, None),
        paid=False,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={kind: _details(kind, intent["amount"]), "type": kind},
        status=status,
    )
    if customer is not None:
        charge["billing_details"] |= {"email": customer["email"], "name": customer["name"]}
        account.store.put(charge)
    return charge


def _details(kind: str, amount: int) -> Document:
    details = new_object(kind)
    if kind == "card":
        details["overcapture"]["maximum_amount_capturable"] = amount
    return details


def _outcome(kind: str, network: str | None, message: str | None) -> dict[str, Any]:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network,
        "reason": None,
        "seller_message": message,
        "type": kind,
    }


ROUTES = (
    listing("payment_intent", "/v1/payment_intents", {"customer": "customer"}),
    Route(
        "GET",
        "/v1/payment_intents/{id}",
        Record(),
        retrieve("payment_intent", "payment_intent"),
    ),
    listing("charge", "/v1/charges", {"customer": "customer", "payment_intent": "payment_intent"}),
    Route("GET", "/v1/charges/{id}", Record(), retrieve("charge", "charge")),
)
