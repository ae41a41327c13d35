"""From Clerk's webhooks to what we keep of people and organisations: a total function.

Clerk promises neither order nor delivery. ``at`` says which of two pieces of news of one thing is
the newer (``data.updated_at``, else the event's own time), and a deletion is final.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from urllib.parse import urlsplit

from greenroom.kernel.foreign import (
    Members,
    dig,
    entries,
    identifier,
    members,
    moment_of_ms,
    read_object,
    text,
)
from greenroom.kernel.limits import BODY_WEBHOOK_MAX

EMAIL_CHARS_MAX = 254  # RFC 5321 §4.5.3.1.3
NAME_CHARS_MAX = 200
URL_CHARS_MAX = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class ClerkNews:
    """What every event says. ``sent_at`` is when Clerk made it, ``at`` when its thing changed."""

    type: str
    at: datetime
    sent_at: datetime
    instance_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(ClerkNews):
    """A person as they are now. ``email`` is their primary one; many have none."""

    clerk_id: str
    email: str | None
    email_verified: bool
    name: str | None
    image_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDeleted(ClerkNews):
    """A person is gone; nothing that comes later brings them back."""

    clerk_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationFacts:
    """An organisation as Clerk described it at ``at``; a stub where nothing but its id came."""

    organization_id: str
    name: str | None
    slug: str | None
    image_url: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationChanged(ClerkNews):
    """An organisation as it is now."""

    organization: OrganizationFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationDeleted(ClerkNews):
    """An organisation is gone."""

    organization_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership(ClerkNews):
    """A person in an organisation. ``role`` is without Clerk's prefix ``org:``."""

    membership_id: str
    clerk_id: str
    role: str | None
    organization: OrganizationFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChanged(Membership):
    """Somebody is a member, in this role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipDeleted(Membership):
    """Somebody is a member no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClerkIgnored(ClerkNews):
    """An event that no rule of ours is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClerkMalformed:
    """No event that we can read. ``reason`` is safe to log: nothing of the body is in it."""

    reason: str


ClerkEvent = (
    PersonChanged
    | PersonDeleted
    | OrganizationChanged
    | OrganizationDeleted
    | MembershipChanged
    | MembershipDeleted
    | ClerkIgnored
)


class _Head(TypedDict):
    type: str
    at: datetime
    sent_at: datetime
    instance_id: str | None


class _Missing(Exception):
    """A member without which the event says nothing."""


def read_clerk_event(raw: bytes, *, received_at: datetime) -> ClerkEvent | ClerkMalformed:
    """The event that a verified body holds; ``received_at`` stands in where it tells no time.

    A total function: it raises nothing, whatever the bytes.
    """
    event = read_object(raw, bytes_max=BODY_WEBHOOK_MAX)
    if event is None:
        return ClerkMalformed(reason="not_a_json_object")
    name = text(event.get("type"), chars_max=120)
    if name is None:
        return ClerkMalformed(reason="without_type")
    data = members(event.get("data"))
    sent_at = moment_of_ms(event.get("timestamp")) or received_at
    head = _Head(
        type=name,
        at=moment_of_ms(data.get("updated_at")) or sent_at,
        sent_at=sent_at,
        instance_id=identifier(event.get("instance_id")),
    )
    reader = _READERS.get(name)
    if reader is None:
        return ClerkIgnored(**head)
    try:
        return reader(head, data)
    except _Missing as missing:
        return ClerkMalformed(reason=f"without_{missing}")


def _person(head: _Head, person: Members) -> PersonChanged:
    email, verified = _primary_email(person)
    parts = [text(person.get(part)) for part in ("first_name", "last_name")]
    return PersonChanged(
        **head,
        clerk_id=_id(person.get("id"), "user_id"),
        email=email,
        email_verified=verified,
        name=text(" ".join(part for part in parts if part), chars_max=NAME_CHARS_MAX),
        image_url=_url(person.get("image_url")),
    )


def _primary_email(person: Members) -> tuple[str | None, bool]:
    """The address that the person calls their own, never just the first; and if it is proven."""
    primary = identifier(person.get("primary_email_address_id"))
    for entry in entries(person.get("email_addresses")):
        if primary is not None and entry.get("id") == primary:
            email = text(entry.get("email_address"), chars_max=EMAIL_CHARS_MAX)
            if email is None or "@" not in email or " " in email:
                return None, False
            return email, dig(entry.get("verification"), "status") == "verified"
    return None, False


def _gone(head: _Head, person: Members) -> PersonDeleted:
    return PersonDeleted(**head, clerk_id=_id(person.get("id"), "user_id"))


def _organization(head: _Head, organization: Members) -> OrganizationChanged:
    return OrganizationChanged(**head, organization=_organization_facts(organization, head["at"]))


def _organization_facts(organization: Members, otherwise: datetime) -> OrganizationFacts:
    return OrganizationFacts(
        organization_id=_id(organization.get("id"), "organization_id"),
        name=text(organization.get("name"), chars_max=NAME_CHARS_MAX),
        slug=text(organization.get("slug"), chars_max=NAME_CHARS_MAX),
        image_url=_url(organization.get("image_url")),
        at=moment_of_ms(organization.get("updated_at")) or otherwise,
    )


def _organization_gone(head: _Head, organization: Members) -> OrganizationDeleted:
    found = _id(organization.get("id"), "organization_id")
    return OrganizationDeleted(**head, organization_id=found)


def _member(head: _Head, membership: Members) -> MembershipChanged:
    return MembershipChanged(**head, **_membership(head, membership))


def _member_gone(head: _Head, membership: Members) -> MembershipDeleted:
    return MembershipDeleted(**head, **_membership(head, membership))


class _MembershipFacts(TypedDict):
    membership_id: str
    clerk_id: str
    role: str | None
    organization: OrganizationFacts


def _membership(head: _Head, membership: Members) -> _MembershipFacts:
    role = text(membership.get("role"), chars_max=NAME_CHARS_MAX)
    organization = members(membership.get("organization"))
    return _MembershipFacts(
        membership_id=_id(membership.get("id"), "membership_id"),
        clerk_id=_id(dig(membership.get("public_user_data"), "user_id"), "user_id"),
        role=role.removeprefix("org:") or None if role else None,
        organization=_organization_facts(organization, head["at"]),
    )


_READERS: Mapping[str, Callable[[_Head, Members], ClerkEvent]] = {
    "user.created": _person,
    "user.updated": _person,
    "user.deleted": _gone,
    "organization.created": _organization,
    "organization.updated": _organization,
    "organization.deleted": _organization_gone,
    "organizationMembership.created": _member,
    "organizationMembership.updated": _member,
    "organizationMembership.deleted": _member_gone,
}


def _id(value: Any, name: str) -> str:
    found = identifier(value)
    if found is None:
        raise _Missing(name)
    return found


def _url(value: Any) -> str | None:
    """A web address, of those that a page may load; whatever else it is, is left out."""
    address = text(value, chars_max=URL_CHARS_MAX)
    if address is None or " " in address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and parts.netloc else None
