"""Who a signed-in person is in a tenant: one batch read, and nobody else gets in."""

from typing import Any

from greenroom.accounts.identity import Identity
from greenroom.kernel.errors import Forbidden, NotFound
from greenroom.kernel.ids import is_id, user_id_of
from greenroom.kernel.tenants import Tenant, TenantKind
from greenroom.organizations.access import Access, Entry, id_of
from greenroom.table.item import Key
from greenroom.tenants.domain import Role, TenantEntry, role_in
from greenroom.tenants.store import Rows, TenantStore

__all__ = ["TenantAccess", "TenantEntry"]


class TenantAccess:
    """The doors of tenants."""

    def __init__(self, store: TenantStore, *, organizations: Access) -> None:
        self._store = store
        self._organizations = organizations

    def enter(self, identity: Identity, *, kind: TenantKind | None, tenant_id: str) -> TenantEntry:
        """Let a person in who works there. An organisation may be named by Clerk's id, too.

        Without a kind (the older ``organizationId``, under which preschools were sent as well) a
        member of either is let in; where both would let them in, it is the organisation, since the
        field says so.

        Raises:
            NotFound: no such tenant, one of another kind, or the person does not work there.
        """
        wanted = [
            one
            for one in (_organization(tenant_id), _preschool(tenant_id))
            if one is not None and kind in {None, one.kind}
        ]
        rows = self._read(identity, wanted)
        for tenant in wanted:
            entry = self._judge(identity, tenant, rows)
            if entry is not None:
                return entry
        raise NotFound

    def administered(self, identity: Identity, kind: TenantKind | None, tenant_id: str) -> Tenant:
        """A tenant that a person administers.

        Raises:
            NotFound: as ``enter``.
            Forbidden: they work there, and are no admin.
        """
        entry = self.enter(identity, kind=kind, tenant_id=tenant_id)
        if entry.role != "admin":
            raise Forbidden("Only an admin of the tenant may do this.")
        return entry.tenant

    def mine(self, identity: Identity) -> list[TenantEntry]:
        """The entries of a person to every tenant that lets them in, by its name.

        At most 100 organisations and 100 preschools.
        """
        user_id = user_id_of(identity.clerk_id)
        entries = [one for one in self._organizations.mine(identity) if one.principal.is_staff]
        schools = [Tenant("preschool", one) for one in self._store.preschools_of(user_id)]
        known = {one.repo.tenant: one for one in entries}
        keys = self._store.plan_keys([*known])
        rows = self._read(identity, schools, also=keys)
        found = [self._of_organization(entry, rows) for entry in entries]
        found += [one for one in (self._judge(identity, each, rows) for each in schools) if one]
        return sorted(found, key=lambda one: (one.name or "", one.tenant.token))

    def _read(
        self, identity: Identity, tenants: list[Tenant], *, also: list[Key[Any]] | None = None
    ) -> Rows:
        """All rows that decide about these tenants."""
        keys = [*(also or []), *self._store.plan_keys(tenants)]
        for tenant in tenants:
            if tenant.kind == "organization":
                keys += self._organizations.keys(identity, tenant.tenant_id)
            else:
                user_id = user_id_of(identity.clerk_id)
                keys += self._store.preschool_keys(tenant.tenant_id, user_id)
        return self._store.rows(keys)

    def _judge(self, identity: Identity, tenant: Tenant, rows: Rows) -> TenantEntry | None:
        """The entry that the rows give a person, if they give one."""
        if tenant.kind == "organization":
            there = rows.some(self._organizations.keys(identity, tenant.tenant_id))
            entry = self._organizations.judge(identity, tenant.tenant_id, there)
            works_there = entry is not None and entry.principal.is_staff
            return self._of_organization(entry, rows) if entry and works_there else None
        found = self._store.preschool(rows, tenant.tenant_id, user_id_of(identity.clerk_id))
        if found is None:
            return None
        preschool, member = found
        plan = self._store.plan(rows, tenant)
        return TenantEntry(tenant, preschool.name, role_in(member.role), plan)

    def _of_organization(self, entry: Entry, rows: Rows) -> TenantEntry:
        tenant = entry.repo.tenant
        role: Role = "admin" if entry.principal.role == "admin" else "member"
        return TenantEntry(tenant, entry.organization.name, role, self._store.plan(rows, tenant))


def _organization(tenant_id: str) -> Tenant | None:
    try:
        return Tenant("organization", id_of(tenant_id))
    except NotFound:
        return None


def _preschool(tenant_id: str) -> Tenant | None:
    return Tenant("preschool", tenant_id) if is_id(tenant_id) else None
