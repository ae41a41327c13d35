"""Bookings while the store or the process fails at any call: done whole or not at all, and once."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from typing import Any

import pytest

from greenroom.kernel.errors import Conflict
from greenroom.organizations.repo import OrgRepo
from tests.halls import CUTOFF, HOLD, LATE, OFFER, Guest, Hall
from tests.reliability.every_call import fail_at_every_call
from tests.store.test_seats import Crowd, full
from tests.world import World

# To die before a call is to die after the one before it.
KINDS = ["crash_after", "timeout_after", "conflict"]
DAY = timedelta(days=1)


class Scene:
    """A class with two seats: Ada and Eve have one, Bob and Cleo wait, Dan comes from outside."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.crowd: Crowd = full(world, capacity=2, waiting=2, price_cents=1500)
        self.hall: Hall = self.crowd.hall
        self.ada, self.eve = self.crowd.seated
        self.bob, self.cleo = self.crowd.queue
        self.dan: Guest = self.hall.guest()

    @cached_property
    def elsewhere(self) -> Hall:
        """Another class at the same time."""
        return self.hall.other(capacity=2)

    @property
    def standing(self) -> list[str]:
        """How Ada, Eve, Bob and Cleo stand."""
        return [self.hall.status(one) for one in (self.ada, self.eve, self.bob, self.cleo)]

    # Where it begins

    def has_room(self) -> None:
        """Ada has left past the cutoff, so that a seat is anybody's."""
        self.hall.until_start(before=CUTOFF)
        self.hall.cancel(self.ada, waived=True)

    def is_empty(self) -> None:
        for one in (self.cleo, self.bob, self.ada, self.eve):
            self.hall.cancel(one)

    def dan_is_a_member(self) -> None:
        self.is_empty()
        self.dan = self.hall.guest(of="membership")

    def dan_had_a_hold(self) -> None:
        self.is_empty()
        self.hall.hold(self.dan)
        self.hall.wait(HOLD)

    def is_late(self) -> None:
        self.hall.until_start(before=LATE)

    def offers(self) -> None:
        """Bob is offered Ada's seat."""
        self.hall.cancel(self.ada)

    def offers_to_a_member(self) -> None:
        self.hall.cancel(self.bob)
        self.bob = self.hall.guest(of="membership")
        self.world.clock.move(-1)  # before Cleo
        self.hall.join(self.bob)
        self.offers()

    def offer_is_over(self) -> None:
        self.offers()
        self.hall.wait(OFFER)

    def has_begun(self) -> None:
        self.hall.until_start()

    def is_over(self) -> None:
        self.hall.until_start()
        self.is_tended()
        self.hall.note(self.eve)
        self.hall.wait(DAY)

    def is_paid_there(self) -> None:
        self.is_empty()
        self.hall.book(self.dan, paying=None)

    # What is done

    def is_tended(self) -> None:
        """What the sweep does to the class, once it has found it."""
        hall, repo = self.hall, OrgRepo.of_system(self.hall.home.organization_id)
        with suppress(Conflict):  # as the sweep does: then there is nothing to be done
            self.world.wiring("sweeper").booking_sweeper._tend(repo, hall.class_id, hall.now)

    def offer_ends(self) -> Any:
        """What the sweep does to Bob's offer, once it has found it."""
        vacating, made = self.hall.wired.vacating, self.hall.made[self.bob.ref]
        return vacating.expire(self.hall.repo, made, self.hall.now)

    def books(self, **told: Any) -> Any:
        return self.hall.book(self.dan, key="k", request_hash="h", **told)

    def joins(self) -> Any:
        return self.hall.join(self.dan, key="k", request_hash="h")

    def pays_there(self) -> Any:
        return self.hall.wired.confirming.paid_at_studio(
            self.hall.repo, self.hall.made[self.dan.ref]
        )


def dan_is(status: str, *, uses: int, counters: tuple[int, int, int, int]) -> "Check":
    def check(scene: Scene) -> None:
        assert scene.hall.status(scene.dan) == status
        assert scene.hall.left(scene.dan) == uses
        assert scene.hall.counters == counters

    return check


def stand(*standing: str, uses: tuple[int, int, int, int]) -> "Check":
    """How Ada, Eve, Bob and Cleo stand, and what is left of their passes."""

    def check(scene: Scene) -> None:
        assert scene.standing == list(standing)
        four = (scene.ada, scene.eve, scene.bob, scene.cleo)
        assert tuple(scene.hall.left(one) for one in four) == uses

    return check


def is_settled(scene: Scene) -> None:
    """Ada did not come, the class is over, and nobody looks at it any more."""
    stand("no_show", "attended", "expired", "expired", uses=(2, 2, 3, 3))(scene)
    assert scene.hall.klass.status == "completed"
    assert not [row for row in scene.hall.audit().rows if "GSI2PK" in row]


def is_called_off(scene: Scene) -> None:
    stand(*["cancelled"] * 4, uses=(3, 3, 3, 3))(scene)
    assert (scene.hall.klass.status, scene.hall.counters) == ("cancelled", (2, 0, 0, 0))
    scene.hall.sweep()
    assert not [row for row in scene.hall.audit().rows if "GSI2PK" in row]


def is_paid(scene: Scene) -> None:
    assert scene.hall.booking(scene.dan).payment_status == "paid"


Act = Callable[[Scene], Any]
Check = Callable[[Scene], None]
STORIES: dict[str, tuple[Act, Act, Check]] = {
    "book": (Scene.is_empty, Scene.books, dan_is("confirmed", uses=2, counters=(1, 1, 0, 0))),
    "book with a membership": (
        Scene.dan_is_a_member,
        Scene.books,
        dan_is("confirmed", uses=2, counters=(1, 1, 0, 0)),
    ),
    "hold": (
        Scene.is_empty,
        lambda s: s.books(paying="drop_in"),
        dan_is("pending", uses=3, counters=(1, 0, 1, 0)),
    ),
    "book after a hold of one's own": (
        Scene.dan_had_a_hold,
        Scene.books,
        dan_is("confirmed", uses=2, counters=(1, 1, 0, 0)),
    ),
    "book what is full": (
        lambda _: None,
        lambda s: s.books(join_waitlist=True),
        dan_is("waitlisted", uses=3, counters=(0, 2, 0, 3)),
    ),
    "join": (lambda _: None, Scene.joins, dan_is("waitlisted", uses=3, counters=(0, 2, 0, 3))),
    "book instead of waiting": (
        Scene.has_room,
        lambda s: s.hall.book(s.bob, key="k", request_hash="h"),
        stand("cancelled", "confirmed", "confirmed", "waitlisted", uses=(3, 2, 2, 3)),
    ),
    "cancel and hand on": (
        lambda _: None,
        lambda s: s.hall.cancel(s.ada),
        stand("cancelled", "confirmed", "offered", "waitlisted", uses=(3, 2, 3, 3)),
    ),
    "cancel late and hand on": (
        Scene.is_late,
        lambda s: s.hall.cancel(s.ada),
        stand("late_cancelled", "confirmed", "offered", "waitlisted", uses=(2, 2, 3, 3)),
    ),
    "leave the line": (
        lambda _: None,
        lambda s: s.hall.cancel(s.bob),
        stand("confirmed", "confirmed", "cancelled", "waitlisted", uses=(2, 2, 3, 3)),
    ),
    "give an offer up": (
        Scene.offers,
        lambda s: s.hall.cancel(s.bob),
        stand("cancelled", "confirmed", "cancelled", "offered", uses=(3, 2, 3, 3)),
    ),
    "confirm": (
        Scene.offers,
        lambda s: s.hall.confirm(s.bob),
        stand("cancelled", "confirmed", "confirmed", "waitlisted", uses=(3, 2, 2, 3)),
    ),
    "confirm with a membership": (
        Scene.offers_to_a_member,
        lambda s: s.hall.confirm(s.bob),
        stand("cancelled", "confirmed", "confirmed", "waitlisted", uses=(3, 2, 2, 3)),
    ),
    "confirm by card": (
        Scene.offers,
        lambda s: s.hall.confirm(s.bob, paying="drop_in"),
        stand("cancelled", "confirmed", "pending", "waitlisted", uses=(3, 2, 3, 3)),
    ),
    "attend": (
        Scene.has_begun,
        lambda s: s.hall.note(s.ada),
        stand("attended", "confirmed", "waitlisted", "waitlisted", uses=(2, 2, 3, 3)),
    ),
    "pay at the studio": (Scene.is_paid_there, Scene.pays_there, is_paid),
    "grow and fill": (
        lambda _: None,
        lambda s: s.hall.change(capacity=4),
        stand("confirmed", "confirmed", "offered", "offered", uses=(2, 2, 3, 3)),
    ),
    "call off": (Scene.offers, lambda s: s.hall.call_off(), is_called_off),
    "sweep an offer": (
        Scene.offer_is_over,
        Scene.offer_ends,
        stand("cancelled", "confirmed", "expired", "offered", uses=(3, 2, 3, 3)),
    ),
    "sweep those who wait": (
        Scene.has_begun,
        Scene.is_tended,
        stand("confirmed", "confirmed", "expired", "expired", uses=(2, 2, 3, 3)),
    ),
    "sweep absences and complete": (Scene.is_over, Scene.is_tended, is_settled),
}


def run(kind: Any, world: World, prepare: Act, act: Act, check: Check) -> None:
    def prepared() -> Scene:
        scene = Scene(world)
        prepare(scene)
        return scene

    def audited(scene: Scene) -> None:
        scene.hall.audit()
        scene.hall.replay()

    fail_at_every_call(
        kind,
        prepare=prepared,
        act=act,
        audit=audited,
        check=check,
        operation=None if kind == "crash_after" else "TransactWriteItems",
        world=world,
    )


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_fails_at_any_call_and_is_done_again_is_done_once(
    world: World, name: str, kind: Any
) -> None:
    run(kind, world, *STORIES[name])


@pytest.mark.parametrize("name", ["grow and fill", "call off"])
def test_what_was_left_half_done_is_finished_by_the_sweep_alone(world: World, name: str) -> None:
    """Nobody has to repeat it: the class itself says that something is left to be done."""
    prepare, act, check = STORIES[name]

    def once_or_sweep(scene: Scene) -> Any:
        is_begun = scene.hall.klass.edition > 1
        return scene.is_tended() if is_begun else act(scene)

    run("crash_after", world, prepare, once_or_sweep, check)


def test_a_whole_sweep_that_dies_anywhere_is_made_good_by_the_next(
    world: World,
) -> None:
    prepare, _, check = STORIES["sweep an offer"]

    run("crash_after", world, prepare, lambda scene: scene.hall.sweep(), check)
