"""The fast path to the feedback worker: an SQS message that names the session, nothing more."""

import json
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from greenroom.kernel.errors import Unavailable
from greenroom.kernel.limits import QUEUE_TIMEOUT_S


class FeedbackQueue:
    """Announces jobs. Losing one is harmless: the schedule finds what is due."""

    def __init__(self, url: str, *, endpoint: str | None) -> None:
        self._url = url
        self._endpoint = endpoint

    @cached_property
    def _client(self) -> Any:
        """Made by the first announcement: reading interviews needs no queue."""
        return boto3.client(
            "sqs",
            endpoint_url=self._endpoint,
            config=Config(
                connect_timeout=QUEUE_TIMEOUT_S,
                read_timeout=QUEUE_TIMEOUT_S,
                retries={"mode": "standard", "total_max_attempts": 2},
            ),
        )

    def announce(self, session_id: str) -> None:
        """Tell the worker that a job is due.

        Raises:
            Unavailable: the queue did not take the message.
        """
        body = json.dumps({"sessionId": session_id})
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body)
        except (BotoCoreError, ClientError) as failure:
            raise Unavailable(
                code="QUEUE_UNAVAILABLE", log={"reason": type(failure).__name__}
            ) from failure
