"""Answers of the AI proxy, as they go over the wire."""

from collections.abc import Sequence
from typing import Any

from greenroom.ai.domain import Figures
from greenroom.ai.schema import (
    Cancelled,
    Generated,
    QuotaLeft,
    QuotaList,
    QuotaView,
    ServiceList,
    ServiceView,
    TenantList,
    TenantView,
    UsageView,
)
from greenroom.ai.services import SERVICES
from greenroom.kernel.clock import to_text
from greenroom.tenants.domain import TenantEntry
from greenroom.usage.domain import Quota, State, Ticket


def answer_bytes(
    ticket: Ticket, entry: TenantEntry | None, output: Any, figures: Figures, quota: Quota | None
) -> bytes:
    """The answer to a call, as it is sent now and to whoever repeats the request."""
    spent = figures.spent
    answer = Generated(
        request_id=ticket.request_id,
        service_type=ticket.service,
        tenant=None if entry is None else tenant_view(entry),
        model=spent.model,
        output=output,
        usage=UsageView(
            units=figures.units,
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            cost_micros=figures.cost_micros,
            processing_time_ms=figures.processing_ms,
        ),
        quota=None if quota is None else QuotaLeft(**_left(quota)),
    )
    return answer.model_dump_json(by_alias=True).encode()


def tenant_view(entry: TenantEntry) -> TenantView:
    """A tenant as its people see it."""
    tenant = entry.tenant
    return TenantView(kind=tenant.kind, id=tenant.tenant_id, name=entry.name, role=entry.role)


def tenant_list(entries: Sequence[TenantEntry]) -> TenantList:
    """The tenants for which a person may ask."""
    return TenantList(items=[tenant_view(entry) for entry in entries])


def quota_list(quotas: Sequence[Quota]) -> QuotaList:
    """How quotas stand."""
    return QuotaList(
        items=[
            QuotaView(
                service_type=quota.service,
                period=quota.period,
                enforcement=quota.enforcement,
                **_left(quota),
            )
            for quota in quotas
        ]
    )


def service_list() -> ServiceList:
    """What can be asked for."""
    return ServiceList(
        items=[
            ServiceView(
                service_type=name,
                summary=one.summary,
                units=one.service.units,
                input=one.input.model_json_schema(),
                output=None if one.output is None else dict(one.output),
            )
            for name, one in SERVICES.items()
        ]
    )


def cancelled(request_id: str, state: State) -> Cancelled:
    """What became of a call that was given up."""
    status = "answered" if state == "settled" else "cancelled"
    return Cancelled(request_id=request_id, status=status)


def _left(quota: Quota) -> dict[str, Any]:
    return {
        "limit": quota.limit,
        "used": quota.used,
        "remaining": quota.remaining,
        "reset_at": to_text(quota.reset_at),
        "of": quota.of,
    }
