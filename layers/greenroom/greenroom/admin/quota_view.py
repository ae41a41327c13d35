"""From quotas and tenants to what admins see."""

from collections.abc import Iterable, Sequence

from greenroom.admin.domain import NamedTenant, UnitsAdjusted
from greenroom.admin.quota_schema import (
    QuotaAdjustment,
    QuotaReport,
    TenantRow,
    TenantsPage,
    UnitsPosted,
)
from greenroom.admin.schema import QuotaState
from greenroom.kernel.clock import to_text
from greenroom.usage.domain import Adjustment, Quota


def quota_report(
    quotas: Iterable[Quota], adjusted: Iterable[tuple[str, Adjustment]]
) -> QuotaReport:
    """How quotas stand, and what was adjusted of which service."""
    adjustments = [
        QuotaAdjustment(
            key=one.key,
            service_type=service,
            units=one.units,
            reason=one.reason,
            actor=one.actor,
            at=to_text(one.at),
        )
        for service, one in adjusted
    ]
    return QuotaReport(items=[quota_state(one) for one in quotas], adjustments=adjustments)


def quota_state(quota: Quota) -> QuotaState:
    """How one quota stands."""
    return QuotaState(
        service_type=quota.service,
        period=quota.period,
        limit=quota.limit,
        used=quota.used,
        remaining=quota.remaining,
        reset_at=to_text(quota.reset_at),
        enforcement=quota.enforcement,
    )


def units_posted(done: UnitsAdjusted) -> UnitsPosted:
    """What an adjustment did, and how the quota stands now."""
    after = done.entry.act.after
    return UnitsPosted(
        units=after["units"],
        adjustment=after["adjustment"],
        quota=quota_state(done.quota),
        entry_id=done.entry.entry_id,
        at=to_text(done.entry.at),
    )


def tenants_page(tenants: Sequence[NamedTenant], *, next_cursor: str | None) -> TenantsPage:
    """A page of tenants."""
    items = [
        TenantRow(
            kind=one.tenant.kind,
            id=one.tenant.tenant_id,
            name=one.name,
            created_at=to_text(one.created_at),
        )
        for one in tenants
    ]
    return TenantsPage(items=items, next_cursor=next_cursor)
