"""Ways in which a person's rows can be wrong, each with the rule that finds it.

Each is done to somebody of their own, by raw writes, after the product made the rest.
"""

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from greenroom.bookings.booking_items import BookingItem
from greenroom.payments.domain import Purchase
from tests.books import Row, Vandal
from tests.seats import CardStudio, Guest
from tests.till import Till, event_of, owned
from tests.unit.payments.stripe_events import fixture
from tests.world import Person, World

MONTH_S = 30 * 86_400


class Scene:
    """Somebody who was here once, and the hand that spoils their rows."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.till = Till(world)
        self.vandal = Vandal(world)
        self.person: Person = world.person()
        self.person.credits()
        self.user_id = self.person.user_id
        self.pk = f"USER#{self.user_id}"

    def bought(self, sku: str = "credits_3") -> Purchase:
        purchase = self.till.seed(self.person, sku)
        assert self.till.outcome(self.till.paid(purchase)) == "applied"
        return purchase

    def refunded(self) -> Purchase:
        purchase = self.bought()
        event = self.till.about(purchase, fixture(25), amount_refunded=purchase.amount_cents)
        assert self.till.outcome(event) == "applied"
        return purchase

    def started(self) -> str:
        session_id: str = self.person.start().body["sessionId"]
        return session_id

    def cancelled(self) -> str:
        session_id = self.started()
        assert self.person.call(f"POST /api/sessions/{session_id}/cancel").status == 200
        return session_id

    def subscribed(self) -> None:
        now_s = int(self.world.clock().timestamp())
        name = f"sub_{uuid.uuid4().hex}"
        event = owned(fixture(12, at_s=now_s), self.person, id=name)
        event["data"]["object"]["items"]["data"][0]["current_period_end"] = now_s + MONTH_S
        assert self.till.outcome(event_of(event)) == "applied"

    def seated(self) -> tuple[str, str]:
        """The key of a booking that was paid by card."""
        studio = CardStudio(self.world)
        guest = Guest(studio, self.person, studio.customer().ref)
        booking = guest.books(studio.class_of(1))
        assert self.till.outcome(self.till.paid(guest.orders(booking))) == "applied"
        key = BookingItem.at(guest.repo, booking.booking_id)
        return key.pk, key.sk

    def entry(self, prefix: str) -> Row:
        """The one row of the person's ledger whose key begins so."""
        (found,) = [
            row
            for row in self.world.rows()
            if row["PK"]["S"] == self.pk and row["SK"]["S"].startswith(f"LEDGER#{prefix}")
        ]
        return found

    def lose_entry(self, prefix: str) -> None:
        self.vandal.remove(self.pk, self.entry(prefix)["SK"]["S"])

    def forge_entry(self, key: str, entry: str, amount: int) -> None:
        values = {"key": key, "entry": entry, "amount": amount, "reason": "forged"}
        self.vandal.put(self.pk, f"LEDGER#{key}", "ledger_entry", **values)

    def change_account(self, **values: Any) -> None:
        self.vandal.change(self.pk, "ACCOUNT", **values)

    def guard(self, session_id: str) -> None:
        values = {"session_id": session_id, "type": "interview", "status": "live"}
        deadline = "2027-01-01T00:00:00.000000Z"
        self.vandal.put(self.pk, "ACTIVE", "active_guard", deadline=deadline, **values)


def purchase_smaller(scene: Scene) -> None:
    scene.vandal.change(scene.pk, f"LEDGER#purchase:{scene.bought().purchase_id}", amount=100)


def reversed_forgotten(scene: Scene) -> None:
    purchase_id = scene.refunded().purchase_id
    scene.vandal.change(f"PURCHASE#{purchase_id}", "PURCHASE", reversed_credits=0)


def credited_unpaid(scene: Scene) -> None:
    purchase = scene.till.seed(scene.person)
    scene.forge_entry(f"purchase:{purchase.purchase_id}", "purchase", 300)


def reversal_lost(scene: Scene) -> None:
    scene.refunded()
    scene.lose_entry("reversal:")


def purchase_lost(scene: Scene) -> None:
    scene.bought()
    scene.lose_entry("purchase:")


def purchase_lost_with_its_credits(scene: Scene) -> None:
    purchase_lost(scene)
    scene.change_account(credits=300)


def debit_lost(scene: Scene) -> None:
    scene.started()
    scene.lose_entry("debit:")


def charge_forgotten(scene: Scene) -> None:
    scene.vandal.change(f"SESSION#{scene.started()}", "SESSION", charged=False)


def session_lost(scene: Scene) -> None:
    session_id = scene.cancelled()
    scene.lose_entry("void:")
    scene.vandal.remove(f"SESSION#{session_id}", "SESSION")


def void_lost(scene: Scene) -> None:
    scene.cancelled()
    scene.lose_entry("void:")


def give_back_forgotten(scene: Scene) -> None:
    scene.vandal.change(f"SESSION#{scene.cancelled()}", "SESSION", given_back=False)


def premium_longer(scene: Scene) -> None:
    scene.subscribed()
    scene.change_account(premium_until="2030-01-01T00:00:00.000000Z")


def premium_lost(scene: Scene) -> None:
    scene.subscribed()
    scene.change_account(premium_until=None)


def changes_miscounted(scene: Scene) -> None:
    scene.subscribed()
    scene.change_account(subscriptions_rev=7)


def slot_of_nothing(scene: Scene) -> None:
    values = {"purchase_id": str(uuid.uuid4()), "success_path": "/", "cancel_path": "/"}
    at = "2026-11-21T13:00:00.000000Z"
    scene.vandal.put(scene.pk, "CHECKOUT#credits_3:1", "checkout_slot", expires_at=at, **values)


def payment_of(scene: Scene, purchase: Purchase) -> str:
    return f"PAYMENT#{scene.till.now(purchase).payment_intent_id}"


def pointer_lost(scene: Scene) -> None:
    scene.vandal.remove(payment_of(scene, scene.bought()), "PURCHASE")


def pointer_elsewhere(scene: Scene) -> None:
    pk = payment_of(scene, scene.bought())
    scene.vandal.change(pk, "PURCHASE", purchase_id=str(uuid.uuid4()))


def out_of_list(scene: Scene) -> None:
    pk = f"PURCHASE#{scene.till.seed(scene.person).purchase_id}"
    scene.vandal.change(pk, "PURCHASE", GSI1PK=None, GSI1SK=None)


def redeemed_for_nothing(scene: Scene) -> None:
    purchase = scene.till.now(scene.bought("quick"))
    scene.vandal.remove(f"SESSION#{purchase.session_id}", "SESSION")


def never_paid(scene: Scene) -> None:
    scene.vandal.change(f"PURCHASE#{scene.bought().purchase_id}", "PURCHASE", paid_at=None)


def paid_twice(scene: Scene) -> None:
    first, second = scene.bought(), scene.bought("credits_5")
    payment = scene.till.now(first).payment_intent_id
    pk = f"PURCHASE#{second.purchase_id}"
    scene.vandal.change(pk, "PURCHASE", payment_intent_id=payment)


def customer_of_nobody(scene: Scene) -> None:
    customer_id = f"cus_{uuid.uuid4().hex}"
    scene.vandal.put(scene.pk, "PAYER", "payer", customer_id=customer_id, generation=1)


def person_lost(scene: Scene) -> None:
    scene.vandal.remove(scene.pk, "ACCOUNT")


def seat_of_another_payment(scene: Scene) -> None:
    """The booking of a seat that was paid names another payment."""
    scene.vandal.change(*scene.seated(), purchase_id=str(uuid.uuid4()))


def seat_forgets_its_money(scene: Scene) -> None:
    scene.vandal.change(*scene.seated(), payment_status="pending")


def seat_lost(scene: Scene) -> None:
    scene.vandal.remove(*scene.seated())


def entry_unreadable(scene: Scene) -> None:
    scene.vandal.change(scene.pk, "LEDGER#grant:welcome", amount="three")


def session_unreadable(scene: Scene) -> None:
    scene.vandal.change(f"SESSION#{scene.started()}", "SESSION", attempt="first")


class Corruption(NamedTuple):
    """What is done, the rule that finds it, and whether the command repairs it."""

    do: Callable[[Scene], Any]
    rule: str
    repaired: bool


def _repaired(rule: str, **doings: Callable[[Scene], Any]) -> dict[str, Corruption]:
    return {name: Corruption(do, rule, repaired=True) for name, do in doings.items()}


def _told(rule: str, **doings: Callable[[Scene], Any]) -> dict[str, Corruption]:
    return {name: Corruption(do, rule, repaired=False) for name, do in doings.items()}


CORRUPTIONS: dict[str, Corruption] = {
    **_repaired(
        "balance_is_the_ledgers_sum",
        balance_higher=lambda scene: scene.change_account(credits=900),
        balance_lower=lambda scene: scene.change_account(credits=0),
    ),
    **_repaired(
        "purchase_is_in_the_ledger",
        purchase_lost=purchase_lost,
        purchase_and_credits_lost=purchase_lost_with_its_credits,
        purchase_smaller=purchase_smaller,
    ),
    **_repaired("reversal_is_in_the_ledger", reversal_lost=reversal_lost),
    **_repaired("reversed_credits_follow_from_refunds", reversed_forgotten=reversed_forgotten),
    **_repaired("charge_is_in_the_ledger", debit_lost=debit_lost),
    **_repaired(
        "debit_has_its_session", charge_forgotten=charge_forgotten, session_lost=session_lost
    ),
    **_repaired("give_back_is_in_the_ledger", void_lost=void_lost),
    **_repaired("session_says_that_it_was_given_back", give_back_forgotten=give_back_forgotten),
    **_repaired(
        "guard_names_an_open_session",
        guard_of_a_closed_session=lambda scene: scene.guard(scene.cancelled()),
        guard_of_nothing=lambda scene: scene.guard(str(uuid.uuid4())),
    ),
    **_repaired(
        "premium_follows_from_subscriptions",
        premium_longer=premium_longer,
        premium_lost=premium_lost,
    ),
    **_repaired("changes_are_counted", changes_miscounted=changes_miscounted),
    **_repaired("slot_names_a_purchase", slot_of_nothing=slot_of_nothing),
    **_repaired("payment_leads_to_its_purchase", pointer_lost=pointer_lost),
    **_repaired("purchase_is_in_its_list", out_of_list=out_of_list),
    **_repaired("customer_leads_to_the_person", customer_of_nobody=customer_of_nobody),
    **_told("payment_leads_to_its_purchase", pointer_elsewhere=pointer_elsewhere),
    **_told("only_a_fulfilled_purchase_is_credited", credited_unpaid=credited_unpaid),
    **_told(
        "void_has_its_debit",
        void_forged=lambda scene: scene.forge_entry("void:x:1", "void", 100),
    ),
    **_told("what_is_redeemed_is_a_session", redeemed_for_nothing=redeemed_for_nothing),
    **_told(
        "a_paid_seat_is_its_bookings",
        seat_of_another_payment=seat_of_another_payment,
        seat_forgets_its_money=seat_forgets_its_money,
        seat_lost=seat_lost,
    ),
    **_told("what_is_fulfilled_was_paid", never_paid=never_paid),
    **_told("a_payment_buys_one_thing", paid_twice=paid_twice),
    **_told("ledger_has_its_person", person_lost=person_lost),
    **_told(
        "rows_can_be_read",
        entry_unreadable=entry_unreadable,
        session_unreadable=session_unreadable,
    ),
}
