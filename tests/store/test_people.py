"""Being made: once for ever, with one welcome grant; and changing what one tells."""

from typing import Any

import pytest

from greenroom.accounts.identity import Identity
from greenroom.kernel.errors import AccountDeleted, InvalidRequest
from greenroom.table.item import UnreadableItem
from tests.store.people import accounts_of, charge, debit, rows_of, set_raw
from tests.store.things import at_once, put_raw
from tests.world import Person, World

VERIFIED: dict[str, Any] = {"email": "ada@example.org", "email_verified": True}


def identity(person: Person, **claims: Any) -> Identity:
    return Identity(clerk_id=person.clerk_id, session_id="s", **claims)


def grants(world: World) -> list[str]:
    return [row["PK"]["S"] for row in world.rows() if row["SK"]["S"] == "LEDGER#grant:welcome"]


@pytest.mark.parametrize("claims", [{}, VERIFIED], ids=["without e-mail", "with e-mail"])
def test_twenty_parallel_first_requests_make_one_person_and_one_grant(
    world: World, claims: dict[str, Any]
) -> None:
    ada = world.person(**claims)

    answers = at_once(20, lambda _: ada.credits())

    assert answers == [3.0] * 20
    assert len(rows_of(ada, "user")) == 1
    assert [row["key"]["S"] for row in rows_of(ada, "ledger_entry")] == ["grant:welcome"]
    assert (
        len([row for row in world.rows() if row["kind"]["S"] == "email_claim"]) == len(claims) // 2
    )


def test_exactly_one_of_many_first_requests_made_the_person(world: World) -> None:
    ada = identity(world.person())

    made = at_once(20, lambda _: accounts_of(world).ensure_user(ada))

    assert sorted(made, key=str) == [300] + [None] * 19


def test_exactly_one_of_many_first_requests_made_a_person_without_a_grant(world: World) -> None:
    world.person(**VERIFIED).credits()
    again = identity(world.person(), **VERIFIED)

    made = at_once(12, lambda _: accounts_of(world).ensure_user(again))

    assert sorted(made, key=str) == [0] + [None] * 11


def test_a_second_account_of_a_verified_email_begins_at_zero(world: World) -> None:
    ada, again = world.person(**VERIFIED), world.person(**VERIFIED)

    assert ada.credits() == 3.0
    assert again.credits() == 0.0
    assert again.ledger() == []
    assert grants(world) == [f"USER#{ada.user_id}"]


@pytest.mark.parametrize(
    "spelling", ["ADA@Example.ORG", "\uff41da@example.org", " ada@example.org "]
)
def test_an_email_is_the_same_however_it_is_spelled(world: World, spelling: str) -> None:
    accounts = accounts_of(world)

    first = accounts.ensure_user(identity(world.person(), **VERIFIED))
    second = accounts.ensure_user(identity(world.person(), email=spelling, email_verified=True))

    assert (first, second) == (300, 0)


def test_an_unverified_email_claims_nothing(world: World) -> None:
    claims = VERIFIED | {"email_verified": False}
    ada, ben = world.person(**claims), world.person(**claims)

    assert (ada.credits(), ben.credits()) == (3.0, 3.0)
    assert [row for row in world.rows() if row["kind"]["S"] == "email_claim"] == []


def test_of_many_accounts_of_one_email_at_once_one_has_the_grant(world: World) -> None:
    people = [world.person(**VERIFIED) for _ in range(16)]

    balances = at_once(16, lambda number: people[number].credits())

    assert sorted(map(str, balances)) == ["0.0"] * 15 + ["3.0"]
    assert len(grants(world)) == 1


def test_the_email_is_kept_as_a_keyed_fingerprint_only(world: World) -> None:
    world.person(**VERIFIED).credits()

    (claim,) = [row for row in world.rows() if row["kind"]["S"] == "email_claim"]

    assert claim["PK"]["S"].startswith("EMAIL#")
    assert "ada" not in str(claim)


def test_nothing_grants_again_when_the_balance_is_zero(world: World) -> None:
    ada = world.person()
    ada.credits()
    for _ in range(3):
        debit(ada, charge(ada))

    looked = at_once(4, lambda _: ada.credits())
    accounts_of(world).ensure_user(identity(ada))
    accounts_of(world).ensure_user(identity(ada, **VERIFIED))
    ada.call("PATCH /api/user", {"name": "Ada"})

    assert looked == [0.0] * 4
    assert ada.start().code == "INSUFFICIENT_CREDITS"
    assert ada.credits() == 0.0
    assert len(grants(world)) == 1


def test_a_first_start_makes_the_person(world: World) -> None:
    ada = world.person()

    started = ada.start()

    assert started.status == 201
    assert ada.credits() == 2.0
    assert [entry["kind"] for entry in ada.ledger()].count("grant") == 1


def test_a_tombstone_refuses_everything_and_is_never_granted_again(world: World) -> None:
    ada = world.person()
    ada.credits()
    set_raw(ada, deleted_at={"S": "2026-11-21T12:00:00.000000Z"}, credits={"N": "0"})

    answers = [
        ada.call("GET /api/user"),
        ada.call("PATCH /api/user", {"name": "Ada"}),
        ada.call("PATCH /api/user", {"profile": {"bio": "Back."}}),
        ada.start(),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [(403, "ACCOUNT_DELETED")] * 4
    (row,) = rows_of(ada, "user")
    assert row["credits"] == {"N": "0"}
    assert "name" not in row
    assert rows_of(ada, "user_profile") == []
    assert len(grants(world)) == 1
    with pytest.raises(AccountDeleted):
        accounts_of(world).see(identity(ada))


def test_a_row_that_cannot_be_read_is_not_taken_for_a_missing_person(world: World) -> None:
    ada = world.person()
    put_raw(world.table, PK=f"USER#{ada.user_id}", SK="ACCOUNT", kind="user", v=1, credits="many")

    with pytest.raises(UnreadableItem):
        accounts_of(world).see(identity(ada))

    assert grants(world) == []


# Profile


def test_a_change_makes_an_unknown_person_first(world: World) -> None:
    ada = world.person()

    changed = ada.call("PATCH /api/user", {"name": "Ada", "profile": {"headline": "Welder"}})

    assert changed.status == 200
    assert changed.body["name"] == "Ada"
    assert changed.body["profile"]["headline"] == "Welder"
    assert changed.body["credits"] == 3.0


def test_absent_members_stay_and_null_clears(world: World) -> None:
    ada = world.person()
    told = {
        "headline": "Welder",
        "bio": "I weld.",
        "imageUrl": "https://example.org/a.png",
        "resumeText": "Ten years of welding.",
        "resumeData": {"skills": ["TIG"]},
    }
    ada.call("PATCH /api/user", {"name": "Ada", "profile": told})

    kept = ada.call("PATCH /api/user", {"profile": {"bio": None}}).body
    cleared = ada.call("PATCH /api/user", {"name": None, "profile": {"resumeData": None}}).body

    assert kept["name"] == "Ada"
    assert kept["profile"] == told | {"bio": None}
    assert cleared["name"] is None
    assert cleared["profile"] == told | {"bio": None, "resumeData": None}


def test_a_profile_has_kind_version_and_the_time_it_was_made(world: World) -> None:
    ada = world.person()
    ada.call("PATCH /api/user", {"profile": {"bio": "One."}})
    (made,) = rows_of(ada, "user_profile")
    world.clock.move(60)

    ada.call("PATCH /api/user", {"profile": {"bio": "Two."}})

    (changed,) = rows_of(ada, "user_profile")
    assert changed["v"] == {"N": "1"}
    assert changed["created_at"] == made["created_at"] != changed["updated_at"]


def test_changing_a_name_while_paying_loses_neither(world: World) -> None:
    ada = world.person()
    ada.credits()

    def act(number: int) -> None:
        if number < 3:
            debit(ada, charge(ada))
        else:
            ada.call("PATCH /api/user", {"name": f"Ada {number}"})

    at_once(8, act)

    seen = ada.call("GET /api/user").body
    assert seen["credits"] == 0.0
    assert seen["name"].startswith("Ada ")


# Ledger


def test_ledger_pages_show_every_entry_once_newest_first(world: World) -> None:
    ada = world.person()
    ada.credits()
    for number in range(3):
        world.clock.move(number < 2)  # the last two share a moment
        debit(ada, charge(ada))
    whole = [entry["id"] for entry in ada.ledger()]

    first = ada.call("GET /api/user/ledger?limit=3").body
    rest = ada.call(f"GET /api/user/ledger?limit=3&cursor={first['nextCursor']}").body

    assert [entry["id"] for entry in first["items"] + rest["items"]] == whole
    assert whole[-1] == "grant:welcome"
    assert rest["nextCursor"] is None


def test_a_ledger_of_just_a_page_has_no_cursor(world: World) -> None:
    ada = world.person()
    ada.credits()

    assert ada.call("GET /api/user/ledger?limit=1").body["nextCursor"] is None


def test_a_cursor_of_another_ledger_is_refused(world: World) -> None:
    ada = world.person()
    ada.credits()

    with pytest.raises(InvalidRequest):
        accounts_of(world).ledger(identity(ada), limit=1, cursor="2026~debit:x:1")


def test_a_ledger_entry_that_cannot_be_read_does_not_hide_the_others(world: World) -> None:
    ada = world.person()
    ada.credits()
    pk = f"USER#{ada.user_id}"
    put_raw(world.table, PK=pk, SK="LEDGER#odd", kind="later", v=1)
    put_raw(world.table, PK=pk, SK="LEDGER#bad", kind="ledger_entry", v=1, amount="much")

    assert [entry["id"] for entry in ada.ledger()] == ["grant:welcome"]
