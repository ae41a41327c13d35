"""Keys of tenants keep kinds and tenants apart."""

import pytest

from greenroom.kernel.tenants import Tenant, tenant_kind


def test_two_tenants_of_one_id_share_no_partition() -> None:
    school, studio = Tenant("preschool", "x"), Tenant("organization", "x")

    assert school.pk() == "T#ps#x"
    assert studio.pk("C", "1") == "T#org#x#C#1"
    assert school.token != studio.token


@pytest.mark.parametrize("tenant", [Tenant("preschool", "x"), Tenant("organization", "y")])
def test_a_tenant_is_found_again_in_what_it_made(tenant: Tenant) -> None:
    assert Tenant.of_token(tenant.token) == tenant
    assert Tenant.of_pk(tenant.pk()) == tenant
    assert Tenant.of_pk(tenant.pk("R", "1")) == tenant


@pytest.mark.parametrize("part", ["", "a#b", "#"])
def test_no_part_reaches_into_another_key(part: str) -> None:
    with pytest.raises(ValueError, match="no part"):
        Tenant("preschool", part)
    with pytest.raises(ValueError, match="no part"):
        Tenant("preschool", "x").pk(part)


@pytest.mark.parametrize("text", ["", "x", "xx#1", "ps", "ps#", "T"])
def test_what_names_no_tenant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no "):
        Tenant.of_token(text)


@pytest.mark.parametrize("pk", ["", "T", "T#ps", "T#xx#1", "USER#ps#1", "T#ps#"])
def test_a_partition_that_is_no_tenants_is_refused(pk: str) -> None:
    with pytest.raises(ValueError, match="no "):
        Tenant.of_pk(pk)


def test_a_kind_is_one_of_two_words() -> None:
    assert tenant_kind("preschool") == "preschool"
    with pytest.raises(ValueError, match="no kind"):
        tenant_kind("school")
