"""Whoever uses a language model spills its row of the usage log where the table is away."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from greenroom.table.haste import HASTE
from greenroom.table.table import Table
from tests.practice import saved
from tests.proxies import Proxy
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.usage_log import logged
from tests.world import World

BEYOND_RESERVATION_S = 301


@pytest.fixture
def spilled(make_world: Any) -> Iterator[tuple[World, Callable[[], list[str]]]]:
    """A world whose log finds no table, and the messages in the queue of spilled rows."""
    with mock_aws():
        sqs = boto3.client("sqs", region_name="eu-central-1")
        url = sqs.create_queue(QueueName="spilled")["QueueUrl"]
        world = make_world(USAGE_LOG_QUEUE_URL=url)
        world.hasty_table = Table("nobody", world.connection, clock=world.clock, patience=HASTE)
        world.rewire()

        def bodies() -> list[str]:
            found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            return [message["Body"] for message in found]

        yield world, bodies


def test_the_feedback_worker_spills_its_row(
    spilled: tuple[World, Callable[[], list[str]]],
) -> None:
    world, bodies = spilled
    practice = saved(world)

    world.feedback()

    assert practice.detail()["feedbackStatus"] == "completed"
    assert logged(world) == []
    assert world.redrive(*bodies()) == []
    (row,) = logged(world)
    assert row["service_type"] == "interview_feedback"


def test_the_sweeper_spills_the_row_of_a_call_that_died(
    spilled: tuple[World, Callable[[], list[str]]],
) -> None:
    world, bodies = spilled
    proxy = Proxy(world)
    died = Fault(kind="crash_before", at=3, operation="TransactWriteItems")
    with faults.plan(died), pytest.raises(faults.Crash):
        proxy.generate()
    world.clock.move(BEYOND_RESERVATION_S)

    world.sweep()

    assert logged(world) == []
    assert world.redrive(*bodies()) == []
    (row,) = logged(world)
    assert (row["status"], row["units"]) == ("ok", 1)
