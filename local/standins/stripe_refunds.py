"""Refunds of the Stripe stand-in: cards at once, bank debits after a while, some fail."""

from local.standins.stripe_account import Account
from local.standins.stripe_calls import Call, Route, found, listing, retrieve
from local.standins.stripe_errors import StripeRefused, missing_parameter, no_such
from local.standins.stripe_objects import Document, new_id
from local.standins.stripe_parameters import Choice, Metadata, Record, Text, Whole, merged_metadata

SETTLE_S = 8  # a bank takes days; a person who tries things out does not wait that long
OPEN_DISPUTES = ("needs_response", "under_review", "lost")

_TAKES = Record(
    {
        "amount": Whole(least=1),
        "charge": Text(),
        "metadata": Metadata(),
        "payment_intent": Text(),
        "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
    }
)


class RefundCannot(Exception):
    """The refund is not in a state for this; the text says why."""


def _create(call: Call) -> Document:
    account, given = call.account, call.given
    charge = _charge_of(call)
    left = charge["amount"] - charge["amount_refunded"]
    amount = given.get("amount", left)
    _check(account, charge, amount, left)
    method = charge["payment_method_details"]["type"]
    details = {"type": "reversal"} if method == "card" else {}
    refund = account.add(
        "refund",
        id=new_id("re"),
        amount=amount,
        balance_transaction=new_id("txn"),
        charge=charge["id"],
        created=account.now(),
        currency=charge["currency"],
        destination_details={
            "card" if method == "card" else "us_bank_transfer": details,
            "type": "card" if method == "card" else "us_bank_transfer",
        },
        metadata=given.get("metadata") or {},
        payment_intent=charge["payment_intent"],
        reason=given.get("reason"),
        status="succeeded" if method == "card" else "pending",
    )
    if refund["status"] == "pending":
        account.store.set_due(refund["id"], account.now() + SETTLE_S)
    account.emit("refund.created", refund)
    _refund_charge(account, charge, amount)
    return refund


def _charge_of(call: Call) -> Document:
    store, given = call.account.store, call.given
    if "charge" in given and "payment_intent" in given:
        text = "You may only specify one of these parameters: charge, payment_intent."
        raise StripeRefused(text, early=True)
    if "charge" in given:
        charge = store.find(given["charge"], "charge")
        if charge is None:
            raise no_such("charge", given["charge"], param="charge")
        return charge
    if "payment_intent" not in given:
        raise missing_parameter("charge")
    intent = store.find(given["payment_intent"], "payment_intent")
    if intent is None:
        raise no_such("payment_intent", given["payment_intent"], param="payment_intent")
    if intent["status"] not in ("succeeded", "processing"):
        text = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise StripeRefused(text, code="payment_intent_unexpected_state", param="payment_intent")
    return store.get(intent["latest_charge"])


def _check(account: Account, charge: Document, amount: int, left: int) -> None:
    if charge["status"] != "succeeded":
        text = f"Charge {charge['id']} has not succeeded, so it cannot be refunded."
        raise StripeRefused(text, param="charge")
    if left == 0:
        text = f"Charge {charge['id']} has already been refunded."
        raise StripeRefused(text, code="charge_already_refunded")
    disputes = account.store.select("dispute", {"charge": charge["id"]})
    if any(dispute["status"] in OPEN_DISPUTES for dispute in disputes):
        text = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeRefused(text, code="charge_disputed", param="charge")
    if amount > left:
        text = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise StripeRefused(text, code="charge_already_refunded", param="amount")


def _refund_charge(account: Account, charge: Document, amount: int) -> None:
    refunded = charge["amount_refunded"] + amount
    before = account.change(charge, amount_refunded=refunded, refunded=refunded >= charge["amount"])
    account.emit("charge.refunded" if amount > 0 else "charge.updated", charge, before)


def settle_refund(account: Account, refund: Document, *, succeeds: bool) -> None:
    """The bank's last word on a refund; a card's refund, too, may come back later.

    Raises:
        RefundCannot: it has failed before, or should succeed twice.
    """
    status = refund["status"]
    if status == "failed" or (succeeds and status == "succeeded"):
        raise RefundCannot(f"the refund has {status} already")
    account.store.set_due(refund["id"], None)
    if succeeds:
        before = account.change(refund, status="succeeded")
        account.emit("refund.updated", refund, before)
        return
    before = account.change(
        refund,
        failure_balance_transaction=new_id("txn"),
        failure_reason="unknown",
        status="failed",
    )
    account.emit("refund.updated", refund, before)
    account.emit("refund.failed", refund)
    _refund_charge(account, account.store.get(refund["charge"]), -refund["amount"])


def _update(call: Call) -> Document:
    refund = found(call, "refund", "refund")
    metadata = merged_metadata(refund["metadata"], call.given.get("metadata", {}))
    before = call.account.change(refund, metadata=metadata)
    call.account.emit("refund.updated", refund, before)
    return refund


ROUTES = (
    Route("POST", "/v1/refunds", _TAKES, _create),
    listing("refund", "/v1/refunds", {"charge": "charge", "payment_intent": "payment_intent"}),
    Route("GET", "/v1/refunds/{id}", Record(), retrieve("refund", "refund")),
    Route("POST", "/v1/refunds/{id}", Record({"metadata": Metadata()}), _update),
)
