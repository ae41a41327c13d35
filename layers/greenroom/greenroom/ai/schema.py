"""The AI proxy on the wire."""

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, ValidationError

from greenroom.ai.domain import Asked, Tenancy
from greenroom.ai.json_schema import SchemaRefused, check_schema
from greenroom.ai.services import SERVICES, ServiceType
from greenroom.kernel.tenants import TenantKind
from greenroom.usage.domain import Service
from greenroom.web.call import invalid_field, refusal_of
from greenroom.web.wire import Timestamp, Wire, storable

_Id = Annotated[str, StringConstraints(min_length=1, max_length=200), storable]


class TenantRef(Wire):
    """Which tenant a request is for. Without ``kind``, whichever of that id lets the caller in."""

    kind: TenantKind | None = None
    id: _Id


class Generate(Wire):
    """A request to the AI proxy. Members that are not known here are kept in the usage log.

    ``tenant`` is who pays; without it, it is the person. ``organizationId`` is how older clients
    name the tenant, preschools too. ``schema`` belongs to ``structured_generation`` alone.
    """

    model_config = ConfigDict(extra="allow", allow_inf_nan=True)

    tenant: TenantRef | None = None
    organization_id: _Id | None = None
    service_type: Annotated[
        str, Field(json_schema_extra={"enum": sorted(SERVICES), "maxLength": 64})
    ]
    input: dict[str, Any] = Field(
        default={},
        description="By service: GET /api/ai/services has the schema of each",
    )
    output_schema: dict[str, Any] | None = Field(
        None,
        alias="schema",
        description="A JSON schema in the subset of strict mode that docs/api.md describes",
    )
    metadata: Any = Field(None, description="Whatever the log should keep; 64 KB of it are kept")
    ai_service_id: Any = Field(None, description="What the caller calls the service; may be null")

    def fingerprint(self) -> str:
        """As of every body, whatever it holds: also what JSON has no word for."""
        told = {**self.model_dump(), **(self.model_extra or {})}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def asked(self, *, correlation_id: str) -> Asked:
        """What is asked for.

        Raises:
            ValidationFailed: no such service, an input that is not its, or a schema that is none.
        """
        service = self._service()
        return Asked(
            service=service.service,
            task=service.task(self._given(service), self._schema_for(service)),
            tenancy=self._tenancy(),
            request_hash=self.fingerprint(),
            told={
                "ai_service_id": self.ai_service_id,
                "metadata": self._kept(),
                "correlation_id": correlation_id,
            },
        )

    def _service(self) -> ServiceType:
        (service,) = services_named(self.service_type)
        return SERVICES[service.name]

    def _given(self, service: ServiceType) -> Any:
        try:
            return service.input.model_validate(self.input)
        except ValidationError as refusal:
            raise refusal_of(refusal, under="input") from None

    def _schema_for(self, service: ServiceType) -> dict[str, Any] | None:
        if not service.takes_schema:
            if self.output_schema is not None:
                raise invalid_field("schema", "this service has a schema of its own")
            return None
        if self.output_schema is None:
            raise invalid_field("schema", "this service needs one")
        try:
            check_schema(self.output_schema)
        except SchemaRefused as refusal:
            raise invalid_field("schema", str(refusal)) from None
        return self.output_schema

    def _tenancy(self) -> Tenancy | None:
        if self.tenant is None:
            older = self.organization_id
            return None if older is None else Tenancy(kind=None, tenant_id=older)
        if self.organization_id not in {None, self.tenant.id}:
            raise invalid_field("organizationId", "another one than that of tenant")
        return Tenancy(kind=self.tenant.kind, tenant_id=self.tenant.id)

    def _kept(self) -> Any:
        """The metadata with what was not known; neither can pass for a fact of ours."""
        unknown = self.model_extra or {}
        if not unknown:
            return self.metadata
        known = self.metadata if isinstance(self.metadata, dict) else {}
        if self.metadata is not None and not isinstance(self.metadata, dict):
            known = {"metadata": self.metadata}
        taken = {name: value for name, value in unknown.items() if name in known}
        return {**unknown, **known, **({"unknown": taken} if taken else {})}


def services_named(name: str | None) -> list[Service]:
    """The service of that name; without one, all that can be called.

    Raises:
        ValidationFailed: there is none.
    """
    if name is not None and name not in SERVICES:
        raise invalid_field("serviceType", "one of " + ", ".join(sorted(SERVICES)))
    return [one.service for one in SERVICES.values() if name in {None, one.service.name}]


class TenantView(Wire):
    """A tenant for which the person may ask."""

    kind: TenantKind
    id: str
    name: str | None
    role: Literal["admin", "member"]


class UsageView(Wire):
    """What one call used. ``costMicros`` are millionths, null where the price is not known."""

    units: int
    input_tokens: int | None
    output_tokens: int | None
    cost_micros: int | None
    processing_time_ms: int


class QuotaLeft(Wire):
    """The quota that runs out first: the tenant's, or the person's."""

    limit: int
    used: int
    remaining: int
    reset_at: Timestamp
    of: Literal["tenant", "user"]


class Generated(Wire):
    """An answer. ``tenant`` is null where the person has paid; ``quota`` where it is not known."""

    request_id: str
    service_type: str
    tenant: TenantView | None
    model: str | None
    output: Any
    usage: UsageView
    quota: QuotaLeft | None


class QuotaView(QuotaLeft):
    """How one quota stands. A ``soft`` one is only told about, never refused."""

    service_type: str
    period: str
    enforcement: Literal["hard", "soft"]


class QuotaList(Wire):
    """The quotas that a call would take from: the tenant's, then the person's."""

    items: list[QuotaView]


class TenantList(Wire):
    """The tenants for which the person may ask."""

    items: list[TenantView]


class ServiceView(Wire):
    """A service: its input and output as JSON schemas; ``output`` null where you bring it."""

    service_type: str
    summary: str
    units: int
    input: dict[str, Any]
    output: dict[str, Any] | None


class ServiceList(Wire):
    """The services of the AI proxy."""

    items: list[ServiceView]


class Cancelled(Wire):
    """What became of a call: ``cancelled`` unless it was answered before, or had failed."""

    request_id: str
    status: Literal["cancelled", "answered"]
