"""SQS event sources: messages become genuine SQS events, answers decide what is deleted."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from local.cloudformation import REGION
from local.pools import Invocation, Pool
from local.queues import Message, Queues
from local.resources import QueueSource
from local.sqs import queue_arn

CONCURRENCY = 2
"""Batches of one event source at a time (Lambda: a maximum concurrency is at least 2)."""

IDLE_S = 5.0
"""How often a queue is looked at when nothing was announced."""


async def poll(source: QueueSource, *, queues: Queues, pool: Pool) -> None:
    """Hand messages to the function for ever; one call is one consumer."""
    while True:
        messages = queues.receive(source.queue, most=source.batch_size)
        if not messages:
            await queues.wait(source.queue, limit_s=IDLE_S)
            continue
        invocation = await pool.invoke(sqs_event(source.queue, messages))
        for message in succeeded(source, messages, invocation):
            assert message.receipt is not None
            queues.delete(source.queue, message.receipt)


def sqs_event(queue: str, messages: Sequence[Message]) -> dict[str, Any]:
    """The event that Lambda makes of a batch (Lambda developer guide, "Using Lambda with SQS")."""
    return {
        "Records": [
            {
                "messageId": message.id,
                "receiptHandle": message.receipt,
                "body": message.body,
                "attributes": message.system_attributes,
                "messageAttributes": {
                    name: _event_attribute(value) for name, value in message.attributes.items()
                },
                "md5OfBody": message.md5,
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn(queue),
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def succeeded(
    source: QueueSource, messages: Sequence[Message], invocation: Invocation
) -> list[Message]:
    """The messages of a batch that are done; the others return after the visibility timeout.

    Lambda developer guide, "Success and failure conditions": an error, or a report that names an
    unknown or empty identifier, fails the whole batch; an empty report is a success.
    """
    if invocation.function_error is not None:
        return []
    payload = invocation.payload
    if not source.reports_item_failures or not isinstance(payload, dict):
        return list(messages)
    reported = payload.get("batchItemFailures") or []
    if not isinstance(reported, list):
        return []
    failed = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in reported]
    known = {message.id for message in messages}
    if any(identifier not in known for identifier in failed):
        return []
    return [message for message in messages if message.id not in failed]


def start_pollers(
    sources: Sequence[QueueSource], *, queues: Queues, pools: Mapping[str, Pool]
) -> list[asyncio.Task[None]]:
    """Start the consumers of every event source; the caller cancels them."""
    return [
        asyncio.create_task(poll(source, queues=queues, pool=pools[source.function]))
        for source in sources
        for _ in range(CONCURRENCY)
    ]


def _event_attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        "stringValue": value.get("StringValue"),
        "binaryValue": value.get("BinaryValue"),
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value["DataType"],
    }
    return {key: item for key, item in given.items() if item is not None}
