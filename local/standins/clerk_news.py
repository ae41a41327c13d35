"""What the Clerk stand-in tells when people are made, changed or deleted."""

import dataclasses
import time
from collections.abc import Callable
from typing import Any

from local.standins.clerk_documents import user_document
from local.standins.clerk_people import Organization, People, Person

Tell = Callable[[str, dict[str, Any]], None]


class Registry:
    """People, with news of every change of them."""

    def __init__(self, people: People, tell: Tell) -> None:
        self._people = people
        self._tell = tell

    def save(self, person: Person) -> Person:
        """Keep a person as given, and tell what that changes."""
        known = self._people.find(person.id)
        if known is not None and _told(known) == _told(person):
            return known
        saved = self._people.save(dataclasses.replace(person, updated_at_ms=_now_ms()))
        self._tell("user.created" if known is None else "user.updated", user_document(saved))
        before = {one.id: one for one in known.organizations} if known else {}
        for organization in saved.organizations:
            self._tell_membership(saved, organization, before.pop(organization.id, None))
        for organization in before.values():
            self._tell("organizationMembership.deleted", _membership(saved, organization))
        return saved

    def delete(self, user_id: str) -> bool:
        """Delete a person, and tell of it: whether there was one."""
        person = self._people.find(user_id)
        if person is None:
            return False
        self._people.delete(user_id)
        for organization in person.organizations:
            self._tell("organizationMembership.deleted", _membership(person, organization))
        self._tell("user.deleted", {"deleted": True, "id": user_id, "object": "user"})
        return True

    def _tell_membership(
        self, person: Person, organization: Organization, before: Organization | None
    ) -> None:
        if self._people.add_organization(organization.id):
            self._tell("organization.created", _organization(organization))
        if before is None:
            self._tell("organizationMembership.created", _membership(person, organization))
        elif before.role != organization.role:
            self._tell("organizationMembership.updated", _membership(person, organization))


def _told(person: Person) -> Person:
    """The person without what a page or a script does not tell."""
    organizations = tuple(
        dataclasses.replace(one, membership_id="") for one in person.organizations
    )
    return dataclasses.replace(
        person, organizations=organizations, created_at_ms=0, updated_at_ms=0, made_here=False
    )


def _organization(organization: Organization) -> dict[str, Any]:
    """Source: Clerk, "Backend API", organizations. Its name is its slug in words."""
    return {
        "id": organization.id,
        "object": "organization",
        "name": (organization.slug or organization.id).replace("-", " ").title(),
        "slug": organization.slug,
        "image_url": "",
        "public_metadata": {},
        "created_at": _now_ms(),
        "updated_at": _now_ms(),
    }


def _membership(person: Person, organization: Organization) -> dict[str, Any]:
    """Source: Clerk, "Backend API", organization memberships."""
    document = user_document(person)
    return {
        "id": organization.membership_id,
        "object": "organization_membership",
        "role": f"org:{organization.role}",
        "organization": _organization(organization),
        "public_user_data": {
            "user_id": person.id,
            "first_name": document["first_name"],
            "last_name": document["last_name"],
            "image_url": document["image_url"],
            "identifier": person.email,
        },
        "created_at": _now_ms(),
        "updated_at": _now_ms(),
    }


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
