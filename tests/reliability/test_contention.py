"""Conflicts and throttling: waited out, or told as 503 inside the time budget; never half done."""

import pytest

from greenroom.kernel.limits import STORE_BUDGET_S
from greenroom.table.patience import Patience
from tests.reliability import faults
from tests.reliability.faults import FOR_EVER, Crash, Fault, Kind
from tests.world import World

PASSING: list[Kind] = ["conflict", "throttle", "unavailable", "timeout_before", "timeout_after"]


class Watch:
    """A monotonic clock that only sleeping moves: no test waits."""

    def __init__(self, world: World) -> None:
        self.now_s = 0.0
        world.table.patience = Patience(monotonic=lambda: self.now_s, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_start_outlives_a_few_conflicts(world: World, kind: Kind, times: int) -> None:
    ada = world.person()
    ada.credits()
    Watch(world)

    with faults.plan(Fault(kind=kind, operation="TransactWriteItems", times=times)) as plan:
        started = ada.start()

    assert started.status == 201
    assert len(plan.of("TransactWriteItems")) == times + 1
    assert ada.credits() == 2.0
    assert [entry["kind"] for entry in ada.ledger()].count("debit") == 1


@pytest.mark.parametrize("kind", ["conflict", "throttle", "unavailable", "timeout_before"])
def test_a_storm_is_told_as_503_inside_the_budget_and_leaves_nothing(
    world: World, kind: Kind
) -> None:
    ada = world.person()
    ada.credits()
    before = world.rows()
    watch = Watch(world)

    with faults.plan(Fault(kind=kind, operation="TransactWriteItems", times=FOR_EVER)) as plan:
        refused = ada.start()

    assert (refused.status, refused.code) == (503, "STORE_UNAVAILABLE")
    assert int(refused.headers["Retry-After"]) >= 1
    assert watch.now_s <= STORE_BUDGET_S
    assert 3 <= len(plan.of("TransactWriteItems")) <= 40
    assert world.rows() == before
    assert world.provider.requests == []


def test_a_storm_over_the_update_after_the_mint_gives_the_credit_back(world: World) -> None:
    ada = world.person()
    ada.credits()
    Watch(world)

    with faults.plan(Fault(kind="throttle", operation="UpdateItem", times=FOR_EVER)):
        refused = ada.start()

    assert refused.status == 503
    world.clock.move(10_000)
    world.sweep()
    assert ada.credits() == 3.0
    assert ada.call("GET /api/sessions/active").status == 204


def test_a_start_whose_answers_were_all_lost_is_given_back_once(world: World) -> None:
    ada = world.person()
    ada.credits()
    watch = Watch(world)

    with faults.plan(Fault(kind="timeout_after", operation="TransactWriteItems", times=FOR_EVER)):
        refused = ada.start()

    assert (refused.status, refused.code) == (503, "STORE_UNAVAILABLE")
    assert watch.now_s <= STORE_BUDGET_S
    assert ada.credits() == 2.0
    world.clock.move(10_000)
    world.sweep()
    world.sweep()
    assert ada.credits() == 3.0
    assert ada.start().status == 201


def test_reads_outlive_throttling(world: World) -> None:
    ada = world.person()
    ada.credits()
    Watch(world)

    with faults.plan(Fault(kind="throttle", operation="Query", times=2)):
        assert ada.credits() == 3.0


# The plane itself


def test_every_call_is_numbered_and_told_with_its_capacity(world: World) -> None:
    ada = world.person()

    with faults.plan() as plan:
        ada.start()

    assert [call.number for call in plan.calls] == list(range(1, len(plan.calls) + 1))
    assert {call.service for call in plan.calls} == {"dynamodb", "api.openai.com"}
    assert plan.fired == []
    capacity = plan.of("TransactWriteItems")[-1].capacity
    assert capacity is not None
    assert capacity.write > sum(capacity.indexes.values()) > 0


def test_a_crash_before_a_call_has_no_effect_and_one_after_it_has(world: World) -> None:
    before, after = world.person(), world.person()

    with faults.plan(Fault(kind="crash_before")), pytest.raises(Crash):
        before.start()
    with faults.plan(Fault(kind="crash_after", at=2)), pytest.raises(Crash):
        after.start()  # refused as unknown, then made

    kinds = [row["PK"]["S"] for row in world.rows() if row["kind"]["S"] == "user"]
    assert kinds == [f"USER#{after.user_id}"]


def test_a_provider_can_crash_time_out_and_throttle(world: World) -> None:
    ada = world.person()
    ada.credits()
    mint = "POST /v1/realtime/client_secrets"

    with faults.plan(Fault(kind="timeout_after", operation=mint)):
        assert ada.start().status == 504
    with faults.plan(Fault(kind="throttle", operation=mint)):
        assert ada.start().status == 503
    with faults.plan(Fault(kind="crash_after", operation=mint)), pytest.raises(Crash):
        ada.start()

    assert world.provider.count("/client_secrets") == 2


def test_a_plan_ends_with_its_block(world: World) -> None:
    ada = world.person()

    with faults.plan(Fault(kind="crash_before")), pytest.raises(Crash):
        ada.credits()

    assert ada.credits() == 3.0


def test_plans_do_not_nest() -> None:
    with faults.plan(), pytest.raises(RuntimeError, match="active"), faults.plan():
        pass


def test_points_and_counts_of_a_clean_run(world: World) -> None:
    ada, ben = world.person(), world.person()
    ada.credits()
    ben.credits()

    assert faults.points(ada.start) == 3
    assert faults.count(ben.start) == {
        "TransactWriteItems": 1,
        "POST /v1/realtime/client_secrets": 1,
        "UpdateItem": 1,
    }
