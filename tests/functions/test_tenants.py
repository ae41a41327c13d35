"""Tenants of the AI proxy: who may use which."""

import pytest

from greenroom.accounts.identity import Identity, OrganizationClaim
from greenroom.kernel.errors import Conflict, NotFound, ValidationFailed
from greenroom.kernel.ids import new_id
from greenroom.kernel.tenants import Tenant, TenantKind
from greenroom.tenants.access import TenantAccess
from greenroom.tenants.service import Tenants
from greenroom.usage.domain import Plan
from tests.functions.test_organizations import joined
from tests.studios import Studio
from tests.world import Person, World

SCHOOL = "d5e14446-f19e-4b29-8fb0-9551869348dd"


class Site:
    """Tenants, and Ada, who works in a preschool."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ada = world.person()
        self.make("preschool", SCHOOL, self.ada, "teacher")

    @property
    def tenants(self) -> Tenants:
        return self.world.wiring("account").tenants

    @property
    def access(self) -> TenantAccess:
        return self.world.wiring("account").tenant_access

    def make(
        self, kind: TenantKind, tenant_id: str | None, person: Person, role: str = "admin"
    ) -> Tenant:
        members = {person.user_id: role}
        return self.tenants.create(
            kind, f"A {kind}", tenant_id=tenant_id, members=members, actor="test"
        )

    def enter(
        self, kind: TenantKind | None, tenant_id: str, person: Person | None = None
    ) -> tuple[str, str]:
        """The kind of the tenant into which one comes, and one's role there."""
        identity = identity_of(person or self.ada)
        entry = self.access.enter(identity, kind=kind, tenant_id=tenant_id)
        return entry.tenant.kind, entry.role


def identity_of(person: Person, claim: OrganizationClaim | None = None) -> Identity:
    return Identity(clerk_id=person.clerk_id, session_id="s", organization=claim)


@pytest.fixture
def site(world: World) -> Site:
    return Site(world)


@pytest.mark.parametrize("kind", ["preschool", None])
def test_whoever_works_in_a_preschool_comes_in_also_where_no_kind_was_named(
    site: Site, kind: TenantKind | None
) -> None:
    assert site.enter(kind, SCHOOL) == ("preschool", "member")


def test_a_preschool_is_no_organization(site: Site) -> None:
    with pytest.raises(NotFound):
        site.enter("organization", SCHOOL)


@pytest.mark.parametrize("kind", ["preschool", "organization", None])
@pytest.mark.parametrize("tenant_id", [SCHOOL, SCHOOL.upper(), "no such thing", "a#b", "org_1", ""])
def test_nobody_else_comes_in(site: Site, kind: TenantKind | None, tenant_id: str) -> None:
    with pytest.raises(NotFound):
        site.enter(kind, tenant_id, site.world.person())


def test_where_both_kinds_let_one_in_the_organization_is_meant(site: Site) -> None:
    site.make("organization", SCHOOL, site.ada)

    assert site.enter(None, SCHOOL) == ("organization", "admin")
    assert site.enter("preschool", SCHOOL) == ("preschool", "member")


def test_who_works_in_one_kind_only_comes_into_that_one(site: Site) -> None:
    bob = site.world.person()
    site.make("organization", SCHOOL, bob, "member")

    assert site.enter(None, SCHOOL) == ("preschool", "member")
    assert site.enter(None, SCHOOL, bob) == ("organization", "member")
    with pytest.raises(NotFound):
        site.enter("preschool", SCHOOL, bob)


def test_clerks_organizations_are_tenants_and_their_customers_are_no_members(site: Site) -> None:
    studio = Studio(site.world)
    _, customer = studio.client_who_signs_in()
    worker = site.world.person()
    joined(site.world, worker, studio.clerk_id, "member")

    assert site.enter("organization", studio.clerk_id, worker) == ("organization", "member")
    assert site.enter(None, studio.organization_id, worker) == ("organization", "member")
    with pytest.raises(NotFound):
        site.enter("organization", studio.organization_id, customer)


def test_the_tokens_own_word_opens_until_clerks_news_comes(site: Site) -> None:
    claim = OrganizationClaim("org_new", "admin", "new")
    identity = identity_of(site.world.person(), claim)

    entry = site.access.enter(identity, kind=None, tenant_id="org_new")

    assert (entry.tenant.kind, entry.name, entry.role) == ("organization", None, "admin")
    assert [one.tenant for one in site.access.mine(identity)] == [entry.tenant]
    with pytest.raises(NotFound):
        site.access.enter(identity, kind=None, tenant_id="org_other")


def test_one_batch_read_decides(site: Site) -> None:
    calls: list[str] = []
    call = site.world.table.call

    def counted(operation: str, *args: object, **options: object) -> object:
        calls.append(operation)
        return call(operation, *args, **options)  # type: ignore[arg-type]

    site.world.table.call = counted  # type: ignore[assignment]

    site.enter(None, SCHOOL)

    assert calls == ["BatchGetItem"]


def test_a_person_sees_all_tenants_that_let_them_in(site: Site) -> None:
    studio, other = Studio(site.world), Studio(site.world)
    joined(site.world, site.ada, studio.clerk_id, "admin")
    joined(site.world, site.ada, other.clerk_id, "admin")
    joined(site.world, site.ada, other.clerk_id, None)
    _, customer = Studio(site.world).client_who_signs_in()

    found = site.access.mine(identity_of(site.ada))

    assert [(one.tenant, one.role, one.plan) for one in found] == [
        (Tenant("preschool", SCHOOL), "member", Plan()),
        (Tenant("organization", studio.organization_id), "admin", Plan()),
    ]
    assert site.access.mine(identity_of(site.world.person())) == []
    assert site.access.mine(identity_of(customer)) == []


def test_who_was_taken_out_is_out(site: Site) -> None:
    for kind in ("preschool", "organization"):
        tenant = site.make(kind, new_id(), site.ada)
        site.tenants.add_member(tenant, site.ada.user_id, "member")
        assert site.enter(tenant.kind, tenant.tenant_id) == (kind, "member")

        site.tenants.remove_member(tenant, site.ada.user_id)

        with pytest.raises(NotFound):
            site.enter(tenant.kind, tenant.tenant_id)
        with pytest.raises(NotFound):
            site.tenants.remove_member(tenant, site.ada.user_id)
    assert len(site.access.mine(identity_of(site.ada))) == 1


@pytest.mark.parametrize("kind", ["preschool", "organization"])
def test_an_id_is_given_once(site: Site, kind: TenantKind) -> None:
    tenant_id = new_id()
    site.make(kind, tenant_id, site.ada)

    with pytest.raises(Conflict):
        site.make(kind, tenant_id, site.world.person())

    assert len(site.tenants.members(Tenant(kind, tenant_id))) == 1


@pytest.mark.parametrize(
    ("kind", "tenant_id", "role"),
    [
        ("preschool", "org_1", "admin"),
        ("preschool", "a#b", "admin"),
        ("organization", "x", "admin"),
        ("preschool", None, "owner"),
        ("organization", None, "owner"),
    ],
)
def test_what_makes_no_tenant_is_refused(
    site: Site, kind: TenantKind, tenant_id: str | None, role: str
) -> None:
    with pytest.raises(ValidationFailed):
        site.make(kind, tenant_id, site.ada, role)


@pytest.mark.parametrize("kind", ["preschool", "organization"])
def test_nobody_joins_a_tenant_that_is_not_there(site: Site, kind: TenantKind) -> None:
    with pytest.raises(NotFound):
        site.tenants.add_member(Tenant(kind, new_id()), site.ada.user_id, "admin")
