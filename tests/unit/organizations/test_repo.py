"""Keys of organisations, and who may do what in one."""

import pytest

from greenroom.kernel.errors import Forbidden
from greenroom.organizations.principal import CustomerRef, Principal, Role
from greenroom.organizations.repo import OrgRepo, organization_of

CLIENT = CustomerRef("client", "c1")


def repo(role: Role = "staff", customer: CustomerRef | None = None) -> OrgRepo:
    return OrgRepo(Principal(organization_id="o1", role=role, customer=customer))


def test_every_key_begins_with_the_principals_organisation() -> None:
    assert repo().pk() == "T#org#o1"
    assert repo().pk("K", "k1") == "T#org#o1#K#k1"
    assert organization_of(repo().pk("K", "k1")) == "o1"


def test_the_kind_is_part_of_a_customers_key() -> None:
    lead = CustomerRef("lead", "c1")

    assert repo().customer_pk(CLIENT) == "T#org#o1#C#cl#c1"
    assert repo().customer_pk(lead) == "T#org#o1#C#ld#c1"
    assert CustomerRef.of_token(lead.token) == lead


@pytest.mark.parametrize("part", ["", "x#K#k2", "#"])
def test_no_part_reaches_into_another_key(part: str) -> None:
    with pytest.raises(ValueError, match="no part"):
        repo().pk("K", part)
    with pytest.raises(ValueError, match="no part"):
        OrgRepo.of_system(part)


def test_a_partition_of_nobodys_names_no_organisation() -> None:
    for pk in ("USER#u1", "T#ps#s1"):
        with pytest.raises(ValueError, match=r"no (tenant|organisation)"):
            organization_of(pk)


@pytest.mark.parametrize("role", ["client", "lead", "public", "system"])
def test_only_the_staff_pass_as_staff(role: Role) -> None:
    repo("admin").require_staff()
    repo("staff").require_staff()
    with pytest.raises(Forbidden):
        repo(role).require_staff()


@pytest.mark.parametrize("role", ["staff", "client", "lead", "public", "system"])
def test_only_admins_pass_as_admins(role: Role) -> None:
    repo("admin").require_admin()
    with pytest.raises(Forbidden):
        repo(role).require_admin()


def test_a_customer_is_let_in_to_what_is_theirs_alone() -> None:
    repo("staff").require(CLIENT)
    repo("client", CLIENT).require(CLIENT)
    for other in (CustomerRef("lead", "c1"), CustomerRef("client", "c2")):
        with pytest.raises(Forbidden):
            repo("client", CLIENT).require(other)
