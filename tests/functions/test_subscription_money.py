"""A subscription's money that goes back takes premium along, whatever order the news comes in."""

import itertools
import json
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest

from greenroom.accounts.identity import Identity
from tests.reliability import faults
from tests.till import Till, event_of, owned
from tests.unit.payments.stripe_events import REVERSALS, Json, changed, fixture, invoice_payment
from tests.world import Person, World

DAY_S = 86_400
PRICE = 1999


@pytest.fixture
def till(edge: World) -> Till:
    return Till(edge)


@dataclass
class Period:
    """One person's subscription, and what Stripe tells of the money of one period of it."""

    till: Till
    ada: Person
    days: tuple[int, int] = (0, 30)
    subscription: str = field(default_factory=lambda: f"sub_{uuid.uuid4().hex}")
    name: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def starts_s(self) -> int:
        return int(self.till.world.clock().timestamp()) + self.days[0] * DAY_S

    @property
    def ends_s(self) -> int:
        return int(self.till.world.clock().timestamp()) + self.days[1] * DAY_S

    @property
    def payment_id(self) -> str:
        return f"pi_{self.name}"

    @property
    def invoice_id(self) -> str:
        return f"in_{self.name}"

    def active(self, status: str = "active") -> Json:
        event = owned(fixture(12, at_s=self.starts_s), self.ada, id=self.subscription)
        one = event["data"]["object"]
        one["status"] = status
        one["items"]["data"][0]["current_period_end"] = self.ends_s
        return event

    def invoice(self, **members: Any) -> Json:
        """The paid invoice of today's API, which names no payment."""
        text = json.dumps(owned(fixture(20, at_s=self.starts_s + 1), self.ada))
        event = json.loads(text.replace("sub_1VocaMonthly01", self.subscription))
        event["data"]["object"].update(id=self.invoice_id, amount_paid=PRICE, **members)
        event["data"]["object"]["lines"]["data"][0]["period"]["end"] = self.ends_s
        return dict(event)

    def old_invoice(self) -> Json:
        """The paid invoice of the API before basil, which names its payment."""
        event = self.invoice(payment_intent=self.payment_id, charge=f"ch_{self.name}")
        one = event["data"]["object"]
        one["subscription"] = self.subscription
        one["subscription_details"] = {"metadata": one.pop("parent")["subscription_details"]}
        one["subscription_details"] = one["subscription_details"]["metadata"]
        return event

    def listing_invoice(self) -> Json:
        """The paid invoice with the list of its payments, as whoever asks for it gets it."""
        named = {"payment": {"type": "payment_intent", "payment_intent": self.payment_id}}
        return self.invoice(payments={"object": "list", "data": [named]})

    def payment(self) -> Json:
        return invoice_payment(self.payment_id, self.invoice_id)

    def refund(self, cents: int = PRICE, **members: Any) -> Json:
        return self.about(fixture(26), id=f"re_{self.name}", amount=cents, **members)

    def charge_refunded(self) -> Json:
        return self.about(fixture(25), amount=PRICE, amount_refunded=PRICE, refunded=True)

    def dispute(self, number: int) -> Json:
        return self.about(REVERSALS[number](), id=f"du_{self.name}", amount=PRICE)

    def about(self, event: Json, **members: Any) -> Json:
        return event_of(event, payment_intent=self.payment_id, **members)


def period(till: Till, **options: Any) -> Period:
    """Somebody new, who exists, and a period of theirs."""
    ada = till.world.person()
    accounts = till.world.wiring("account").accounts
    assert accounts.ensure_user(Identity(ada.clerk_id, "sess_1")) is not None
    return Period(till, ada, **options)


def is_premium(ada: Person) -> bool:
    premium: bool = ada.call("GET /api/user").body["isPremium"]
    return premium


def shown(ada: Person) -> Json:
    (one,) = ada.call("GET /api/subscriptions").body["items"]
    return dict(one)


def rows_about(one: Period) -> list[str]:
    """What is stored of a period without counters and times, under names that are everybody's."""
    user = ("USER#" + one.ada.user_id, "SUBSCRIPTION#" + one.subscription)
    places = [
        user,
        ("USER#" + one.ada.user_id, "ACCOUNT"),
        ("INVOICE#" + one.invoice_id, "SUBSCRIPTION"),
        ("PAYMENT#" + one.payment_id, "PURCHASE"),
    ]
    told = []
    for pk, sk in places:
        key = {"PK": {"S": pk}, "SK": {"S": sk}}
        raw = one.till.world.table.call(
            "GetItem", {"TableName": one.till.world.table_name, "Key": key}
        ).get("Item", {})
        for counted in ("rev", "subscriptions_rev", "created_at", "updated_at", "GSI1SK"):
            raw.pop(counted, None)
        text = json.dumps(raw, sort_keys=True)
        for name, ours in (
            (one.name, "N"),
            (one.subscription, "SUB"),
            (one.ada.user_id, "U"),
            (one.ada.clerk_id, "C"),
        ):
            text = text.replace(name, ours)
        told.append(text)
    return told


STORIES: dict[str, tuple[tuple[str, ...], str | None]] = {
    "refunded": (("active", "invoice", "payment", "refund", "charge_refunded"), "refund"),
    "won": (("active", "invoice", "payment", "30", "32"), None),
    "lost": (("active", "invoice", "payment", "30", "34"), "dispute"),
    "asked about": (("active", "invoice", "payment", "35"), None),
    "refunded in the old shape": (("active", "old_invoice", "refund", "charge_refunded"), "refund"),
    "won in the old shape": (("active", "old_invoice", "30", "32"), None),
    "disputed, listed": (("active", "listing_invoice", "payment", "30"), "dispute"),
}


def told(one: Period, what: str) -> Json:
    event: Json = one.dispute(int(what)) if what.isdigit() else getattr(one, what)()
    return event


@pytest.mark.parametrize("story", STORIES)
def test_all_orders_of_the_news_of_a_period_end_in_one_state(till: Till, story: str) -> None:
    """Every permutation, with the store; of every third one all events again, under other ids."""
    names, why = STORIES[story]
    ends: set[tuple[str, ...]] = set()
    one = period(till)
    for place, order in enumerate(itertools.permutations(names)):
        one = period(till)
        events = [told(one, what) for what in order]
        for event in events:
            assert till.outcome(event) in {"applied", "unmatched", "duplicate"}
        for event in events if place % 3 == 0 else ():
            assert till.outcome(event_of(event)) in {"duplicate", "applied"}
        ends.add(tuple(rows_about(one)))

    assert len(ends) == 1, "also until when the person is premium is in it"
    assert (shown(one.ada)["withheld"], shown(one.ada)["live"]) == (why, why is None)
    assert is_premium(one.ada) is (why is None)


def test_premium_comes_and_goes_with_a_dispute(till: Till) -> None:
    one = period(till)
    deliver(till, one.active(), one.invoice(), one.payment())
    assert is_premium(one.ada)

    deliver(till, one.dispute(30))
    assert not is_premium(one.ada)
    assert one.ada.start().body["charged"] == 1.0, "a start is paid in credits meanwhile"

    deliver(till, one.dispute(32))
    assert is_premium(one.ada)


def test_the_next_period_that_is_paid_counts_again(till: Till) -> None:
    one = period(till)
    deliver(till, one.active(), one.invoice(), one.payment(), one.refund())
    assert not is_premium(one.ada)
    two = Period(till, one.ada, days=(30, 60), subscription=one.subscription)

    deliver(till, two.active(), two.invoice(), two.payment())

    assert is_premium(one.ada)
    assert till.outcome(one.dispute(34)) == "applied"
    assert is_premium(one.ada), "a dispute of the period before is past"
    deliver(till, two.refund())
    assert not is_premium(one.ada)


def test_a_part_that_went_back_and_a_refund_that_failed_end_nothing(till: Till) -> None:
    one = period(till)
    deliver(till, one.active(), one.invoice(), one.payment(), one.refund(PRICE - 1))
    assert is_premium(one.ada)

    failed = changed(one.refund(), status="failed") | {"type": "refund.failed"}
    deliver(till, one.refund(), failed)

    assert is_premium(one.ada)


def test_another_subscription_keeps_premium(till: Till) -> None:
    one = period(till)
    other = Period(till, one.ada)
    deliver(till, one.active(), one.invoice(), one.payment(), other.active())

    deliver(till, one.refund())

    assert is_premium(one.ada)


def test_a_deployment_may_keep_premium_all_the_same(till: Till) -> None:
    till.world.rewire(SUBSCRIPTION_REFUND_ENDS_PREMIUM="0")
    one = period(till)
    deliver(till, one.active(), one.invoice(), one.payment(), one.refund())
    assert is_premium(one.ada)
    deliver(till, one.dispute(30))
    assert not is_premium(one.ada)

    till.world.rewire(SUBSCRIPTION_DISPUTE_SUSPENDS_PREMIUM="0")
    deliver(till, event_of(one.dispute(31)))
    assert is_premium(one.ada)
    till.world.rewire(
        SUBSCRIPTION_REFUND_ENDS_PREMIUM="1", SUBSCRIPTION_DISPUTE_SUSPENDS_PREMIUM="1"
    )


def test_a_checkout_that_names_the_payment_of_its_invoice_leaves_it_to_the_subscription(
    till: Till,
) -> None:
    one = period(till)
    purchase = till.seed(one.ada, "coach_monthly")
    paid = till.paid(purchase, 8, payment_intent=one.payment_id, invoice=one.invoice_id)

    deliver(till, one.refund(), paid, one.active(), one.payment(), one.invoice())

    assert till.now(purchase).status == "fulfilled"
    assert shown(one.ada)["withheld"] == "refund"


def test_all_news_at_once_ends_in_the_same_state(till: Till) -> None:
    for _ in range(5):
        one = period(till)
        names, _why = STORIES["refunded"]
        events = [told(one, what) for what in names]
        threads = [
            threading.Thread(target=till.deliver, args=(event,)) for event in [*events, *events]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert {till.outcome(event) for event in events} == {"duplicate"}
        assert shown(one.ada)["withheld"] == "refund"
        assert not is_premium(one.ada)


def test_a_payment_of_an_invoice_by_hand_or_of_nothing_of_ours_changes_nothing(till: Till) -> None:
    one = period(till)
    record = {"type": "payment_record", "payment_record": "pr_1"}
    by_hand = event_of(one.payment(), payment=record)

    assert till.outcome(by_hand) == "ignored"
    assert till.outcome(one.payment()) == "applied"
    assert till.outcome(event_of(one.payment())) == "applied", "kept again, to the same end"


def test_news_of_a_subscriptions_money_costs_no_more_than_other_news(till: Till) -> None:
    one = period(till)
    deliver(till, one.active())

    assert cost(till, one.invoice()) == (1, 1)
    assert cost(till, one.payment()) == (1, 1)
    assert cost(till, one.refund()) == (2, 1)
    assert cost(till, one.dispute(30)) == (2, 1)
    assert cost(till, event_of(one.dispute(30))) == (2, 1), "a repeat costs the same"
    assert cost(till, event_of(one.invoice())) == (1, 1)

    two = Period(till, one.ada, days=(30, 60), subscription=one.subscription)
    assert cost(till, two.payment()) == (1, 1)
    assert cost(till, two.invoice()) == (1, 2), "payments that came first are one more"


def cost(till: Till, event: Json) -> tuple[int, int]:
    """Reads and transactions of a delivery."""
    with faults.plan() as plan:
        till.outcome(event)
    transactions = len(plan.of("TransactWriteItems"))
    return len(plan.calls) - transactions, transactions


def deliver(till: Till, *events: Json) -> None:
    for event in events:
        assert till.outcome(event) != "duplicate"
