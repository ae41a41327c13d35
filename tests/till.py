"""Stripe as the tests play it: events that are signed and delivered, purchases that are seeded."""

import copy
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from greenroom.kernel.ids import new_id
from greenroom.payments.catalogue import CATALOGUE
from greenroom.payments.domain import Purchase, SessionFacts, order
from greenroom.payments.reads import HeldPurchase
from greenroom.payments.store import PaymentStore
from tests.unit.payments.stripe_events import fixture
from tests.world import SECRETS, Person, Reply, World

ROUTE = "POST /api/webhooks/stripe"
SECRET = SECRETS["STRIPE_WEBHOOK_SECRETS"]

Json = dict[str, Any]


class Till:
    """One world's Stripe, as far as its webhooks go."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def store(self) -> PaymentStore:
        """The payments in the world's table."""
        return self.world.wiring("stripe_webhook").payment_store

    def deliver(self, event: Json | bytes, *, age_s: int = 0, base64_body: bool = False) -> Reply:
        """Send an event, signed so long ago."""
        raw = event if isinstance(event, bytes) else json.dumps(event).encode()
        headers = {"stripe-signature": self.signature(raw, age_s=age_s)}
        body: Any = raw if base64_body else raw.decode()
        return self.world.call(ROUTE, body, headers=headers)

    def outcome(self, event: Json) -> str:
        """What became of an event, which is answered 200."""
        reply = self.deliver(event)
        assert reply.status == 200, reply.text
        assert reply.body["received"] is True
        return str(reply.body["outcome"])

    def signature(self, raw: bytes, *, age_s: int = 0, secret: str = SECRET) -> str:
        """The header that Stripe sends."""
        at_s = int(self.world.clock().timestamp()) - age_s
        signed = hmac.new(secret.encode(), f"{at_s}.".encode() + raw, hashlib.sha256).hexdigest()
        return f"t={at_s},v1={signed}"

    def seed(
        self,
        person: Person,
        sku: str = "credits_3",
        *,
        purchase_id: str | None = None,
        **changes: Any,
    ) -> Purchase:
        """Write a purchase as a checkout would have, with these members changed."""
        product = CATALOGUE.get(sku)
        assert product is not None
        session = SessionFacts(type=product.type) if product.kind == "session" else None  # type: ignore[attr-defined]
        now = self.world.clock()
        purchase = order(
            product,
            purchase_id=purchase_id or new_id(),
            user_id=person.user_id,
            clerk_id=person.clerk_id,
            livemode=False,
            created_at=now,
            expires_at=now + timedelta(hours=1),
            session=session,
        )
        purchase = replace(purchase, **changes)
        tx = self.store.transaction()
        self.store.add_purchase(tx, purchase)
        tx.commit()
        return purchase

    def held(self, purchase: Purchase) -> HeldPurchase:
        """The purchase as it now stands."""
        found = self.store.purchase(purchase.purchase_id)
        assert found is not None
        return found

    def now(self, purchase: Purchase) -> Purchase:
        """The purchase as it now stands, without its counter."""
        return self.held(purchase).purchase

    def paid(self, purchase: Purchase, number: int = 1, **members: Any) -> Json:
        """The event that says that a purchase was paid; ids are the purchase's own."""
        short = purchase.purchase_id.replace("-", "")
        mode = "subscription" if purchase.kind == "subscription" else "payment"
        return event_of(
            fixture(number),
            **{
                "id": f"cs_test_{short}",
                "client_reference_id": purchase.purchase_id,
                "payment_intent": f"pi_{short}" if mode == "payment" else None,
                "amount_total": purchase.amount_cents,
                "amount_subtotal": purchase.amount_cents,
                "mode": mode,
                **members,
            },
        )

    def about(self, purchase: Purchase, event: Json, **members: Any) -> Json:
        """A refund, charge or dispute, made to be about the payment of a purchase."""
        short = purchase.purchase_id.replace("-", "")
        return event_of(event, payment_intent=f"pi_{short}", **members)


def event_of(event: Json, **members: Any) -> Json:
    """The event under an id of its own, with other members of its object."""
    other = copy.deepcopy(event)
    other["id"] = f"evt_{uuid.uuid4().hex}"
    other["data"]["object"].update(members)
    return other


def owned(event: Json, person: Person, **members: Any) -> Json:
    """A subscription's or invoice's event whose metadata names this person."""
    text = json.dumps(event_of(event, **members))
    known = json.loads(text.replace("user_29w83sxmDNGwOuEthce5gg56FcC", person.clerk_id))
    return dict(known)


def outcomes(replies: Mapping[Any, Reply]) -> set[str]:
    """What became of deliveries that were all answered 200."""
    assert {reply.status for reply in replies.values()} == {200}
    return {str(reply.body["outcome"]) for reply in replies.values()}
