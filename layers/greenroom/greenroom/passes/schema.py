"""Packages and memberships on the wire."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import CLASS_TYPES_MAX, PASS_USES_MAX
from greenroom.organizations.schema import ids_of
from greenroom.passes.domain import Package, PassKind, PassState, PassStatus, Period
from greenroom.web.wire import Timestamp, Wire, exactly_one, storable, without_null

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _in_our_time(moment: datetime) -> datetime:
    """No later than calendars are exact, and none whose year has not four digits."""
    if not _FIRST <= moment <= _LAST:
        raise ValueError("must be between the years 2000 and 2200")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64), storable]
PassName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
    storable,
]
ClassType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Uses = Annotated[int, Field(ge=1, le=PASS_USES_MAX, strict=True)]


_one_customer = exactly_one("clientId", "customerId", "customerRef")


def _changed(schema: dict[str, Any]) -> None:
    _one_customer(schema)
    without_null("status")(schema)


class OfCustomer(Wire):
    """Whose pass: a client's, a lead's, or by an id alone; exactly one of the three."""

    model_config = ConfigDict(json_schema_extra=_one_customer)

    client_id: Id | None = None
    customer_id: Id | None = None
    customer_ref: Id | None = None

    def customer(self) -> dict[str, str | None]:
        """Who is named, and how."""
        return {
            "client_id": self.client_id,
            "customer_id": self.customer_id,
            "customer_ref": self.customer_ref,
        }


class _CreatePass(OfCustomer):
    name: PassName
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    class_types: list[ClassType] = Field(default_factory=list, max_length=CLASS_TYPES_MAX)

    def told(self) -> dict[str, Any]:
        """What is told of the pass, by the names of the domain."""
        given = self.model_fields_set - self.customer().keys()
        return {name: getattr(self, name) for name in given} | {"request_hash": self.fingerprint()}


class CreatePackage(_CreatePass):
    """``POST …/packages``: so many uses; without ``classTypes`` for classes of every type."""

    uses: Uses


class CreateMembership(_CreatePass):
    """``POST …/memberships``: so many uses a period, null for no limit."""

    uses_per_period: Uses | None
    period: Period = "month"


class ChangePass(OfCustomer):
    """``PATCH …``: what is left out stays; ``validUntil`` null is without end."""

    model_config = ConfigDict(json_schema_extra=_changed)

    status: PassStatus | None = None
    valid_until: Moment | None = None

    @field_validator("status")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("is not null; leave it out to change nothing")
        return value

    def changes(self) -> dict[str, Any]:
        """What is to be changed, by the names of the domain."""
        given = self.model_fields_set & {"status", "valid_until"}
        return {name: getattr(self, name) for name in given}


class PassView(Wire):
    """A package or a membership. ``usedInPeriod`` is of the present week or month."""

    pass_id: str
    kind: PassKind
    name: str
    client_id: str | None
    customer_id: str | None
    uses: int | None
    remaining: int | None
    uses_per_period: int | None
    period: Period | None
    used_in_period: int | None
    valid_from: Timestamp
    valid_until: Timestamp | None
    class_types: list[str]
    status: str
    created_at: Timestamp

    @classmethod
    def of(cls, state: PassState) -> Self:
        """The view of a pass."""
        held = state.held
        counts: dict[str, Any] = dict.fromkeys(
            ("uses", "remaining", "uses_per_period", "period", "used_in_period")
        )
        if isinstance(held, Package):
            counts |= {"uses": held.uses, "remaining": held.remaining}
        else:
            counts |= {"uses_per_period": held.uses_per_period, "period": held.period}
            counts["used_in_period"] = None if held.uses_per_period is None else state.used
        return cls(
            pass_id=held.pass_id,
            kind=held.kind,
            name=held.name,
            **ids_of(held.customer),
            **counts,
            valid_from=to_text(held.valid_from),
            valid_until=to_text(held.valid_until) if held.valid_until else None,
            class_types=list(held.class_types),
            status=held.status,
            created_at=to_text(held.created_at),
        )


class PassPage(Wire):
    """Packages, or memberships, of a customer, newest first."""

    items: list[PassView]
    next_cursor: str | None
