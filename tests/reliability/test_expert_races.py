"""Customers, experts and the clock all at once: whatever wins, the books of the desk agree."""

import random
from collections.abc import Callable

import pytest

from tests.expertise import Customer, audit, claim, customer, expert, offers
from tests.parallel import together
from tests.world import Person, World

EXPERTS, CUSTOMERS, THREADS, ACTS = 4, 5, 8, 25


@pytest.mark.parametrize("seed", range(3))
def test_whatever_everybody_does_at_once_the_desk_stays_consistent(
    make_world: Callable[..., World], seed: int
) -> None:
    world = make_world(EXPERT_SIGNUP="open")
    experts = [expert(world, maxActive=2, workshopId="north") for _ in range(EXPERTS)]
    routings = ["broadcast", "hybrid", "priority_broadcast", "workshop_only", "broadcast"]
    customers = [
        customer(
            world,
            routing_type=routing,
            workshop_id="north",
            preferred_expert_id=experts[0].user_id,
            urgent=routing == "hybrid",
        )
        for routing in routings
    ]

    def play(number: int) -> set[int]:
        dice = random.Random(f"{seed}/{number}")
        return {act(dice, world, dice.choice(experts), dice.choice(customers)) for _ in range(ACTS)}

    seen = set().union(*together(*[lambda n=n: play(n) for n in range(THREADS)]))

    assert seen <= {200, 201, 403, 404, 409}
    audit(world)


def act(dice: random.Random, world: World, bob: Person, ada: Customer) -> int:
    """One act of somebody: the status of its answer."""
    what = dice.choice(["sweep", "accept", "accept", "decline", "claim", "claim", "move", "move"])
    if what == "sweep":
        world.sweep()
        return 200
    if what == "claim":
        return claim(bob, ada.session_id).status
    if what == "move":
        who = dice.choice([bob, ada.person])
        return ada.move(dice.choice(["release", "start", "end", "cancel"]), by=who).status
    waiting = [offer["id"] for offer in offers(bob)][:1]
    answered = [bob.call(f"POST /api/offers/{offer_id}/{what}").status for offer_id in waiting]
    return answered[0] if answered else 200
