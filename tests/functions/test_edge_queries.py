"""The edge, for every route that reads its query or its headers."""

import base64
import json

import pytest

from greenroom.web.route import Route
from tests.functions.edge import each, example, list_of, path_of, saved_interview
from tests.world import Person, World


@each(lambda route: "limit" in route.query)
@pytest.mark.parametrize(
    "limit", ["0", "101", "abc", "-1", "1.5", "", "%201", "1e1", "\uff11", "00001"]
)
def test_a_limit_is_a_whole_number_from_1_to_100(
    edge: World, ada: Person, route: Route, limit: str
) -> None:
    reply = ada.call(f"{path_of(route)}?limit={limit}")

    assert reply.status == 422
    assert reply.body["errors"][0]["field"] == "limit"


@each(lambda route: "limit" in route.query)
def test_a_limit_of_1_and_of_100_is_taken(edge: World, ada: Person, route: Route) -> None:
    path = list_of(route, edge, ada)

    assert ada.call(f"{path}limit=1").status == 200
    assert ada.call(f"{path}limit=100").status == 200


def forged(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@each(lambda route: "cursor" in route.query)
@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "-1",
        "9" * 2_048,
        "A" * 2_049,
        "bnVsbA",
        forged(),
        forged(1, 2, 3, 4),
        forged("USER#somebody", "ACCOUNT"),
        forged("USER#x", "SESSION", "USER#x", "SESSION#"),
        base64.urlsafe_b64encode(b"[" * 1_400).decode(),
        "2026-11-21T12:00:00.000000Z~grant:welcome~",
    ],
    ids=lambda cursor: ascii(cursor[:16]),
)
def test_a_cursor_that_is_not_ours_is_refused(
    edge: World, ada: Person, route: Route, cursor: str
) -> None:
    reply = ada.call(f"{list_of(route, edge, ada)}cursor={cursor}")

    assert reply.status in {400, 422}
    told = reply.body["field"] if reply.status == 400 else reply.body["errors"][0]["field"]
    assert told == "cursor"


@pytest.mark.parametrize(
    "key", ["GET /api/sessions", "GET /api/interviews", "GET /api/user/ledger"]
)
def test_somebody_elses_cursor_is_refused(edge: World, key: str) -> None:
    ada, bob = edge.person(), edge.person()
    for _ in range(2):
        saved_interview(edge, ada)
    cursor = ada.call(f"{key}?limit=1").body["nextCursor"]

    assert ada.call(f"{key}?limit=1&cursor={cursor}").status == 200
    assert bob.call(f"{key}?limit=1&cursor={cursor}").status == 400


def test_an_unknown_status_in_the_history_is_refused(edge: World, ada: Person) -> None:
    assert ada.call("GET /api/interviews?status=completed").status == 200
    assert ada.call("GET /api/interviews?status=done").body["errors"][0]["field"] == "status"


@each(lambda route: route.spends)
@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00b", "a\nb", "schlüssel", "\ud800"], ids=ascii)
def test_an_idempotency_key_is_255_printable_characters_at_most(
    edge: World, ada: Person, route: Route, key: str
) -> None:
    reply = ada.call(path_of(route), example(route), headers={"idempotency-key": key})

    assert reply.status == 422
    assert reply.body["errors"][0]["field"] == "Idempotency-Key"


@each(lambda route: route.spends)
def test_an_idempotency_key_of_255_characters_is_taken(
    edge: World, ada: Person, route: Route
) -> None:
    headers = {"idempotency-key": "~ " * 127 + "!"}

    reply = ada.call(path_of(route), example(route), headers=headers)

    assert reply.status in {200, 201, 404}  # 404: what the path names is not there


@each(lambda route: set(route.needs) & route.query.keys())
def test_a_parameter_that_is_needed_is_missed_by_name(
    edge: World, ada: Person, route: Route
) -> None:
    customer = "?customerRef=x" if "customerRef" in route.query else ""

    reply = ada.call(f"{path_of(route)}{customer}")

    assert reply.status in {404, 422}  # 404: the customer is looked for first
    assert reply.status == 404 or reply.body["errors"][0]["field"] in route.needs


@each(lambda route: set(route.needs) - route.query.keys())
def test_nothing_is_done_without_a_header_that_is_needed(
    edge: World, ada: Person, route: Route
) -> None:
    assert ada.call(path_of(route), "{}").status in {400, 422}


@each(lambda route: "month" in route.query)
@pytest.mark.parametrize("month", ["0000-01", "9999-12", "3000-01", "2026-13", "2026-1", ""])
def test_a_month_is_one_that_calendars_have(
    edge: World, ada: Person, route: Route, month: str
) -> None:
    whose = f"&userId={ada.user_id}" if "userId" in route.query else ""
    ada.credits()

    reply = ada.call(f"{path_of(route)}?month={month}{whose}")

    assert reply.status == 422
    assert reply.body["errors"][0]["field"] == "month"
