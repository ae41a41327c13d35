"""Admins find people: all of them by the month of joining, or whom an id, e-mail or name means."""

import csv
import io
from typing import Any

import pytest

from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import DIRECTORY_TRIPS_MAX
from tests.reliability import faults
from tests.world import Person, Reply, World

DAY_S = 86_400


def admin(world: World) -> Person:
    return world.person("user_admin")


def joined(world: World, count: int, *, every_s: float = 60) -> list[Person]:
    """So many people, one after the other; the newest first."""
    people: list[Person] = []
    for _ in range(count):
        person = world.person()
        person.credits()
        people.insert(0, person)
        world.clock.move(every_s)
    return people


def found(world: World, query: str = "") -> tuple[list[dict[str, Any]], int]:
    """All that the pages of a list hold, and how many pages there were."""
    items: list[dict[str, Any]] = []
    cursor, pages = "", 0
    while True:
        reply = admin(world).call(f"GET /api/admin/users?{query}{cursor}")
        assert reply.status == 200, reply.text
        items += reply.body["items"]
        pages += 1
        if reply.body["nextCursor"] is None:
            return items, pages
        cursor = f"&cursor={reply.body['nextCursor']}"


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["userId"] for item in items]


def test_everybody_is_listed_once_newest_first_over_months_and_years(world: World) -> None:
    people = joined(world, 7, every_s=200 * DAY_S)

    items, _ = found(world, "limit=2")

    assert ids(items) == [person.user_id for person in people]


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_of_any_size_hold_the_same(world: World, limit: int) -> None:
    people = joined(world, 4)

    items, _ = found(world, f"limit={limit}")

    assert ids(items) == [person.user_id for person in people]


def test_a_row_says_who_somebody_is_and_what_they_have(world: World) -> None:
    ada = world.person(email="ada@example.com", email_verified=True, name="Ada")
    ada.credits()

    ((item,), _) = found(world)

    assert item == {
        "userId": ada.user_id,
        "clerkId": ada.clerk_id,
        "email": "ada@example.com",
        "name": "Ada",
        "credits": 3.0,
        "isPremium": False,
        "premiumUntil": None,
        "createdAt": to_text(world.clock()),
        "deletedAt": None,
    }


def test_both_ids_find_their_person_in_one_read(world: World) -> None:
    ada, *_ = joined(world, 3)

    for told in (ada.user_id, ada.clerk_id, f" {ada.clerk_id} "):
        with faults.plan() as plan:
            reply = admin(world).call(f"GET /api/admin/users?q={told}")

        assert ids(reply.body["items"]) == [ada.user_id]
        assert reply.body["nextCursor"] is None
        assert [call.operation for call in plan.calls] == ["BatchGetItem"]


def test_a_deleted_person_is_found_by_id_alone(world: World) -> None:
    ada, bob = joined(world, 2)
    assert ada.call("DELETE /api/user").status == 202
    for _ in range(4):
        world.clock.move(60)
        world.sweep()

    ((item,), _) = found(world, f"q={ada.user_id}")

    assert item["deletedAt"] is not None
    assert item["email"] is item["name"] is None
    assert ids(found(world)[0]) == [bob.user_id]


def test_a_part_of_name_or_email_finds_people_whatever_its_case(world: World) -> None:
    zoe = world.person(email="zoe@studio.example", name="Zoë Quinn")
    ben = world.person(email="ben@example.com", name="Ben")
    for one in (zoe, ben):
        one.credits()
        world.clock.move(1)

    assert ids(found(world, "q=ZOË")[0]) == [zoe.user_id]
    assert ids(found(world, "q=studio.EX")[0]) == [zoe.user_id]
    assert ids(found(world, "q=example")[0]) == [ben.user_id, zoe.user_id]
    assert found(world, "q=nobody")[0] == []


def test_a_proven_email_finds_its_person_first_and_once_and_others_who_say_it_too(
    world: World,
) -> None:
    ada = world.person(email="ada@example.com", email_verified=True)
    ada.credits()
    other = world.person(email="ada@example.com")
    world.clock.move(40 * DAY_S)
    other.credits()
    joined(world, 3)

    first = admin(world).call("GET /api/admin/users?q=ADA@example.com&limit=1")
    items, _ = found(world, "q=ADA@example.com&limit=1")

    assert ids(first.body["items"]) == [ada.user_id]
    assert ids(items) == [ada.user_id, other.user_id]


def test_a_proven_email_that_no_row_shows_any_more_finds_its_person(world: World) -> None:
    ada = world.person(email="ada@example.com", email_verified=True)
    ada.credits()
    world.clock.move(1)
    assert ada.call("DELETE /api/user").status == 202
    for _ in range(4):
        world.clock.move(60)
        world.sweep()

    items, _ = found(world, "q=ada@example.com")

    assert ids(items) == [ada.user_id]
    assert items[0]["email"] is None


def test_one_page_reads_a_bounded_number_of_lists_and_the_search_goes_on(world: World) -> None:
    ada = world.person(name="Ada")
    ada.credits()
    world.clock.move(1_500 * DAY_S)
    joined(world, 2)

    with faults.plan() as plan:
        first = admin(world).call("GET /api/admin/users?q=ada")

    assert first.body["items"] == []
    assert first.body["nextCursor"] is not None
    assert len(plan.of("Query")) == DIRECTORY_TRIPS_MAX
    assert ids(found(world, "q=ada")[0]) == [ada.user_id]


def test_a_cursor_of_another_month_opens_nothing(world: World) -> None:
    joined(world, 3)
    reply = admin(world).call("GET /api/admin/users?limit=1")

    forged = "WyIyMDI2LTEyIiwi" + reply.body["nextCursor"][16:]

    assert admin(world).call(f"GET /api/admin/users?cursor={forged}").status == 400


def test_the_list_as_csv_opens_and_holds_no_formula(world: World) -> None:
    evil = world.person(email="x@example.com", name='=HYPERLINK("http://evil","win")')
    evil.credits()
    world.clock.move(1)
    joined(world, 2)

    reply: Reply = admin(world).call("GET /api/admin/users", headers={"accept": "text/csv"})

    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="users.csv"'
    rows = list(csv.DictReader(io.StringIO(reply.text.removeprefix("\ufeff"), newline="")))
    assert reply.text.startswith("\ufeffuserId,clerkId,email,name,credits,")
    assert [row["credits"] for row in rows] == ["3.0"] * 3
    assert rows[-1]["name"] == '\'=HYPERLINK("http://evil","win")'
    assert "X-Next-Cursor" not in reply.headers


def test_a_page_of_csv_says_in_a_header_where_the_next_one_begins(world: World) -> None:
    people = joined(world, 2)

    first = admin(world).call("GET /api/admin/users?limit=1", headers={"accept": "text/csv"})
    cursor = first.headers["X-Next-Cursor"]

    items, _ = found(world, f"limit=1&cursor={cursor}")
    assert ids(items) == [people[1].user_id]
