"""Clerk's webhook: what its news of people does, in any order and any number of times."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from greenroom.kernel.ids import user_id_of
from tests.clerk import deletion, fixture, message, person_event, tell
from tests.world import Person, World

EXAMPLE = "user_29w83sxmDNGwOuEthce5gg56FcC"  # of the fixtures


def row(world: World, pk: str, sk: str) -> dict[str, Any] | None:
    found = [one for one in world.rows() if one["PK"]["S"] == pk and one["SK"]["S"] == sk]
    return found[0] if found else None


def user_row(world: World, clerk_id: str = EXAMPLE) -> dict[str, Any] | None:
    return row(world, f"USER#{user_id_of(clerk_id)}", "ACCOUNT")


def test_the_fixture_of_a_new_person_makes_them_with_the_welcome_grant(world: World) -> None:
    assert tell(world, fixture("user.created")) == "applied"

    ada = world.person(EXAMPLE)
    seen = ada.call("GET /api/user").body
    assert (seen["email"], seen["name"]) == ("example@example.org", "Example Example")
    assert seen["profile"]["imageUrl"] == "https://img.clerk.com/xxxxxx"
    assert seen["credits"] == 3.0
    assert [entry["id"] for entry in ada.ledger()] == ["grant:welcome"]


def test_the_fixture_of_a_changed_person_changes_what_is_newer(world: World) -> None:
    tell(world, fixture("user.created"))

    assert tell(world, fixture("user.updated")) == "applied"
    assert world.person(EXAMPLE).call("GET /api/user").body["name"] == "Example"
    assert tell(world, fixture("user.created")) == "stale"
    assert world.person(EXAMPLE).call("GET /api/user").body["name"] == "Example"


def test_the_fixture_of_a_deleted_person_closes_their_account(world: World) -> None:
    tell(world, fixture("user.created"))

    assert tell(world, fixture("user.deleted")) == "applied"
    assert world.person(EXAMPLE).call("GET /api/user").code == "ACCOUNT_DELETED"


def test_the_fixture_of_a_new_session_is_nothing_to_us(world: World) -> None:
    before = len(world.rows())

    assert tell(world, fixture("session.created")) == "ignored"
    assert len(world.rows()) == before + 1, "the message alone is remembered"


def test_a_message_that_comes_again_changes_nothing(world: World) -> None:
    ada = world.person()
    first = message(world, person_event(ada))
    later = message(world, person_event(ada, name="Ada King", at=world.clock.move(10)))

    assert [one.deliver().body["outcome"] for one in (first, first, later, first, later)] == [
        "applied",
        "duplicate",
        "applied",
        "duplicate",
        "duplicate",
    ]
    assert ada.call("GET /api/user").body["name"] == "Ada King"


def test_whatever_order_news_of_a_person_comes_in_they_end_up_the_same(world: World) -> None:
    finals = set()
    for order in itertools.permutations(range(3)):
        ada = world.person()
        events = [
            person_event(ada, name=f"Name {number}", at=world.clock() + timedelta(seconds=number))
            for number in range(3)
        ]
        for number in order:
            tell(world, events[number])
        finals.add(ada.call("GET /api/user").body["name"])
        assert ada.credits() == 3.0

    assert finals == {"Name 2"}


def test_whatever_order_a_deletion_comes_in_it_is_final(world: World) -> None:
    for order in itertools.permutations(range(3)):
        ada = world.person()
        events = [
            person_event(ada, "user.created", email=f"{ada.clerk_id}@example.org"),
            person_event(ada, at=world.clock() + timedelta(days=1)),
            deletion(ada),
        ]
        for number in order:
            tell(world, events[number])

        assert ada.call("GET /api/user").code == "ACCOUNT_DELETED"
        assert ada.start().code == "ACCOUNT_DELETED"
        left = user_row(world, ada.clerk_id)
        assert left is not None
        assert not {"email", "name", "told_name", "GSI1PK"} & left.keys()


def test_what_clerk_only_repeats_does_not_undo_what_the_person_changed_here(world: World) -> None:
    ada = world.person()
    tell(world, person_event(ada, image_url="https://img.clerk.com/1"))
    change = {"name": "Countess", "profile": {"imageUrl": "https://example.org/me.png"}}
    assert ada.call("PATCH /api/user", change).status == 200

    tell(world, person_event(ada, image_url="https://img.clerk.com/1", at=world.clock.move(9)))
    seen = ada.call("GET /api/user").body
    assert seen["name"] == "Countess"
    assert seen["profile"]["imageUrl"] == "https://example.org/me.png"

    tell(world, person_event(ada, name="Ada K", image_url=None, at=world.clock.move(9)))
    seen = ada.call("GET /api/user").body
    assert (seen["name"], seen["profile"]["imageUrl"]) == ("Ada K", None)


def test_somebody_who_came_before_the_webhook_is_only_completed(world: World) -> None:
    ada = world.person()
    assert ada.credits() == 3.0

    assert tell(world, person_event(ada, "user.created", email="ada@example.org")) == "applied"
    assert ada.credits() == 3.0
    assert ada.call("GET /api/user").body["email"] == "ada@example.org"


def test_the_welcome_grant_is_given_once_for_an_address_even_after_deletion(world: World) -> None:
    first, second = world.person(), world.person()
    tell(world, person_event(first, "user.created", email="Ada@Example.org"))
    tell(world, deletion(first))

    tell(world, person_event(second, "user.created", email=" ada@example.org"))

    assert second.credits() == 0.0
    assert second.ledger() == []


@pytest.mark.parametrize("spent", [False, True])
def test_a_grant_that_another_account_of_the_address_had_is_taken_back_once(
    world: World, *, spent: bool
) -> None:
    first, second = world.person(), world.person()
    tell(world, person_event(first, "user.created", email="ada@example.org"))
    assert second.credits() == 3.0, "nobody knew the address"
    if spent:
        assert second.start().status == 201

    for later in range(3):
        at = world.clock.move(later)
        tell(world, person_event(second, email="ada@example.org", name=f"Ada {later}", at=at))

    assert second.credits() == (-1.0 if spent else 0.0)
    taken = [entry for entry in second.ledger() if entry["kind"] == "adjustment"]
    assert [(one["id"], one["amount"]) for one in taken] == [("adjust:welcome", -3.0)]
    assert sum(entry["amount"] for entry in second.ledger()) == second.credits()


def test_an_address_that_is_not_proven_claims_and_takes_back_nothing(world: World) -> None:
    first, second = world.person(), world.person()
    tell(world, person_event(first, "user.created", email="ada@example.org"))

    tell(world, person_event(second, "user.created", email="ada@example.org", verified=False))

    assert second.credits() == 3.0


def test_a_later_change_of_address_takes_nothing_back_and_claims_the_new_one(world: World) -> None:
    first, second, third = world.person(), world.person(), world.person()
    tell(world, person_event(first, "user.created", email="one@example.org"))
    tell(world, person_event(second, "user.created", email="two@example.org"))

    tell(world, person_event(second, email="one@example.org", at=world.clock.move(1)))
    tell(world, person_event(second, email="three@example.org", at=world.clock.move(1)))
    tell(world, person_event(third, "user.created", email="three@example.org"))

    assert (first.credits(), second.credits(), third.credits()) == (3.0, 3.0, 0.0)


def test_a_signed_message_that_says_nothing_is_taken_and_ignored(world: World) -> None:
    malformed: list[Any] = [[], {"type": 7}, {"type": "user.deleted"}, {"type": "user.updated"}]
    for event in malformed:
        assert tell(world, event) == "ignored"


@pytest.mark.parametrize("deleted_first", [True, False])
def test_a_token_of_a_deleted_person_opens_nothing_that_is_theirs(
    world: World, *, deleted_first: bool
) -> None:
    ada: Person = world.person()
    if not deleted_first:
        assert ada.start().status == 201
    tell(world, deletion(ada))

    for route, body in (
        ("GET /api/user", None),
        ("PATCH /api/user", {"name": "Ada"}),
        ("GET /api/user/ledger", None),
        ("GET /api/user/export", None),
        ("DELETE /api/user", None),
        ("POST /api/realtime-session", {}),
        ("GET /api/sessions", None),
        ("GET /api/sessions/active", None),
        ("GET /api/interviews", None),
    ):
        reply = ada.call(route, body)
        assert (reply.status, reply.code) == (403, "ACCOUNT_DELETED"), route
