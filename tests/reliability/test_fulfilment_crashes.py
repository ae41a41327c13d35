"""A webhook that dies at any call that leaves the process: Stripe's retry makes one clean run."""

from collections.abc import Callable
from typing import Any

import pytest

from greenroom.payments.domain import Purchase
from greenroom.table.patience import Patience
from tests.reliability import faults
from tests.reliability.every_call import sampled
from tests.reliability.faults import Crash, Fault, Kind
from tests.reliability.schedules import between_calls
from tests.reliability.snapshots import Snapshot
from tests.till import Till, event_of, owned
from tests.unit.payments.stripe_events import fixture
from tests.world import Person, World

KINDS: list[Kind] = [
    "crash_before",
    "crash_after",
    "timeout_before",
    "timeout_after",
    "throttle",
    "conflict",
    "unavailable",
]
DELIVERIES_MAX = 4

Json = dict[str, Any]
Story = tuple[Person, Purchase, Json]
Prepare = Callable[[World, Till], Story]


def buyer(world: World) -> Person:
    person = world.person()
    person.credits()
    return person


def pack(world: World, till: Till) -> Story:
    person = buyer(world)
    purchase = till.seed(person)
    return person, purchase, till.paid(purchase)


def pack_that_was_refunded_before(world: World, till: Till) -> Story:
    person, purchase, paid = pack(world, till)
    till.outcome(till.about(purchase, event_of(fixture(26))))
    return person, purchase, paid


def refund_before_the_payment(world: World, till: Till) -> Story:
    person, purchase, _ = pack(world, till)
    return person, purchase, till.about(purchase, event_of(fixture(26)))


def refund(world: World, till: Till) -> Story:
    person, purchase, paid = pack(world, till)
    till.outcome(paid)
    return person, purchase, till.about(purchase, event_of(fixture(26)))


def session(world: World, till: Till) -> Story:
    person = buyer(world)
    purchase = till.seed(person, "standard")
    return person, purchase, till.paid(purchase)


def session_while_another_is_active(world: World, till: Till) -> Story:
    person, _, paid = session(world, till)
    till.outcome(paid)
    purchase = till.seed(person, "standard")
    return person, purchase, till.paid(purchase)


def pack_of_nobody(world: World, till: Till) -> Story:
    person = world.person()
    purchase = till.seed(person)
    return person, purchase, till.paid(purchase)


def subscription(world: World, till: Till) -> Story:
    person, purchase, _ = pack(world, till)
    now_s = int(world.clock().timestamp())
    return person, purchase, owned(fixture(12, at_s=now_s), person)


STORIES: list[Prepare] = [
    pack,
    pack_that_was_refunded_before,
    refund_before_the_payment,
    refund,
    session,
    session_while_another_is_active,
    pack_of_nobody,
    subscription,
]


def end_of(world: World, till: Till, story: Story) -> Any:
    """All that is left of a story, without names and moments."""
    person, purchase, event = story
    kept = till.store.event(event["id"])
    ids = {person.user_id, purchase.purchase_id}
    rows = [row for row in world.rows() if any(one in str(row) for one in ids)]
    now = till.now(purchase)
    user = [row for row in rows if row["kind"]["S"] == "user"]
    return {
        "kinds": sorted(row["kind"]["S"] for row in rows),
        "ledger": sorted(row["amount"]["N"] for row in rows if row["kind"]["S"] == "ledger_entry"),
        "balance": [row["credits"]["N"] for row in user],
        "premium": [row.get("premium_until") for row in user],
        "purchase": (now.status, now.reason, now.reversed_credits, now.session_id is None),
        "rev": till.held(purchase).rev,
        "outcome": kept and kept.outcome,
    }


def deliver_until_taken(till: Till, event: Json) -> None:
    """Deliver as Stripe does: again and again, until there is a 200."""
    for _ in range(DELIVERIES_MAX):
        try:
            reply = till.deliver(event)
        except Crash:
            continue
        if reply.status == 200:
            return
        assert reply.status == 503, reply.text
    raise AssertionError("Stripe gave up")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prepare", STORIES, ids=lambda one: one.__name__)
def test_a_delivery_that_dies_at_any_call_ends_as_one_clean_run(
    world: World, prepare: Prepare, kind: Kind
) -> None:
    till = Till(world)
    world.table.patience = Patience(budget_s=0)  # one try, so that no test waits
    story = prepare(world, till)
    begun = Snapshot(world)
    points = faults.points(lambda: till.deliver(story[2]))
    expected = end_of(world, till, story)

    assert points >= 2
    for point in sampled(points + 1):
        begun.restore()
        with faults.plan(Fault(kind=kind, at=point)) as plan:
            deliver_until_taken(till, story[2])
        assert plan.fired, f"there is no call {point}"
        assert end_of(world, till, story) == expected, f"{kind} at call {point}"


@pytest.mark.parametrize("prepare", STORIES, ids=lambda one: one.__name__)
def test_two_containers_that_share_an_event_end_as_one(world: World, prepare: Prepare) -> None:
    """The second delivery runs whole between any two calls of the first one."""
    till = Till(world)
    story = prepare(world, till)
    begun = Snapshot(world)
    points = faults.points(lambda: till.deliver(story[2]))
    expected = end_of(world, till, story)

    for point in sampled(points + 1):
        begun.restore()
        outcomes = interleaved(till, story[2], point, story[2])
        assert len(outcomes) == 2
        assert "duplicate" in outcomes
        assert end_of(world, till, story) == expected, f"before call {point}"


def test_two_refunds_at_once_are_both_counted(world: World) -> None:
    till = Till(world)
    for point in (1, 2, 3):
        person, purchase, first = refund(world, till)
        second = till.about(purchase, event_of(fixture(26)), id="re_other")

        assert interleaved(till, first, point, second) == ["applied", "applied"]

        assert person.credits() == 4.0, f"before call {point}"
        assert till.now(purchase).reversal.refunded_cents == 1000


def test_a_refund_while_it_is_paid_is_counted(world: World) -> None:
    till = Till(world)
    for point in (1, 2):
        person, purchase, paid = pack(world, till)
        news = till.about(purchase, event_of(fixture(26)))

        assert interleaved(till, paid, point, news) == ["applied", "unmatched"]

        assert person.credits() == 5.0, f"before call {point}"


def test_one_subscription_ends_while_another_begins_and_premium_stays(world: World) -> None:
    till = Till(world)
    now_s = int(world.clock().timestamp())
    for point in (1, 2):
        person = buyer(world)
        active = fixture(12, at_s=now_s)
        active["data"]["object"]["items"]["data"][0]["current_period_end"] = now_s + 86_400
        till.outcome(owned(active, person, id="sub_1"))
        end = owned(active, person, id="sub_1", status="canceled")
        end["type"] = "customer.subscription.deleted"
        begin = owned(active, person, id="sub_2")

        assert interleaved(till, end, point, begin) == ["applied", "applied"]

        assert person.call("GET /api/user").body["isPremium"] is True, f"before call {point}"


def interleaved(till: Till, event: Json, point: int, other: Json) -> list[str]:
    """Deliver an event; before its call of that number, deliver the other one whole."""
    _, outcomes = between_calls(lambda: till.outcome(event), lambda: till.outcome(other), point)
    return outcomes
