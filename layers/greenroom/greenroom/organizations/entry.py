"""A principal's way into an organisation. Pure."""

from dataclasses import dataclass

from greenroom.organizations.domain import Organization
from greenroom.organizations.principal import Principal
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.studio import Studio


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
