"""Stripe orders nothing: every order of the same news, each told twice, ends in one state."""

import itertools
import random
from typing import Any

import pytest

from tests.till import Till, event_of, owned
from tests.unit.payments.stripe_events import REVERSALS, fixture
from tests.world import Person, World

# The sets of the payment facts, and the balance of a person who had 3.00 and bought 3.00.
SETS = {
    (25, 26, 27): 3.0,
    (25, 26, 28): 6.0,
    (30, 31, 32, 33): 6.0,
    (30, 31, 34): 3.0,
    (35,): 6.0,
    (30, 34, 25, 27): 3.0,
}
# Of 24 and 120 here, with the table; all of them at the pure level (unit/payments).
ORDERS = 6
SUBSCRIPTION_ORDERS = 10


@pytest.fixture
def till(world: World) -> Till:
    return Till(world)


def buyer(world: World) -> Person:
    person = world.person()
    person.credits()
    return person


@pytest.mark.parametrize("numbers", SETS, ids=str)
@pytest.mark.parametrize("paid_at", ["first", "last"])
def test_refunds_and_disputes_end_in_the_stated_balance_in_every_order(
    world: World, till: Till, numbers: tuple[int, ...], paid_at: str
) -> None:
    orders = list(itertools.permutations(numbers))
    for order in random.Random(7).sample(orders, min(len(orders), ORDERS)):
        person = buyer(world)
        purchase = till.seed(person)
        paid = till.paid(purchase)
        news = [till.about(purchase, event_of(REVERSALS[number]())) for number in order]
        events = [paid, *news] if paid_at == "first" else [*news, paid]
        for event in events:
            till.outcome(event)
            assert till.outcome(event) == "duplicate"

        assert person.credits() == SETS[numbers], order
        assert sum(entry["amount"] for entry in person.ledger()) == SETS[numbers]


def test_five_events_of_a_subscription_end_in_one_state_in_any_order(
    world: World, till: Till
) -> None:
    numbers = (11, 12, 13, 20, 21)
    orders = list(itertools.permutations(numbers))
    ends: set[Any] = set()
    for order in [numbers, numbers[::-1], *random.Random(7).sample(orders, SUBSCRIPTION_ORDERS)]:
        person = buyer(world)
        for number in order:
            event = owned(fixture(number), person)
            assert till.outcome(event) in {"applied", "duplicate"}, "old news changes nothing"
            assert till.outcome(event) == "duplicate"
        (shown,) = person.call("GET /api/subscriptions").body["items"]
        user = person.call("GET /api/user").body
        ends.add((*map(str, shown.values()), user["premiumUntil"]))

    assert len(ends) == 1
