"""Organisations as people see them: their own, one of them, its settings, and who works there."""

from typing import Any

import pytest

from greenroom.kernel.clock import epoch_ms
from greenroom.organizations.domain import organization_id_of
from greenroom.organizations.items import MemberItem
from tests.clerk import fixture, tell
from tests.functions.test_edge_errors import raw_set
from tests.store.things import at_once
from tests.studios import Studio
from tests.world import Person, World


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


def mine(person: Person) -> list[tuple[str, str, Any]]:
    items = person.call("GET /api/organizations").body["items"]
    return [(one["organizationId"], one["role"], one["customer"]) for one in items]


def joined(world: World, person: Person, clerk_organization_id: str, role: str | None) -> None:
    """Clerk's news that somebody works in an organisation, or with None that they do no longer."""
    kind = "organizationMembership.created" if role else "organizationMembership.deleted"
    event = fixture(kind)
    data = event["data"]
    data["id"] = f"orgmem_{person.clerk_id}"
    data["public_user_data"]["user_id"] = person.clerk_id
    data["organization"] |= {"id": clerk_organization_id, "name": "A studio", "slug": "a-studio"}
    data["role"] = f"org:{role or 'member'}"
    at = epoch_ms(world.clock())
    data["updated_at"] = data["organization"]["updated_at"] = at
    assert tell(world, event | {"timestamp": at}) == "applied"


# Where one may go in


def test_a_person_sees_where_they_work_and_of_which_studios_they_are_a_customer(
    world: World,
) -> None:
    one, two, three = Studio(world), Studio(world), Studio(world)
    ref, ada = two.client_who_signs_in("lead")
    joined(world, ada, one.clerk_id, "admin")

    found = mine(ada)

    customer = {"kind": "lead", "clientId": None, "customerId": ref.customer_id}
    assert sorted(found, key=str) == sorted(
        [(one.organization_id, "admin", None), (two.organization_id, "lead", customer)], key=str
    )
    assert three.organization_id not in str(found)
    assert mine(world.person()) == []


def test_who_works_there_and_is_a_customer_too_is_in_the_list_once(
    world: World, studio: Studio
) -> None:
    ref, ada = studio.client_who_signs_in()
    joined(world, ada, studio.clerk_id, "member")

    ((organization_id, role, customer),) = mine(ada)

    assert (organization_id, role) == (studio.organization_id, "staff")
    assert customer == {"kind": "client", "clientId": ref.customer_id, "customerId": None}


def test_the_tokens_own_word_opens_until_clerks_news_comes(world: World) -> None:
    ada = world.person(o={"id": "org_new", "rol": "admin", "slg": "new"})

    ((organization_id, role, _),) = mine(ada)

    assert (organization_id, role) == (organization_id_of("org_new"), "admin")
    shown = ada.call(f"GET /api/organizations/{organization_id}").body
    assert (shown["name"], shown["slug"], shown["role"]) == (None, "new", "admin")


def test_who_left_is_out_whatever_an_old_token_says(world: World, studio: Studio) -> None:
    ada = studio.member("admin")
    joined(world, ada, studio.clerk_id, "admin")
    assert len(mine(ada)) == 1
    world.clock.move(1)

    joined(world, ada, studio.clerk_id, None)

    assert mine(ada) == []
    assert ada.call(f"GET {studio.home}").status == 404


def test_who_left_is_out_even_while_the_index_still_lists_them(
    world: World, studio: Studio
) -> None:
    ada = world.person()
    joined(world, ada, studio.clerk_id, "admin")
    world.clock.move(1)
    joined(world, ada, studio.clerk_id, None)
    key = MemberItem.at(studio.organization_id, ada.user_id)
    listed = {"GSI1PK": f"USER#{ada.user_id}", "GSI1SK": f"ORG#{studio.organization_id}"}
    for name, value in listed.items():
        raw_set(world, key.pk, key.sk, name, {"S": value})

    assert mine(ada) == []


def test_a_deleted_organisation_is_nobodys(world: World, studio: Studio) -> None:
    _, ada = studio.client_who_signs_in()
    joined(world, ada, studio.clerk_id, "admin")
    event = fixture("organization.created")
    gone = {"id": studio.clerk_id, "object": "organization", "deleted": True}
    at = epoch_ms(world.clock())
    assert tell(world, event | {"type": "organization.deleted", "data": gone, "timestamp": at})

    assert mine(ada) == []
    assert ada.call(f"GET {studio.home}").status == 404
    assert studio.admin.call(f"GET {studio.home}").status == 404
    assert ada.call(f"POST {studio.home}/me").status == 404


def test_an_organisation_is_named_by_our_id_or_by_clerks(studio: Studio) -> None:
    by_ours = studio.staff("GET ").body
    by_clerks = studio.admin.call(f"GET /api/organizations/{studio.clerk_id}").body

    assert by_ours == by_clerks
    assert by_ours["organizationId"] == studio.organization_id


def test_everybody_with_a_relation_sees_the_settings_and_only_the_staff_the_widget(
    studio: Studio,
) -> None:
    ref, ada = studio.client_who_signs_in()
    settings = {
        "timezone": "UTC",
        "currency": "usd",
        "requiresPrepayment": False,
        "lateCancelMinutes": 720,
        "noticeMinutes": 0,
        "waitlistMax": 20,
    }
    widget: dict[str, Any] = {"key": None, "allowedOrigins": [], "enabled": False}

    as_admin, as_ada = studio.staff("GET ").body, ada.call(f"GET {studio.home}").body

    assert as_admin["studio"] == {**settings, "widget": widget}
    assert as_ada["studio"] == {**settings, "widget": None}
    assert (as_admin["role"], as_admin["customer"]) == ("admin", None)
    assert as_ada["role"] == "client"
    assert as_ada["customer"]["clientId"] == ref.customer_id


# Settings


def test_an_admin_changes_some_settings_and_the_others_stay(studio: Studio) -> None:
    changes = {
        "timezone": "Europe/Berlin",
        "currency": "eur",
        "requiresPrepayment": True,
        "lateCancelMinutes": 60,
        "noticeMinutes": 30,
        "waitlistMax": 0,
        "allowedOrigins": ["https://Studio.example", "http://127.0.0.1:8080"] * 2,
        "widgetEnabled": True,
    }

    first = studio.staff("PATCH ", changes).body["studio"]
    second = studio.staff("PATCH ", {"noticeMinutes": 0}).body["studio"]
    third = studio.staff("PATCH ", {}).body["studio"]

    assert first["widget"] == {
        "key": None,
        "allowedOrigins": ["https://studio.example", "http://127.0.0.1:8080"],
        "enabled": True,
    }
    told = {name: changes[name] for name in changes if name in first}
    assert {name: first[name] for name in told} == told
    assert second == {**first, "noticeMinutes": 0}
    assert third == second
    assert studio.staff("GET ").body["studio"] == third


def test_two_admins_who_change_different_settings_at_once_are_both_heard(studio: Studio) -> None:
    changes: list[dict[str, Any]] = [
        {"currency": "eur"},
        {"noticeMinutes": 5},
        {"waitlistMax": 7},
        {"timezone": "Europe/Paris"},
    ]

    at_once(4, lambda number: studio.staff("PATCH ", changes[number]))

    now = studio.staff("GET ").body["studio"]
    assert {name: now[name] for one in changes for name in one} == {
        name: value for one in changes for name, value in one.items()
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "Europe/Berlin\0"),
        ("timezone", ""),
        ("timezone", None),
        ("currency", "EUR"),
        ("currency", "euro"),
        ("lateCancelMinutes", -1),
        ("lateCancelMinutes", 43_201),
        ("lateCancelMinutes", "60"),
        ("noticeMinutes", 1.5),
        ("waitlistMax", 501),
        ("requiresPrepayment", "yes"),
        ("widgetEnabled", 1),
        ("allowedOrigins", ["https://studio.example/"]),
        ("allowedOrigins", ["https://studio.example/page"]),
        ("allowedOrigins", ["http://studio.example"]),
        ("allowedOrigins", ["https://a.example https://b.example"]),
        ("allowedOrigins", ["https://*.example#"]),
        ("allowedOrigins", ["null"]),
        ("allowedOrigins", ["https://" + "a" * 300]),
        ("allowedOrigins", [f"https://s{n}.example" for n in range(21)]),
        ("widgetKey", "mine"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_its_name(
    studio: Studio, field: str, value: Any
) -> None:
    refused = studio.staff("PATCH ", {field: value})

    assert (refused.status, refused.code) == (422, "VALIDATION_FAILED")
    assert refused.body["errors"][0]["field"].startswith(field)
    assert studio.staff("GET ").body["studio"]["currency"] == "usd"


@pytest.mark.parametrize("role", ["staff", "client", "lead"])
def test_settings_are_an_admins_to_change(studio: Studio, role: str) -> None:
    who = studio.member() if role == "staff" else studio.client_who_signs_in(role)[1]  # type: ignore[arg-type]

    refused = who.call(f"PATCH {studio.home}", {"currency": "eur"})

    assert (refused.status, refused.code) == (403, "FORBIDDEN")
    assert studio.staff("GET ").body["studio"]["currency"] == "usd"


# Members


def test_the_staff_see_who_works_there(world: World, studio: Studio) -> None:
    ada, bob, carl = (
        world.person(email="ada@example.org", name="Ada"),
        world.person(),
        world.person(),
    )
    for person, role in ((ada, "admin"), (bob, "member"), (carl, "member")):
        joined(world, person, studio.clerk_id, role)
        person.credits()
    world.clock.move(1)
    joined(world, carl, studio.clerk_id, None)
    bob.call("DELETE /api/user")
    joined(world, world.person("user_unseen"), studio.clerk_id, "member")

    items = studio.staff("GET /members").body["items"]

    shown = {one["userId"]: (one["name"], one["email"], one["role"]) for one in items}
    unseen = world.person("user_unseen").user_id
    assert shown == {
        ada.user_id: ("Ada", "ada@example.org", "admin"),
        unseen: (None, None, "staff"),
    }


def test_members_come_page_by_page(world: World, studio: Studio) -> None:
    for _ in range(5):
        joined(world, world.person(), studio.clerk_id, "member")
    seen: list[str] = []
    cursor = ""
    while True:
        page = studio.staff(f"GET /members?limit=2{cursor}").body
        seen += [one["userId"] for one in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"

    assert len(seen) == len(set(seen)) == 5


def test_a_customer_does_not_see_who_works_there(studio: Studio) -> None:
    _, ada = studio.client_who_signs_in()

    assert ada.call(f"GET {studio.home}/members").code == "FORBIDDEN"
