"""The card payment of a class while its process, or the store, fails at any call."""

from collections.abc import Callable
from typing import Any

import pytest

from greenroom.kernel.errors import Conflict, StoreUnavailable
from greenroom.table.patience import Patience
from tests.reliability import faults
from tests.reliability.every_call import sampled
from tests.reliability.faults import Crash, Fault, Kind
from tests.reliability.snapshots import Snapshot
from tests.seats import HOLD_S, CardStudio, Guest, audit_seats
from tests.till import Till, event_of
from tests.unit.payments.stripe_events import REVERSALS
from tests.world import World

KINDS: list[Kind] = ["crash_before", "crash_after", "timeout_after", "conflict"]
TRIES_MAX = 4
CALLS_MAX = 30

Json = dict[str, Any]
Act = Callable[[], Any]


class Story:
    """A guest whose seat in a class for one is held, and the news that is about to come."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.till = Till(world)
        self.studio = CardStudio(world)
        self.klass = self.studio.class_of(1)
        self.guest: Guest = self.studio.guest()
        self.booking = self.guest.books(self.klass)
        self.purchase = self.guest.orders(self.booking)
        self.paid = self.till.paid(self.purchase)
        self.event = self.paid

    def about(self, number: int) -> Json:
        """News of a refund or a dispute of all that was paid."""
        event = REVERSALS[number]()
        cents = {"amount": self.purchase.amount_cents} if number in {26, 28} else {}
        return self.till.about(self.purchase, event_of(event), **cents)

    def is_paid(self) -> None:
        """The seat is confirmed."""
        assert self.till.outcome(self.paid) == "applied"

    def lapses(self) -> None:
        """The hold is over and swept."""
        self.world.clock.move(HOLD_S)
        self.studio.sweep()

    def is_taken(self) -> None:
        """Somebody else has the seat."""
        self.studio.guest().books(self.klass, paying=None)

    def end(self) -> Any:
        """All that is left, without names and moments."""
        purchase, booking = self.till.held(self.purchase), self.guest.now(self.booking)
        klass = self.studio.now(self.klass)
        kept = self.till.store.event(self.event["id"])
        return {
            "booking": (booking.booking_status, booking.payment_status, booking.rev),
            "paid by it": booking.purchase_id == self.purchase.purchase_id,
            "events": self.guest.events(self.booking),
            "purchase": (purchase.purchase.status, purchase.purchase.reason, purchase.rev),
            "due": purchase.purchase.refund_due_at is not None,
            "class": (klass.free, klass.booked, klass.held),
            "outcome": kept and kept.outcome,
        }


def held(_: Story) -> None:
    """Paid in time."""


def held_too_long(story: Story) -> None:
    story.lapses()


def held_too_long_and_taken(story: Story) -> None:
    story.lapses()
    story.is_taken()


def cancelled_meanwhile(story: Story) -> None:
    story.guest.cancels(story.booking)


def class_cancelled(story: Story) -> None:
    story.studio.cancel(story.klass)


def went_back_before(story: Story) -> None:
    story.till.outcome(story.about(26))


def refunded(story: Story) -> None:
    story.is_paid()
    story.event = story.about(26)


def refunded_before_it_was_paid(story: Story) -> None:
    story.event = story.about(26)


def refunded_after_it_was_cancelled(story: Story) -> None:
    refunded(story)
    story.guest.cancels(story.booking)


def refund_failed(story: Story) -> None:
    refunded_after_it_was_cancelled(story)
    story.till.outcome(story.event)
    story.event = story.about(28)


def dispute_lost(story: Story) -> None:
    story.is_paid()
    story.event = story.about(34)


STORIES: list[Callable[[Story], None]] = [
    held,
    held_too_long,
    held_too_long_and_taken,
    cancelled_meanwhile,
    class_cancelled,
    went_back_before,
    refunded,
    refunded_before_it_was_paid,
    refunded_after_it_was_cancelled,
    refund_failed,
    dispute_lost,
]


def told(world: World, prepare: Callable[[Story], None]) -> Story:
    story = Story(world)
    prepare(story)
    return story


def deliver_until_taken(story: Story) -> None:
    """Deliver as Stripe does: again and again, until there is a 200."""
    for _ in range(TRIES_MAX):
        try:
            reply = story.till.deliver(story.event)
        except Crash:
            continue
        if reply.status == 200:
            return
        assert reply.status == 503, reply.text
    raise AssertionError("Stripe gave up")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prepare", STORIES, ids=lambda one: one.__name__)
def test_a_delivery_that_dies_at_any_call_ends_as_one_clean_run(
    world: World, prepare: Callable[[Story], None], kind: Kind
) -> None:
    world.table.patience = Patience(budget_s=0)  # one try, so that no test waits
    story = told(world, prepare)
    begun = Snapshot(world)
    points = faults.points(lambda: story.till.deliver(story.event))
    expected = story.end()

    assert points >= 2
    for point in sampled(points + 1):
        begun.restore()
        with faults.plan(Fault(kind=kind, at=point)) as plan:
            deliver_until_taken(story)
        assert plan.fired, f"there is no call {point}"
        assert story.end() == expected, f"{kind} at call {point}"
    audit_seats(world)


def test_a_payment_is_three_reads_and_one_transaction(world: World) -> None:
    """Purchase, booking, class; then event, purchase, payment, booking, seats, event at once."""
    story = told(world, held)

    calls = faults.count(lambda: story.till.outcome(story.event))

    assert calls == {"GetItem": 3, "TransactWriteItems": 1}


ACTS: dict[str, Callable[[Story], Act]] = {
    "the guest cancels": lambda story: lambda: story.guest.cancels(story.booking),
    "the studio cancels": lambda story: lambda: story.studio.cancel(story.klass),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ACTS)
def test_a_cancellation_that_dies_at_any_call_gives_back_once(
    world: World, name: str, kind: Kind
) -> None:
    world.table.patience = Patience(budget_s=0)
    story = Story(world)
    story.is_paid()
    begun, act = Snapshot(world), ACTS[name](story)
    points = faults.points(act)
    expected = story.end()
    assert expected["booking"][:2] == ("cancelled", "refund_due")
    assert expected["due"]

    for point in sampled(points + 1):
        begun.restore()
        with faults.plan(Fault(kind=kind, at=point)) as plan:
            for _ in range(TRIES_MAX):
                try:
                    act()
                except (Crash, StoreUnavailable):
                    continue
                except Conflict:
                    pass  # it was done by the try whose answer never came
                break
        assert plan.fired, f"there is no call {point}"
        assert story.end() == expected, f"{kind} at call {point}"
    audit_seats(world)


@pytest.mark.parametrize("kind", ["crash_before", "crash_after", "timeout_after"])
def test_a_redeemed_payment_is_one_seat_wherever_it_dies(world: World, kind: Kind) -> None:
    story = Story(world)
    story.lapses()
    rival = story.studio.guest()
    taken = rival.books(story.klass, paying=None)
    assert story.till.outcome(story.paid) == "banked"
    rival.cancels(taken)
    begun = Snapshot(world)
    for point in sampled(CALLS_MAX):
        begun.restore()
        route = f"POST /api/purchases/{story.purchase.purchase_id}/redeem"
        with faults.plan(Fault(kind=kind, at=point)) as plan:
            try:
                first = story.guest.person.call(route).status
            except Crash:
                first = 0
        if not plan.fired:
            assert first == 200
            assert point > 3
            return
        story.guest.person.call(route)
        audit_seats(world)
        assert story.guest.stands(story.booking) == ("confirmed", "paid")
    pytest.fail("it makes more calls than that")
