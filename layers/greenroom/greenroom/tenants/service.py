"""Sets tenants up by hand: preschools, which nobody else makes, and organisations of no Clerk."""

from collections.abc import Mapping
from typing import Final

from greenroom.kernel.errors import NotFound, ValidationFailed
from greenroom.kernel.ids import is_id, new_id
from greenroom.kernel.limits import PAGE_MAX
from greenroom.kernel.tenants import Tenant, TenantKind
from greenroom.organizations.access import id_of
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.service import Organizations
from greenroom.table.transaction import Transaction
from greenroom.tenants.domain import PreschoolMember, PreschoolRole
from greenroom.tenants.store import TenantStore

MEMBERS_AT_ONCE_MAX = 50  # of a new tenant: all are one transaction

_ROLES: Final[dict[str, PreschoolRole]] = {
    "admin": "admin",
    "teacher": "teacher",
    "member": "teacher",
}


class Tenants:
    """What operators do to tenants."""

    def __init__(self, store: TenantStore, *, organizations: Organizations) -> None:
        self._store = store
        self._organizations = organizations

    def create(
        self,
        kind: TenantKind,
        name: str,
        *,
        tenant_id: str | None,
        members: Mapping[str, str],
        actor: str,
    ) -> Tenant:
        """Make a tenant with its first members, roles by our user ids: all at once.

        Without an id it gets a new one; an organisation's may be Clerk's.

        Raises:
            Conflict: there is one of this id already.
            ValidationFailed: the name, the id, or a role is none.
        """
        if not name.strip() or len(members) > MEMBERS_AT_ONCE_MAX:
            raise ValidationFailed.of(
                "name", f"A tenant has a name, and {MEMBERS_AT_ONCE_MAX} first members."
            )
        tenant = tenant_of(kind, tenant_id or new_id())
        tx = self._store.transaction()
        if kind == "preschool":
            self._store.add_preschool(tx, tenant.tenant_id, name.strip(), actor)
        else:
            clerks = tenant_id if tenant_id and not is_id(tenant_id) else ""
            self._organizations.add_made(
                tx, tenant.tenant_id, clerk_organization_id=clerks, name=name.strip()
            )
        for user_id, role in members.items():
            self._add_member(tx, tenant, user_id, role)
        tx.commit()
        return tenant

    def add_member(self, tenant: Tenant, user_id: str, role: str) -> None:
        """Let somebody work in a tenant, or give them another role there.

        Raises:
            NotFound: there is no such tenant.
            ValidationFailed: the kind has no such role.
        """
        tx = self._store.transaction()
        self.add_standing(tx, tenant)
        self._add_member(tx, tenant, user_id, role)
        tx.commit()

    def remove_member(self, tenant: Tenant, user_id: str) -> None:
        """Take somebody out of a tenant.

        Raises:
            NotFound: they are not in it.
        """
        tx = self._store.transaction()
        if tenant.kind == "preschool":
            self._store.add_gone(tx, tenant.tenant_id, user_id)
        else:
            self._organizations.add_worker(tx, tenant.tenant_id, user_id, None)
        tx.commit()

    def require(self, tenant: Tenant) -> str | None:
        """Let only a tenant pass that is there: its name.

        Raises:
            NotFound: there is no such tenant.
        """
        found = (
            self._store.find(tenant.tenant_id)
            if tenant.kind == "preschool"
            else self._organizations.find(tenant.tenant_id)
        )
        if found is None:
            raise NotFound(f"There is no {tenant.kind} of this id.")
        return found.name

    def add_standing(self, tx: Transaction, tenant: Tenant) -> None:
        """Add the check that a tenant is there; its error is ``NotFound`` or ``Conflict``."""
        if tenant.kind == "preschool":
            self._store.add_standing(tx, tenant.tenant_id)
        else:
            self._organizations.add_standing(tx, tenant.tenant_id)

    def members(self, tenant: Tenant) -> list[tuple[str, str]]:
        """Who works in a tenant: our user ids and roles; at most a thousand."""
        if tenant.kind == "preschool":
            return [(one.user_id, one.role) for one in self._store.members(tenant.tenant_id)]
        repo = OrgRepo.of_system(tenant.tenant_id)
        found, _ = self._organizations.members(repo, limit=10 * PAGE_MAX, cursor=None)
        return [(one.user_id, one.role or "member") for one in found]

    def forget(self, user_id: str) -> bool:
        """Take a deleted person out of their preschools: whether they are in none."""
        found = self._store.preschools_of(user_id)
        for preschool_id in found:
            tx = self._store.transaction()
            self._store.add_gone(tx, preschool_id, user_id)
            tx.attempt()  # whoever was faster is seen the next time
        return not found

    def _add_member(self, tx: Transaction, tenant: Tenant, user_id: str, role: str) -> None:
        if role not in _ROLES:
            raise ValidationFailed.of("role", f"A role is one of {', '.join(_ROLES)}.")
        if tenant.kind == "preschool":
            member = PreschoolMember(tenant.tenant_id, user_id, _ROLES[role])
            self._store.add_member(tx, member)
            return
        told = "admin" if role == "admin" else "member"
        self._organizations.add_worker(tx, tenant.tenant_id, user_id, told)


def tenant_of(kind: TenantKind, tenant_id: str) -> Tenant:
    """The tenant of that id; an organisation's may be Clerk's.

    Raises:
        ValidationFailed: it is no id of such a tenant.
    """
    try:
        if kind == "organization":
            return Tenant(kind, id_of(tenant_id))
    except NotFound:
        pass
    if kind == "preschool" and is_id(tenant_id):
        return Tenant(kind, tenant_id)
    raise ValidationFailed.of("tenant.id", f"Ids of a {kind} are UUIDs in small letters.")
