"""The routes of organisations: the person's own, one of them, and who works in it."""

from greenroom.kernel.errors import Forbidden
from greenroom.organizations.schema import (
    ChangeOrganization,
    MemberPage,
    OrganizationList,
    OrganizationView,
)
from greenroom.web.route import PAGED, Route

MINE = Route(
    "GET /api/organizations",
    summary="Where the person works, and of which studios they are a customer",
    answers={200: OrganizationList},
)
PROFILE = Route(
    "GET /api/organizations/{organizationId}",
    summary="An organisation, who the caller is in it, and how it runs its classes",
    answers={200: OrganizationView},
)
CHANGE = Route(
    "PATCH /api/organizations/{organizationId}",
    summary="Change how the organisation runs its classes; for its admins",
    body=ChangeOrganization,
    answers={200: OrganizationView},
    errors=(Forbidden,),
)
ROTATE_KEY = Route(
    "POST /api/organizations/{organizationId}/widget-key",
    summary="Give the public widget a new key; the old one stops at once; for admins",
    answers={200: OrganizationView},
    errors=(Forbidden,),
)
MEMBERS = Route(
    "GET /api/organizations/{organizationId}/members",
    summary="Who works in the organisation; for its staff",
    answers={200: MemberPage},
    query=PAGED,
    errors=(Forbidden,),
)
