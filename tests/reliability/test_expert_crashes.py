"""Experts at work while the store or the process fails at any call: half is never done."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.expertise import (
    Customer,
    accept,
    audit,
    claim,
    customer,
    expert,
    offer_of,
    session_of,
)
from tests.reliability import faults
from tests.reliability.every_call import fail_at_every_call
from tests.reliability.faults import Fault
from tests.world import Person, World

KINDS = ["crash_after", "timeout_after", "conflict"]


class Scene:
    """A customer, an expert, and their session at the point where an act is to be done."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ada: Customer = customer(world)
        self.bob: Person = expert(world)
        world.sweep()
        self.offer_id = offer_of(self.bob, self.ada.session_id)

    def taken(self) -> None:
        assert claim(self.bob, self.ada.session_id).status == 200

    def live(self) -> None:
        self.taken()
        assert self.ada.move("start").status == 200


def nothing(_: Scene) -> None:
    pass


def due_again(scene: Scene) -> None:
    scene.world.clock.move(45)


Act = Callable[[Scene], Any]
ACTS: dict[str, tuple[Act, Act, str]] = {
    "accept": (nothing, lambda s: accept(s.bob, s.offer_id), "waiting"),
    "claim": (nothing, lambda s: claim(s.bob, s.ada.session_id), "waiting"),
    "decline": (
        nothing,
        lambda s: s.bob.call(f"POST /api/offers/{s.offer_id}/decline"),
        "pending",
    ),
    "release": (Scene.taken, lambda s: s.ada.move("release", by=s.bob), "pending"),
    "start": (Scene.taken, lambda s: s.ada.move("start", by=s.bob), "live"),
    "end": (Scene.live, lambda s: s.ada.move("end"), "completed"),
    "cancel": (Scene.taken, lambda s: s.ada.move("cancel"), "cancelled"),
    "wave": (due_again, lambda s: s.world.wiring("sweeper").router.sweep(), "pending"),
}


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_act_that_fails_at_any_call_is_done_whole_or_not_at_all(
    make_world: Callable[..., World], name: str, kind: Any
) -> None:
    prepare, act, target = ACTS[name]
    world = make_world(EXPERT_SIGNUP="open")

    def prepared() -> Scene:
        scene = Scene(world)
        prepare(scene)
        return scene

    def check(scene: Scene) -> None:
        assert scene.ada.status == target

    fail_at_every_call(
        kind,
        prepare=prepared,
        act=act,
        audit=lambda scene: audit(scene.world),
        check=check,
        world=world,
    )


def test_offers_that_go_out_twice_are_one_offer(make_world: Callable[..., World]) -> None:
    world = make_world(EXPERT_SIGNUP="open")
    ada, bob = customer(world), expert(world)
    with faults.plan(Fault(kind="timeout_after", operation="TransactWriteItems")):
        world.sweep()
    world.sweep()

    assert ada.events == ["created", "offered"]
    assert len(bob.call("GET /api/offers").body["items"]) == 1


def test_a_person_whose_session_died_with_its_process_is_free_after_the_deadline(
    make_world: Callable[..., World],
) -> None:
    world = make_world(EXPERT_SIGNUP="open")
    ada = customer(world)
    world.clock.move(1800)

    again = session_of(ada.person)  # nobody has swept

    assert again.status == "pending"
    world.sweep()
    assert (ada.status, again.status) == ("expired", "pending")
    audit(world)
