"""What a row of the usage log adds to which sums."""

from collections.abc import Iterator
from typing import Any

from pynamodb.expressions.update import Action

from greenroom.kernel.errors import Conflict
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction
from greenroom.usage.log_items import (
    PlatformUsageItem,
    TenantUsageItem,
    UsageItem,
    UserUsageItem,
)
from greenroom.usage.log_row import NOBODY, LogRow

# Beside the count of its status: sums by the row's own name.
_SUMS = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cost_micros": "cost_micros",
    "processing_time_ms": "processing_ms",
}


def counts_of(row: LogRow) -> dict[str, int]:
    """What the row adds to each sum. Units are used by what succeeded, and by nothing else."""
    counts = {"calls": 1}
    if row.status is not None:
        counts[row.status] = 1
    if row.status == "ok" and row.units:
        counts["units"] = row.units
    for name, sum_name in _SUMS.items():
        if value := getattr(row, name):
            counts[sum_name] = value
    return counts


def add_sums(tx: Transaction, table: Table, row: LogRow) -> None:
    """Add the steps that count the row: for the platform, its tenant and its person."""
    counts = counts_of(row)
    tx.update(
        "platform",
        PlatformUsageItem.of(row),
        *_added(table, PlatformUsageItem, counts),
        when=None,
        otherwise=Conflict(),
    )
    if row.tenant is not None:
        sort = f"{row.tenant.token}#{row.day}#{row.service}"
        tx.update(
            "tenant",
            TenantUsageItem.of(row.tenant, row),
            *_added(table, TenantUsageItem, counts),
            *_listed(f"USAGE#TENANTS#{row.day[:7]}", sort),
            when=None,
            otherwise=Conflict(),
        )
    if row.user_id != NOBODY:
        sort = f"{row.user_id}#{row.day}#{row.service}"
        tx.update(
            "user",
            UserUsageItem.of(row),
            *_added(table, UserUsageItem, counts),
            *_listed(f"USAGE#USERS#{row.day[:7]}", sort),
            when=None,
            otherwise=Conflict(),
        )


def _added(table: Table, of: type[UsageItem], counts: dict[str, int]) -> Iterator[Action]:
    yield of.kind.set(of.KIND)
    yield of.v.set(of.VERSION)
    yield of.created_at.set(of.created_at | table.clock())
    for name, count in counts.items():
        counter: Any = getattr(of, name)
        yield counter.add(count)


def _listed(partition: str, sort: str) -> Iterator[Action]:
    yield UsageItem.gsi1pk.set(partition)
    yield UsageItem.gsi1sk.set(sort)
