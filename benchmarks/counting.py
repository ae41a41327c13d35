"""What leaves the process while something runs: calls and units of DynamoDB, messages, requests.

DynamoDB's units are those that the engine tells, entries of indexes included; a test computes
them anew by DynamoDB's own rules from the sizes of the items (tests/counts/test_units.py).
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from unittest import mock

import httpx

from greenroom.kernel import limits
from greenroom.table import item
from greenroom.table import table as of_rows
from greenroom.table.pool import Answer
from tests import aws
from tests.aws import Asked, Way
from tests.reliability import faults

SHARDS: Final = 8  # of the work index in a deployment; tests look at two
QUEUES: Final = {
    name: f"https://sqs.eu-central-1.amazonaws.com/123456789012/{name.lower()}"
    for name in ("FEEDBACK_QUEUE_URL", "USAGE_LOG_QUEUE_URL")
}
"""Settings of a world whose messages are to be counted; see ``as_deployed``."""

_TRANSACTION: Final = "TransactWriteItems"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one use case does outside its process.

    Units are of DynamoDB (one write of at most 1 KB, two in a transaction; one consistent read of
    at most 4 KB, half of one otherwise), index entries included. Items written are those of all
    writing calls, checks of a transaction included; items read are those that were looked at.
    """

    name: str
    reads: int
    transactions: int
    updates: int
    items_read: int
    items_written: int
    read_units: float
    write_units: float
    messages: int
    provider_calls: int

    @property
    def round_trips(self) -> int:
        """How often DynamoDB was called."""
        return self.reads + self.transactions + self.updates


def cost(name: str, run: Callable[[], object]) -> Cost:
    """What ``run`` costs."""
    with counting() as tally:
        run()
    return tally.cost(name)


class Tally:
    """What left the process while it was counted."""

    def __init__(self, plan: faults.Plan) -> None:
        self._plan = plan
        self._items_read = 0
        self._requests = 0

    def cost(self, name: str) -> Cost:
        """The sum."""
        calls = [call for call in self._plan.calls if call.service == "dynamodb"]
        reads = sum(call.operation in faults.READS for call in calls)
        transactions = sum(call.operation == _TRANSACTION for call in calls)
        capacities = [call.capacity for call in calls if call.capacity]
        others = {"dynamodb", "sqs", "secretsmanager"}
        return Cost(
            name=name,
            reads=reads,
            transactions=transactions,
            updates=len(calls) - reads - transactions,
            items_read=self._items_read,
            items_written=sum(map(_items_written, calls)),
            read_units=sum(capacity.read for capacity in capacities),
            write_units=sum(capacity.write for capacity in capacities),
            messages=len(self._plan.of("SendMessage")),
            provider_calls=self._requests
            + sum(call.service not in others for call in self._plan.calls),
        )

    def heard(self, operation: str, parsed: Any) -> None:
        """Note what DynamoDB answered."""
        if operation in faults.READS:
            self._items_read += _items_read(parsed)

    def asked(self) -> None:
        """Note a request that went to a server of a provider."""
        self._requests += 1


@contextmanager
def counting() -> Iterator[Tally]:
    """Count inside the block."""
    with faults.plan() as plan:
        tally, ask = Tally(plan), httpx.HTTPTransport.handle_request

        def heard(request: Asked, way: Way) -> Answer:
            answer = way(request)
            if request.service == "dynamodb" and answer.status == HTTPStatus.OK:
                tally.heard(request.operation, json.loads(answer.body))
            return answer

        def asked(self: Any, request: httpx.Request) -> httpx.Response:
            tally.asked()
            return ask(self, request)

        with (
            aws.watched(heard),
            mock.patch.object(httpx.HTTPTransport, "handle_request", asked),
        ):
            yield tally


@contextmanager
def as_deployed() -> Iterator[None]:
    """The work index has as many partitions as in a deployment, and a queue takes every message."""
    modules = (limits, item, of_rows)
    before = [vars(module)["INDEX_SHARDS"] for module in modules]
    for module in modules:
        vars(module)["INDEX_SHARDS"] = SHARDS
    try:
        with aws.watched(_taken):
            yield
    finally:
        for module, shards in zip(modules, before, strict=True):
            vars(module)["INDEX_SHARDS"] = shards


def _taken(asked: Asked, way: Way) -> Answer:
    """A queue takes a message."""
    if asked.service != "sqs":
        return way(asked)
    return Answer(HTTPStatus.OK, {}, b'{"MessageId": "1"}')


def _items_written(call: faults.CallRecord) -> int:
    if call.operation == "BatchWriteItem":
        return sum(map(len, call.request["RequestItems"].values()))
    if call.operation == _TRANSACTION:
        return len(call.request["TransactItems"])
    return int(call.operation in {"PutItem", "UpdateItem", "DeleteItem"})


def _items_read(parsed: Any) -> int:
    if "ScannedCount" in parsed:
        return int(parsed["ScannedCount"])
    if isinstance(parsed.get("Responses"), dict):
        return sum(map(len, parsed["Responses"].values()))
    return len(parsed["Responses"]) if "Responses" in parsed else int("Item" in parsed)
