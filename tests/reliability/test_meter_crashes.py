"""Quotas while the process or the store fails at any call: no unit is lost, none is used twice."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from greenroom.kernel.errors import IdempotencyInProgress, StoreUnavailable
from greenroom.kernel.tenants import Tenant
from greenroom.table.patience import Patience
from greenroom.usage.domain import Allowance, Payer, Plan, Ticket
from greenroom.usage.forgetting import QuotaForgetting
from tests.quotas import ADA, EXAM, SCHOOL, Metered, allowances
from tests.reliability import faults
from tests.reliability.every_call import sampled
from tests.reliability.faults import Crash, Fault, Kind
from tests.world import World

KINDS: list[Kind] = ["crash_before", "crash_after", "timeout_after", "conflict"]
CALLS_MAX = 30
LONG = {"an erasure"}  # of so many calls that a sample of them is met, all where THOROUGH is set


class Story:
    """One school, and what happens to its quota; every story has ids of its own."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.metered = Metered(world, plan=Plan({"exam_generation": Allowance(5)}))
        self.key = f"r{number}"
        self.school = Tenant("preschool", f"{SCHOOL.tenant_id[:-4]}{number:04}")
        self.metered.payer = Payer(ADA, self.school)

    def reserved(self) -> Ticket | None:
        """Reserve as a client does that waits while it is told to; None once it was answered."""
        try:
            got = self.metered.reserve(self.key)
        except IdempotencyInProgress:
            self.world.clock.move(301)
            got = self.metered.reserve(self.key)
        return got if isinstance(got, Ticket) else None

    def answered(self) -> None:
        ticket = self.reserved()
        if ticket is not None:
            self.metered.meter.settle(ticket, answer=b"{}")

    def failed(self) -> None:
        ticket = self.reserved()
        if ticket is not None:
            self.metered.meter.release(ticket, reason="failed")

    def cancelled(self) -> None:
        assert self.metered.meter.cancel(ADA, self.key) == "released"

    def swept(self) -> None:
        self.metered.meter.sweep(self.world.clock())

    def looked_at(self) -> None:
        self.metered.meter.quota(self.metered.payer, EXAM, plan=self.metered.plan)

    def limited(self) -> None:
        allowances(self.metered).set_allowance(
            self.school, "exam_generation", Allowance(9), actor="op"
        )

    def adjusted(self) -> None:
        allowances(self.metered).adjust(
            self.metered.payer.owner,
            "exam_generation",
            units=3,
            reason="x",
            actor="op",
            key="ticket-1",
        )

    def erased(self) -> None:
        forgetting = QuotaForgetting(self.world.table)
        while not forgetting.run(ADA):
            pass

    def held(self) -> None:
        self.metered.held(self.key)

    def crashed(self) -> None:
        self.held()
        self.world.clock.move(301)

    def nearly_used(self) -> None:
        for number in range(4):
            self.metered.held(f"{self.key}-{number}")

    def own(self) -> None:
        self.metered.payer = Payer(ADA)
        self.metered.meter.settle(self.metered.held(self.key), answer=b"secret")
        self.metered.payer = Payer(ADA, self.school)
        self.metered.meter.settle(self.metered.held(f"{self.key}-2"), answer=b"secret")

    def state(self) -> str:
        """What became of the request."""
        (row,) = [
            row for row in self.metered.rows("reservation") if row["PK"]["S"].endswith(self.key)
        ]
        return str(row["state"]["S"])

    def rows(self, kind: str) -> list[dict[str, Any]]:
        return [
            row
            for row in self.metered.rows(kind)
            if row["PK"]["S"].startswith(self.metered.payer.owner.pk())
        ]


def stands(used: int, *, state: str, told: int = 0) -> Callable[[Story], None]:
    def check(story: Story) -> None:
        story.swept()  # whatever a crash left behind
        assert story.state() == state
        assert story.metered.used() == used
        assert story.metered.used("user") == used
        assert not [row for row in story.rows("reservation") if "GSI2PK" in row]
        logged = {(one["request_id"], one["attempt"]) for one in story.metered.logged}
        assert len(logged) >= told

    return check


def has_reached_80(story: Story) -> None:
    (event,) = story.rows("quota_event")
    assert (event["percent"]["N"], event["used"]["N"]) == ("80", "4")


def begins_with(limit: int, available: int) -> Callable[[Story], None]:
    def check(story: Story) -> None:
        (row,) = [row for row in story.rows("quota") if "#U#" not in row["SK"]["S"]]
        assert (row["limit_units"]["N"], row["available"]["N"]) == (str(limit), str(available))

    return check


def leaves_nothing_of_ada(story: Story) -> None:
    rows = story.world.rows()
    assert not [row for row in rows if row["PK"]["S"].startswith(f"USER#{ADA}")]
    assert not [row for row in rows if row.get("GSI1PK", {}).get("S") == f"USER#{ADA}"]
    assert not [row for row in rows if row["kind"]["S"] == "generation"]
    assert "reservation" in {row["kind"]["S"] for row in rows}, "the school's account stays"


Step = Callable[[Story], Any]


def nothing(_: Story) -> None:
    """There is nothing to prepare."""


STORIES: dict[str, tuple[Step, Step, Step]] = {
    "a call": (nothing, Story.answered, stands(1, state="settled")),
    "a call that fails": (nothing, Story.failed, stands(0, state="released")),
    "a cancelled call": (Story.held, Story.cancelled, stands(0, state="released")),
    "a repeat after a crash": (Story.crashed, Story.answered, stands(1, state="settled", told=1)),
    "the sweep of a crash": (Story.crashed, Story.swept, stands(0, state="released", told=1)),
    "a threshold": (Story.nearly_used, Story.looked_at, has_reached_80),
    "an allowance": (Story.held, Story.limited, begins_with(9, 8)),
    "a first allowance": (nothing, Story.limited, begins_with(9, 9)),
    "an adjustment": (Story.held, Story.adjusted, begins_with(5, 4 + 3)),
    "an erasure": (Story.own, Story.erased, leaves_nothing_of_ada),
}


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_fails_at_any_call_and_is_tried_again_is_done_once(
    world: World, name: str, kind: Kind
) -> None:
    prepare, act, check = STORIES[name]
    operation = "TransactWriteItems" if kind == "conflict" else None
    for at in sampled(CALLS_MAX) if name in LONG else range(1, CALLS_MAX):
        story = Story(world, at)
        prepare(story)
        with faults.plan(Fault(kind=kind, at=at, operation=operation)) as plan, suppress(Crash):
            act(story)
        audit(story, name)

        act(story)

        audit(story, name)
        check(story)
        if not plan.fired:
            break
    else:
        pytest.fail("the act makes more calls than that")


def audit(story: Story, name: str) -> None:
    """The books agree; not while an erasure is under way, which takes away both sides of them."""
    if name != "an erasure":
        story.metered.audit()


def test_a_store_that_is_down_lets_nobody_call_and_takes_nothing(world: World) -> None:
    story = Story(world, 1)
    world.table.patience = Patience(budget_s=0)  # one try, so that no test waits

    with (
        faults.plan(Fault(kind="unavailable", times=faults.FOR_EVER)),
        pytest.raises(StoreUnavailable) as refusal,
    ):
        story.held()

    assert refusal.value.retry_after_s == 1
    assert world.rows() == []


def test_a_sweep_that_meets_a_fault_goes_on_with_the_others(world: World) -> None:
    stories = [Story(world, number) for number in range(4)]
    for story in stories:
        story.held()
    world.clock.move(301)
    world.table.patience = Patience(budget_s=0)

    with faults.plan(Fault(kind="throttle", at=1, operation="TransactWriteItems")):
        swept = stories[0].metered.meter.sweep(world.clock())

    assert (swept.released, swept.failed) == (3, 1)
    assert stories[0].metered.notes == ["a reservation could not be swept"]
    assert stories[0].metered.meter.sweep(world.clock()).released == 1
    stories[0].metered.audit()
