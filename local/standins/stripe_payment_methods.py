"""Payment methods of the Stripe stand-in: one for each payment, and the cards that are kept.

As at Stripe, a card that pays belongs to nobody. It is attached to its customer where the
checkout let them keep it (``saved_payment_method_options``), where the seller asked for it
(``setup_future_usage``), and where it pays a subscription. A kept card pays the next time, too.
"""

from local.standins.stripe_account import Account
from local.standins.stripe_calls import Call, Route, found, retrieve
from local.standins.stripe_objects import Document, new_id, new_object
from local.standins.stripe_parameters import Record

KIND = "payment_method"


def add_method(account: Account, kind: str, customer: Document | None) -> Document:
    """A card or a bank account that pays once; nobody's until it is attached."""
    method = new_object(KIND, id=new_id("pm"), created=account.now(), type=kind)
    method[kind] = new_object(f"{KIND}.{kind}")
    if customer is not None:
        method["billing_details"] |= {"email": customer["email"], "name": customer["name"]}
    return account.store.put(method)


def kept_card(account: Account, customer_id: str | None) -> Document | None:
    """The customer's newest card."""
    if customer_id is None:
        return None
    kept = account.store.select(KIND, {"customer": customer_id, "type": "card"})
    return kept[0] if kept else None


def keep_card(account: Account, method_id: str, customer_id: str, *, again: str) -> None:
    """Attach the card that has paid; ``again`` says whether a checkout may show it again."""
    method = account.store.get(method_id)
    if method["customer"] is None:
        account.change(method, allow_redisplay=again, customer=customer_id)
        account.emit("payment_method.attached", method)


def _detach(call: Call) -> Document:
    method = found(call, KIND, KIND)
    before = call.account.change(method, customer=None)
    call.account.emit("payment_method.detached", method, before)
    return method


ROUTES = (
    Route("GET", "/v1/payment_methods/{id}", Record(), retrieve(KIND, KIND)),
    Route("POST", "/v1/payment_methods/{id}/detach", Record(), _detach),
)
