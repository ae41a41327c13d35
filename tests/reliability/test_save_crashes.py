"""A save that dies at any call that leaves the process: sent again, it converges."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from greenroom.table.patience import Patience
from tests.practice import Practice, live, rows, saved, turns
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault, Kind
from tests.world import Reply, World

TRIES_MAX = 4
KINDS: list[Kind] = ["crash_before", "crash_after", "timeout_before", "timeout_after"]


@pytest.fixture
def announcing_world(make_world: Any) -> Iterator[World]:
    """A world with a queue for announcements."""
    with mock_aws():
        sqs = boto3.client("sqs", region_name="eu-central-1")
        yield make_world(
            INITIAL_CENTICREDITS="100000",
            FEEDBACK_QUEUE_URL=sqs.create_queue(QueueName="feedback")["QueueUrl"],
        )


def persist(practice: Practice, messages: list[dict[str, Any]]) -> Reply:
    """Save until there is an answer, as the page does from its local copy."""
    for _ in range(TRIES_MAX):
        try:
            answer = practice.save(messages)
        except Crash:
            continue
        if answer.status < 500:
            return answer
    raise AssertionError("the save never got through")


def assert_converged(world: World, practice: Practice, count: int) -> None:
    """Everything that was said is there, once, with one job, and nothing is left behind."""
    assert [stamp for stamp, _, _ in practice.said()] == [one["timestamp"] for one in turns(count)]
    assert practice.detail()["status"] == "completed"
    assert practice.person.call("GET /api/sessions/active").status == 204
    (record,) = rows(world, "interview", practice)
    chunks = rows(world, "transcript_chunk", practice)
    lasting = {row["SK"]["S"].split("#")[1] for row in chunks if "ttl" not in row}
    assert lasting == {record["generation"]["S"]}, "other generations go by themselves"
    assert len(rows(world, "feedback", practice)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_first_save_killed_at_any_call_loses_nothing(announcing_world: World, kind: Kind) -> None:
    world = announcing_world
    clean = live(world)
    points = faults.points(lambda: clean.save(turns(8)))

    for point in range(1, points + 1):
        practice = live(world)
        with faults.plan(Fault(kind=kind, at=point)) as plan:
            answer = persist(practice, turns(8))
        assert plan.fired, f"there is no call {point}"
        assert answer.status in {200, 201}
        assert_converged(world, practice, 8)

    work_off(world)
    assert world.provider.count("/chat/completions") == points + 1, "one job an interview"


@pytest.mark.parametrize("kind", KINDS)
def test_a_resend_killed_at_any_call_loses_nothing(announcing_world: World, kind: Kind) -> None:
    world = announcing_world
    clean = saved(world)
    points = faults.points(lambda: clean.save(turns(12, first=4)))

    for point in range(1, points + 1):
        practice = saved(world)
        with faults.plan(Fault(kind=kind, at=point)) as plan:
            answer = persist(practice, turns(12, first=4))
        assert plan.fired, f"there is no call {point}"
        assert (answer.status, answer.body["messageCount"]) == (200, 16)
        assert_converged(world, practice, 16)


def test_a_store_that_stays_away_is_told_and_nothing_is_half_saved(world: World) -> None:
    clean = live(world)
    points = faults.points(lambda: clean.save(turns(8)))
    world.table.patience = Patience(budget_s=0)  # one try, so that no test waits

    for point in range(1, points + 1):
        practice = live(world)
        with faults.plan(Fault(kind="timeout_before", at=point, times=faults.FOR_EVER)):
            answer = practice.save(turns(8))
        assert (answer.status, answer.code) == (503, "STORE_UNAVAILABLE")
        assert answer.headers["Retry-After"] == "1"
        assert practice.detail()["status"] == "live"
        assert practice.save(turns(8)).status == 201
        assert_converged(world, practice, 8)


def test_an_announcement_that_is_lost_is_made_good_by_the_schedule(
    announcing_world: World,
) -> None:
    world = announcing_world
    practice = live(world)
    with faults.plan(Fault(kind="timeout_before", operation="SendMessage", times=9)) as plan:
        answer = practice.save(turns(8))

    assert plan.fired
    assert answer.status == 201
    assert world.feedback() == {"worked": 1, "failed": 0}


def work_off(world: World) -> None:
    """Let the schedule do all that is due."""
    while world.feedback()["worked"]:
        pass
