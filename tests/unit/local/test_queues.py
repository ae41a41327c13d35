"""Queues behave as SQS's do, through boto3 and through event sources."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.cloud import Cloud, queue_url
from local.pollers import succeeded
from local.pools import Invocation
from local.queues import Message, Queues
from local.resources import Queue, QueueSource
from tests.unit.local.clouds import client_of, running_cloud, until

JOBS = Queue(
    name="jobs", visibility_timeout_s=30, delay_s=0, dead_letter_queue="dead", max_receive_count=2
)
DEAD = Queue(
    name="dead", visibility_timeout_s=30, delay_s=0, dead_letter_queue=None, max_receive_count=0
)


class Clock:
    """A clock that only moves when told."""

    now_ms = 1_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queues(tmp_path: Path, clock: Clock) -> Iterator[Queues]:
    opened = Queues(tmp_path / "queues.db", [JOBS, DEAD], clock_ms=clock)
    yield opened
    opened.close()


def test_a_received_message_is_hidden_for_the_visibility_timeout(
    queues: Queues, clock: Clock
) -> None:
    queues.send("jobs", "a")

    assert [each.body for each in queues.receive("jobs")] == ["a"]
    assert queues.receive("jobs") == []
    clock.now_ms += 30_000
    (again,) = queues.receive("jobs")
    assert again.received == 2


def test_a_delayed_message_is_visible_after_its_delay(queues: Queues, clock: Clock) -> None:
    queues.send("jobs", "later", delay_s=5)

    clock.now_ms += 4_999
    assert queues.receive("jobs") == []
    assert queues.counts("jobs")["delayed"] == 1
    clock.now_ms += 1
    assert len(queues.receive("jobs")) == 1


def test_a_message_that_was_received_too_often_moves_to_the_dead_letter_queue(
    queues: Queues, clock: Clock
) -> None:
    sent = queues.send("jobs", "poison")
    for _ in range(2):
        assert queues.receive("jobs")
        clock.now_ms += 30_000

    assert queues.receive("jobs") == []
    assert [each.id for each in queues.messages("dead")] == [sent.id]
    assert queues.messages("jobs") == []


def test_an_old_receipt_deletes_nothing(queues: Queues, clock: Clock) -> None:
    queues.send("jobs", "a")
    (first,) = queues.receive("jobs")
    clock.now_ms += 30_000
    (second,) = queues.receive("jobs")

    queues.delete("jobs", str(first.receipt))
    assert len(queues.messages("jobs")) == 1
    queues.delete("jobs", str(second.receipt))
    assert queues.messages("jobs") == []


def test_messages_survive_the_process_that_sent_them(tmp_path: Path, queues: Queues) -> None:
    queues.send("jobs", "kept")

    # Nothing was closed: this is what a second process finds after a kill.
    found = Queues(tmp_path / "queues.db", [JOBS, DEAD])
    try:
        assert [each.body for each in found.messages("jobs")] == ["kept"]
    finally:
        found.close()


SOURCE = QueueSource(function="Worker", queue="jobs", batch_size=5, reports_item_failures=True)


def _batch(*names: str) -> list[Message]:
    return [
        Message(
            id=name,
            body=name,
            attributes={},
            sent_ms=0,
            visible_ms=0,
            first_received_ms=0,
            received=1,
            receipt=name,
        )
        for name in names
    ]


@pytest.mark.parametrize(
    ("payload", "done"),
    [
        (None, "abc"),
        ({}, "abc"),
        ({"batchItemFailures": []}, "abc"),
        ({"batchItemFailures": None}, "abc"),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, "ac"),
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, ""),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, ""),
        ({"batchItemFailures": [{"wrong": "b"}]}, ""),
        ({"batchItemFailures": "b"}, ""),
    ],
)
def test_a_report_decides_which_messages_are_done(payload: Any, done: str) -> None:
    kept = succeeded(SOURCE, _batch("a", "b", "c"), Invocation(payload))

    assert "".join(each.id for each in kept) == done


def test_an_error_fails_the_whole_batch() -> None:
    assert succeeded(SOURCE, _batch("a"), Invocation({}, "Unhandled")) == []


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running_cloud(tmp_path_factory.mktemp("queues")) as running:
        yield running


@pytest.fixture
def sqs(cloud: Cloud) -> Iterator[Any]:
    client = boto3.client(
        "sqs",
        endpoint_url=f"{cloud.address}/_sqs",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    yield client
    client.close()


def _events(cloud: Cloud) -> list[dict[str, Any]]:
    seen = cloud.pools["Worker"]._environ["SEEN_FILE"]
    file = Path(seen)
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def _records(cloud: Cloud, body: str) -> list[dict[str, Any]]:
    return [
        record
        for event in _events(cloud)
        for record in event.get("Records", [])
        if record["body"] == body
    ]


def test_a_message_sent_with_boto3_reaches_its_function_as_an_sqs_event(
    cloud: Cloud, sqs: Any
) -> None:
    sent = sqs.send_message(
        QueueUrl=queue_url(cloud.address, "Jobs"),
        MessageBody="hello",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "job"}},
    )

    (record,) = until(lambda: _records(cloud, "hello"))
    attributes = record.pop("attributes")
    assert record.pop("receiptHandle")
    assert record == {
        "messageId": sent["MessageId"],
        "body": "hello",
        "messageAttributes": {
            "kind": {
                "stringValue": "job",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            }
        },
        "md5OfBody": sent["MD5OfMessageBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:Jobs",
        "awsRegion": "us-east-1",
    }
    assert attributes["ApproximateReceiveCount"] == "1"
    with client_of(cloud) as http:
        until(lambda: not http.get("/_control/queues").json()["items"][0]["messages"])


@pytest.mark.parametrize("body", ["refuse this", "poison all"])
def test_a_message_that_always_fails_is_retried_and_ends_in_the_dead_letter_queue(
    cloud: Cloud, sqs: Any, body: str
) -> None:
    sqs.send_message(QueueUrl=queue_url(cloud.address, "Jobs"), MessageBody=body)

    with client_of(cloud) as http:

        def dead() -> list[dict[str, Any]]:
            items = http.get("/_control/queues").json()["items"]
            return [each for each in items[1]["messages"] if each["body"] == body]

        assert len(until(dead)) == 1
    assert len(_records(cloud, body)) == 2


def test_boto3_finds_sends_receives_hides_and_deletes(cloud: Cloud, sqs: Any) -> None:
    url = sqs.get_queue_url(QueueName="JobsDead")["QueueUrl"]
    sqs.purge_queue(QueueUrl=url)
    entries = [{"Id": str(number), "MessageBody": f"m{number}"} for number in range(3)]
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 3

    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)["Messages"]

    assert sorted(message["Body"] for message in got) == ["m0", "m1", "m2"]
    sqs.change_message_visibility(
        QueueUrl=url, ReceiptHandle=got[0]["ReceiptHandle"], VisibilityTimeout=0
    )
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert counts["ApproximateNumberOfMessages"] == "1"
    assert counts["ApproximateNumberOfMessagesNotVisible"] == "2"
    handles = [{"Id": each["MessageId"], "ReceiptHandle": each["ReceiptHandle"]} for each in got]
    assert len(sqs.delete_message_batch(QueueUrl=url, Entries=handles)["Successful"]) == 3
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="Nothing")
