"""What a person sees of interviews: history, detail, transcript; and how one is hidden."""

import json
from typing import Any

import pytest
from httpx import Response

from greenroom.kernel.ids import new_id
from tests.practice import Practice, live, pending, rows, saved, turn, turns
from tests.world import Person, World, client_of


def history(person: Person, query: str = "") -> list[str]:
    """Ids of the history, in its order."""
    items = person.call(f"GET /api/interviews{query}").body["items"]
    return [item["id"] for item in items]


def test_the_history_shows_answered_interviews_newest_first(world: World) -> None:
    ada = world.person()
    oldest = saved(world, ada)
    world.clock.move(10)
    never = pending(world, ada)
    ada.call(f"POST /api/sessions/{never.session_id}/cancel")
    world.clock.move(10)
    swept = pending(world, ada)
    world.clock.move(200)
    world.sweep()
    running = live(world, ada)

    assert history(ada) == [running.session_id, oldest.session_id]
    assert history(ada, "?status=cancelled") == [never.session_id]
    assert history(ada, "?status=expired") == [swept.session_id]
    assert history(ada, "?status=completed") == [oldest.session_id]
    assert history(ada, "?status=failed") == []
    assert history(world.person()) == []


def test_a_line_of_the_history_tells_what_the_page_shows(world: World) -> None:
    practice = live(world)
    world.clock.move(90)
    practice.save(turns(8))

    (line,) = practice.person.call("GET /api/interviews").body["items"]

    assert line == {
        "id": practice.session_id,
        "sessionId": practice.session_id,
        "jobTitle": "Welder",
        "company": "Acme",
        "status": "completed",
        "feedbackStatus": "pending",
        "overallScore": None,
        "startedAt": "2026-11-21T12:00:00.000000Z",
        "completedAt": "2026-11-21T12:01:30.000000Z",
        "durationSeconds": 90,
        "messageCount": 8,
    }
    world.feedback()
    (line,) = practice.person.call("GET /api/interviews").body["items"]
    assert (line["feedbackStatus"], line["overallScore"]) == ("completed", 70)


def test_the_history_comes_in_pages_without_gap_or_repeat(make_world: Any) -> None:
    world = make_world(INITIAL_CENTICREDITS="1000")
    ada = world.person()
    made = []
    for _ in range(5):
        made.append(saved(world, ada).session_id)
        world.clock.move(1)

    pages = [ada.call("GET /api/interviews?limit=2").body]
    while cursor := pages[-1]["nextCursor"]:
        pages.append(ada.call(f"GET /api/interviews?limit=2&cursor={cursor}").body)

    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert [item["id"] for page in pages for item in page["items"]] == made[::-1]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=101", 422),
        ("limit=ten", 422),
        ("status=nonsense", 422),
        ("cursor=", 422),
        ("cursor=" + "x" * 2049, 422),
        ("cursor=nonsense", 400),
        ("cursor=WyJhIl0", 400),
    ],
)
def test_an_impossible_page_of_the_history_is_refused(
    world: World, query: str, status: int
) -> None:
    assert world.person().call(f"GET /api/interviews?{query}").status == status


def test_a_cursor_of_somebody_else_is_refused(make_world: Any) -> None:
    world = make_world()
    ada = world.person()
    for _ in range(2):
        saved(world, ada)
        world.clock.move(1)
    cursor = ada.call("GET /api/interviews?limit=1").body["nextCursor"]

    assert world.person().call(f"GET /api/interviews?cursor={cursor}").status == 400


@pytest.mark.parametrize("cursor", ["nonsense", "MTAw", "%C3%A9", "MS5zeXN0ZW0"])
def test_an_impossible_position_in_a_transcript_is_refused(world: World, cursor: str) -> None:
    practice = saved(world)

    answer = practice.person.call(
        f"GET /api/interviews/{practice.session_id}/messages?cursor={cursor}"
    )

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")


def test_a_limit_holds_for_the_pages_of_a_transcript(world: World) -> None:
    practice = saved(world)
    path = f"GET /api/interviews/{practice.session_id}/messages?limit=3"

    first = practice.person.call(path).body
    second = practice.person.call(f"{path}&cursor={first['nextCursor']}").body
    third = practice.person.call(f"{path}&cursor={second['nextCursor']}").body

    pages = [first, second, third]
    assert [len(page["items"]) for page in pages] == [3, 3, 2]
    assert [item for page in pages for item in page["items"]] == turns(8, confidence=None)
    assert third["nextCursor"] is None


def test_a_resend_between_two_pages_repeats_nothing_and_loses_nothing(world: World) -> None:
    practice = saved(world)
    path = f"GET /api/interviews/{practice.session_id}/messages?limit=4"
    first = practice.person.call(path).body

    practice.save([{**turn(1), "timestamp": turn(0)["timestamp"] + 1}, *turns(10)])
    second = practice.person.call(f"{path}&cursor={first['nextCursor']}").body

    shown = [item["timestamp"] for item in first["items"] + second["items"]]
    assert shown == [one["timestamp"] for one in turns(8)]


def test_an_unsaved_interview_has_a_detail_without_a_transcript(world: World) -> None:
    practice = live(world)

    detail = practice.detail()

    assert detail["status"] == "live"
    assert (detail["messages"], detail["messagesCursor"]) == ([], None)
    assert (detail["metrics"], detail["reported"]) == (None, None)
    assert (detail["feedbackStatus"], detail["feedback"]) == (None, None)
    assert practice.said() == []


@pytest.mark.parametrize("interview_id", ["nonsense", "UPPER-CASE", "%2e%2e"])
def test_what_is_no_id_is_unknown(world: World, interview_id: str) -> None:
    for route in (f"GET /api/interviews/{interview_id}", f"DELETE /api/interviews/{interview_id}"):
        assert world.person().call(route).status == 404


def test_nobody_reads_interviews_without_a_token(world: World) -> None:
    for route in ("GET /api/interviews", f"GET /api/interviews/{new_id()}"):
        assert world.call(route).status == 401
    assert world.call("POST /api/interviews", b"{" * 100).status == 401


def test_a_deleted_interview_is_gone_for_its_person_everywhere(world: World) -> None:
    practice = saved(world)
    ada = practice.person
    path = f"/api/interviews/{practice.session_id}"

    assert ada.call(f"DELETE {path}").status == 204
    assert ada.call(f"DELETE {path}").status == 204, "again is the same"

    assert history(ada) == history(ada, "?status=completed") == []
    assert ada.call(f"GET {path}").status == 404
    assert ada.call(f"GET {path}/messages").status == 404
    assert practice.save(turns(20)).status == 404
    assert practice.request_feedback().status == 404
    assert {entry["kind"] for entry in ada.ledger()} == {"debit", "grant"}, "the ledger stays"


@pytest.mark.parametrize("state", ["live", "pending"])
def test_an_open_interview_is_not_deleted(world: World, state: str) -> None:
    practice = live(world) if state == "live" else pending(world)

    answer = practice.person.call(f"DELETE /api/interviews/{practice.session_id}")

    assert (answer.status, answer.code) == (409, "INVALID_TRANSITION")
    assert practice.detail()["status"] == state


def test_a_failed_start_that_was_deleted_comes_back_when_its_key_starts_again(
    world: World,
) -> None:
    ada = world.person()
    world.provider.script("/client_secrets", Response(500))
    ada.start(key="once")
    (failed,) = ada.call("GET /api/sessions").body["items"]
    ada.call(f"DELETE /api/interviews/{failed['sessionId']}")

    again = ada.start(key="once")

    assert again.status == 201
    assert Practice(ada, again.body["sessionId"]).detail()["status"] == "pending"


def test_feedback_of_a_later_version_hides_itself_and_not_the_interview(world: World) -> None:
    practice = saved(world)
    world.feedback()
    (row,) = rows(world, "feedback", practice)
    later = json.dumps(json.loads(row["result"]["S"]) | {"mood": "sunny"})
    client_of(world.endpoint).put_item(
        TableName=world.table_name, Item=row | {"result": {"S": later}}
    )

    detail = practice.detail()

    assert (detail["feedbackStatus"], detail["feedback"]) == ("completed", None)
    assert len(detail["messages"]) == 8
