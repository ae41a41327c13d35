"""Organisations and memberships from Clerk, in any order."""

import copy
import itertools
from datetime import timedelta
from typing import Any

from greenroom.kernel.clock import epoch_ms
from greenroom.kernel.ids import user_id_of
from greenroom.organizations.service import Organizations
from tests.clerk import deletion, fixture, tell
from tests.world import Person, World

MEMBER = "user_29w83sxmDNGwOuEthce5gg56FcC"  # of the fixtures
LEFT = "user_29wACSk1DjeUCwsS6SbbgIgilMy"


def organizations(world: World) -> Organizations:
    return world.wiring("clerk_webhook").organizations


def seen(world: World, clerk_id: str) -> list[tuple[str | None, str | None]]:
    """Names and roles of somebody's organisations, as other rooms see them."""
    found = organizations(world).of_user(user_id_of(clerk_id))
    return [(organization.name, member.role) for organization, member in found]


def at(world: World, seconds: int) -> int:
    return epoch_ms(world.clock() + timedelta(seconds=seconds))


def organization(
    world: World, kind: str, seconds: int, *, name: str | None = None
) -> dict[str, Any]:
    event = fixture("organization.created")
    event["data"] |= {"updated_at": at(world, seconds)} | ({"name": name} if name else {})
    if kind == "organization.deleted":
        event["data"] = {"id": event["data"]["id"], "object": "organization", "deleted": True}
    return event | {"type": kind, "timestamp": at(world, seconds)}


def membership(
    world: World,
    kind: str,
    person: Person,
    seconds: int,
    *,
    role: str = "org:admin",
    membership_id: str = "orgmem_1",
) -> dict[str, Any]:
    event = copy.deepcopy(fixture("organizationMembership.created"))
    event["data"] |= {"id": membership_id, "role": role, "updated_at": at(world, seconds)}
    event["data"]["public_user_data"]["user_id"] = person.clerk_id
    return event | {"type": f"organizationMembership.{kind}", "timestamp": at(world, seconds)}


def test_the_fixtures_of_an_organisation_and_its_members(world: World) -> None:
    assert tell(world, fixture("organization.created")) == "applied"
    assert tell(world, fixture("organizationMembership.created")) == "applied"
    assert seen(world, MEMBER) == [("Acme Inc", "admin")]

    assert tell(world, fixture("organizationMembership.deleted")) == "applied"
    assert seen(world, LEFT) == []
    assert tell(world, fixture("organizationMembership.created")) == "stale"
    assert seen(world, MEMBER) == [("Acme Inc", "admin")]


def test_a_membership_before_its_organisation_makes_a_stub_that_is_filled_later(
    world: World,
) -> None:
    ada = world.person()
    event = membership(world, "created", ada, 5)
    event["data"]["organization"] = {"id": event["data"]["organization"]["id"]}

    assert tell(world, event) == "applied"
    assert seen(world, ada.clerk_id) == [(None, "admin")]
    assert tell(world, organization(world, "organization.created", 1)) == "applied"
    assert seen(world, ada.clerk_id) == [("Acme Inc", "admin")]


def test_whatever_order_news_of_a_membership_comes_in_it_ends_the_same(world: World) -> None:
    for order in itertools.permutations(range(4)):
        ada = world.person()
        events = [
            membership(world, "created", ada, 1, role="org:member"),
            membership(world, "updated", ada, 2, role="org:admin"),
            membership(world, "deleted", ada, 2, role="org:admin"),
            membership(world, "created", ada, 9, role="org:coach", membership_id="orgmem_2"),
        ]
        for number in order:
            tell(world, events[number])

        assert seen(world, ada.clerk_id) == [("Acme Inc", "coach")], order


def test_whatever_order_the_end_of_a_membership_comes_in_it_is_final(world: World) -> None:
    for order in itertools.permutations(range(3)):
        ada = world.person()
        events = [
            membership(world, "created", ada, 1),
            membership(world, "updated", ada, 20),
            membership(world, "deleted", ada, 1),
        ]
        for number in order:
            tell(world, events[number])

        assert seen(world, ada.clerk_id) == [], order


def test_the_newest_facts_of_an_organisation_count_and_its_deletion_is_final(
    world: World,
) -> None:
    ada = world.person()
    tell(world, membership(world, "created", ada, 1))
    assert tell(world, organization(world, "organization.updated", 9, name="Acme Ltd")) == "applied"
    assert tell(world, organization(world, "organization.updated", 5, name="Acme Old")) == "stale"
    assert seen(world, ada.clerk_id) == [("Acme Ltd", "admin")]

    assert tell(world, organization(world, "organization.deleted", 3)) == "applied"
    assert seen(world, ada.clerk_id) == []
    assert tell(world, organization(world, "organization.deleted", 4)) == "stale"
    assert tell(world, organization(world, "organization.updated", 99)) == "stale"
    assert tell(world, membership(world, "updated", ada, 99)) == "stale"
    assert seen(world, ada.clerk_id) == []


def test_a_deleted_person_leaves_their_organisations_and_joins_none(world: World) -> None:
    ada = world.person()
    tell(world, membership(world, "created", ada, 1))

    tell(world, deletion(ada))

    assert seen(world, ada.clerk_id) == []
    again = membership(world, "created", ada, 99, membership_id="orgmem_2")
    assert tell(world, again) == "stale"


def test_what_the_news_says_of_the_person_is_not_kept_with_the_membership(world: World) -> None:
    tell(world, fixture("organizationMembership.created"))

    assert "example@example.org" not in str(world.rows())
