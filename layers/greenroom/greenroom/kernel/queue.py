"""Messages to a queue of SQS: one sender for all rooms that announce or hand on something."""

from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from greenroom.kernel.errors import Unavailable
from greenroom.kernel.telemetry import correlation_id, phase

CORRELATION = "correlation_id"  # of a message's attributes; ``web.worker`` reads it


class Queue:
    """Sends messages. A try waits at most ``timeout_s`` for a connection and then for an answer.

    A message carries what the request is called by that it comes from, if it comes from one.
    """

    def __init__(self, url: str, *, endpoint: str | None, timeout_s: float, tries: int) -> None:
        self._url = url
        self._endpoint = endpoint
        self._timeout_s = timeout_s
        self._tries = tries

    @cached_property
    def _client(self) -> Any:
        """Made by the first message: who sends none needs no queue."""
        return boto3.client(
            "sqs",
            endpoint_url=self._endpoint,
            config=Config(
                connect_timeout=self._timeout_s,
                read_timeout=self._timeout_s,
                retries={"mode": "standard", "total_max_attempts": self._tries},
            ),
        )

    def check(self) -> None:
        """The queue is there and answers.

        Raises:
            Unavailable: it is not, or does not.
        """
        try:
            self._client.get_queue_attributes(
                QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessages"]
            )
        except (BotoCoreError, ClientError) as failure:
            raise Unavailable(
                code="QUEUE_UNAVAILABLE", log={"reason": type(failure).__name__}
            ) from failure

    def send(self, body: str) -> None:
        """Send one message.

        Raises:
            Unavailable: the queue did not take it.
        """
        request: dict[str, Any] = {"QueueUrl": self._url, "MessageBody": body}
        if named := correlation_id():
            attribute = {"DataType": "String", "StringValue": named}
            request["MessageAttributes"] = {CORRELATION: attribute}
        try:
            with phase("queue"):
                self._client.send_message(**request)
        except (BotoCoreError, ClientError) as failure:
            raise Unavailable(
                code="QUEUE_UNAVAILABLE", log={"reason": type(failure).__name__}
            ) from failure
