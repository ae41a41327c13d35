"""The routes of customers: clients and leads for the staff, and becoming one."""

from greenroom.customers.schema import (
    ChangeCustomer,
    CreateCustomer,
    CustomerPage,
    CustomerView,
    Join,
)
from greenroom.kernel.errors import (
    Conflict,
    CustomerInactive,
    EmailTaken,
    Forbidden,
    IdempotencyMismatch,
)
from greenroom.organizations.schema import OrganizationView
from greenroom.web.route import PAGED, Route

_SEARCHED = {"q": "The beginning of a name, or a whole e-mail", **PAGED}
_MAKING = (Conflict, EmailTaken, Forbidden, IdempotencyMismatch)

JOIN = Route(
    "POST /api/organizations/{organizationId}/me",
    summary="Become a customer: the one who has the person's proven e-mail, or a new lead",
    body=Join,
    answers={200: OrganizationView, 201: OrganizationView},
    in_person=True,
)
CLIENTS = Route(
    "GET /api/organizations/{organizationId}/clients",
    summary="Clients by name; for the staff",
    answers={200: CustomerPage},
    query=_SEARCHED,
    errors=(Forbidden,),
)
CREATE_CLIENT = Route(
    "POST /api/organizations/{organizationId}/clients",
    summary="Make a client; for the staff",
    body=CreateCustomer,
    answers={201: CustomerView},
    errors=_MAKING,
    spends=True,
)
CLIENT = Route(
    "GET /api/organizations/{organizationId}/clients/{clientId}",
    summary="A client, for the staff and for themselves",
    answers={200: CustomerView},
    errors=(Forbidden,),
)
CHANGE_CLIENT = Route(
    "PATCH /api/organizations/{organizationId}/clients/{clientId}",
    summary="Change a client; they themselves change name and phone",
    body=ChangeCustomer,
    answers={200: CustomerView},
    errors=(CustomerInactive, EmailTaken, Forbidden),
)
LEADS = Route(
    "GET /api/organizations/{organizationId}/leads",
    summary="Leads by name; for the staff",
    answers={200: CustomerPage},
    query=_SEARCHED,
    errors=(Forbidden,),
)
CREATE_LEAD = Route(
    "POST /api/organizations/{organizationId}/leads",
    summary="Make a lead; for the staff",
    body=CreateCustomer,
    answers={201: CustomerView},
    errors=_MAKING,
    spends=True,
)
LEAD = Route(
    "GET /api/organizations/{organizationId}/leads/{customerId}",
    summary="A lead, for the staff and for themselves",
    answers={200: CustomerView},
    errors=(Forbidden,),
)
CHANGE_LEAD = Route(
    "PATCH /api/organizations/{organizationId}/leads/{customerId}",
    summary="Change a lead; they themselves change name and phone",
    body=ChangeCustomer,
    answers={200: CustomerView},
    errors=(CustomerInactive, EmailTaken, Forbidden),
)
