"""Customers on the wire."""

from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from greenroom.customers.domain import Customer, CustomerStatus, NewCustomer, Settable, email_of
from greenroom.kernel.clock import to_text
from greenroom.kernel.ids import is_id
from greenroom.kernel.limits import (
    CUSTOMER_NAME_CHARS_MAX,
    CUSTOMER_NOTES_CHARS_MAX,
    EMAIL_CHARS_MAX,
    PHONE_CHARS_MAX,
)
from greenroom.organizations.principal import CustomerKind
from greenroom.organizations.schema import ids_of
from greenroom.web.wire import Timestamp, Wire, storable, without_null

STAFF_ONLY = frozenset({"email", "notes", "status"})  # of what can be changed


def _line(chars_max: int) -> Any:
    return StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=chars_max,
        pattern=r"^[^\x00-\x1f\x7f]+$",
    )


def _id(value: Any) -> Any:
    """A UUID in any spelling; what is kept is ours."""
    if isinstance(value, str) and is_id(value.lower()):
        return value.lower()
    raise ValueError("is no UUID")


PersonName = Annotated[str, _line(CUSTOMER_NAME_CHARS_MAX), storable]
Phone = Annotated[str, _line(PHONE_CHARS_MAX), storable]
Notes = Annotated[str, StringConstraints(max_length=CUSTOMER_NOTES_CHARS_MAX), storable]
Email = Annotated[
    str,
    StringConstraints(max_length=EMAIL_CHARS_MAX),
    storable,
    AfterValidator(email_of),
    Field(json_schema_extra={"format": "email"}),
]
ChosenId = Annotated[
    str,
    BeforeValidator(_id, json_schema_input_type=str),
    Field(json_schema_extra={"format": "uuid"}),
]


class CreateCustomer(Wire):
    """``POST …/clients`` and ``…/leads``; ``id`` is for imports, which know one already."""

    name: PersonName
    email: Email | None = None
    phone: Phone | None = None
    notes: Notes | None = None
    id: ChosenId | None = None

    def told(self) -> NewCustomer:
        """What is told of the customer."""
        return NewCustomer(
            name=self.name,
            email=self.email,
            phone=self.phone,
            notes=self.notes,
            customer_id=self.id,
            request_hash=self.fingerprint(),
        )


class ChangeCustomer(Wire):
    """``PATCH …``: what is left out stays; null clears e-mail, phone or notes.

    Customers themselves change their name and phone; the rest is the staff's.
    """

    model_config = ConfigDict(json_schema_extra=without_null("name", "status"))

    name: PersonName | None = None
    email: Email | None = None
    phone: Phone | None = None
    notes: Notes | None = None
    status: Settable | None = None

    @field_validator("name", "status")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("is not null; leave it out to change nothing")
        return value

    def changes(self) -> dict[str, Any]:
        """What is to be changed, by the names of the domain."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class CustomerView(Wire):
    """A client or a lead: of ``clientId`` and ``customerId`` one is null.

    ``notes`` are null to the customer themselves. ``userId`` is who signs in as them, and
    ``convertedTo`` the client that a lead became.
    """

    client_id: str | None
    customer_id: str | None
    kind: CustomerKind
    name: str
    email: str | None
    phone: str | None
    notes: str | None
    status: CustomerStatus
    converted_to: str | None
    user_id: str | None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, customer: Customer, *, staff: bool) -> Self:
        """The view of a customer, for the staff or for themselves."""
        return cls(
            **ids_of(customer.ref),
            kind=customer.ref.kind,
            name=customer.name,
            email=customer.email,
            phone=customer.phone,
            notes=customer.notes if staff else None,
            status=customer.status,
            converted_to=customer.converted_to,
            user_id=customer.user_id,
            created_at=to_text(customer.created_at),
            updated_at=to_text(customer.updated_at),
        )


class CustomerPage(Wire):
    """Clients, or leads, by name."""

    items: list[CustomerView]
    next_cursor: str | None


class Join(Wire):
    """``POST …/me``: the name for a new lead, where it is not the person's own."""

    name: PersonName | None = None
