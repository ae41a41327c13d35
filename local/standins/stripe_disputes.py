"""Disputes of the Stripe stand-in. Only banks open them, here the control surface."""

from typing import Final

from local.standins.stripe_account import Account
from local.standins.stripe_calls import Route, listing, retrieve
from local.standins.stripe_objects import Document, new_id
from local.standins.stripe_parameters import Record

INQUIRIES: Final = ("warning_needs_response", "warning_under_review")
OPEN: Final = ("needs_response", "under_review", *INQUIRIES)
OUTCOMES: Final = ("won", "lost", "warning_closed", "prevented")
RESPONSE_S: Final = 10 * 24 * 3600


class DisputeCannot(Exception):
    """The dispute cannot be opened, moved or closed like this; the text says why."""


def open_dispute(account: Account, charge: Document, *, status: str, reason: str) -> Document:
    """The bank disputes what is left of a charge, or only asks about it.

    Raises:
        DisputeCannot: the charge is not paid, fully refunded, or disputed already.
    """
    if status not in OPEN:
        raise DisputeCannot(f"status must be one of {', '.join(OPEN)}")
    if charge["status"] != "succeeded":
        raise DisputeCannot("the charge is not paid")
    for known in account.store.select("dispute", {"charge": charge["id"]}):
        if known["status"] in OPEN:
            raise DisputeCannot(f"the charge is disputed already by {known['id']}")
    amount = charge["amount"] - charge["amount_refunded"]
    if amount == 0:
        raise DisputeCannot("the charge is fully refunded")
    dispute = account.add(
        "dispute",
        id=new_id("du"),
        amount=amount,
        charge=charge["id"],
        created=account.now(),
        currency=charge["currency"],
        is_charge_refundable=status in INQUIRIES,
        payment_intent=charge["payment_intent"],
        reason=reason,
        status=status,
    )
    dispute["evidence_details"]["due_by"] = account.now() + RESPONSE_S
    kind = "inquiry" if status in INQUIRIES else "chargeback"
    dispute["payment_method_details"]["card"]["case_type"] = kind
    account.store.put(dispute)
    account.emit("charge.dispute.created", dispute)
    if status not in INQUIRIES:
        _withdraw(account, dispute)
    return dispute


def move_dispute(account: Account, dispute: Document, *, status: str) -> None:
    """Another open status: an inquiry becomes a chargeback, or evidence was handed in.

    Raises:
        DisputeCannot: the dispute is closed, or would go back to an inquiry.
    """
    was = dispute["status"]
    if was not in OPEN or status not in OPEN or (was not in INQUIRIES and status in INQUIRIES):
        raise DisputeCannot(f"a dispute does not go from {was} to {status}")
    escalates = was in INQUIRIES and status not in INQUIRIES
    before = account.change(dispute, status=status, is_charge_refundable=status in INQUIRIES)
    account.emit("charge.dispute.updated", dispute, before)
    if escalates:
        _withdraw(account, dispute)


def close_dispute(account: Account, dispute: Document, *, outcome: str) -> None:
    """The end of a dispute; a won one gives the money back.

    Raises:
        DisputeCannot: it is closed already, or cannot end like this.
    """
    was = dispute["status"]
    if was not in OPEN:
        raise DisputeCannot(f"the dispute is closed already: {was}")
    if outcome not in OUTCOMES or (outcome == "warning_closed") != (was in INQUIRIES):
        raise DisputeCannot(f"a dispute does not go from {was} to {outcome}")
    account.change(dispute, status=outcome, is_charge_refundable=outcome != "lost")
    if outcome in ("won", "prevented"):
        account.emit("charge.dispute.funds_reinstated", dispute)
    account.emit("charge.dispute.closed", dispute)


def _withdraw(account: Account, dispute: Document) -> None:
    charge = account.store.get(dispute["charge"])
    before = account.change(charge, disputed=True)
    account.emit("charge.dispute.funds_withdrawn", dispute)
    account.emit("charge.updated", charge, before)


ROUTES = (
    listing("dispute", "/v1/disputes", {"charge": "charge", "payment_intent": "payment_intent"}),
    Route("GET", "/v1/disputes/{id}", Record(), retrieve("dispute", "dispute")),
)
