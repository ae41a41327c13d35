"""A row of the usage log: what is known of one use of an AI service, and what may be missing."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from greenroom.kernel.tenants import Tenant

Status = Literal["ok", "failed", "cancelled", "crashed"]

STATUSES: Final[tuple[Status, ...]] = ("ok", "failed", "cancelled", "crashed")
NOBODY = "nobody"  # whose row it is when the person is unknown, or erased
UNKNOWN_SERVICE = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One attempt at one use. All but the first four may be missing; a missing fact is no error.

    ``cost_micros`` are millionths of the provider's currency. ``flags`` say what of the facts was
    changed to fit, such as ``text:metadata.score``.
    """

    request_id: str
    user_id: str
    at: datetime
    attempt: int = 1
    tenant: Tenant | None = None
    status: Status | None = None
    ai_service_id: str | None = None
    service_type: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_micros: int | None = None
    units: int | None = None
    error_code: str | None = None
    processing_time_ms: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    correlation_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()

    @property
    def day(self) -> str:
        """The day (UTC) that it counts for: ``2026-11-21``."""
        return f"{self.at:%Y-%m-%d}"

    @property
    def service(self) -> str:
        """The service that it counts for."""
        return self.service_type or UNKNOWN_SERVICE

    @property
    def preschool_id(self) -> str | None:
        """The tenant's id, if it is a preschool."""
        return self.tenant.tenant_id if self.tenant and self.tenant.kind == "preschool" else None

    @property
    def organization_id(self) -> str | None:
        """The tenant's id, if it is an organisation: never that of a preschool."""
        return self.tenant.tenant_id if self.tenant and self.tenant.kind == "organization" else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are asked for; None leaves one open."""

    request_id: str | None = None
    service: str | None = None
    status: str | None = None
