"""Two webhooks in two containers, under every order of their outside calls."""

import itertools
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from pynamodb.connection import Connection

from greenroom.kernel.clock import to_text
from local.engine import Engine
from local.resources import Template
from tests.functions.test_subscription_money import Period, shown, told
from tests.reliability.schedules import every_order, interleave
from tests.till import Till, event_of, outcomes
from tests.unit.payments.stripe_events import Json, fixture
from tests.world import Reply, World

ORDERS = every_order(2, 2)  # a read of the purchase, and the transaction
LONG_ORDERS = every_order(3, 3)  # a pointer, what it leads to, and the transaction


@pytest.fixture(scope="module")
def edge(template: Template, engine: Engine, connection: Connection) -> World:
    """One table for all of these tests: each has people of its own."""
    return World(template, engine.endpoint, connection)


def both(order: str, deliver: Callable[[str], Reply]) -> dict[str, Reply]:
    """What two containers answer whose calls left in that order."""
    met = interleave(order, lambda: deliver("A"), lambda: deliver("B"))
    return dict(zip("AB", met.results, strict=True))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("twins", [True, False], ids=["one event", "two events"])
def test_a_paid_checkout_is_credited_once_in_every_order_of_calls(
    world: World, order: str, twins: bool
) -> None:
    """The same event twice, or two events of one payment: +3.00, once."""
    till, ada = Till(world), world.person()
    ada.credits()
    purchase = till.seed(ada)
    events = {"A": till.paid(purchase), "B": till.paid(purchase)}
    if not twins:
        events["B"]["id"] += "again"

    replies = both(order, lambda name: till.deliver(json.dumps(events[name]).encode()))

    assert {reply.status for reply in replies.values()} == {200}
    assert outcomes(replies) == {"applied", "duplicate"}
    assert ada.credits() == 6.0
    assert [entry["kind"] for entry in ada.ledger()].count("purchase") == 1


def deliver_both(till: Till, order: str, one: Json, other: Json) -> set[str]:
    """What became of two events in two containers, both answered 200."""
    events = {"A": one, "B": other}
    return outcomes(both(order, lambda name: till.deliver(json.dumps(events[name]).encode())))


@pytest.mark.parametrize("order", LONG_ORDERS)
def test_two_refunds_of_one_payment_both_count_in_every_order_of_calls(
    edge: World, order: str
) -> None:
    till, ada = Till(edge), edge.person()
    ada.credits()
    purchase = till.seed(ada)
    till.outcome(till.paid(purchase))
    one, other = (till.about(purchase, event_of(fixture(26)), id=f"re_{n}") for n in (1, 2))

    assert deliver_both(till, order, one, other) == {"applied"}

    assert till.now(purchase).reversal.refunded_cents == 1000
    assert ada.credits() == 4.0
    assert sum(entry["amount"] for entry in ada.ledger()) == 4.0


@pytest.mark.parametrize("order", ORDERS)
def test_two_subscriptions_of_one_person_both_count_in_every_order_of_calls(
    edge: World, order: str
) -> None:
    """Premium is derived from both, whichever container was first to read and last to write."""
    till, ada = Till(edge), edge.person()
    ada.credits()
    longer, shorter = (Period(till, ada, days=(0, days)) for days in (60, 30))

    assert deliver_both(till, order, longer.active(), shorter.active()) == {"applied"}

    assert len(ada.call("GET /api/subscriptions").body["items"]) == 2
    until = edge.clock.now + timedelta(days=63)
    assert ada.call("GET /api/user").body["premiumUntil"] == to_text(until)


PAIRS = list(itertools.combinations(("active", "invoice", "payment", "refund", "30"), 2))


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
@pytest.mark.parametrize("order", ORDERS)
def test_two_pieces_of_news_of_a_period_are_both_known_in_every_order_of_calls(
    edge: World, order: str, pair: tuple[str, str]
) -> None:
    """The others of its news come before, so that whatever the two change is seen at the end."""
    till, ada = Till(edge), edge.person()
    ada.credits()
    one = Period(till, ada)
    events = {name: told(one, name) for name in ("active", "invoice", "payment", "refund", "30")}
    for name, event in events.items():
        if name not in pair:
            till.outcome(event)

    deliver_both(till, order, events[pair[0]], events[pair[1]])

    assert (shown(ada)["withheld"], shown(ada)["status"]) == ("dispute", "active")
    (taken,) = till.store.subscriptions(ada.user_id)[0].subscription.taken_back
    assert taken.reversal.refunded_cents == 1999
