"""Stripe orders nothing: every order of the same news ends in one state, with the real store.

What is exhaustive here: all 120 orders of five subscription events; all orders in which the news
of a set and its payment can come first (n! times the n + 1 places of the payment), in every third
of them all of it again at the end; and of sets of up to three events all orders of all six
deliveries. Of four events those would be 2520 a set: they run at the pure level
(unit/payments/test_reversals.py). What they add, a repeat at another place, is a merge that changes
nothing.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from greenroom.accounts.identity import Identity
from tests.till import Till, event_of, owned
from tests.unit.payments.stripe_events import REVERSALS, fixture
from tests.unit.payments.test_reversals import distinct_orders
from tests.world import Person, World

# The sets of the payment facts, and the balance of a person who had 3.00 and bought 3.00.
SETS: dict[tuple[int, ...], tuple[float, str]] = {
    (25, 26, 27): (3.0, "refunded"),
    (25, 26, 28): (6.0, "fulfilled"),
    (30, 31, 32, 33): (6.0, "fulfilled"),
    (30, 31, 34): (3.0, "disputed"),
    (35,): (6.0, "fulfilled"),
    (30, 34, 25, 27): (3.0, "disputed"),
}
SHORT = [numbers for numbers in SETS if len(numbers) <= 3]
SUBSCRIPTION = (11, 12, 13, 20, 21)


@pytest.fixture
def till(edge: World) -> Till:
    return Till(edge)


def buyer(till: Till) -> Person:
    """Somebody new with the welcome grant, made without a request."""
    person = till.world.person()
    accounts = till.world.wiring("account").accounts
    assert accounts.ensure_user(Identity(person.clerk_id, "sess_1")) == 300
    return person


class Story:
    """One person's purchase, and the news of it: each event is made once and told twice."""

    def __init__(self, till: Till, numbers: Sequence[int]) -> None:
        self.till = till
        self.ada = buyer(till)
        self.purchase = till.seed(self.ada)
        self.paid = till.paid(self.purchase)
        self.events = {
            number: till.about(self.purchase, event_of(REVERSALS[number]())) for number in numbers
        }

    def end(self) -> tuple[float, str, int]:
        """The balance, the purchase's status, and the sum of the ledger's reversals."""
        accounts = self.till.world.wiring("account").account_store
        found, ledger = accounts.load(self.ada.user_id), accounts.ledger(self.ada.user_id)
        assert found is not None
        balance = found[0].credits
        assert balance == sum(entry.amount for entry in ledger)
        assert sum(entry.kind == "purchase" for entry in ledger) == 1
        now = self.till.now(self.purchase)
        taken = sum(entry.amount for entry in ledger if entry.kind == "reversal")
        assert taken == -now.reversed_credits
        return balance / 100, now.status, taken


@pytest.mark.parametrize("numbers", SETS, ids=str)
def test_whichever_news_comes_first_and_whenever_it_is_paid_the_balance_is_the_stated_one(
    till: Till, numbers: tuple[int, ...]
) -> None:
    """All permutations with the payment at every place; in a third all again, under other ids."""
    balance, status = SETS[numbers]
    ends = set()
    places = range(len(numbers) + 1)
    sequences = itertools.product(itertools.permutations(numbers), places)
    for turn, (order, place) in enumerate(sequences):
        story = Story(till, numbers)
        news = [story.events[number] for number in order]
        news.insert(place, story.paid)
        for event in news:
            till.outcome(event)
        for event in news if turn % 3 == 0 else ():
            assert till.outcome(event_of(event)) == "duplicate"
        ends.add(story.end())

    assert ends == {(balance, status, round(100 * (balance - 6.0)))}


@pytest.mark.parametrize("numbers", SHORT, ids=str)
def test_all_orders_of_two_deliveries_of_each_event_end_in_the_stated_balance(
    till: Till, numbers: tuple[int, ...]
) -> None:
    """The second delivery of an event under an id of its own, so that it is merged once more."""
    balance, status = SETS[numbers]
    ends = set()
    for order in distinct_orders([*numbers, *numbers]):
        story = Story(till, numbers)
        news = [event_of(story.events[number]) for number in order]
        for event in [story.paid, *news]:
            till.outcome(event)
        ends.add(story.end())

    assert ends == {(balance, status, round(100 * (balance - 6.0)))}


def test_all_orders_of_five_events_of_a_subscription_end_in_one_state(till: Till) -> None:
    """All 120."""
    ends: set[Any] = set()
    for order in itertools.permutations(SUBSCRIPTION):
        person = buyer(till)
        for number in order:
            event = owned(fixture(number), person)
            assert till.outcome(event) in {"applied", "duplicate"}, "old news changes nothing"
        (shown,) = person.call("GET /api/subscriptions").body["items"]
        user = person.call("GET /api/user").body
        ends.add((*map(str, shown.values()), user["premiumUntil"]))

    assert len(ends) == 1
