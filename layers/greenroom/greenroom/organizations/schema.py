"""Organisations on the wire."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, field_validator

from greenroom.accounts.domain import User
from greenroom.kernel.limits import MINUTES_BEFORE_MAX, ORIGINS_MAX, WAITLIST_MAX
from greenroom.organizations.domain import Member
from greenroom.organizations.entry import Entry
from greenroom.organizations.principal import CustomerKind, CustomerRef
from greenroom.organizations.studio import Studio, origin_of, timezone_of
from greenroom.web.wire import Wire, without_null

RoleView = Literal["admin", "staff", "client", "lead"]
MinutesBefore = Annotated[int, Field(ge=0, le=MINUTES_BEFORE_MAX, strict=True)]
Timezone = Annotated[str, StringConstraints(max_length=64), AfterValidator(timezone_of)]
Origin = Annotated[str, StringConstraints(max_length=253), AfterValidator(origin_of)]


class CustomerRefView(Wire):
    """Who somebody is among the customers; of ``clientId`` and ``customerId`` one is null."""

    kind: CustomerKind
    client_id: str | None
    customer_id: str | None

    @classmethod
    def of(cls, ref: CustomerRef) -> Self:
        """The view of a reference."""
        return cls(kind=ref.kind, **ids_of(ref))


class OrganizationEntry(Wire):
    """An organisation in the list of a person's own, and who they are in it."""

    organization_id: str
    name: str | None
    slug: str | None
    image_url: str | None
    role: RoleView
    customer: CustomerRefView | None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The view of an entry."""
        return cls(**_members_of(entry))


class OrganizationList(Wire):
    """``GET /organizations``: where the person works, and of which they are a customer."""

    items: list[OrganizationEntry]


class WidgetSettings(Wire):
    """The public widget: its ``key`` is null until one is made."""

    key: str | None
    allowed_origins: list[str]
    enabled: bool


class StudioView(Wire):
    """How an organisation runs its classes; ``widget`` is for the staff."""

    timezone: str
    currency: str
    requires_prepayment: bool
    late_cancel_minutes: int
    notice_minutes: int
    waitlist_max: int
    widget: WidgetSettings | None

    @classmethod
    def of(cls, studio: Studio, *, staff: bool) -> Self:
        """The view of a studio."""
        widget = WidgetSettings(
            key=studio.widget_key,
            allowed_origins=list(studio.allowed_origins),
            enabled=studio.widget_enabled,
        )
        return cls(
            timezone=studio.timezone,
            currency=studio.currency,
            requires_prepayment=studio.requires_prepayment,
            late_cancel_minutes=studio.late_cancel_minutes,
            notice_minutes=studio.notice_minutes,
            waitlist_max=studio.waitlist_max,
            widget=widget if staff else None,
        )


class OrganizationView(OrganizationEntry):
    """An organisation, who the caller is in it, and how it runs its classes."""

    studio: StudioView

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The view of an entry."""
        studio = StudioView.of(entry.studio, staff=entry.principal.is_staff)
        return cls(**_members_of(entry), studio=studio)


class ChangeOrganization(Wire):
    """``PATCH /organizations/{id}``: what is left out stays."""

    model_config = ConfigDict(json_schema_extra=without_null())

    timezone: Timezone | None = None
    currency: Annotated[str, Field(pattern=r"^[a-z]{3}$")] | None = None
    requires_prepayment: bool | None = Field(default=None, strict=True)
    late_cancel_minutes: MinutesBefore | None = None
    notice_minutes: MinutesBefore | None = None
    waitlist_max: Annotated[int, Field(ge=0, le=WAITLIST_MAX, strict=True)] | None = None
    allowed_origins: Annotated[list[Origin], Field(max_length=ORIGINS_MAX)] | None = None
    widget_enabled: bool | None = Field(default=None, strict=True)

    @field_validator("*")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("is not null; leave it out to change nothing")
        return value

    def changes(self) -> dict[str, Any]:
        """What is to be changed, by the names of the domain."""
        told = {name: getattr(self, name) for name in self.model_fields_set}
        if "allowed_origins" in told:
            told["allowed_origins"] = list(dict.fromkeys(told["allowed_origins"]))
        return told


class MemberView(Wire):
    """Somebody who works in an organisation; name and e-mail as far as we know them."""

    user_id: str
    name: str | None
    email: str | None
    role: Literal["admin", "staff"]

    @classmethod
    def of(cls, member: Member, person: User | None) -> Self:
        """The view of a member; ``person`` is None while nobody has seen them here."""
        return cls(
            user_id=member.user_id,
            name=person.name if person else None,
            email=person.email if person else None,
            role="admin" if member.role == "admin" else "staff",
        )


class MemberPage(Wire):
    """``GET …/members``: who works in an organisation."""

    items: list[MemberView]
    next_cursor: str | None


def ids_of(ref: CustomerRef) -> dict[str, str | None]:
    """A customer's id under the name that their kind has on the wire, and null under the other."""
    client = ref.kind == "client"
    return {
        "client_id": ref.customer_id if client else None,
        "customer_id": None if client else ref.customer_id,
    }


def _members_of(entry: Entry) -> dict[str, Any]:
    """What every view of an organisation says of it and of the caller."""
    principal, organization = entry.principal, entry.organization
    customer = principal.customer
    return {
        "organization_id": organization.organization_id,
        "name": organization.name,
        "slug": organization.slug,
        "image_url": organization.image_url,
        "role": principal.role,
        "customer": CustomerRefView.of(customer) if customer else None,
    }
