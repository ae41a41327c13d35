"""A feedback worker that dies at any call that leaves the process: run again, it converges."""

import contextlib
import json
from typing import Any

import pytest

from greenroom.table.patience import Patience
from tests.practice import Practice, rows, saved
from tests.reliability import faults
from tests.reliability.every_call import sampled
from tests.reliability.faults import Crash, Fault, Kind
from tests.world import World

ASK = "POST /v1/chat/completions"
LEASE_S = 300
KINDS: list[Kind] = [
    "crash_before",
    "crash_after",
    "timeout_before",
    "timeout_after",
    "throttle",
    "unavailable",
]


@pytest.fixture
def rich_world(make_world: Any) -> World:
    """A world whose people can afford many interviews."""
    world: World = make_world(INITIAL_CENTICREDITS="100000")
    return world


def announce(world: World, practice: Practice) -> Any:
    """Hand the worker the message that names the interview."""
    record = {"messageId": "1", "body": json.dumps({"sessionId": practice.session_id})}
    return world.invoke("feedback", {"Records": [record]}, remaining_ms=119_000)


def calls_of_one_job(world: World) -> int:
    """At how many calls a worker can die."""
    practice = saved(world)
    points = faults.points(lambda: announce(world, practice))
    assert points >= 6, "job, claim, session, transcript, model, result"
    return points


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_killed_at_any_call_converges(rich_world: World, kind: Kind) -> None:
    world = rich_world

    for point in range(1, calls_of_one_job(world) + 1):
        practice = saved(world)
        before = world.provider.count("/chat/completions")
        with (
            faults.plan(Fault(kind=kind, at=point)) as plan,
            contextlib.suppress(Crash),
        ):
            announce(world, practice)
        assert plan.fired, f"there is no call {point}"
        world.clock.move(LEASE_S)
        world.feedback()

        detail = practice.detail()
        assert detail["feedbackStatus"] == "completed", f"{kind} at call {point}"
        assert detail["feedback"]["overallScore"] == 70
        assert world.provider.count("/chat/completions") - before <= 2
        (row,) = rows(world, "feedback", practice)
        assert "GSI2PK" not in row, "nothing is due any more"


def test_a_store_that_goes_away_halfway_fails_the_message_and_nothing_else(
    rich_world: World,
) -> None:
    world = rich_world
    points = calls_of_one_job(world)
    world.table.patience = Patience(budget_s=0)  # one try, so that no test waits

    for point in sampled(points + 1):
        practice = saved(world)
        with faults.plan(Fault(kind="timeout_before", at=point, times=faults.FOR_EVER)):
            answer = announce(world, practice)
        assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
        world.clock.move(LEASE_S)
        world.feedback()
        assert practice.detail()["feedbackStatus"] == "completed", f"call {point}"


def test_a_retry_killed_at_any_call_converges_to_one_more_job(rich_world: World) -> None:
    world = rich_world
    clean = failed(world)
    points = faults.points(clean.request_feedback)
    world.feedback()

    for kind in ("crash_before", "crash_after"):
        for point in sampled(points + 1):
            practice = failed(world)
            with (
                faults.plan(Fault(kind=kind, at=point)) as plan,
                contextlib.suppress(Crash),
            ):
                practice.request_feedback()
            assert plan.fired
            before = world.provider.count("/chat/completions")

            assert practice.request_feedback().body == {"feedbackStatus": "pending"}
            world.feedback()

            assert practice.detail()["feedbackStatus"] == "completed"
            assert world.provider.count("/chat/completions") == before + 1


def failed(world: World) -> Practice:
    """An interview whose feedback was given up."""
    practice = saved(world)
    with faults.plan(Fault(kind="unavailable", operation=ASK, times=3)) as plan:
        for pause_s in (60, 300, 0):
            world.feedback()
            world.clock.move(pause_s)
    assert len(plan.fired) == 3
    assert practice.detail()["feedbackStatus"] == "failed"
    return practice
