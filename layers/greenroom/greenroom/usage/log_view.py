"""From sums and rows to what the wire shows of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final, get_args

from pydantic.alias_generators import to_camel

from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import USAGE_DAYS_MAX
from greenroom.kernel.money import credits_to_json
from greenroom.kernel.tenants import Tenant
from greenroom.usage.log_row import NOBODY, STATUSES, LogRow, Wanted
from greenroom.usage.log_schema import (
    LogEntry,
    LogPage,
    TakingsView,
    UsageLine,
    UsageReport,
    UsageSums,
    UsageTotals,
)
from greenroom.usage.sums import By, Report, Span, Sums
from greenroom.usage.takings import Takings

BY: Final = get_args(By)
LOG_STATUSES: Final = STATUSES

_WHO: Mapping[By, tuple[str, ...]] = {
    "day": ("day",),
    "service": ("service_type",),
    "tenant": ("tenant_kind", "tenant_id"),
    "user": ("user_id",),
}


def by_of(word: str | None) -> By:
    """What a report is by, as the query names it: one of ``BY``, or by day."""
    return next((by for by in BY if by == word), "day")


def span_of(first: date | None, last: date | None, *, today: date) -> Span | None:
    """The days from first to last: without them from the month's first, and to today.

    None where they are too many, or the last is before the first.
    """
    last = last or today
    first = first or last.replace(day=1)
    fits = 0 <= (last - first).days < USAGE_DAYS_MAX
    return Span(first, last) if fits else None


def wanted_of(*, request_id: str | None, service: str | None, status: str | None) -> Wanted:
    """Which rows of the log are asked for."""
    return Wanted(request_id=request_id, service=service, status=status)


def log_page(rows: Iterable[LogRow], next_cursor: str | None) -> LogPage:
    """A page of the log."""
    return LogPage(items=[log_entry(row) for row in rows], next_cursor=next_cursor)


def log_entry(row: LogRow) -> LogEntry:
    """One row."""
    return LogEntry(
        request_id=row.request_id,
        attempt=row.attempt,
        at=to_text(row.at),
        user_id=None if row.user_id == NOBODY else row.user_id,
        tenant_kind=row.tenant.kind if row.tenant else None,
        preschool_id=row.preschool_id,
        organization_id=row.organization_id,
        service_type=row.service_type,
        ai_service_id=row.ai_service_id,
        status=row.status,
        error_code=row.error_code,
        model=row.model,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cost_micros=row.cost_micros,
        units=row.units,
        processing_time_ms=row.processing_time_ms,
        started_at=to_text(row.started_at) if row.started_at else None,
        finished_at=to_text(row.finished_at) if row.finished_at else None,
        correlation_id=row.correlation_id,
        metadata=row.metadata,
        flags=list(row.flags),
    )


def usage_report(
    report: Report, takings: Mapping[str, Takings], *, service: str | None
) -> UsageReport:
    """The report; ``takings`` are those of its days. A day may have takings and no calls."""
    lines = dict(report.lines)
    if report.by == "day":
        lines = {day: lines.get(day, Sums()) for day in sorted({*lines, *takings})}
    return UsageReport(
        by=report.by,
        first_day=report.span.first.isoformat(),
        last_day=report.span.last.isoformat(),
        service_type=service,
        items=[
            _line(report.by, name, sums, takings if report.by == "day" else None)
            for name, sums in lines.items()
        ],
        totals=UsageTotals(
            **asdict(report.totals), takings=_takings(sum(takings.values(), Takings()))
        ),
        next_cursor=report.next_cursor,
    )


def usage_columns(by: By) -> list[str]:
    """The columns of the report as a table: who or when, the sums, and of days the takings."""
    return [to_camel(name) for name in _names(by)]


def usage_rows(report: UsageReport) -> Iterable[Sequence[Any]]:
    """The report as rows of such a table."""
    names = _names(report.by)
    for item in report.items:
        told = item.model_dump() | (item.takings.model_dump() if item.takings else {})
        yield [told.get(name) for name in names]


def _names(by: By) -> list[str]:
    takings = TakingsView.model_fields if by == "day" else ()
    return [*_WHO[by], *UsageSums.model_fields, *takings]


def _line(by: By, name: str, sums: Sums, takings: Mapping[str, Takings] | None) -> UsageLine:
    who: dict[str, str | None] = dict.fromkeys(one for names in _WHO.values() for one in names)
    if by == "tenant":
        tenant = Tenant.of_token(name)
        who |= {"tenant_kind": tenant.kind, "tenant_id": tenant.tenant_id}
    else:
        who[_WHO[by][0]] = name
    told = None if takings is None else _takings(takings.get(name, Takings()))
    return UsageLine(**who, **asdict(sums), takings=told)


def _takings(takings: Takings) -> TakingsView:
    return TakingsView(
        interviews_started=takings.interviews_started,
        credits_debited=credits_to_json(takings.debited),
        credits_given_back=credits_to_json(takings.given_back),
        credits_bought=credits_to_json(takings.bought),
        credits_reversed=credits_to_json(takings.reversed),
        credits_granted=credits_to_json(takings.granted),
    )
