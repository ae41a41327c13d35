"""Quotas as admins see and change them, on the wire. Units are of one calendar month (UTC)."""

from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from greenroom.admin.domain import AllowanceWanted, UnitsWanted
from greenroom.admin.schema import OurId, QuotaState, Reason
from greenroom.kernel.limits import QUOTA_UNITS_MAX, SERVICE_CHARS_MAX
from greenroom.kernel.tenants import Tenant, TenantKind
from greenroom.usage.domain import SERVICE_PATTERN, Allowance, Enforcement, Owner, is_service
from greenroom.web.wire import Timestamp, Wire, exactly_one


def _service(value: str) -> str:
    if not is_service(value):
        raise ValueError("is small letters, digits and _")
    return value


ServiceType = Annotated[
    str,
    Field(max_length=SERVICE_CHARS_MAX, json_schema_extra={"pattern": SERVICE_PATTERN}),
    AfterValidator(_service),
]


class TenantName(Wire):
    """A tenant; an organisation may be named by Clerk's id."""

    kind: TenantKind
    id: Annotated[str, Field(min_length=1, max_length=128)]


class SetQuota(Wire):
    """``PUT /api/admin/ai/quota``: units a month from this one on. A soft limit refuses nobody."""

    tenant: TenantName
    service_type: ServiceType
    limit: Annotated[int, Field(ge=0, le=QUOTA_UNITS_MAX, strict=True)]
    enforcement: Enforcement = "hard"
    reason: Reason

    def wanted(self, tenant: Tenant) -> AllowanceWanted:
        """What is asked for, of that tenant."""
        return AllowanceWanted(
            tenant=tenant,
            service=self.service_type,
            allowance=Allowance(self.limit, self.enforcement),
            reason=self.reason,
        )


class AdjustUnits(Wire):
    """``POST /api/admin/ai/adjustments``: units of this month to give, or with a minus to take.

    Of a tenant, or of a person who uses the proxy alone. More may be taken than is left.
    """

    model_config = ConfigDict(json_schema_extra=exactly_one("tenant", "userId"))

    tenant: TenantName | None = None
    user_id: OurId | None = None
    service_type: ServiceType
    units: Annotated[
        int,
        Field(
            ge=-QUOTA_UNITS_MAX,
            le=QUOTA_UNITS_MAX,
            strict=True,
            json_schema_extra={"not": {"const": 0}},
        ),
    ]
    reason: Reason

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.tenant is None) is (self.user_id is None):
            raise ValueError("names a tenant or a userId")
        if self.units == 0:
            raise ValueError("units are not 0")
        return self

    def wanted(self, owner: Owner) -> UnitsWanted:
        """What is asked for, of that owner."""
        return UnitsWanted(
            owner=owner,
            service=self.service_type,
            units=self.units,
            reason=self.reason,
            request_hash=self.fingerprint(),
        )


class QuotaAdjustment(Wire):
    """A grant or a correction."""

    key: str
    service_type: str
    units: int
    reason: str
    actor: str
    at: Timestamp


class QuotaReport(Wire):
    """How quotas stand, and what was adjusted in their month."""

    items: list[QuotaState]
    adjustments: list[QuotaAdjustment]


class UnitsPosted(Wire):
    """What was posted, how the quota stands now, and where the trail tells of it."""

    units: int
    adjustment: str
    quota: QuotaState
    entry_id: str
    at: Timestamp


class TenantRow(Wire):
    """A tenant; ``name`` is null while only its id is known."""

    kind: TenantKind
    id: str
    name: str | None
    created_at: Timestamp


class TenantsPage(Wire):
    """Some tenants, organisations first."""

    items: list[TenantRow]
    next_cursor: str | None
