"""The announcement: small, naming the session only, and its failure told as what it is."""

import json

import boto3
import pytest
from moto import mock_aws

from greenroom.feedback.queue import FeedbackQueue
from greenroom.kernel.errors import Unavailable
from greenroom.kernel.ids import new_id
from greenroom.kernel.queue import Queue

REGION = "eu-central-1"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)


def queue(url: str) -> Queue:
    return Queue(url, endpoint=None, timeout_s=1.0, tries=1)


def test_an_announcement_is_a_small_message_that_names_the_session() -> None:
    session_id = new_id()
    with mock_aws():
        sqs = boto3.client("sqs", region_name=REGION)
        url = sqs.create_queue(QueueName="feedback")["QueueUrl"]

        FeedbackQueue(queue(url)).announce(session_id)

        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"sessionId": session_id}
    assert len(message["Body"]) < 2048


def test_a_queue_that_does_not_exist_is_unavailable() -> None:
    with mock_aws():
        nowhere = queue(f"https://sqs.{REGION}.amazonaws.com/1/none")

        with pytest.raises(Unavailable) as refusal:
            FeedbackQueue(nowhere).announce(new_id())

    assert refusal.value.code == "QUEUE_UNAVAILABLE"


def test_a_queue_without_a_region_is_unavailable_and_not_a_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION", raising=False)

    with pytest.raises(Unavailable):
        FeedbackQueue(queue("https://sqs.test/1/none")).announce(new_id())
