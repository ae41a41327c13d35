"""The usage log and its sums in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| ai_log, of a tenant | {tenant}#L#{yyyymmdd}#{shard} | {at}#{request_id}#{attempt} | as below |
| ai_log, of a person alone | USER#{user_id}#L#{yyyymmdd}#{shard} | {at}#{request_id}#{attempt} | USER#{user_id}#AI#{yyyymm} / {at}#{request_id}#{attempt} |
| usage_platform | USAGE#{month}#{shard} | DAY#{day}#{service} | |
| usage_tenant | {tenant} | USAGE#{day}#{service} | USAGE#TENANTS#{month} / {token}#{day}#{service} |
| usage_user | USER#{user_id} | USAGE#{day}#{service} | USAGE#USERS#{month} / {user_id}#{day}#{service} |

Sums are counted up in the transaction that puts the row, and shown by no index: an index holds
where a sum is, so that counting writes none.
"""  # noqa: E501 (a chart)

from dataclasses import fields
from typing import cast
from zlib import crc32

from pynamodb.attributes import ListAttribute, UnicodeAttribute

from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import USAGE_LOG_SHARDS, USAGE_SHARDS
from greenroom.kernel.tenants import Tenant
from greenroom.table.attributes import IntegerAttribute, JsonAttribute, MomentAttribute
from greenroom.table.item import Item, Key
from greenroom.usage.log_row import NOBODY, LogRow, Status


class AiLogItem(Item):
    """One attempt at one use of an AI service.

    All but the keys, the moment and the attempt may be missing: that is what the log is for
    (origin 001).
    """

    KIND = "ai_log"

    request_id = UnicodeAttribute()
    at = MomentAttribute()
    attempt = IntegerAttribute()
    user_id = UnicodeAttribute(null=True)
    tenant_kind = UnicodeAttribute(null=True)
    preschool_id = UnicodeAttribute(null=True)
    organization_id = UnicodeAttribute(null=True)
    status = UnicodeAttribute(null=True)
    ai_service_id = UnicodeAttribute(null=True)
    service_type = UnicodeAttribute(null=True)
    model = UnicodeAttribute(null=True)
    input_tokens = IntegerAttribute(null=True)
    output_tokens = IntegerAttribute(null=True)
    cost_micros = IntegerAttribute(null=True)
    units = IntegerAttribute(null=True)
    error_code = UnicodeAttribute(null=True)
    processing_time_ms = IntegerAttribute(null=True)
    started_at = MomentAttribute(null=True)
    finished_at = MomentAttribute(null=True)
    correlation_id = UnicodeAttribute(null=True)
    metadata = JsonAttribute(null=True)
    flags = ListAttribute(of=UnicodeAttribute, null=True)

    @classmethod
    def at_key(cls, row: LogRow) -> "Key[AiLogItem]":
        """Where the row is: the same for every attempt to write it."""
        shard = crc32(row.request_id.encode()) % USAGE_LOG_SHARDS
        pk = log_partition(row.tenant, row.user_id, f"{row.at:%Y%m%d}", shard)
        return Key(cls, pk, f"{to_text(row.at)}#{row.request_id}#{row.attempt}")


class UsageItem(Item):
    """Sums of one day and one service (whose they are, the subclass says)."""

    calls = IntegerAttribute(null=True)
    ok = IntegerAttribute(null=True)
    failed = IntegerAttribute(null=True)
    cancelled = IntegerAttribute(null=True)
    crashed = IntegerAttribute(null=True)
    units = IntegerAttribute(null=True)
    input_tokens = IntegerAttribute(null=True)
    output_tokens = IntegerAttribute(null=True)
    cost_micros = IntegerAttribute(null=True)
    processing_ms = IntegerAttribute(null=True)


class PlatformUsageItem(UsageItem):
    """Of everybody, in one of several shards."""

    KIND = "usage_platform"

    @classmethod
    def of(cls, row: LogRow) -> "Key[PlatformUsageItem]":
        """The sum that a row counts for."""
        shard = crc32(row.request_id.encode()) % USAGE_SHARDS
        return Key(cls, f"USAGE#{row.day[:7]}#{shard}", f"DAY#{row.day}#{row.service}")


class TenantUsageItem(UsageItem):
    """Of one tenant."""

    KIND = "usage_tenant"

    @classmethod
    def of(cls, tenant: Tenant, row: LogRow) -> "Key[TenantUsageItem]":
        """The sum that a row counts for."""
        return Key(cls, tenant.pk(), f"USAGE#{row.day}#{row.service}")


class UserUsageItem(UsageItem):
    """Of one person, alone and within tenants."""

    KIND = "usage_user"

    @classmethod
    def of(cls, row: LogRow) -> "Key[UserUsageItem]":
        """The sum that a row counts for."""
        return Key(cls, f"USER#{row.user_id}", f"USAGE#{row.day}#{row.service}")


def log_partition(tenant: Tenant | None, user_id: str, day: str, shard: int) -> str:
    """The partition of a day's rows (``20261121``) of a tenant, or of a person alone."""
    if tenant is not None:
        return tenant.pk("L", day, str(shard))
    return f"USER#{user_id}#L#{day}#{shard}"


def own_list(user_id: str, month: str) -> str:
    """The partition of ``GSI1`` that lists a person's rows of a month (``202611``)."""
    return f"USER#{user_id}#AI#{month}"


def row_of(item: AiLogItem) -> LogRow:
    """The row of a stored one."""
    plain = {
        field.name: getattr(item, field.name) for field in fields(LogRow) if field.name not in _OWN
    }
    return LogRow(
        **plain,
        user_id=item.user_id or NOBODY,
        tenant=_tenant_of(item),
        status=cast("Status | None", item.status),
        metadata=item.metadata or {},
        flags=tuple(str(flag) for flag in item.flags or ()),
    )


def _tenant_of(item: AiLogItem) -> Tenant | None:
    if item.preschool_id:
        return Tenant("preschool", item.preschool_id)
    return Tenant("organization", item.organization_id) if item.organization_id else None


_OWN = {"user_id", "tenant", "status", "metadata", "flags"}
