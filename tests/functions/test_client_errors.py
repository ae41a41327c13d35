"""Errors of browsers: counted, cleaned, told in one line, kept with whoever was signed in."""

from typing import Any

import pytest

from greenroom.kernel.limits import (
    BODY_CLIENT_ERROR_MAX,
    CLIENT_ERROR_KEPT_S,
    CLIENT_ERROR_MESSAGE_CHARS_MAX,
)
from tests.logs import Written
from tests.metrics import Emitted
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.world import Person, Reply, World

ROUTE = "POST /api/client-errors"
LINE = "a browser reported an error"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2lnbmF0dXJl"
TOLD = {
    "message": "TypeError: balance is undefined",
    "stack": "draw@https://app.test/js/a.js?t=1:41:17",
    "url": "https://app.test/?token=secret#/account",
    "requestId": "BQ3xFgq0liAEJhQ=",
    "sessionId": "01a213cb-f359-75f5-86ef-29d6dbd62385",
    "userAgent": "Mozilla/5.0 (X11; Linux x86_64)",
    "release": "2026-11-25",
}


def kept(world: World) -> list[dict[str, Any]]:
    return [row for row in world.rows() if row["SK"]["S"].startswith("ERROR#")]


def told(written: Written) -> list[dict[str, Any]]:
    return [line for line in written.lines() if line["message"] == LINE]


@pytest.fixture
def ada(world: World) -> Person:
    ada = world.person()
    ada.credits()
    return ada


def test_a_report_is_one_line_tied_to_its_request_and_kept_nowhere_for_nobody(
    world: World, written: Written, emitted: Emitted
) -> None:
    reply = world.call(ROUTE, TOLD)

    assert reply.status == 202
    (line,) = told(written)
    assert line["report_id"] == reply.body["id"]
    assert line["client_message"] == TOLD["message"]
    assert line["frames"] == ["draw@https://app.test/js/a.js:41:17"]
    assert line["page"] == "app.test/#/account"
    assert line["client_request_id"] == TOLD["requestId"]
    assert (line["session_id"], line["release"]) == (TOLD["sessionId"], TOLD["release"])
    assert "user_id" not in line
    assert emitted.values("ClientErrors") == [1]
    assert kept(world) == []


def test_a_report_of_a_person_is_kept_with_them_for_thirty_days(
    world: World, ada: Person, written: Written
) -> None:
    reply = ada.call(ROUTE, TOLD)

    assert reply.status == 202
    (line,) = told(written)
    assert line["user_id"] == ada.user_id
    (row,) = kept(world)
    assert row["PK"]["S"] == f"USER#{ada.user_id}"
    assert row["SK"]["S"] == f"ERROR#{reply.body['id']}"
    assert row["page"]["S"] == "app.test/#/account"
    assert int(row["ttl"]["N"]) == int(world.clock().timestamp()) + CLIENT_ERROR_KEPT_S


def test_a_token_that_does_not_verify_makes_it_a_report_of_nobody(
    world: World, ada: Person, written: Written
) -> None:
    token = ada.token()
    world.clock.move(120)

    assert world.call(ROUTE, TOLD, token=token).status == 202
    assert world.call(ROUTE, TOLD, token="nonsense").status == 202

    assert ["user_id" in line for line in told(written)] == [False, False]
    assert kept(world) == []


def test_nobody_whom_we_do_not_know_or_who_is_deleted_gets_a_row(
    world: World, ada: Person, written: Written
) -> None:
    assert ada.call("DELETE /api/user").status == 202
    stranger = world.person()

    assert ada.call(ROUTE, TOLD).status == stranger.call(ROUTE, TOLD).status == 202

    assert kept(world) == []
    assert len(told(written)) == 2


def test_it_is_theirs_in_the_export_and_goes_with_them(world: World, ada: Person) -> None:
    ada.call(ROUTE, TOLD)
    items = ada.call("GET /api/user/export?limit=100").body["items"]
    (theirs,) = [one for one in items if one["kind"] == "client_error"]
    assert (theirs["message"], theirs["page"]) == (TOLD["message"], "app.test/#/account")

    ada.call("DELETE /api/user")
    for _ in range(5):
        world.clock.move(400)
        world.sweep()

    assert kept(world) == []


@pytest.mark.parametrize("secret", [JWT, "sk_test_canary_0123456789", "ada@example.org", "a" * 64])
def test_no_secret_reaches_the_log_or_the_table(
    world: World, ada: Person, written: Written, secret: str
) -> None:
    body = {
        "message": f"failed with {secret}",
        "stack": f"at x ({secret})",
        "url": f"https://app.test/?t={secret}",
        "userAgent": f"agent {secret}",
        "release": f"r {secret}",
    }

    assert ada.call(ROUTE, body).status == 202

    assert secret not in written.text
    assert secret not in str(kept(world))


def test_an_address_has_an_allowance_by_the_hour(world: World) -> None:
    world.rewire(CLIENT_ERRORS_PER_ADDRESS="2")

    def send(address: str = "203.0.113.7") -> Reply:
        return world.call(ROUTE, TOLD, address=address)

    assert [send().status for _ in range(3)] == [202, 202, 429]
    assert 1 <= int(send().headers["Retry-After"]) <= 3600
    assert send("203.0.113.8").status == 202
    world.clock.move(3600)
    assert send().status == 202


def test_all_addresses_together_have_one_too(world: World) -> None:
    world.rewire(CLIENT_ERRORS_IN_ALL="3")

    replies = [world.call(ROUTE, TOLD, address=f"203.0.113.{n}").status for n in range(4)]

    assert replies == [202, 202, 202, 429]


def test_an_address_is_kept_as_a_fingerprint_alone_and_what_is_refused_is_not_told(
    world: World, written: Written
) -> None:
    world.rewire(CLIENT_ERRORS_PER_ADDRESS="1")
    for _ in range(2):
        world.call(ROUTE, TOLD, address="203.0.113.77")

    assert len(told(written)) == 1
    assert "203.0.113.77" not in str(world.rows())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": "x" * (CLIENT_ERROR_MESSAGE_CHARS_MAX + 1)}, "message"),
        ({"requestId": "two words"}, "requestId"),
        ({"sessionId": "x"}, "sessionId"),
        ({"userId": "somebody"}, "userId"),
    ],
)
def test_what_is_no_report_is_refused(world: World, change: dict[str, str], field: str) -> None:
    reply = world.call(ROUTE, TOLD | change)

    assert reply.status == 422
    assert reply.body["errors"][0]["field"] == field


def test_a_report_is_small(world: World) -> None:
    reply = world.call(ROUTE, TOLD | {"stack": "x" * BODY_CLIENT_ERROR_MAX})

    assert reply.code == "BODY_TOO_LARGE"


def test_a_report_that_cannot_be_kept_is_told_all_the_same(
    world: World, ada: Person, written: Written
) -> None:
    fault = Fault(kind="unavailable", operation="TransactWriteItems", times=faults.FOR_EVER)
    with faults.plan(fault):
        assert ada.call(ROUTE, TOLD).status == 202

    lines = written.lines()
    assert [one for one in lines if one["message"] == LINE]
    assert [one for one in lines if one["message"] == "a browser's error was not kept"]
