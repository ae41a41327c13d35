"""What a session with an expert costs in calls, items and write units; its races on each engine."""

from collections.abc import Callable
from typing import Any

import pytest

from greenroom.payments.domain import SessionFacts
from tests.expertise import accept, audit, claim, customer, expert, offer_of
from tests.intakes import begin, pay, signed
from tests.parallel import together
from tests.reliability import faults
from tests.reliability.faults import Capacity, Plan
from tests.till import Till
from tests.world import Person, World


def capacity(plan: Plan) -> tuple[int, Capacity]:
    """The items of the one transaction, and what it consumed."""
    (call,) = plan.of("TransactWriteItems")
    assert call.capacity is not None
    return len(call.request["TransactItems"]), call.capacity


def free(ada: Person) -> Callable[[], Any]:
    return lambda: begin(ada, "trial", concern="The brakes squeal.")


def with_credits(ada: Person) -> Callable[[], Any]:
    intake_id = signed(ada, "quick", concern="The brakes squeal.")
    return lambda: pay(ada, intake_id)


def by_card(ada: Person) -> Callable[[], Any]:
    till = Till(ada.world)
    intake_id = signed(ada, "quick", concern="The brakes squeal.")
    facts = SessionFacts(type="chat", waived_at=ada.world.clock())
    event = till.paid(till.seed(ada, "quick", intake_id=intake_id, session=facts))
    return lambda: till.deliver(event)


# A transaction pays two units a KB of an item; each entry in an index is one more.
@pytest.mark.parametrize(
    ("way", "reads", "items", "units", "indexes"),
    [
        (free, [], 8, 20, {"GSI1": 2, "GSI2": 2}),
        (with_credits, ["GetItem"], 8, 22, {"GSI1": 2, "GSI2": 2}),
        (by_card, ["GetItem"], 10, 31, {"GSI1": 3, "GSI2": 2}),
    ],
    ids=["free", "credits", "card"],
)
def test_a_session_of_any_kind_is_made_by_one_transaction(
    world: World,
    way: Callable[[Person], Callable[[], Any]],
    reads: list[str],
    items: int,
    units: int,
    indexes: dict[str, float],
) -> None:
    ada = world.person()
    ada.credits()
    act = way(ada)

    with faults.plan() as plan:
        assert act().status in {200, 201}

    assert [call.operation for call in plan.calls] == [*reads, "TransactWriteItems"]
    written, used = capacity(plan)
    assert (written, used.write, used.indexes) == (items, units, indexes)


def test_a_taking_is_one_query_and_one_transaction(world: World) -> None:
    world.rewire(EXPERT_SIGNUP="open")
    ada, bob, eve = customer(world), expert(world), expert(world)
    world.sweep()
    offer_id = offer_of(bob, ada.session_id)
    offer_of(eve, ada.session_id)

    with faults.plan() as plan:
        assert accept(bob, offer_id).status == 200

    # The last query is the answer.
    operations = [call.operation for call in plan.calls]
    assert operations == ["Query", "TransactWriteItems", "Query"]
    items, _ = capacity(plan)
    assert items == 8, (
        "offer, assignment, session, participant, guard, event, the other's offer, expert"
    )


def test_sixteen_experts_claim_one_session_and_one_gets_it(world: World) -> None:
    world.rewire(EXPERT_SIGNUP="open")
    ada = customer(world)
    sixteen = [expert(world) for _ in range(16)]

    replies = together(*[lambda one=one: claim(one, ada.session_id) for one in sixteen])

    assert sorted(reply.status for reply in replies) == [200] + [409] * 15
    assert {reply.code for reply in replies if reply.status == 409} == {"ALREADY_TAKEN"}
    audit(world)


def test_an_expert_who_takes_three_claims_three_of_sixteen(world: World) -> None:
    world.rewire(EXPERT_SIGNUP="open")
    bob = expert(world, maxActive=3)
    sixteen = [customer(world) for _ in range(16)]

    replies = together(*[lambda one=one: claim(bob, one.session_id) for one in sixteen])

    assert sorted(reply.status for reply in replies) == [200] * 3 + [409] * 13
    assert {reply.code for reply in replies if reply.status == 409} == {"AT_CAPACITY"}
    audit(world)


def test_sixteen_intakes_of_one_person_make_one_session(world: World) -> None:
    ada = world.person()
    ada.credits()

    replies = together(*[lambda: begin(ada) for _ in range(16)])

    assert sorted(reply.status for reply in replies) == [200] + [409] * 15
    (won,) = [reply.body["sessionId"] for reply in replies if reply.status == 200]
    lost = [reply.body for reply in replies if reply.status == 409]
    assert {one["activeSessionId"] for one in lost} == {won}
    audit(world)
