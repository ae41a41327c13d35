"""The usage log and its sums on the wire. Credits are in credits, costs in millionths."""

from typing import Any

from greenroom.kernel.tenants import TenantKind
from greenroom.usage.log_row import Status
from greenroom.usage.sums import By
from greenroom.web.wire import Timestamp, Wire


class LogEntry(Wire):
    """One attempt at one use of an AI service. Whatever nobody knows is null.

    ``flags`` say what of the facts was changed to fit, such as ``text:metadata.score``.
    """

    request_id: str
    attempt: int
    at: Timestamp
    user_id: str | None
    tenant_kind: TenantKind | None
    preschool_id: str | None
    organization_id: str | None
    service_type: str | None
    ai_service_id: str | None
    status: Status | None
    error_code: str | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_micros: int | None
    units: int | None
    processing_time_ms: int | None
    started_at: Timestamp | None
    finished_at: Timestamp | None
    correlation_id: str | None
    metadata: dict[str, Any]
    flags: list[str]


class LogPage(Wire):
    """Some rows, newest first. A list with a filter goes on while there is a cursor."""

    items: list[LogEntry]
    next_cursor: str | None


class UsageSums(Wire):
    """Calls by what became of them, and what they took.

    ``units`` are those of calls that succeeded. ``costMicros`` is what the provider charges for
    all, in millionths of its currency; ``processingMs`` is how long all took together.
    """

    calls: int
    ok: int
    failed: int
    cancelled: int
    crashed: int
    units: int
    input_tokens: int
    output_tokens: int
    cost_micros: int
    processing_ms: int


class TakingsView(Wire):
    """Interviews that began, and credits by what moved them; derived from ledgers every hour."""

    interviews_started: int
    credits_debited: float
    credits_given_back: float
    credits_bought: float
    credits_reversed: float
    credits_granted: float


class UsageLine(UsageSums):
    """The sums of one day, service, tenant or person; takings are known of days alone."""

    day: str | None
    service_type: str | None
    tenant_kind: TenantKind | None
    tenant_id: str | None
    user_id: str | None
    takings: TakingsView | None


class UsageTotals(UsageSums):
    """The sums of the whole platform over all days that were asked for."""

    takings: TakingsView


class UsageReport(Wire):
    """What was used from the first to the last day (UTC), both included."""

    by: By
    first_day: str
    last_day: str
    service_type: str | None
    items: list[UsageLine]
    totals: UsageTotals
    next_cursor: str | None
