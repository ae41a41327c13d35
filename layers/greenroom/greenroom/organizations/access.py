"""Who a signed-in person is in an organisation: one batch read, and nobody else gets in."""

import re
from datetime import UTC, datetime
from typing import Final

from greenroom.accounts.identity import Identity, OrganizationClaim
from greenroom.kernel.errors import NotFound
from greenroom.kernel.ids import is_id, user_id_of
from greenroom.organizations.domain import Organization, organization_id_of
from greenroom.organizations.entry import Entry, Standing
from greenroom.organizations.principal import Principal, Role
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.store import OrganizationStore
from greenroom.table.item import Item, Key

__all__ = ["Access", "Entry", "id_of"]

_CLERKS: Final = re.compile(r"org_[A-Za-z0-9_-]{1,128}")  # Clerk's ids of organisations


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
        organization_id = id_of(organization)
        user_id = user_id_of(identity.clerk_id)
        found = self._store.standing(organization_id, user_id)
        entry = _entry(found, user_id, _claim_of(identity, organization_id))
        if entry is None:
            raise NotFound
        return entry

    def keys(self, identity: Identity, organization: str) -> list[Key[Item]]:
        """Where the rows are that decide, for whoever reads others with them; see ``judge``.

        Raises:
            NotFound: that is no organisation's id.
        """
        user_id = user_id_of(identity.clerk_id)
        return self._store.standing_keys(id_of(organization), user_id)

    def judge(self, identity: Identity, organization: str, rows: list[Item]) -> Entry | None:
        """The entry that these rows give a person, as ``enter`` without the studio's settings.

        None where there is no such organisation, or the person has nothing to do with it.
        """
        user_id = user_id_of(identity.clerk_id)
        claim = _claim_of(identity, id_of(organization))
        entry = _entry(self._store.standing_of(rows), user_id, claim)
        return None if entry is None or entry.principal.role == "public" else entry

    def mine(self, identity: Identity) -> list[Entry]:
        """The entries of a person to every organisation that lets them in, by its name.

        Their settings are not read. At most 100 in which the person works, and 100 of which they
        are a customer.
        """
        user_id = user_id_of(identity.clerk_id)
        found = [
            _entry(standing, user_id, _claim_of(identity, standing.organization.organization_id))
            for standing in self._store.around(user_id)
            if standing.organization is not None
        ]
        entries = [one for one in found if one is not None and one.principal.role != "public"]
        active = identity.organization
        if active is not None:
            # Clerk's news of the organisation that is active may be late.
            active_id = organization_id_of(active.organization_id)
            if all(one.principal.organization_id != active_id for one in entries):
                entries += self._told(identity, active_id)
        return sorted(
            entries, key=lambda one: (one.organization.name or "", one.principal.organization_id)
        )

    def visit(self, organization_id: str) -> Entry:
        """The entry of somebody who is not signed in, to an organisation that our own rows name.

        Raises:
            NotFound: it was deleted.
        """
        organization, studio = self._store.of_visitors(organization_id)
        known = organization or _unknown(organization_id)
        if known.deleted:
            raise NotFound
        repo = OrgRepo(Principal(organization_id=organization_id, role="public"))
        return Entry(repo=repo, organization=known, studio=studio)

    def _told(self, identity: Identity, organization_id: str) -> list[Entry]:
        """The entry that the token's own word opens, if it opens one."""
        try:
            return [self.enter(identity, organization_id)]
        except NotFound:
            return []


def _entry(found: Standing, user_id: str, claim: OrganizationClaim | None) -> Entry | None:
    """What the rows, and the token's word while there are none, make of a person; None for none."""
    known = found.organization or (_told_by(claim) if claim else None)
    if known is None or known.deleted:
        return None
    role: Role = "public"
    if found.member is not None:
        role = "public" if found.member.removed else _role(found.member.role)
    elif claim is not None:
        role = _role(claim.role)
    if role == "public" and found.customer is not None:
        role = found.customer.kind
    principal = Principal(
        organization_id=known.organization_id, role=role, user_id=user_id, customer=found.customer
    )
    return Entry(repo=OrgRepo(principal), organization=known, studio=found.studio)


def _unknown(organization_id: str) -> Organization:
    """An organisation of which Clerk's news has not come: its token let an admin set it up."""
    return Organization(
        organization_id=organization_id,
        clerk_organization_id="",
        name=None,
        slug=None,
        image_url=None,
        at=datetime.fromtimestamp(0, tz=UTC),
    )


def id_of(organization: str) -> str:
    """Our id of the organisation that is named by our id or by Clerk's.

    Raises:
        NotFound: it is neither.
    """
    if is_id(organization):
        return organization
    if _CLERKS.fullmatch(organization):
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
