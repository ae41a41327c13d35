"""Copies of a table for a drill: restored to a point in time, or made row by row.

The latter is for engines that restore nothing. Only a copy is ever written to, and only one that
this process has made.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from greenroom.kernel.errors import StoreUnavailable

WAIT_S = 15  # between two looks at a table that is being restored
WAITS_MAX = 2400  # ten hours; a restore takes some ten minutes to a few hours
BATCH = 25  # DynamoDB: rows in one BatchWriteItem
NO_RESTORE = frozenset({"UnknownOperationException", "UnknownOperation", "ValidationException"})
_MADE_OF = ("AttributeName", "KeyType")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of the live table as it was at ``moment``."""

    name: str
    how: str  # restored, or copied
    moment: datetime
    seconds: float


class Copies:
    """Makes and removes copies of one live table."""

    def __init__(
        self,
        live: str,
        *,
        endpoint: str | None,
        region: str | None,
        clock: Callable[[], datetime],
        told: Callable[[str], None],
    ) -> None:
        self.live = live
        self._clock = clock
        self._told = told
        self._made: set[str] = set()
        self._client = boto3.client(
            "dynamodb",
            endpoint_url=endpoint,
            region_name=region,
            config=Config(connect_timeout=3, read_timeout=30, retries={"mode": "standard"}),
        )

    def make(self, name: str, *, at: datetime | None) -> Copy:
        """A copy of that name: of the newest moment that can be restored, or of ``at``.

        Raises:
            ValueError: there is a table of that name, or the moment cannot be restored.
            StoreUnavailable: DynamoDB did not do it.
        """
        if name == self.live or self._status(name) is not None:
            raise ValueError(f"there is a table {name} already: choose another with --name")
        began_s = time.monotonic()
        moment = self._restored(name, at)
        how = "copied" if moment is None else "restored"
        if moment is None:
            if at is not None:
                raise ValueError("this engine restores no point in time: leave --at out")
            moment = self._clock()
            self._copied(name)
        return Copy(name=name, how=how, moment=moment, seconds=time.monotonic() - began_s)

    def discard(self) -> None:
        """Delete what was made here, also if it was never finished; nothing else can be."""
        while self._made:
            name = self._made.pop()
            self._told(f"deleting {name} ...")
            self._ask("DeleteTable", TableName=name)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _restored(self, name: str, at: datetime | None) -> datetime | None:
        """The moment that was restored; None where the engine cannot."""
        when: dict[str, Any] = {"RestoreDateTime": at} if at else {"UseLatestRestorableTime": True}
        try:
            newest = self._newest()
            self._client.restore_table_to_point_in_time(
                SourceTableName=self.live, TargetTableName=name, **when
            )
        except ClientError as refusal:
            code = refusal.response["Error"]["Code"]
            if code in NO_RESTORE and self._client.meta.endpoint_url.find("amazonaws.com") < 0:
                return None
            if code in {"PointInTimeRecoveryUnavailableException", "InvalidRestoreTimeException"}:
                raise ValueError(
                    f"{self.live} cannot be restored to that moment ({code})"
                ) from None
            raise _unavailable(code) from refusal
        except BotoCoreError as silence:
            raise _unavailable(type(silence).__name__) from silence
        self._made.add(name)
        self._await(name)
        return at or newest or self._clock()

    def _newest(self) -> datetime | None:
        told = self._client.describe_continuous_backups(TableName=self.live)
        recovery = told["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        newest: datetime | None = recovery.get("LatestRestorableDateTime")
        return newest.astimezone(UTC) if newest else None

    def _copied(self, name: str) -> None:
        found = self._ask("DescribeTable", TableName=self.live)["Table"]
        indexes = [
            {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
            for index in found.get("GlobalSecondaryIndexes", [])
        ]
        self._ask(
            "CreateTable",
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=found["AttributeDefinitions"],
            KeySchema=[{part: key[part] for part in _MADE_OF} for key in found["KeySchema"]],
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        )
        self._made.add(name)
        self._await(name)
        request: dict[str, Any] = {"TableName": self.live, "ConsistentRead": True}
        while True:
            page = self._ask("Scan", **request)
            for start in range(0, len(page["Items"]), BATCH):
                puts = [
                    {"PutRequest": {"Item": row}} for row in page["Items"][start : start + BATCH]
                ]
                pending = {name: puts}
                while pending:
                    answer = self._ask("BatchWriteItem", RequestItems=pending)
                    pending = answer.get("UnprocessedItems") or {}
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _await(self, name: str) -> None:
        for turn in range(WAITS_MAX):
            status = self._status(name)
            if status == "ACTIVE":
                return
            if turn % 4 == 0:
                self._told(f"{name} is {status} ...")
            time.sleep(WAIT_S)
        raise _unavailable("RESTORE_TIMED_OUT")

    def _status(self, name: str) -> str | None:
        try:
            status: str = self._client.describe_table(TableName=name)["Table"]["TableStatus"]
        except self._client.exceptions.ResourceNotFoundException:
            return None
        except ClientError as refusal:
            raise _unavailable(refusal.response["Error"]["Code"]) from refusal
        except BotoCoreError as silence:
            raise _unavailable(type(silence).__name__) from silence
        return status

    def _ask(self, operation: str, **request: Any) -> Any:
        try:
            return self._client._make_api_call(operation, request)  # noqa: SLF001 (by its name)
        except ClientError as refusal:
            raise _unavailable(refusal.response["Error"]["Code"]) from refusal
        except BotoCoreError as silence:
            raise _unavailable(type(silence).__name__) from silence


def _unavailable(reason: str) -> StoreUnavailable:
    return StoreUnavailable("DynamoDB did not do what was asked.", log={"reason": reason})
