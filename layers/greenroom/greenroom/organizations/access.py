"""Who a signed-in person is in an organisation: one batch read, and nobody else gets in."""

from dataclasses import dataclass
from datetime import UTC, datetime

from greenroom.accounts.identity import Identity, OrganizationClaim
from greenroom.kernel.errors import NotFound
from greenroom.kernel.ids import is_id, user_id_of
from greenroom.organizations.domain import Organization, organization_id_of
from greenroom.organizations.principal import Principal, Role
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.store import OrganizationStore
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


class Access:
    """The doors of organisations."""

    def __init__(self, store: OrganizationStore) -> None:
        self._store = store

    def enter(self, identity: Identity, organization: str) -> Entry:
        """Let a person in who works there or is a customer; ``organization`` is our id or Clerk's.

        The member's row decides. While there is none, since Clerk's news is late, the verified
        token's own word of the active organisation counts; a row that says they left stands.

        Raises:
            NotFound: no such organisation, or the person has nothing to do with it.
        """
        entry = self.look(identity, organization)
        if entry.principal.role == "public":
            raise NotFound
        return entry

    def enter_staff(self, identity: Identity, organization: str) -> Entry:
        """Let a person in who works there.

        Raises:
            NotFound: no such organisation, or the person has nothing to do with it.
            Forbidden: they are a customer of it.
        """
        entry = self.enter(identity, organization)
        entry.repo.require_staff()
        return entry

    def look(self, identity: Identity, organization: str) -> Entry:
        """The entry of any signed-in person; who has nothing to do with it is ``public``.

        Raises:
            NotFound: no such organisation.
        """
        organization_id = _id_of(organization)
        user_id = user_id_of(identity.clerk_id)
        found = self._store.standing(organization_id, user_id)
        claim = _claim_of(identity, organization_id)
        known = found.organization or (_told_by(claim) if claim else None)
        if known is None or known.deleted:
            raise NotFound
        role: Role = "public"
        if found.member is not None:
            role = "public" if found.member.removed else _role(found.member.role)
        elif claim is not None:
            role = _role(claim.role)
        if role == "public" and found.customer is not None:
            role = found.customer.kind
        principal = Principal(
            organization_id=organization_id, role=role, user_id=user_id, customer=found.customer
        )
        return Entry(repo=OrgRepo(principal), organization=known, studio=found.studio)


def _id_of(organization: str) -> str:
    """Our id of the organisation that a path names by our id or by Clerk's."""
    if is_id(organization):
        return organization
    if organization.startswith("org_"):
        return organization_id_of(organization)
    raise NotFound


def _claim_of(identity: Identity, organization_id: str) -> OrganizationClaim | None:
    """The token's word of that organisation, if it is the one that is active in it."""
    claim = identity.organization
    if claim is None or organization_id_of(claim.organization_id) != organization_id:
        return None
    return claim


def _told_by(claim: OrganizationClaim) -> Organization:
    """The organisation as far as a token tells, until Clerk's news comes; it is older than any."""
    return Organization(
        organization_id=organization_id_of(claim.organization_id),
        clerk_organization_id=claim.organization_id,
        name=None,
        slug=claim.slug,
        image_url=None,
        at=datetime.fromtimestamp(0, tz=UTC),
    )


def _role(told: str | None) -> Role:
    return "admin" if told == "admin" else "staff"
