"""The card payment of a class against whatever else happens, in every order of their calls."""

import itertools
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.parallel import together
from tests.reliability.every_call import STRIDE, sampled
from tests.reliability.schedules import between_calls, every_order
from tests.reliability.snapshots import Snapshot
from tests.reliability.test_class_payment_crashes import Story
from tests.reliability.test_webhook_interleavings import both
from tests.seats import HOLD_S, CardStudio, audit_seats
from tests.till import Till, event_of, outcomes
from tests.unit.payments.stripe_events import REVERSALS
from tests.world import World

CALLS_MAX = 40

Act = Callable[[Story], Any]


def pays(story: Story) -> Any:
    return story.till.deliver(story.paid)


def pays_again(story: Story) -> Any:
    """The same payment, told by another event."""
    return story.till.deliver(event_of(story.paid))


def pays_twice(story: Story) -> Any:
    """A second payment of the same seat."""
    return story.till.deliver(story.till.paid(story.guest.orders(story.booking)))


def refunds(story: Story) -> Any:
    return story.till.deliver(story.about(26))


def loses(story: Story) -> Any:
    return story.till.deliver(story.about(34))


def cancels(story: Story) -> Any:
    return story.guest.cancels(story.booking)


def withdraws(story: Story) -> Any:
    return story.studio.cancel(story.klass)


def sweeps(story: Story) -> Any:
    return story.studio.sweep()


def rivals(story: Story) -> Any:
    return story.studio.guest().books(story.klass, paying=None)


def redeems(story: Story) -> Any:
    return story.guest.person.call(f"POST /api/purchases/{story.purchase.purchase_id}/redeem")


def renames(story: Story) -> Any:
    return story.studio.change(story.klass, name="Evening flow")


def nothing(_: Story) -> None:
    """The seat is held."""


def is_late(story: Story) -> None:
    """The hold is over and nobody has swept it yet."""
    story.world.clock.move(HOLD_S)


def has_lapsed(story: Story) -> None:
    story.lapses()


def is_paid(story: Story) -> None:
    story.is_paid()


def is_banked(story: Story) -> None:
    """Paid for a seat that somebody else had, and has left again."""
    story.lapses()
    rival = story.studio.guest()
    taken = rival.books(story.klass, paying=None)
    assert story.till.outcome(story.paid) == "banked"
    rival.cancels(taken)


def is_given_back(story: Story) -> None:
    story.is_paid()
    story.guest.cancels(story.booking)


PAIRS: list[tuple[Act, Act, Act]] = [
    (nothing, pays, pays_again),
    (nothing, pays, pays_twice),
    (nothing, pays_twice, pays),
    (nothing, pays, cancels),
    (nothing, cancels, pays),
    (nothing, pays, withdraws),
    (nothing, withdraws, pays),
    (nothing, pays, refunds),
    (nothing, refunds, pays),
    (nothing, pays, renames),
    (is_late, pays, sweeps),
    (is_late, sweeps, pays),
    (has_lapsed, pays, rivals),
    (has_lapsed, rivals, pays),
    (has_lapsed, pays, pays_twice),
    (is_paid, cancels, refunds),
    (is_paid, refunds, cancels),
    (is_paid, withdraws, refunds),
    (is_paid, refunds, withdraws),
    (is_paid, cancels, withdraws),
    (is_paid, loses, refunds),
    (is_banked, redeems, rivals),
    (is_banked, rivals, redeems),
    (is_banked, redeems, refunds),
    (is_banked, refunds, redeems),
    (is_banked, redeems, redeems),
    (is_given_back, refunds, loses),
]


@pytest.mark.parametrize(
    ("prepare", "one", "other"),
    PAIRS,
    ids=[f"{prepare.__name__}-{one.__name__}-{other.__name__}" for prepare, one, other in PAIRS],
)
def test_two_acts_at_once_leave_money_and_seats_right(
    world: World, prepare: Act, one: Act, other: Act
) -> None:
    story = Story(world)
    prepare(story)
    begun = Snapshot(world)
    for point in sampled(CALLS_MAX):
        begun.restore()

        reached, answers = between_calls(partial(one, story), partial(other, story), point)

        assert all(getattr(reply, "status", 200) < 500 for reply in answers), answers
        audit_seats(story.world)
        if not reached:
            assert point > 1
            return
    pytest.fail("the act makes more calls than that")


@pytest.mark.parametrize("order", every_order(4, 4)[::STRIDE])
def test_a_payment_that_two_containers_are_told_is_one_seat_in_every_order_of_calls(
    world: World, order: str
) -> None:
    """Purchase, booking, class, transaction: twice, in all 70 orders, or in a third of them."""
    story = Story(world)
    events = {"A": story.paid, "B": event_of(story.paid)}

    replies = both(order, lambda name: story.till.deliver(json.dumps(events[name]).encode()))

    assert outcomes(replies) == {"applied", "duplicate"}
    assert story.guest.stands(story.booking) == ("confirmed", "paid")
    assert story.guest.events(story.booking) == ["created", "paid"]
    audit_seats(world)


def test_many_late_payments_of_few_seats_fill_them_and_the_rest_goes_back(world: World) -> None:
    studio, till = CardStudio(world), Till(world)
    klass = studio.class_of(12)
    guests = [studio.guest() for _ in range(12)]
    purchases = [guest.orders(guest.books(klass)) for guest in guests]
    world.clock.move(HOLD_S)
    for _ in range(3):
        studio.sweep()
    studio.change(klass, capacity=4)

    replies = together(
        *[lambda purchase=purchase: till.deliver(till.paid(purchase)) for purchase in purchases]
    )

    told = [reply.body["outcome"] for reply in replies]
    assert (told.count("applied"), told.count("banked")) == (4, 8)
    now = studio.now(klass)
    assert (now.free, now.booked, now.held) == (0, 4, 0)
    audit_seats(world)


# What ends where, whatever comes first: the purchase, and the seat if it was paid before the money
# had gone back. Refunds and disputes of all that was paid.
SETS: dict[tuple[int, ...], tuple[str, str]] = {
    (26,): ("refunded", "refunded"),
    (26, 28): ("fulfilled", "paid"),
    (30, 31, 33): ("fulfilled", "paid"),
    (30, 34): ("disputed", "refunded"),
    (35,): ("fulfilled", "paid"),
    (26, 30, 32): ("refunded", "refunded"),
}


@pytest.mark.parametrize("numbers", SETS, ids=str)
def test_news_in_any_order_and_twice_leave_money_where_it_is(
    world: World, numbers: tuple[int, ...]
) -> None:
    status, money = SETS[numbers]
    story = Story(world)
    begun = Snapshot(world)
    for order, place in itertools.product(itertools.permutations(numbers), range(len(numbers) + 1)):
        begun.restore()
        news = [story.about(number) for number in order]
        news.insert(place, story.paid)
        for event in (*news, *map(event_of, news)):
            assert story.till.deliver(event).status == 200
        purchase = story.till.now(story.purchase)
        stands = story.guest.stands(story.booking)
        if purchase.standing == "fulfilled":
            assert (purchase.status, stands) == (status, ("confirmed", money)), (order, place)
        else:
            # The money had gone back, or was held, as the payment came: nothing was confirmed.
            assert (purchase.standing, purchase.reason) == ("banked", "reversed"), (order, place)
            assert stands == ("pending", "pending"), (order, place)
            assert place > 0
    audit_seats(world)


def test_every_number_of_the_sets_is_known() -> None:
    assert {number for numbers in SETS for number in numbers} <= set(REVERSALS)
