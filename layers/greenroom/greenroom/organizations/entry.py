"""Who somebody is to an organisation, and a principal's way into it. Pure."""

from dataclasses import dataclass

from greenroom.organizations.domain import Member, Organization
from greenroom.organizations.principal import CustomerRef, Principal
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.studio import Studio


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is stored of an organisation and of one person in it."""

    organization: Organization | None
    studio: Studio
    member: Member | None
    customer: CustomerRef | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A principal's way in: their organisation's rows, itself, and how it runs its classes."""

    repo: OrgRepo
    organization: Organization
    studio: Studio

    @property
    def principal(self) -> Principal:
        """Who came in."""
        return self.repo.principal
