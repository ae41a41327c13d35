"""An organisation, its members and their news, and who of its customers a person is."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from greenroom.kernel.errors import Conflict
from greenroom.kernel.turns import Overtaken
from greenroom.organizations.principal import CustomerRef

# Fixed for ever, as that of people: every path computes the same id.
_ORGANIZATIONS = uuid.UUID("2c1d8f5e-7a46-5e0b-9b3c-84d1f06e5a97")


def organization_id_of(clerk_organization_id: str) -> str:
    """Our id of the organisation that Clerk calls so: derived, so never looked up."""
    return str(uuid.uuid5(_ORGANIZATIONS, clerk_organization_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """An organisation; ``name`` is None while only its id is known. ``at`` dates the news."""

    organization_id: str
    clerk_organization_id: str
    name: str | None
    slug: str | None
    image_url: str | None
    at: datetime
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in an organisation. ``role`` is without Clerk's prefix ``org:``."""

    organization_id: str
    membership_id: str
    user_id: str
    role: str | None
    at: datetime
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Who a person is among the customers of an organisation."""

    organization_id: str
    customer: CustomerRef


class AlreadyLinked(Conflict):
    """The person is a customer of the organisation already."""

    default_detail = "You are a customer of this studio already."


class LinkChanged(Overtaken):
    """The person's link is not what it was when it was read: read it again."""


def tells_more(told: Organization, known: Organization | None) -> bool:
    """Whether facts change what is known; nothing changes a deleted one, and a stub no other."""
    if known is None:
        return True
    if known.deleted or told.name is None:
        return False
    return known.name is None or told.at > known.at


def joins(membership_id: str, at: datetime, known: Member | None) -> bool:
    """Whether news of a membership makes, or changes, the member.

    A membership that has ended stays ended; who comes again has a new one.
    """
    if known is None:
        return True
    if known.removed and known.membership_id == membership_id:
        return False
    return at > known.at


def leaves(membership_id: str, at: datetime, known: Member | None) -> bool:
    """Whether the end of a membership ends the member: not if a newer one has begun."""
    if known is None:
        return True
    if known.membership_id == membership_id:
        return not known.removed
    return at > known.at
