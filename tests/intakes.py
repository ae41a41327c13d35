"""Intakes as the tests play them: begin, sign, pay by card or with credits."""

from typing import Any

from greenroom.intake.waiver import CURRENT
from tests.expertise import Customer
from tests.till import Till
from tests.world import Person, Reply, World

STRIPE_URL = "https://checkout.stripe.com/c/pay/cs_test"


def begin(person: Person, plan: str = "free", *, key: str | None = None, **asked: Any) -> Reply:
    """``POST /intake/start``."""
    headers = {"idempotency-key": key} if key else {}
    return person.call("POST /api/intake/start", {"plan": plan, **asked}, headers=headers)


def intake_of(person: Person, plan: str = "standard", **asked: Any) -> str:
    """The id of a person's new intake."""
    reply = begin(person, plan, **asked)
    assert reply.status == 200, reply.text
    return str(reply.body["intakeId"])


def sign(person: Person, intake_id: str, **changes: Any) -> Reply:
    """``POST /intake/{id}/waiver``."""
    body = {"version": CURRENT.version, "signature": "Ada Lovelace", "accepted": True, **changes}
    return person.call(f"POST /api/intake/{intake_id}/waiver", body)


def signed(person: Person, plan: str = "standard", **asked: Any) -> str:
    """The id of a new intake whose waiver is signed."""
    intake_id = intake_of(person, plan, **asked)
    assert sign(person, intake_id).status == 200
    return intake_id


def shown(person: Person, intake_id: str) -> Any:
    """The intake as the person sees it."""
    return person.call(f"GET /api/intake/{intake_id}").body


def pay(person: Person, intake_id: str) -> Reply:
    """``POST /intake/{id}/credits``."""
    return person.call(f"POST /api/intake/{intake_id}/credits")


def checkout(person: Person, intake_id: str) -> Reply:
    """``POST /checkout {intakeId}``; whoever serves Stripe in the test answers."""
    return person.call("POST /api/checkout", {"intakeId": intake_id})


class Card:
    """A card payment for an intake: our purchase row, and Stripe's news that it was paid."""

    def __init__(self, person: Person, intake_id: str) -> None:
        self.person = person
        self.intake_id = intake_id
        self.till = Till(person.world)
        begun = checkout(person, intake_id)
        assert begun.status == 200, begun.text
        self.begun = begun.body
        held = self.till.store.purchase(begun.body["purchaseId"])
        assert held is not None
        self.purchase = held.purchase
        checkout_id = self.purchase.checkout_id
        self.event = self.till.paid(self.purchase, 7, id=checkout_id)

    @property
    def now(self) -> Any:
        """The purchase as it now stands."""
        return self.till.now(self.purchase)

    def outcome(self) -> str:
        """What becomes of the news that it was paid."""
        return self.till.outcome(self.event)

    def paid(self) -> Customer:
        """The customer of the session that the payment opened."""
        assert self.outcome() == "applied"
        return Customer(self.person, self.now.session_id)


def customer_with_credits(world: World) -> Person:
    """Somebody new who has had their welcome grant of 3.00."""
    person = world.person()
    assert person.credits() == 3.0
    return person
