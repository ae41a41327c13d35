"""Every use case that writes dies before and after each of its calls: a repeat converges.

The audit counts every effect: the rows that are left are those of a clean run, but for names and
moments, and other parties and queues were asked as often, or once more for an answer that died
with its process. Figures are of the points that were met; THOROUGH=1 meets all of them.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import boto3
import pytest
from moto import mock_aws

from greenroom.kernel.errors import Refused
from tests.figures import Figure
from tests.reliability import faults
from tests.reliability.effects import Effects, asked, effects
from tests.reliability.every_call import few
from tests.reliability.faults import Crash, Fault, Kind
from tests.reliability.snapshots import Snapshot
from tests.reliability.use_cases import REQUIRED, USE_CASES, Act, Done, UseCase
from tests.world import World

KINDS: tuple[Kind, ...] = ("crash_before", "crash_after")


@pytest.fixture
def queued_world(make_world: Callable[..., World]) -> Iterator[Callable[..., World]]:
    """Worlds with a queue for announcements."""
    with mock_aws():
        url = boto3.client("sqs", region_name="eu-central-1").create_queue(QueueName="feedback")
        yield lambda **settings: make_world(FEEDBACK_QUEUE_URL=url["QueueUrl"], **settings)


def test_every_use_case_that_writes_has_its_scene() -> None:
    assert tuple(USE_CASES) == REQUIRED


@pytest.mark.timeout(900)  # all points of a deletion, on a busy machine
@pytest.mark.parametrize("name", USE_CASES)
def test_a_use_case_that_dies_at_any_call_converges(
    queued_world: Callable[..., World], name: str, figure: Figure
) -> None:
    case = USE_CASES[name]
    world = queued_world(**case.settings)
    done = case.set(world)
    begun = Snapshot(world)
    with faults.plan() as clean:
        answered(done.act)
    wanted = left(world, case, done)
    calls = len(clean.calls)

    wrong: list[str] = []
    met = [(at, kind) for at in few(calls) for kind in KINDS]
    for at, kind in met:
        begun.restore()
        with faults.plan(Fault(kind=kind, at=at)) as plan:
            with suppress(Crash):
                done.act()
            answered(done.again)
        assert plan.fired, f"there is no call {at}"
        found = left(world, case, done)
        excess = [f"- {row}" for row in wanted - found] + [f"+ {row}" for row in found - wanted]
        if excess or not asked_alike(case, asked(clean.calls), asked(plan.calls)):
            wrong.append("\n".join([f"{kind} at {at}", *excess, str(asked(plan.calls))]))

    figure("crash points", name, good=len(met) - len(wrong), of=len(met))
    assert not wrong, "\n\n".join(wrong)


def answered(act: Act) -> Any:
    """What somebody is told: never that something broke."""
    try:
        answer = act()
    except Refused as refusal:
        return refusal
    assert getattr(answer, "status", 200) < 500, answer
    return answer


def left(world: World, case: UseCase, done: Done) -> Effects:
    """All that is left in the end."""
    done.after()
    found = effects(world, varies=case.varies, keep=case.keep)
    found[f"in all {case.sums(world)}"] = 1
    return found


def asked_alike(case: UseCase, clean: Any, found: Any) -> bool:
    """Whether others were asked for what a clean run asks for, and hardly more often.

    A message may be missing where the schedule finds what it was about: that is in the rows.
    """
    few = {one: 0 if one.startswith("sqs ") else count for one, count in clean.items()}
    return set(found) <= set(clean) and all(
        few[one] <= found[one] <= count + case.asks_twice for one, count in clean.items()
    )
