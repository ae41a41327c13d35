"""The fault plane: every call that leaves the process is numbered, recorded, and can fail.

    with faults.plan(Fault(kind="crash_after", at=2)) as plan:
        ...
    plan.calls  # what left the process: service, operation, consumed capacity, fault

A *call* is one try on the wire, so a retry is a call of its own. Calls to AWS are seen by a
watcher (``tests.aws``) while a plan is active; calls of httpx by ``Transport``, which
``tests.world`` puts around the provider and which does nothing without a plan. The plan is one for
the whole process, because the handlers that a test runs in threads share their fate; numbering is
locked, and plans do not nest.

``Crash`` is a BaseException, so that no ``except Exception`` outlives the death of its process.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, TypeVar

import httpx
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from greenroom.table.pool import Answer
from tests import aws
from tests.aws import Asked, Way

Kind = Literal[
    "crash_before",  # the process dies, nothing was sent
    "crash_after",  # the process dies, the effect is there
    "timeout_before",  # no connection, no effect
    "timeout_after",  # the effect is there, the answer never came
    "throttle",  # refused by DynamoDB, or 429 by a provider; no effect
    "conflict",  # TransactionConflict; no effect; DynamoDB only
    "unavailable",  # 500 of DynamoDB, 503 of a provider; no effect
]
FOR_EVER = 1_000_000
CAPACITY_TOLD = {
    "GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems",
    "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
}  # fmt: skip
READS = {"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"}


class Crash(BaseException):
    """The process died here."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to the ``at``-th call (from 1), and to the ``times - 1`` calls after it.

    With an ``operation`` (``TransactWriteItems``, ``POST /v1/realtime/calls``) only its calls are
    counted for ``at``.
    """

    kind: Kind
    at: int = 1
    times: int = 1
    operation: str | None = None


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Units of DynamoDB that a call consumed in all; ``indexes`` is each index's part of it."""

    read: float = 0
    write: float = 0
    indexes: dict[str, float] = field(default_factory=dict)


@dataclass(kw_only=True)
class CallRecord:
    """One call that left the process, or would have."""

    number: int
    service: str  # dynamodb, sqs, secretsmanager; for httpx the host
    operation: str  # TransactWriteItems; for httpx method and path
    request: Any  # the JSON that was sent to AWS; the request of httpx
    fault: Kind | None = None
    capacity: Capacity | None = None


class Plan:
    """The faults of one ``with`` block, and what left the process inside it."""

    takes_turns = False  # whether calls wait for one another

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        self.calls: list[CallRecord] = []
        self._lock = threading.Lock()

    @property
    def fired(self) -> list[CallRecord]:
        """The calls that a fault met."""
        return [call for call in self.calls if call.fault]

    def of(self, operation: str) -> list[CallRecord]:
        """The calls of one operation."""
        return [call for call in self.calls if call.operation == operation]

    def enter(self, service: str, operation: str, request: Any) -> CallRecord:
        """Number a call, and decide its fate."""
        with self._lock:
            call = CallRecord(
                number=len(self.calls) + 1, service=service, operation=operation, request=request
            )
            self.calls.append(call)
            same = sum(one.operation == operation for one in self.calls)
            for fault in self.faults:
                place = call.number if fault.operation is None else same
                wanted = fault.operation in {None, operation}
                if wanted and fault.at <= place < fault.at + fault.times:
                    call.fault = fault.kind
            return call


_active: Plan | None = None
P = TypeVar("P", bound=Plan)


@contextmanager
def active(wanted: P) -> Iterator[P]:
    """Let this plan have its way with every call inside the block."""
    global _active  # noqa: PLW0603 (one process, one plan)
    if _active is not None:
        raise RuntimeError("a plan is active already")
    _active = wanted
    try:
        with aws.watched(partial(_watch, wanted)):
            yield wanted
    finally:
        _active = None


def plan(*faults: Fault) -> AbstractContextManager[Plan]:
    """Let these faults happen inside the block, and record every call."""
    return active(Plan(*faults))


def take_turns() -> bool:
    """Whether the calls of threads leave the process one at a time, in an order that was given."""
    return _active is not None and _active.takes_turns


def acted_unheard() -> bool:
    """Whether the newest call of the plan had its effect although its answer was lost."""
    newest = _active.calls[-1] if _active is not None and _active.calls else None
    return newest is not None and newest.fault is not None and newest.capacity is not None


def points(run: Callable[[], object]) -> int:
    """How many calls a clean run makes: the points at which it can break."""
    with plan() as clean:
        run()
    return len(clean.calls)


def count(run: Callable[[], object]) -> Counter[str]:
    """How often a clean run calls each operation."""
    with plan() as clean:
        run()
    return Counter(call.operation for call in clean.calls)


class Transport(httpx.BaseTransport):
    """Puts the requests of an httpx client on the plane."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, if the plan lets it."""
        planned = _active
        if planned is None:
            return self.inner.handle_request(request)
        name = f"{request.method} {request.url.path}"
        call = planned.enter(request.url.host, name, request)
        if call.fault == "crash_before":
            raise Crash(call)
        if call.fault == "timeout_before":
            raise httpx.ConnectTimeout("no connection", request=request)
        if call.fault == "throttle":
            return httpx.Response(429, headers={"Retry-After": "1"}, json={"error": {}})
        if call.fault == "unavailable":
            return httpx.Response(503, json={"error": {}})
        if call.fault == "conflict":
            raise ValueError("only DynamoDB knows conflicts of transactions")
        answer = self.inner.handle_request(request)
        if call.fault == "crash_after":
            raise Crash(call)
        if call.fault == "timeout_after":
            raise httpx.ReadTimeout("no answer", request=request)
        return answer


def _watch(planned: Plan, asked: Asked, way: Way) -> Answer:
    """Put a request to AWS on the plane."""
    if asked.service == "dynamodb":
        wanted = asked.document | {"ReturnConsumedCapacity": "INDEXES"}
        if asked.operation in CAPACITY_TOLD:
            asked = replace(asked, body=json.dumps(wanted).encode())
    call = planned.enter(asked.service, asked.operation, asked.document)
    if call.fault == "crash_before":
        raise Crash(call)
    if call.fault == "timeout_before":
        raise ConnectTimeoutError(endpoint_url=asked.url, error="planned")
    if call.fault in {"throttle", "conflict", "unavailable"}:
        return refusal(call.fault, asked)
    answer = way(asked)
    if asked.service == "dynamodb":
        told = json.loads(answer.body).get("ConsumedCapacity")
        call.capacity = _capacity(call.operation, told)
    if call.fault == "crash_after":
        raise Crash(call)
    if call.fault == "timeout_after":
        raise ReadTimeoutError(endpoint_url=asked.url, error="planned")
    return answer


def refusal(kind: Kind, asked: Asked) -> Answer:
    """How DynamoDB says ``throttle``, ``conflict`` or ``unavailable``."""
    if kind == "throttle":
        return aws.refusal("ThrottlingException")
    if kind == "unavailable":
        return aws.refusal("InternalServerError", status=500)
    if asked.operation != "TransactWriteItems":
        return aws.refusal("TransactionConflictException")
    reasons = [{"Code": "None"} for _ in asked.document["TransactItems"]]
    reasons[0] = {"Code": "TransactionConflict", "Message": "planned"}
    return aws.refusal("TransactionCanceledException", CancellationReasons=reasons)


def _capacity(operation: str, told: Any) -> Capacity | None:
    """The sum over the tables that an answer tells of, indexes included, as AWS bills it."""
    if not told:
        return None
    units = 0.0
    indexes: dict[str, float] = {}
    for table in told if isinstance(told, list) else [told]:
        units += table.get("CapacityUnits", 0)
        for name, part in (table.get("GlobalSecondaryIndexes") or {}).items():
            indexes[name] = indexes.get(name, 0) + part.get("CapacityUnits", 0)
    if operation in READS:
        return Capacity(read=units, indexes=indexes)
    return Capacity(write=units, indexes=indexes)
