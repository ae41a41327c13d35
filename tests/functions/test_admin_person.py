"""Admins open a person's file: what they have, what they did, what went wrong, what is wrong."""

import csv
import io
from typing import Any

import httpx
import pytest

from tests.books import Vandal
from tests.reliability import faults
from tests.till import Till, owned
from tests.unit.payments.stripe_events import fixture
from tests.world import Person, Reply, World

Json = dict[str, Any]


@pytest.fixture
def ada(world: World) -> Person:
    person = world.person(email="ada@example.com", name="Ada")
    person.credits()
    return person


def asked(world: World, person: Person, path: str = "", **headers: str) -> Reply:
    admin = world.person("user_admin")
    return admin.call(f"GET /api/admin/users/{person.user_id}{path}", headers=headers)


def file(world: World, person: Person) -> Json:
    reply = asked(world, person)
    assert reply.status == 200, reply.text
    body: Json = reply.body
    return body


def failed_start(person: Person) -> str:
    """An interview whose provider failed; its session's id."""
    person.world.provider.script("/client_secrets", httpx.Response(500))
    assert person.start().status == 502
    session: Json = person.call("GET /api/sessions?limit=1").body["items"][0]
    return str(session["sessionId"])


def test_a_file_holds_what_a_person_has_and_did(world: World, ada: Person) -> None:
    till = Till(world)
    purchase = till.seed(ada)
    till.outcome(till.paid(purchase))
    till.outcome(owned(fixture(12), ada))
    session_id = ada.start().body["sessionId"]
    body = {"userId": ada.user_id, "credits": 1, "reason": "Goodwill"}
    world.person("user_admin").call("POST /api/admin/credits", body)

    found = file(world, ada)

    assert found["person"]["email"] == "ada@example.com"
    assert {entry["kind"] for entry in found["ledger"]["items"]} >= {"grant", "purchase"}
    assert [one["sessionId"] for one in found["sessions"]["items"]] == [session_id]
    assert [one["id"] for one in found["purchases"]["items"]] == [purchase.purchase_id]
    assert len(found["subscriptions"]) == 1
    assert [act["reason"] for act in found["acts"]] == ["Goodwill"]
    assert found["errors"] == {"items": [], "nextCursor": None}
    assert found["findings"] == []
    exams = next(one for one in found["quotas"] if one["serviceType"] == "exam_generation")
    assert (exams["limit"], exams["used"]) == (20, 0)


def test_what_broke_in_their_browser_and_what_ai_failed_stand_among_their_errors(
    world: World, ada: Person
) -> None:
    vandal, owner = Vandal(world), f"USER#{ada.user_id}"
    at = "2026-11-21T12:00:07.000000Z"
    vandal.put(owner, "ERROR#r1", "client_error", at=at, message="It broke", request_id="q1")
    vandal.put(
        f"{owner}#L#20261121#0",
        f"{at}#c1#1",
        "ai_log",
        at=at,
        request_id="c1",
        attempt=1,
        status="failed",
        error_code="PROVIDER_ERROR",
        GSI1PK=f"{owner}#AI#202611",
        GSI1SK=f"{at}#c1#1",
    )

    found = {one["kind"]: one for one in asked(world, ada, "/errors").body["items"]}

    assert found["browser"]["facts"] == {"message": "It broke", "requestId": "q1"}
    assert found["ai"]["facts"] == {"errorCode": "PROVIDER_ERROR", "attempt": 1}


def test_a_file_is_only_read(world: World, ada: Person) -> None:
    Vandal(world).change(f"USER#{ada.user_id}", "ACCOUNT", credits=9900)
    before = world.rows()

    with faults.plan() as plan:
        found = file(world, ada)

    assert world.rows() == before
    assert {call.operation for call in plan.calls} <= faults.READS
    (finding,) = found["findings"]
    assert (finding["rule"], finding["repairable"]) == ("balance_is_the_ledgers_sum", True)
    assert finding["facts"] == {"balance": 9900, "ledger": 300}


def test_lists_go_on_where_the_file_ends(world: World, ada: Person) -> None:
    Till(world).seed(ada)
    session_id = failed_start(ada)
    whole = file(world, ada)

    ledger: list[Json] = []
    cursor = ""
    while True:
        page = asked(world, ada, f"/ledger?limit=1{cursor}").body
        ledger += page["items"]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"

    assert ledger == whole["ledger"]["items"]
    assert len(ledger) == 3
    assert asked(world, ada, "/sessions").body["items"] == whole["sessions"]["items"]
    assert asked(world, ada, "/purchases").body["items"] == whole["purchases"]["items"]
    assert whole["sessions"]["items"][0]["sessionId"] == session_id


def test_what_went_wrong_is_told_by_the_month_back_to_the_first(world: World, ada: Person) -> None:
    first = failed_start(ada)
    world.clock.move(40 * 86_400)
    second = failed_start(ada)

    newest = asked(world, ada, "/errors").body
    older = asked(world, ada, f"/errors?cursor={newest['nextCursor']}").body

    assert [(one["kind"], one["what"], one["ref"]) for one in newest["items"]] == [
        ("session", "failed", second)
    ]
    while older["nextCursor"]:
        older = asked(world, ada, f"/errors?cursor={older['nextCursor']}").body
    assert [one["ref"] for one in older["items"]] == [first]
    assert older["items"][0]["facts"]["givenBack"] is True
    assert asked(world, ada, "/errors?cursor=2026-10").status == 400
    assert file(world, ada)["errors"] == newest


def test_a_session_that_went_well_is_no_error(world: World, ada: Person) -> None:
    ada.start()

    assert asked(world, ada, "/errors").body["items"] == []


def test_a_ledger_as_csv_keeps_its_numbers_and_holds_no_formula(world: World, ada: Person) -> None:
    body = {"userId": ada.user_id, "credits": -0.5, "reason": "@SUM(1)"}
    world.person("user_admin").call("POST /api/admin/credits", body)

    reply = asked(world, ada, "/ledger", accept="text/csv")

    rows = list(csv.DictReader(io.StringIO(reply.text.removeprefix("\ufeff"), newline="")))
    taken = next(row for row in rows if row["kind"] == "adjustment")
    assert (taken["amount"], taken["reason"]) == ("-0.5", "'@SUM(1)")
    assert sum(float(row["amount"]) for row in rows) == 2.5


def test_a_deleted_person_has_a_file_too(world: World, ada: Person) -> None:
    assert ada.call("DELETE /api/user").status == 202

    found = file(world, ada)

    assert found["person"]["deletedAt"] is not None
    assert found["person"]["email"] is None
    assert len(found["ledger"]["items"]) == 1


def test_nobody_has_no_file(world: World) -> None:
    nobody = world.person()

    for path in ("", "/ledger", "/sessions", "/purchases", "/errors"):
        assert asked(world, nobody, path).status == 404, path
