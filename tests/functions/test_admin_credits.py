"""Admins give and take credits: once, within what there is, with a reason that the trail tells."""

import csv
import io
import json
from typing import Any

import pytest

from greenroom.kernel.clock import to_text
from tests.books import Operator
from tests.parallel import together
from tests.world import Person, Reply, World

ROUTE = "POST /api/admin/credits"
SUPPORT = {"act": {"iss": "https://dashboard.clerk.com", "sid": "sess_9", "sub": "user_support"}}


@pytest.fixture
def ada(world: World) -> Person:
    person = world.person()
    assert person.credits() == 3.0
    return person


def adjust(
    world: World,
    person: Person,
    amount: Any,
    *,
    key: str | None = None,
    by: str = "user_admin",
    **more: Any,
) -> Reply:
    body = {"userId": person.user_id, "credits": amount, "reason": "Goodwill", **more}
    headers = {} if key is None else {"idempotency-key": key}
    return world.person(by).call(ROUTE, body, headers=headers)


def trail(world: World, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (
        world.person("user_admin").call(f"GET /api/admin/trail?{query}").body["items"]
    )
    return items


def test_an_adjustment_is_an_entry_with_its_reason_and_moves_the_balance(
    world: World, ada: Person
) -> None:
    world.clock.move(1)

    given = adjust(world, ada, 1.25, reason="  The call dropped twice ")
    world.clock.move(1)
    taken = adjust(world, ada, -4.25)

    assert (given.body["creditsBefore"], given.body["credits"]) == (3.0, 4.25)
    assert (taken.body["creditsBefore"], taken.body["credits"]) == (4.25, 0.0)
    assert ada.credits() == 0.0
    newest, older, _ = ada.ledger()
    assert (newest["kind"], newest["amount"]) == ("adjustment", -4.25)
    assert (older["amount"], older["reason"]) == (1.25, "The call dropped twice")
    assert older["id"] == given.body["ledgerEntry"]
    assert Operator(world).run("reconcile", "--user", ada.user_id, "--no-stripe")[0] == 0


def test_the_trail_tells_who_did_what_to_whom_and_why(world: World, ada: Person) -> None:
    reply = adjust(world, ada, -0.5, reason="Bought by mistake")

    (entry,) = trail(world)
    admin = world.person("user_admin")
    assert entry == {
        "entryId": reply.body["entryId"],
        "at": to_text(world.clock()),
        "actorId": admin.user_id,
        "actorClerkId": "user_admin",
        "action": "credits.adjusted",
        "target": f"user:{ada.user_id}",
        "reason": "Bought by mistake",
        "before": {"credits": 3.0},
        "after": {"credits": 2.5, "ledgerEntry": reply.body["ledgerEntry"]},
        "requestId": reply.headers["X-Request-Id"],
    }


def test_the_trail_is_read_by_month_and_by_actor_newest_first(world: World, ada: Person) -> None:
    world.rewire(GREENROOM_ADMINS="user_admin,user_other")
    adjust(world, ada, 1)
    world.clock.move(60)
    adjust(world, ada, 2, by="user_other")
    world.clock.move(30 * 86_400)
    adjust(world, ada, 3)

    def after(entries: list[dict[str, Any]]) -> list[float]:
        return [entry["after"]["credits"] for entry in entries]

    assert after(trail(world)) == [9.0]
    assert after(trail(world, "month=2026-11")) == [6.0, 4.0]
    assert after(trail(world, "month=2026-11&actor=user_other")) == [6.0]
    other = world.person("user_other").user_id
    assert after(trail(world, f"month=2026-11&actor={other}")) == [6.0]
    assert after(trail(world, "month=2026-11&limit=1")) == [6.0]
    assert trail(world, "month=2026-10") == []


def test_the_trail_as_csv_holds_no_formula(world: World, ada: Person) -> None:
    adjust(world, ada, 1, reason='=cmd|"/C calc"!A0')

    reply = world.person("user_admin").call("GET /api/admin/trail", headers={"accept": "text/csv"})

    (row,) = csv.DictReader(io.StringIO(reply.text.removeprefix("\ufeff"), newline=""))
    assert row["reason"].startswith("'=")
    assert json.loads(row["before"]) == {"credits": 3.0}


def test_nothing_is_taken_that_is_not_there_and_a_debt_is_only_lessened(
    world: World, ada: Person
) -> None:
    before = world.rows()

    refused = adjust(world, ada, -3.01)

    assert (refused.status, refused.code) == (409, "BALANCE_TOO_LOW")
    assert refused.body["currentCredits"] == 3.0
    assert world.rows() == before
    Operator(world).run("adjust", ada.user_id, "-5", "--reason", "chargeback")
    assert adjust(world, ada, -0.01).code == "BALANCE_TOO_LOW"
    assert adjust(world, ada, 0.5).body["credits"] == -1.5


def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(
    world: World, ada: Person
) -> None:
    """Also when the balance would not allow it any more, and for another person."""
    bob = world.person()
    bob.credits()
    first = adjust(world, ada, -3, key="ticket-7")
    world.clock.move(90_000)

    again = adjust(world, ada, -3, key="ticket-7")

    assert again.body == first.body
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    for reply in (
        adjust(world, ada, -2, key="ticket-7"),
        adjust(world, ada, -3, key="ticket-7", reason="Another reason"),
        adjust(world, bob, -3, key="ticket-7"),
    ):
        assert (reply.status, reply.code) == (422, "IDEMPOTENCY_MISMATCH")
    assert (ada.credits(), bob.credits()) == (0.0, 3.0)
    assert len(trail(world)) == 1


def test_a_key_is_the_admins_own(world: World, ada: Person) -> None:
    world.rewire(GREENROOM_ADMINS="user_admin,user_other")

    adjust(world, ada, 1, key="k")
    adjust(world, ada, 1, key="k", by="user_other")

    assert ada.credits() == 5.0


def test_without_a_key_each_request_is_one_adjustment(world: World, ada: Person) -> None:
    adjust(world, ada, 1)
    adjust(world, ada, 1)

    assert ada.credits() == 5.0
    assert len(trail(world)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"credits": 0},
        {"credits": 0.001},
        {"credits": 1.005},
        {"credits": 1e300},
        {"credits": 1000.01},
        {"credits": -1000.01},
        {"credits": "1"},
        {"credits": True},
        {"credits": None},
        {"reason": ""},
        {"reason": " a "},
        {"reason": "x" * 301},
        {"reason": "two\nlines"},
        {"userId": "user_ada"},
        {"userId": 7},
        {"more": 1},
    ],
    ids=lambda wrong: ascii(wrong)[:30],
)
def test_what_is_no_adjustment_is_refused(world: World, ada: Person, wrong: Any) -> None:
    body = {"userId": ada.user_id, "credits": 1, "reason": "Goodwill", **wrong}

    reply = world.person("user_admin").call(ROUTE, body)

    assert reply.status == 422, reply.text
    assert reply.body["errors"][0]["field"] == next(iter(wrong))
    assert ada.credits() == 3.0


@pytest.mark.parametrize("amount", [0.01, 0.07, 1.1, 29.35, 999.99, 1000, -0.01, -3])
def test_hundredths_are_exact(world: World, ada: Person, amount: float) -> None:
    assert adjust(world, ada, amount).body["credits"] == round(3 + amount, 2)


def test_nobody_and_the_deleted_are_not_adjusted(world: World, ada: Person) -> None:
    assert adjust(world, world.person(), 1).status == 404
    assert ada.call("DELETE /api/user").status == 202
    assert adjust(world, ada, 1).code == "ACCOUNT_DELETED"
    assert trail(world) == []


def test_an_impersonated_admin_changes_nothing(world: World, ada: Person) -> None:
    body = {"userId": ada.user_id, "credits": 1, "reason": "Goodwill"}

    reply = world.person("user_admin", **SUPPORT).call(ROUTE, body)

    assert reply.code == "IMPERSONATED"
    assert ada.credits() == 3.0
    assert world.person("user_admin", **SUPPORT).call("GET /api/admin/trail").status == 200


def test_sixteen_at_once_with_one_key_are_one_adjustment(world: World, ada: Person) -> None:
    replies = together(*[lambda: adjust(world, ada, -1, key="k")] * 16)

    assert {reply.status for reply in replies} == {200}
    assert len({reply.text for reply in replies}) == 1
    assert sum("Idempotency-Replayed" not in reply.headers for reply in replies) == 1
    assert ada.credits() == 2.0
    assert len(trail(world)) == 1


def test_sixteen_at_once_take_no_more_than_there_is(world: World, ada: Person) -> None:
    """Some may be told to come again; none is told what did not happen."""
    replies = together(*[lambda: adjust(world, ada, -1)] * 16)

    done = [reply for reply in replies if reply.status == 200]
    assert len(done) == 3
    assert sorted(reply.body["credits"] for reply in done) == [0.0, 1.0, 2.0]
    assert {reply.status for reply in replies} <= {200, 409, 503}
    assert ada.credits() == 0.0
    entries = trail(world)
    befores = sorted(entry["before"]["credits"] for entry in entries)
    assert befores == [1.0, 2.0, 3.0]


def test_a_start_between_reading_and_writing_is_not_overwritten(world: World, ada: Person) -> None:
    replies = together(*[lambda: adjust(world, ada, 1) for _ in range(4)], *[ada.start] * 2)

    given = sum(reply.status == 200 for reply in replies[:4])
    started = sum(reply.status == 201 for reply in replies[4:])
    assert started == 1
    assert ada.credits() == 3.0 + given - started
    assert sum(entry["amount"] for entry in ada.ledger()) == ada.credits()
