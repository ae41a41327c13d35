"""The routes of packages and memberships."""

from greenroom.kernel.errors import (
    AmbiguousCustomer,
    Conflict,
    CustomerInactive,
    ExactlyOneCustomer,
    Forbidden,
    IdempotencyMismatch,
)
from greenroom.passes.schema import (
    ChangePass,
    CreateMembership,
    CreatePackage,
    PassPage,
    PassView,
)
from greenroom.web.route import PAGED, Route

OF_CUSTOMER = {
    "clientId": "The client, by id",
    "customerId": "The lead, by id",
    "customerRef": "The client or the lead of this id",
}
_NAMING = (AmbiguousCustomer, ExactlyOneCustomer, Forbidden)
_MAKING = (*_NAMING, Conflict, CustomerInactive, IdempotencyMismatch)

PACKAGES = Route(
    "GET /api/organizations/{organizationId}/packages",
    summary="A customer's packages, newest first; a customer's own without naming them",
    answers={200: PassPage},
    query={**OF_CUSTOMER, **PAGED},
    errors=_NAMING,
)
CREATE_PACKAGE = Route(
    "POST /api/organizations/{organizationId}/packages",
    summary="Give a customer a package of uses; for the staff",
    body=CreatePackage,
    answers={201: PassView},
    errors=_MAKING,
    spends=True,
)
CHANGE_PACKAGE = Route(
    "PATCH /api/organizations/{organizationId}/packages/{passId}",
    summary="Freeze, cancel or prolong a package; for the staff",
    body=ChangePass,
    answers={200: PassView},
    errors=_NAMING,
)
MEMBERSHIPS = Route(
    "GET /api/organizations/{organizationId}/memberships",
    summary="A customer's memberships, newest first; a customer's own without naming them",
    answers={200: PassPage},
    query={**OF_CUSTOMER, **PAGED},
    errors=_NAMING,
)
CREATE_MEMBERSHIP = Route(
    "POST /api/organizations/{organizationId}/memberships",
    summary="Give a customer a membership: uses by the week or month, or without limit",
    body=CreateMembership,
    answers={201: PassView},
    errors=_MAKING,
    spends=True,
)
CHANGE_MEMBERSHIP = Route(
    "PATCH /api/organizations/{organizationId}/memberships/{passId}",
    summary="Freeze, cancel or prolong a membership; for the staff",
    body=ChangePass,
    answers={200: PassView},
    errors=_NAMING,
)
