"""SQS as an operator needs it: which dead-letter queues there are, and moving their messages.

DynamoDB and providers have adapters of the product; no function of ours redrives, so this is here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from greenroom.kernel.errors import Unavailable

BATCH = 10  # SQS quotas: messages in one request
BATCH_BYTES = 262_144  # a quarter of today's quota of a batch, which was all of it until 2025
HIDDEN_S = 120  # how long a received message is nobody else's; after a crash it is seen again
WAIT_S = 1  # a long poll asks all servers of a queue, so that nothing is overlooked
LISTED_MAX = 1000  # queues of one account that are looked at
TRACE_HEADER = "AWSTraceHeader"

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A dead-letter queue: its messages, and the queues (by URL) from which they come."""

    name: str
    url: str
    visible: int
    hidden: int
    sources: tuple[str, ...]


class DeadLetters:
    """The dead-letter queues of one deployment."""

    def __init__(self, *, endpoint: str | None, region: str | None) -> None:
        self._client = boto3.client(
            "sqs",
            endpoint_url=endpoint,
            region_name=region,
            config=Config(
                connect_timeout=3,
                read_timeout=10,
                retries={"mode": "standard", "total_max_attempts": 4},
            ),
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def all(self, *, prefix: str = "") -> list[Waiting]:
        """Every dead-letter queue whose name begins so: those that a queue names, or that say so.

        What a schedule could not run has a queue that no other queue names.
        """
        facts = {url: self._facts(url) for url in self._urls(prefix)}
        sources: dict[str, list[str]] = {}
        for url, found in facts.items():
            policy = json.loads(found.get("RedrivePolicy") or "{}")
            if target := policy.get("deadLetterTargetArn"):
                sources.setdefault(target, []).append(url)
        return [
            Waiting(
                name=name_of(url),
                url=url,
                visible=int(found["ApproximateNumberOfMessages"]),
                hidden=int(found["ApproximateNumberOfMessagesNotVisible"]),
                sources=tuple(sources.get(found["QueueArn"], ())),
            )
            for url, found in sorted(facts.items())
            if found["QueueArn"] in sources or "DeadLetter" in name_of(url)
        ]

    def url_of(self, name: str) -> str:
        """Where the queue of that name is.

        Raises:
            ValueError: there is none.
        """
        try:
            with _answering():
                url: str = self._client.get_queue_url(QueueName=name)["QueueUrl"]
        except Unavailable as failure:
            if "NonExistent" in failure.log["reason"] or "DoesNotExist" in failure.log["reason"]:
                raise ValueError(f"there is no queue {name}") from failure
            raise
        return url

    def receive(self, url: str, *, most: int = BATCH) -> list[Message]:
        """Up to ``most`` messages, hidden from others for a while; none: the queue is empty."""
        with _answering():
            answer = self._client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(most, BATCH),
                VisibilityTimeout=HIDDEN_S,
                WaitTimeSeconds=WAIT_S,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        messages: list[Message] = answer.get("Messages", [])
        return messages

    def send(self, url: str, messages: Sequence[Message]) -> tuple[list[Message], list[str]]:
        """Send copies, body and attributes as they are: those that were taken, and why not others.

        Raises:
            Unavailable: nobody answered; any of them may have been taken.
        """
        taken, refused = list[Message](), list[str]()
        for batch in batches(messages):
            try:
                answer = self._send(url, batch)
            except _Refused as refusal:
                if len(batch) == 1:
                    refused.append(refusal.log["reason"])
                    continue
                for message in batch:  # one of them spoils it for the others
                    alone, why = self.send(url, [message])
                    taken += alone
                    refused += why
            else:
                taken += [batch[int(one["Id"])] for one in answer.get("Successful", [])]
                refused += [one["Code"] for one in answer.get("Failed", [])]
        return taken, refused

    def _send(self, url: str, batch: Sequence[Message]) -> Mapping[str, Any]:
        entries = [_entry(place, message) for place, message in enumerate(batch)]
        with _answering():
            answer: Mapping[str, Any] = self._client.send_message_batch(
                QueueUrl=url, Entries=entries
            )
        return answer

    def delete(self, url: str, messages: Sequence[Message]) -> int:
        """Remove received messages; how many are gone."""
        gone = 0
        for start in range(0, len(messages), BATCH):
            batch = messages[start : start + BATCH]
            entries = [
                {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]}
                for place, message in enumerate(batch)
            ]
            with _answering():
                answer = self._client.delete_message_batch(QueueUrl=url, Entries=entries)
            gone += len(answer.get("Successful", []))
        return gone

    def release(self, url: str, messages: Sequence[Message]) -> None:
        """Let others see received messages again, at once."""
        for message in messages:
            with _answering():
                self._client.change_message_visibility(
                    QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )

    def _urls(self, prefix: str) -> list[str]:
        asked = {"QueueNamePrefix": prefix} if prefix else {}
        with _answering():
            answer = self._client.list_queues(MaxResults=LISTED_MAX, **asked)
        urls: list[str] = answer.get("QueueUrls", [])
        return urls

    def _facts(self, url: str) -> Mapping[str, str]:
        with _answering():
            answer = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        facts: Mapping[str, str] = answer["Attributes"]
        return facts


def name_of(url: str) -> str:
    """The name of the queue at a URL."""
    return url.rstrip("/").rpartition("/")[2]


def batches(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """The messages as SQS takes them at once: at most ten, and not too many bytes together."""
    batch, weight = list[Message](), 0
    for message in messages:
        own = _weight(message)
        if batch and (len(batch) == BATCH or weight + own > BATCH_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(message)
        weight += own
    if batch:
        yield batch


def _weight(message: Message) -> int:
    attributes = message.get("MessageAttributes", {})
    told = sum(
        len(name) + len(str(value.get("StringValue", ""))) + len(value.get("BinaryValue", b"")) + 16
        for name, value in attributes.items()
    )
    return len(message["Body"].encode()) + told


def _entry(place: int, message: Message) -> dict[str, Any]:
    """A message as a batch sends it: what a worker reads of it is as it was."""
    entry: dict[str, Any] = {"Id": str(place), "MessageBody": message["Body"]}
    if attributes := message.get("MessageAttributes"):
        entry["MessageAttributes"] = {
            name: {
                field: value[field]
                for field in ("DataType", "StringValue", "BinaryValue")
                if field in value
            }
            for name, value in attributes.items()
        }
    if trace := message.get("Attributes", {}).get(TRACE_HEADER):
        header = {"DataType": "String", "StringValue": trace}
        entry["MessageSystemAttributes"] = {TRACE_HEADER: header}
    return entry


class _Refused(Unavailable):
    """SQS answered that it does not do this, however often it is asked."""


@contextmanager
def _answering() -> Iterator[None]:
    """A failure of SQS as ours.

    Raises:
        Unavailable: SQS did not answer, or refused; the reason names which.
    """
    try:
        yield
    except ClientError as failure:
        status = failure.response["ResponseMetadata"]["HTTPStatusCode"]
        kind = _Refused if status < 500 else Unavailable
        raise _unavailable(kind, failure.response["Error"]["Code"]) from failure
    except BotoCoreError as failure:
        raise _unavailable(Unavailable, type(failure).__name__) from failure


def _unavailable(kind: type[Unavailable], reason: str) -> Unavailable:
    detail = "The queue did not do what was asked."
    return kind(detail, code="QUEUE_UNAVAILABLE", log={"reason": reason})
