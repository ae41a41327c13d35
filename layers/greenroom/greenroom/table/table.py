"""The table itself: reads, single conditional updates, and where transactions are sent."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from pynamodb.connection import Connection
from pynamodb.exceptions import VerboseClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from greenroom.kernel.clock import Clock, from_text, utc_now
from greenroom.kernel.errors import StoreUnavailable
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import (
    INDEX_SHARDS,
    STORE_CONNECT_TIMEOUT_S,
    STORE_READ_TIMEOUT_S,
)
from greenroom.kernel.telemetry import count, measure, phase
from greenroom.table.item import I, Item, Key, RawItem, UnreadableItem
from greenroom.table.paging import Page, cursor_at, query_request, start_of
from greenroom.table.patience import Patience
from greenroom.table.refusals import codes_for_log, is_conflict, passes, whole
from greenroom.table.transaction import Otherwise, Step, Transaction, Violation
from greenroom.table.wire import WireConnection
from greenroom.table.written import partitions

QUERY_TRIPS_MAX = 25  # a page that is filtered down hard still ends
BATCH_MAX = 25  # DynamoDB: items in one BatchWriteItem

Client = Literal["wire", "botocore"]
CLIENTS: dict[Client, type[Connection]] = {"wire": WireConnection, "botocore": Connection}

Note = Callable[[str, dict[str, Any]], None]
Watcher = Callable[[frozenset[str]], None]


class Table:
    """One DynamoDB table over one connection, shared by all stores of a function.

    The connection itself must not retry: all tries share the one budget of ``patience``.
    """

    def __init__(
        self,
        name: str,
        connection: Connection,
        *,
        clock: Clock = utc_now,
        patience: Patience | None = None,
        note: Note = lambda _message, _facts: None,
    ) -> None:
        self.name = name
        self.connection = connection
        self.clock = clock
        self.patience = patience or Patience()
        self._note = note
        self._watchers: list[Watcher] = []

    @classmethod
    def open(
        cls,
        name: str,
        *,
        endpoint: str | None,
        region: str,
        client: Client = "wire",
        clock: Clock = utc_now,
        note: Note = lambda _message, _facts: None,
    ) -> "Table":
        """A table with explicit timeouts; nothing is sent yet.

        ``client`` is the short way of ``greenroom.table.wire``, or all of botocore.
        """
        connection = CLIENTS[client](
            region=region,
            host=endpoint,
            connect_timeout_seconds=STORE_CONNECT_TIMEOUT_S,
            read_timeout_seconds=STORE_READ_TIMEOUT_S,
            max_retry_attempts=0,
        )
        return cls(name, connection, clock=clock, note=note)

    def transaction(self) -> Transaction:
        """An empty transaction on this table."""
        return Transaction(self)

    def get(self, key: Key[I], *, consistent: bool = True) -> I | None:
        """The item there, or None.

        Raises:
            UnreadableItem: what is stored there is not of the key's class.
            StoreUnavailable: the table did not answer inside the time budget.
        """
        answer = self.call(
            "GetItem",
            {
                "TableName": self.name,
                "Key": {"PK": {"S": key.pk}, "SK": {"S": key.sk}},
                "ConsistentRead": consistent,
            },
        )
        return key.of.read(answer["Item"]) if answer.get("Item") else None

    def update(
        self, key: Key[I], *actions: Action, when: Condition, otherwise: Otherwise[I]
    ) -> I | Violation:
        """Change one item by itself: the item as it is now, or what was violated.

        The change marks the item, so that a try whose answer was lost recognises its own
        effect and neither repeats nor refuses it.

        Raises:
            StoreUnavailable: the table did not answer inside the time budget.
        """
        mark = new_id()
        marks: Action = key.of.write_id.set(mark)
        step = Step(
            name=key.of.KIND,
            operation="Update",
            key=key,
            when=when & (key.of.write_id != mark),
            otherwise=otherwise,
            actions=(*actions, key.of.updated_at.set(self.clock()), marks),
        )
        try:
            answer = self.call("UpdateItem", step.request(self.name) | {"ReturnValues": "ALL_NEW"})
        except VerboseClientError as refusal:
            if refusal.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            old: RawItem | None = whole(refusal).get("Item")
            if old and old.get("write_id", {}).get("S") == mark:
                return key.of.read(old)
            return step.violation(old)
        return key.of.read(answer["Attributes"])

    def query(
        self,
        of: type[I],
        pk: str,
        *,
        sk_prefix: str = "",
        sk_at_most: str | None = None,
        index: str | None = None,
        newest_first: bool = False,
        limit: int,
        cursor: str | None = None,
        keep: Callable[[I], bool] = lambda _: True,
        consistent: bool = False,
    ) -> Page[I]:
        """At most ``limit`` readable items of one partition that ``keep`` accepts.

        Rows of unknown kinds and rows that cannot be read are skipped, counted, and noted once.

        Raises:
            InvalidRequest: the cursor is not one of this partition.
            StoreUnavailable: the table did not answer inside the time budget.
        """
        request = query_request(
            pk, sk_prefix=sk_prefix, sk_at_most=sk_at_most, index=index, page_size=limit + 1
        )
        request |= {"ScanIndexForward": not newest_first, "ConsistentRead": consistent}
        start = start_of(cursor, pk=pk, index=index, sk_prefix=sk_prefix, sk_at_most=sk_at_most)
        found: list[I] = []
        skipped = 0
        last: RawItem = {}
        next_cursor: str | None = None
        for raw in self._rows(request, start=start):
            if raw is None or len(found) == limit:
                next_cursor = cursor_at(last, index=index)
                break
            last = raw
            try:
                item = of.read(raw)
            except UnreadableItem:
                skipped += 1
                continue
            if keep(item):
                found.append(item)
        if skipped:
            self._note("rows were skipped", {"partition": pk, "skipped": skipped})
        return Page(found, next_cursor, skipped)

    def due(self, work: str, *, until_text: str, limit: int) -> Iterator[tuple[str, str]]:
        """Base keys of what is due by then, shard by shard, oldest first in each.

        How many there are and how long the oldest has been due become metrics at the end.
        """
        seen, oldest_text = 0, until_text
        try:
            for row in self._work(f"DUE#{work}", sk_at_most=until_text + "~", limit=limit):
                seen += 1
                oldest_text = min(oldest_text, row["GSI2SK"]["S"].partition("#")[0])
                yield row["PK"]["S"], row["SK"]["S"]
        finally:
            count("OutboxPending", seen, work=work)
            measure("OutboxOldestAgeSeconds", _age_s(oldest_text, until_text), "Seconds", work=work)

    def queued(self, work: str, *, limit: int) -> list[tuple[str, str]]:
        """Base keys of what waits in a queue of the work index, in the order of its sort keys.

        ``limit`` is of each shard: the first ``limit`` of the answer are the first of all.
        """
        rows = sorted(self._work(work, limit=limit), key=lambda row: str(row["GSI2SK"]["S"]))
        return [(row["PK"]["S"], row["SK"]["S"]) for row in rows]

    def _work(self, work: str, *, sk_at_most: str | None = None, limit: int) -> Iterator[RawItem]:
        for shard in range(INDEX_SHARDS):
            request = query_request(
                f"{work}#{shard}", sk_at_most=sk_at_most, index="GSI2", page_size=limit
            )
            yield from (raw for raw in islice(self._rows(request), limit) if raw is not None)

    def put_all(self, items: Sequence[Item]) -> None:
        """Write new items without conditions: only for items that nobody points at yet.

        Each batch of 25 has the whole time budget.

        Raises:
            StoreUnavailable: some were not taken inside the time budget.
        """
        self._write_all([{"PutRequest": {"Item": self.new(item)}} for item in items])

    def empty(self, pk: str, *, sk_prefix: str = "") -> None:
        """Delete every row of a partition, or of a range of it, also those that cannot be read.

        Raises:
            StoreUnavailable: some were not taken inside the time budget; the others are gone.
        """
        request = query_request(pk, sk_prefix=sk_prefix, page_size=BATCH_MAX)
        request |= {"ProjectionExpression": "PK, SK", "ConsistentRead": True}
        while rows := [raw for raw in islice(self._rows(request), BATCH_MAX) if raw]:
            self._write_all([{"DeleteRequest": {"Key": dict(raw)}} for raw in rows])

    def _write_all(self, requests: list[dict[str, Any]]) -> None:
        for first in range(0, len(requests), BATCH_MAX):
            pending: Any = {self.name: requests[first : first + BATCH_MAX]}
            tries = self.patience.tries()
            while pending:
                answer = self.call("BatchWriteItem", {"RequestItems": pending}, tries=tries)
                pending = answer.get("UnprocessedItems")

    def new(self, item: Item) -> dict[str, Any]:
        """The raw item to put: kind, version and times filled in."""
        now = self.clock()
        item.kind = item.KIND
        item.v = item.VERSION
        item.created_at = getattr(item, "created_at", None) or now
        item.updated_at = now
        return dict(item.serialize())

    def call(
        self, operation: str, request: dict[str, Any], *, tries: Iterator[None] | None = None
    ) -> dict[str, Any]:
        """Send one operation; what passes by itself is tried again inside the budget.

        ``tries`` is what is left of a budget that several calls share.

        Raises:
            VerboseClientError: DynamoDB refused it for another reason.
            StoreUnavailable: no answer, or no calm, inside the time budget.
        """
        try:
            return self._sent(operation, request, tries)
        finally:
            # Also where it failed: it may have had its effect.
            if self._watchers and (written := partitions(operation, request)):
                for watcher in self._watchers:
                    watcher(written)

    def watch(self, watcher: Watcher) -> None:
        """Tell somebody of the partitions that this process has written, or may have."""
        self._watchers.append(watcher)

    def _sent(
        self, operation: str, request: dict[str, Any], tries: Iterator[None] | None
    ) -> dict[str, Any]:
        reason: Exception | None = None
        may_have_acted = False
        for _ in self.patience.tries() if tries is None else tries:
            try:
                with phase("store"):
                    return self.connection.dispatch(operation, request)
            except VerboseClientError as refusal:
                if not passes(refusal):
                    raise
                count("TxConflicts" if is_conflict(refusal) else "ThrottleRetries")
                reason = refusal
            except (HTTPClientError, NoConnection) as silence:
                reason = silence
                may_have_acted = True
            except BotoCoreError as failure:  # no credentials, an answer that is none
                reason = failure
                break
        raise StoreUnavailable(
            may_have_acted=may_have_acted,
            log={"operation": operation, "reason": type(reason).__name__} | codes_for_log(reason),
        ) from reason

    def _rows(
        self, request: dict[str, Any], *, start: dict[str, Any] | None = None
    ) -> Iterator[RawItem | None]:
        """The rows of a query; None at the end says that there are more than we ask for."""
        request = {"TableName": self.name} | request
        for _ in range(QUERY_TRIPS_MAX):
            if start:
                request["ExclusiveStartKey"] = start
            answer = self.call("Query", request)
            yield from answer["Items"]
            start = answer.get("LastEvaluatedKey")
            if not start:
                return
        yield None


def _age_s(from_: str, until: str) -> float:
    """Seconds between two moments of the work index; none where one cannot be read."""
    try:
        return (from_text(until) - from_text(from_)).total_seconds()
    except ValueError:
        return 0.0
