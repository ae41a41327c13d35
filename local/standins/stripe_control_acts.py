"""What the control surface of the Stripe stand-in lets people and banks do."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from local.standins.stripe_account import Account
from local.standins.stripe_checkout import expire_session
from local.standins.stripe_completion import (
    CHECKOUT,
    CheckoutCannot,
    decline_card,
    is_waiting,
    pay_by_bank,
    pay_by_card,
    settle,
)
from local.standins.stripe_disputes import DisputeCannot, close_dispute, move_dispute, open_dispute
from local.standins.stripe_objects import Document, shown
from local.standins.stripe_refunds import SETTLE_S, RefundCannot, settle_refund
from local.standins.stripe_subscriptions import (
    SubscriptionCannot,
    pause_subscription,
    resume_subscription,
)

CANNOT: Final = (CheckoutCannot, DisputeCannot, RefundCannot, SubscriptionCannot)
"""What an act raises when the object is not in a state for it."""

Act = Callable[[Account, str, Document], Document]


class Unknown(LookupError):
    """Nothing has this id; the text says what was looked for."""


class AskedWrongly(ValueError):
    """What was asked makes no sense; the text says why."""


def whole(value: Any, name: str) -> int:
    """A whole number from 0 of the caller's document.

    Raises:
        AskedWrongly: it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise AskedWrongly(f"{name} must be a whole number from 0")
    return value


def thing(account: Account, identifier: str, kind: str) -> Document:
    """The object of a kind with this id.

    Raises:
        Unknown: there is none.
    """
    document = account.store.find(identifier, kind)
    if document is None:
        raise Unknown(f"{kind} {identifier}")
    return document


def _pay(account: Account, identifier: str, asked: Document) -> Document:
    session = thing(account, identifier, CHECKOUT)
    if is_waiting(session):
        settle(account, session, succeeds=True)
    elif asked.get("delayed"):
        seconds = asked.get("settleSeconds", SETTLE_S)
        if seconds is not None:
            seconds = whole(seconds, "settleSeconds")
        email = _email(asked)
        pay_by_bank(account, session, settles_after_s=seconds, email=email)
    else:
        keeps = _flag(asked, "keeps", otherwise=True)
        pay_by_card(account, session, email=_email(asked), keeps=keeps)
    return shown(session)


def _fail(account: Account, identifier: str, asked: Document) -> Document:
    session = thing(account, identifier, CHECKOUT)
    if is_waiting(session):
        settle(account, session, succeeds=False)
    elif asked.get("delayed"):
        pay_by_bank(account, session, settles_after_s=None, succeeds=False)
        settle(account, session, succeeds=False)
    else:
        decline_card(account, session)
    return shown(session)


def _expire(account: Account, identifier: str, _asked: Document) -> Document:
    session = thing(account, identifier, CHECKOUT)
    if session["status"] != "open":
        raise CheckoutCannot(f"the checkout is {session['status']}")
    expire_session(account, session)
    return shown(session)


def _open_dispute(account: Account, _identifier: str, asked: Document) -> Document:
    status = str(asked.get("status", "needs_response"))
    reason = str(asked.get("reason", "fraudulent"))
    charge = _charge(account, asked)
    return shown(open_dispute(account, charge, status=status, reason=reason))


def _charge(account: Account, asked: Document) -> Document:
    if "charge" in asked:
        return thing(account, str(asked["charge"]), "charge")
    intent_id = asked.get("paymentIntent")
    if "checkout" in asked:
        session = thing(account, str(asked["checkout"]), CHECKOUT)
        invoice = account.store.find(session["invoice"] or "")
        intent_id = invoice["_payment_intent"] if invoice else session["payment_intent"]
    if not intent_id:
        raise AskedWrongly("say which charge, paymentIntent or paid checkout")
    intent = thing(account, str(intent_id), "payment_intent")
    return thing(account, str(intent["latest_charge"]), "charge")


def _close_dispute(account: Account, identifier: str, asked: Document) -> Document:
    dispute = thing(account, identifier, "dispute")
    close_dispute(account, dispute, outcome=str(asked.get("outcome")))
    return shown(dispute)


def _move_dispute(account: Account, identifier: str, asked: Document) -> Document:
    dispute = thing(account, identifier, "dispute")
    move_dispute(account, dispute, status=str(asked.get("status")))
    return shown(dispute)


def _refund_succeeds(account: Account, identifier: str, _asked: Document) -> Document:
    refund = thing(account, identifier, "refund")
    settle_refund(account, refund, succeeds=True)
    return shown(refund)


def _refund_fails(account: Account, identifier: str, _asked: Document) -> Document:
    refund = thing(account, identifier, "refund")
    settle_refund(account, refund, succeeds=False)
    return shown(refund)


def _fail_renewal(account: Account, identifier: str, asked: Document) -> Document:
    subscription = thing(account, identifier, "subscription")
    account.change(subscription, _renewals_fail=_flag(asked, "fails", otherwise=True))
    return shown(subscription)


def _pause(account: Account, identifier: str, _asked: Document) -> Document:
    subscription = thing(account, identifier, "subscription")
    pause_subscription(account, subscription)
    return shown(subscription)


def _resume(account: Account, identifier: str, _asked: Document) -> Document:
    subscription = thing(account, identifier, "subscription")
    resume_subscription(account, subscription)
    return shown(subscription)


def _flag(asked: Document, name: str, *, otherwise: bool) -> bool:
    flag = asked.get(name, otherwise)
    if not isinstance(flag, bool):
        raise AskedWrongly(f"{name} must be true or false")
    return flag


def _email(asked: Document) -> str | None:
    email = asked.get("email")
    if email is not None and not isinstance(email, str):
        raise AskedWrongly("email must be text")
    return email


ACTS: Final[Mapping[str, Act]] = {
    "/_control/checkout/{id}/pay": _pay,
    "/_control/checkout/{id}/fail": _fail,
    "/_control/checkout/{id}/expire": _expire,
    "/_control/disputes": _open_dispute,
    "/_control/disputes/{id}/close": _close_dispute,
    "/_control/disputes/{id}/move": _move_dispute,
    "/_control/refunds/{id}/succeed": _refund_succeeds,
    "/_control/refunds/{id}/fail": _refund_fails,
    "/_control/subscriptions/{id}/fail-renewal": _fail_renewal,
    "/_control/subscriptions/{id}/pause": _pause,
    "/_control/subscriptions/{id}/resume": _resume,
}
"""The address of each act, all of them posted to."""
