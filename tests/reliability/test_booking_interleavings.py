"""Two people at once in one class: one act runs whole between any two calls of the other."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from greenroom.kernel.turns import Overtaken
from tests.halls import CUTOFF, OFFER
from tests.reliability.every_call import CALLS_MAX, sampled
from tests.reliability.schedules import between_calls
from tests.reliability.snapshots import Snapshot
from tests.reliability.test_booking_crashes import Scene
from tests.world import World

Act = Callable[[Scene], Any]


# Where it begins


def crowded(_: Scene) -> None:
    """Two are in the class, two wait."""


def nearly_over(scene: Scene) -> None:
    """Bob's offer is over in a moment."""
    scene.offers()


def near_the_start(scene: Scene) -> None:
    """Nobody is offered anything any more."""
    scene.hall.until_start(before=CUTOFF)


# What is done


def ada_leaves(scene: Scene) -> Any:
    return scene.hall.cancel(scene.ada)


def eve_leaves(scene: Scene) -> Any:
    return scene.hall.cancel(scene.eve)


def bob_leaves(scene: Scene) -> Any:
    return scene.hall.cancel(scene.bob)


def bob_confirms(scene: Scene) -> Any:
    return scene.hall.confirm(scene.bob)


def bob_confirms_by_card(scene: Scene) -> Any:
    return scene.hall.confirm(scene.bob, paying="drop_in")


def bob_books(scene: Scene) -> Any:
    return scene.hall.book(scene.bob)


def bob_is_closed(scene: Scene) -> Any:
    hall = scene.hall
    return hall.wired.customers.change(hall.repo, scene.bob.ref, {"status": "closed"})


def dan_books(scene: Scene) -> Any:
    return scene.hall.book(scene.dan)


def dan_books_or_waits(scene: Scene) -> Any:
    return scene.books(join_waitlist=True)


def dan_joins(scene: Scene) -> Any:
    return scene.hall.join(scene.dan)


def dan_books_elsewhere(scene: Scene) -> Any:
    return scene.elsewhere.book(scene.dan)


def empty_twice(scene: Scene) -> None:
    """Nobody is in the class, nor in another one at that time."""
    scene.is_empty()
    assert scene.elsewhere.capacity == 2


def grows(scene: Scene) -> Any:
    return scene.hall.change(capacity=3)


def grows_and_dies(scene: Scene) -> Any:
    hall = scene.hall
    return hall.wired.classes._change(hall.repo, hall.class_id, {"capacity": 3})


def shrinks(scene: Scene) -> Any:
    return scene.hall.change(capacity=1)


def is_renamed(scene: Scene) -> Any:
    return scene.hall.change(name="Evening flow")


def moves(scene: Scene) -> Any:
    return scene.hall.change(duration_min=30)


def is_called_off(scene: Scene) -> Any:
    return scene.hall.call_off()


def is_called_off_and_dies(scene: Scene) -> Any:
    return scene.hall.wired.classes._cancel(scene.hall.repo, scene.hall.class_id)


def offer_ends(scene: Scene) -> Any:
    return scene.offer_ends()


def offer_ends_in_time(scene: Scene) -> Any:
    scene.hall.wait(OFFER)
    return scene.offer_ends()


def is_tended(scene: Scene) -> Any:
    return scene.is_tended()


def ada_comes(scene: Scene) -> Any:
    return scene.hall.note(scene.ada)


def ada_does_not_come(scene: Scene) -> Any:
    return scene.hall.note(scene.ada, "no_show")


BOTH_WAYS: list[tuple[Act, Act, Act]] = [
    (crowded, ada_leaves, eve_leaves),
    (crowded, ada_leaves, bob_leaves),
    (crowded, ada_leaves, dan_joins),
    (crowded, ada_leaves, dan_books_or_waits),
    (near_the_start, ada_leaves, dan_books_or_waits),
    (near_the_start, grows, dan_books_or_waits),
    (crowded, ada_leaves, grows),
    (crowded, ada_leaves, shrinks),
    (crowded, ada_leaves, is_called_off),
    (crowded, grows, dan_joins),
    (crowded, grows, bob_leaves),
    (crowded, is_called_off, dan_joins),
    (Scene.offers, bob_confirms, bob_leaves),
    (Scene.offers, bob_confirms, is_called_off),
    (Scene.offers, bob_confirms, bob_confirms_by_card),
    (Scene.offers, bob_confirms, eve_leaves),
    (Scene.offer_is_over, offer_ends, bob_leaves),
    (Scene.offer_is_over, offer_ends, bob_books),
    (Scene.is_empty, dan_books, is_called_off),
    (Scene.is_empty, dan_books, shrinks),
    (Scene.is_empty, dan_books, moves),
    (empty_twice, dan_books, dan_books_elsewhere),
    (Scene.has_room, bob_books, dan_books),
    (Scene.has_room, bob_books, eve_leaves),
    (Scene.has_begun, ada_leaves, ada_comes),
    (Scene.has_begun, ada_comes, ada_does_not_come),
]
ONE_WAY: list[tuple[Act, Act, Act]] = [
    (crowded, ada_leaves, ada_leaves),
    (crowded, ada_leaves, is_renamed),
    (crowded, dan_joins, dan_joins),
    (crowded, is_tended, grows_and_dies),
    (crowded, is_tended, is_called_off_and_dies),
    (crowded, is_tended, ada_leaves),
    (nearly_over, bob_confirms, offer_ends_in_time),
    (Scene.offers, bob_confirms, bob_confirms),
    (Scene.offers, bob_confirms, bob_is_closed),
    (Scene.offers, bob_confirms, is_renamed),
    (Scene.is_empty, dan_books, dan_books),
    (Scene.is_empty, dan_books_or_waits, dan_books_or_waits),
    (Scene.is_over, is_tended, ada_comes),
]
PAIRS = [*ONE_WAY, *BOTH_WAYS, *((where, other, one) for where, one, other in BOTH_WAYS)]


@pytest.mark.parametrize(
    ("prepare", "one", "other"),
    PAIRS,
    ids=[f"{where.__name__}-{one.__name__}-{other.__name__}" for where, one, other in PAIRS],
)
def test_two_acts_at_once_leave_every_row_right_and_pass_nobody_by(
    world: World, prepare: Act, one: Act, other: Act
) -> None:
    scene = Scene(world)
    prepare(scene)
    begun = Snapshot(world)
    for point in sampled(CALLS_MAX):
        begun.restore()

        reached, results = between_calls(partial(one, scene), partial(other, scene), point)

        assert not any(isinstance(result, Overtaken) for result in results)
        if prepare is near_the_start and one is dan_books_or_waits and reached:
            assert scene.hall.status(scene.dan) == "confirmed", "a seat is free by then"
        scene.hall.audit()
        scene.hall.replay()
        nothing_is_forgotten(scene)
        if not reached:
            assert point > 1
            return
    pytest.fail("the act makes more calls than that")


def nothing_is_forgotten(scene: Scene) -> None:
    """The next sweep finds whatever is left to be done, and does it."""
    scene.hall.sweep()
    klass = scene.hall.klass
    if klass.status == "cancelled":
        assert (klass.booked, klass.held, klass.waitlist_count) == (0, 0, 0)
    elif scene.hall.now < klass.starts_at - CUTOFF:
        assert klass.free == 0 or klass.waitlist_count == 0
    elif scene.hall.now >= klass.starts_at:
        assert klass.waitlist_count == 0
    scene.hall.audit()
    scene.hall.replay()
