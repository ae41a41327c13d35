"""Saving an interview: one record whatever is sent how often, and nothing that was said is lost."""

import contextlib
import json
import random
import string
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from httpx import Request, Response

from greenroom.interviews.store import Generation, InterviewStore
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import BODY_TRANSCRIPT_MAX, TRANSCRIPT_CHUNKS_MAX, Limits
from tests.practice import SAID_AT_MS, WORDS, Practice, live, pending, rows, saved, turn, turns
from tests.reliability.faults import Crash
from tests.world import Reply, World, client_of

# The two bodies of the first clients, word for word (origin 003): the interview page's, and the
# one that the feedback page sends from local storage. Only the session's id is put in.
PAGE_BODY = """{"sessionId": "SESSION", "messages": [
 {"role": "assistant", "content": "Tell me about yourself.", "timestamp": 1795000000000},
 {"role": "user", "content": "I build things.", "timestamp": 1795000012345}],
 "jobTitle": "Software Engineer", "resumeData": {"name": "Ada", "skills": ["SQL"], "open": null},
 "averageResponseTime": 3.25, "duration": 1800, "status": "completed"}"""
SYNC_BODY = """{"messages": [
 {"role": "assistant", "content": "Tell me about yourself.", "timestamp": 1795000000000},
 {"role": "user", "content": "I build things that last.", "timestamp": 1795000012345},
 {"role": "assistant", "content": "Such as?", "timestamp": 1795000020000}],
 "sessionId": "SESSION", "jobTitle": "Software Engineer", "resumeData": {"name": "Ada"},
 "timestamp": 1795001800000, "fromLocalStorage": true}"""


def send(practice: Practice, text: str | bytes, **options: Any) -> Reply:
    """Send a body as it stands."""
    return practice.person.call("POST /api/interviews", text, **options)


def test_the_interview_pages_literal_body_is_saved(world: World) -> None:
    practice = live(world)

    answer = send(practice, PAGE_BODY.replace("SESSION", practice.session_id))

    assert answer.status == 201, answer.text
    assert answer.body == {
        "success": True,
        "id": practice.session_id,
        "saved": True,
        "merged": False,
        "messageCount": 2,
        "feedbackStatus": "completed",
    }
    assert practice.detail()["reported"] == {
        "averageResponseTime": 3.25,
        "duration": 1800,
        "status": "completed",
        "fromLocalStorage": False,
    }


def test_the_local_storage_syncs_literal_body_is_merged_into_what_is_stored(world: World) -> None:
    practice = live(world)
    send(practice, PAGE_BODY.replace("SESSION", practice.session_id))

    answer = send(practice, SYNC_BODY.replace("SESSION", practice.session_id))

    assert answer.status == 200, answer.text
    assert answer.body | {"id": ""} == {
        "success": True,
        "id": "",
        "saved": True,
        "merged": True,
        "messageCount": 3,
        "feedbackStatus": "completed",
    }
    assert [content for _, _, content in practice.said()] == [
        "Tell me about yourself.",
        "I build things that last.",
        "Such as?",
    ]
    reported = practice.detail()["reported"]
    assert reported["duration"] == 1800, "a later word never takes an earlier one away"
    assert reported["fromLocalStorage"] is True


def test_a_longer_resend_makes_one_interview_the_union_and_one_job(world: World) -> None:
    practice = live(world)

    first = practice.save(turns(8))
    longer = practice.save(turns(12), fromLocalStorage=True)
    again = practice.save(turns(4, first=10), fromLocalStorage=True)

    assert (first.status, longer.status, again.status) == (201, 200, 200)
    assert [answer.body["merged"] for answer in (first, longer, again)] == [False, True, True]
    assert [answer.body["messageCount"] for answer in (first, longer, again)] == [8, 12, 14]
    assert [stamp for stamp, _, _ in practice.said()] == [
        SAID_AT_MS + 10_000 * number for number in range(14)
    ]
    listed = practice.person.call("GET /api/interviews").body["items"]
    assert [item["id"] for item in listed] == [practice.session_id]
    assert world.feedback() == {"worked": 1, "failed": 0}
    assert practice.save(turns(20)).body["feedbackStatus"] == "completed"
    assert world.feedback() == {"worked": 0, "failed": 0}
    assert world.provider.count("/chat/completions") == 1


def test_the_same_body_twice_writes_nothing_the_second_time(world: World) -> None:
    practice = live(world)
    practice.save(turns(8), duration=60)
    before = world.rows()

    answer = practice.save(turns(8), duration=60)

    assert (answer.status, answer.body["merged"]) == (200, True)
    assert world.rows() == before


def test_a_resend_without_a_resume_keeps_the_stored_one(world: World) -> None:
    practice = live(world)
    practice.save(turns(8), resumeData={"name": "Ada"}, duration=60)

    practice.save(turns(9))

    (record,) = rows(world, "interview", practice)
    assert json.loads(record["resume_data"]["S"]) == {"name": "Ada"}
    assert json.loads(record["reported"]["S"])["duration"] == 60


def test_figures_that_come_with_known_messages_are_kept(world: World) -> None:
    practice = live(world)
    practice.save(turns(8), fromLocalStorage=True)

    answer = practice.save(turns(8), duration=1800)

    assert answer.status == 200
    assert practice.detail()["reported"]["duration"] == 1800


def test_of_one_turn_the_longer_text_wins_whichever_comes_first(world: World) -> None:
    practice = live(world)
    practice.save([turn(1, "I built a bridge.")])

    practice.save([turn(1, "I built"), turn(1, "I built a")])

    assert [content for _, _, content in practice.said()] == ["I built a bridge."]


def test_a_save_completes_a_live_session_and_frees_its_person(world: World) -> None:
    practice = live(world)
    world.clock.move(600)

    practice.save(turns(8), status="failed", duration=1)

    assert practice.person.call("GET /api/sessions/active").status == 204
    detail = practice.detail()
    assert detail["status"] == "completed", "the client's word on the state never counts"
    assert detail["durationSeconds"] == 600, "nor on the duration"
    assert detail["completedAt"] == "2026-11-21T12:10:00.000000Z"
    assert rows(world, "active_guard", practice) == []
    assert practice.person.start().status == 201


def test_a_guard_that_was_taken_over_does_not_hold_a_save_up(world: World) -> None:
    practice = live(world)
    world.clock.move(3600 + 900 + 1)
    newer = pending(world, practice.person)

    assert practice.save(turns(8)).status == 201

    active = practice.person.call("GET /api/sessions/active").body
    assert active["sessionId"] == newer.session_id


def test_a_session_that_reached_its_maximum_can_still_be_saved(world: World) -> None:
    practice = live(world)
    world.clock.move(3601)
    world.sweep()

    answer = practice.save(turns(8), fromLocalStorage=True)

    assert answer.status == 201
    assert practice.detail()["status"] == "expired"
    assert practice.detail()["feedbackStatus"] == "pending"
    assert practice.person.credits() == 2.0


def test_a_session_that_was_ended_before_is_saved(world: World) -> None:
    practice = live(world)
    world.clock.move(300)
    practice.person.call(f"POST /api/sessions/{practice.session_id}/end")
    world.clock.move(86_400)

    assert practice.save(turns(8)).status == 201
    assert practice.detail()["durationSeconds"] == 300


def test_an_interview_without_a_word_is_saved_and_too_short(world: World) -> None:
    practice = live(world)

    first, again = practice.save([]), practice.save([])

    assert (first.status, again.status) == (201, 200)
    assert first.body["messageCount"] == 0
    detail = practice.detail()
    assert (detail["status"], detail["messages"]) == ("completed", [])
    assert detail["feedback"]["tooShort"] is True
    assert practice.save(turns(8)).body == again.body | {
        "messageCount": 8,
        "feedbackStatus": "pending",
    }


@pytest.mark.parametrize(
    "state", ["reserved", "failed", "pending", "cancelled", "expired", "connect-failed"]
)
def test_an_interview_that_was_never_held_has_nothing_to_save(world: World, state: str) -> None:
    practice = _never_held(world, state)

    answer = practice.save(turns(8), status="completed")

    assert (answer.status, answer.code) == (409, "INVALID_TRANSITION")
    assert rows(world, "transcript_chunk", practice) == []
    assert rows(world, "feedback", practice) == []


def _never_held(world: World, state: str) -> Practice:
    if state in {"reserved", "failed"}:
        person = world.person()
        world.provider.script("/client_secrets", _dies if state == "reserved" else Response(500))
        with contextlib.suppress(Crash):
            person.start()
        return Practice(person, person.call("GET /api/sessions").body["items"][0]["sessionId"])
    if state == "connect-failed":
        practice = live(world)
        practice.person.call(f"POST /api/sessions/{practice.session_id}/connect-failed")
        return practice
    practice = pending(world)
    if state == "cancelled":
        practice.person.call(f"POST /api/sessions/{practice.session_id}/cancel")
    if state == "expired":
        world.clock.move(181)
        world.sweep()
    return practice


def _dies(_: Request) -> Response:
    raise Crash


@pytest.mark.parametrize("route", ["save", "feedback", "detail", "messages", "delete"])
def test_somebody_elses_interview_looks_like_none_at_all(world: World, route: str) -> None:
    practice, stranger = saved(world), world.person()

    def ask(session_id: str) -> Reply:
        theirs = Practice(stranger, session_id)
        if route == "save":
            return theirs.save(turns(8))
        if route == "feedback":
            return theirs.request_feedback()
        method, tail = {"detail": ("GET", ""), "messages": ("GET", "/messages")}.get(
            route, ("DELETE", "")
        )
        return stranger.call(f"{method} /api/interviews/{session_id}{tail}")

    foreign, unknown = ask(practice.session_id), ask(new_id())

    assert foreign.status == 404
    assert _without_request_id(foreign) == _without_request_id(unknown)


def _without_request_id(answer: Reply) -> str:
    return answer.text.replace(answer.body["requestId"], "")


@pytest.mark.parametrize("session_id", ["nonsense", "SESSION#1", "x" * 128])
def test_what_is_no_id_of_ours_is_unknown(world: World, session_id: str) -> None:
    person = world.person()

    assert Practice(person, session_id).save([]).status == 404


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"extra": 1}, "extra"),
        ({"messages": [{**turn(1), "speaker": "me"}]}, "messages.0.speaker"),
        ({"messages": [{**turn(1), "role": "system"}]}, "messages.0.role"),
        ({"messages": [{**turn(1), "content": None}]}, "messages.0.content"),
        ({"messages": [{**turn(1), "content": "x" * 20_001}]}, "messages.0.content"),
        ({"messages": [{**turn(1), "timestamp": "yesterday"}]}, "messages.0.timestamp"),
        ({"messages": [{**turn(1), "timestamp": -1}]}, "messages.0.timestamp"),
        ({"messages": [{**turn(1), "timestamp": float("nan")}]}, "messages.0.timestamp"),
        ({"messages": [{**turn(1), "confidence": 2}]}, "messages.0.confidence"),
        ({"messages": "everything"}, "messages"),
        ({"averageResponseTime": float("nan")}, "averageResponseTime"),
        ({"duration": float("inf")}, "duration"),
        (
            {
                "resumeData": {
                    "deep": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
                }
            },
            "resumeData",
        ),
        ({"resumeData": "x" * 65_537}, "resumeData"),
        ({"resumeData": {"a": float("nan")}}, "resumeData"),
        ({"metrics": {"a": "x" * 16_385}}, "metrics"),
        ({"jobTitle": "x" * 201}, "jobTitle"),
    ],
)
def test_a_wrong_member_is_named_and_nothing_is_stored(
    world: World, members: dict[str, Any], field: str
) -> None:
    practice = live(world)

    answer = practice.save(**({"messages": turns(2)} | members))

    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert answer.body["errors"][0]["field"] == field
    assert practice.detail()["status"] == "live"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe{}",
        b'{"sessionId": "SESSION", "messages": [{"role": "user", "content": "\\ud800"}]}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"sessionId": "SESSION", "messages": [], "resumeData": ' + b"[" * 100_000,
    ],
    ids=["none", "cut", "null", "list", "no UTF-8", "lone surrogate", "deep", "nested", "resume"],
)
def test_a_body_that_cannot_be_read_is_refused_and_breaks_nothing(
    world: World, body: bytes
) -> None:
    practice = live(world)

    answer = send(practice, body.replace(b"SESSION", practice.session_id.encode()))

    assert answer.status in {400, 422}, answer.text


def test_a_body_that_is_not_said_to_be_json_is_not_read(world: World) -> None:
    practice = live(world)

    answer = send(practice, PAGE_BODY, headers={"content-type": "text/plain"})

    assert answer.status == 415


def test_strange_but_honest_text_is_kept_as_it_is(world: World) -> None:
    practice = live(world)
    strange = "NUL \0, line\n\u2028, \u202eright to left, 👩🏽\u200d🚀, e\u0301, \ufffe, \x7f"
    spoken = {"role": "user", "content": strange, "timestamp": SAID_AT_MS}

    answer = practice.save([spoken], jobTitle=strange, resumeData={strange: [strange]})

    assert answer.status == 201, answer.text
    assert practice.said() == [(SAID_AT_MS, "user", strange)]
    (record,) = rows(world, "interview", practice)
    assert json.loads(record["resume_data"]["S"]) == {strange: [strange]}


def test_moments_in_iso_8601_and_in_milliseconds_are_the_same_moments(world: World) -> None:
    practice = live(world)
    practice.save([turn(1, "I said this.")])

    answer = practice.save(
        [{"role": "user", "content": "I said this.", "timestamp": "2026-11-18T11:06:50Z"}]
    )

    assert answer.body["messageCount"] == 1, practice.said()


def test_a_two_hour_transcript_is_stored_read_page_by_page_and_scored(world: World) -> None:
    practice = live(world)
    spoken = [
        turn(number, f"{number} " + f"{WORDS} {number * 7919} " * 8) for number in range(3000)
    ]
    size = sum(len(one["content"]) for one in spoken)
    assert size > 2 * 1024 * 1024
    world.clock.move(3600)

    answer = practice.save(spoken)

    assert answer.status == 201, answer.text
    detail = practice.detail()
    assert len(detail["messages"]) < 3000
    assert detail["messagesCursor"] is not None
    assert [content for _, _, content in practice.said()] == [one["content"] for one in spoken]
    chunks = rows(world, "transcript_chunk", practice)
    assert max(len(row["data"]["B"]) for row in chunks) <= 64 * 1024
    assert world.feedback() == {"worked": 1, "failed": 0}
    detail = practice.detail()
    assert detail["feedback"]["overallScore"] == 70
    assert detail["metrics"]["personTurns"] == 1500
    prompt = world.provider.requests[-1].content
    assert len(prompt) < 200_000, "the model sees the window that it can take"


def test_four_megabytes_are_taken_and_one_byte_more_is_not(world: World) -> None:
    practice = live(world)
    whole = _body_of(practice, BODY_TRANSCRIPT_MAX)

    over = send(practice, whole.replace(b"{", b"{ ", 1))
    exact = send(practice, whole)

    assert (over.status, over.code) == (413, "BODY_TOO_LARGE")
    assert exact.status == 201, exact.text
    assert len(rows(world, "transcript_chunk", practice)) <= TRANSCRIPT_CHUNKS_MAX


def test_a_body_over_the_limit_is_not_even_parsed(world: World) -> None:
    practice = live(world)

    answer = send(practice, b"{" * (BODY_TRANSCRIPT_MAX + 1))

    assert answer.status == 413


def test_two_copies_whose_union_is_too_large_are_refused_and_the_stored_one_stays(
    world: World,
) -> None:
    practice = live(world)
    half = [turn(number, f"{number} " + "x" * 19_000) for number in range(120)]
    other = [turn(number, f"{number} " + "y" * 19_000) for number in range(200, 320)]
    assert practice.save(half).status == 201

    answer = practice.save(other)

    assert answer.status == 413
    assert len(practice.said()) == 120


def _body_of(practice: Practice, size: int) -> bytes:
    """A valid body of exactly so many bytes; its words do not repeat each other."""
    words = random.Random(7)  # a fixed seed: the same body each time
    spoken: list[dict[str, Any]] = []
    left = size - 200
    while left > 0:
        text = " ".join(f"{words.getrandbits(24):x}" for _ in range(400))
        spoken.append(turn(len(spoken), text))
        left -= len(json.dumps(spoken[-1])) + 2
    spoken.pop()
    body = {"sessionId": practice.session_id, "messages": spoken}
    text = json.dumps(body)
    return (text + " " * (size - len(text))).encode()


def test_parallel_saves_of_different_parts_make_the_union_and_one_job(world: World) -> None:
    practice = live(world)
    halves = [turns(10), turns(10, first=8)]
    barrier = threading.Barrier(16)
    token = practice.person.token()

    def save(number: int) -> list[int]:
        body = {"sessionId": practice.session_id, "messages": halves[number % 2]}
        barrier.wait()
        statuses: list[int] = []
        while not statuses or statuses[-1] == 503:  # as a client does that is told Retry-After
            statuses.append(world.call("POST /api/interviews", body, token=token).status)
        return statuses

    with ThreadPoolExecutor(16) as pool:
        answers = [statuses[-1] for statuses in pool.map(save, range(16))]

    assert sorted(answers) == [200] * 15 + [201]
    assert len(practice.said()) == 18
    assert len(rows(world, "interview", practice)) == 1
    assert world.feedback() == {"worked": 1, "failed": 0}
    assert world.provider.count("/chat/completions") == 1
    _assert_only_the_counted_generation_stays(world, practice)


def _assert_only_the_counted_generation_stays(world: World, practice: Practice) -> None:
    (record,) = rows(world, "interview", practice)
    chunks = rows(world, "transcript_chunk", practice)
    lasting = {row["SK"]["S"].split("#")[1] for row in chunks if "ttl" not in row}
    assert lasting == {record["generation"]["S"]}


def test_only_the_counted_generation_lives_for_good(world: World) -> None:
    practice = live(world)
    practice.save(turns(8))
    practice.save(turns(12))

    _assert_only_the_counted_generation_stays(world, practice)
    chunks = rows(world, "transcript_chunk", practice)
    old = [int(row["ttl"]["N"]) for row in chunks if "ttl" in row]
    assert old == [int(world.clock().timestamp()) + 86_400], "who reads it now has a day"


def test_a_chunk_that_is_gone_is_told_and_never_saved_over(world: World) -> None:
    practice = live(world)
    practice.save(turns(8))
    (chunk,) = rows(world, "transcript_chunk", practice)
    client_of(world.endpoint).delete_item(
        TableName=world.table_name, Key={"PK": chunk["PK"], "SK": chunk["SK"]}
    )

    answers = [
        practice.save(turns(2)),
        practice.person.call(f"GET /api/interviews/{practice.session_id}"),
    ]

    assert [answer.status for answer in answers] == [500, 500]
    assert rows(world, "interview", practice)[0]["chunk_count"]["N"] == "1"


def test_an_interview_that_is_deleted_during_a_save_is_not_saved(world: World) -> None:
    practice = saved(world)

    class Slow(InterviewStore):
        def write(self, session_id: str, messages: Any) -> Generation:
            practice.person.call(f"DELETE /api/interviews/{practice.session_id}")
            return super().write(session_id, messages)

    world.wiring("interviews").interviews._store = Slow(world.table, limits=Limits())

    assert practice.save(turns(20)).status == 404
    (session,) = rows(world, "session", practice)
    assert session["message_count"]["N"] == "8"


def test_generations_too_many_for_one_transaction_are_retired_after_it(world: World) -> None:
    practice = live(world)
    noise = random.Random(7)  # a fixed seed: the same text each time
    letters = string.ascii_letters + string.digits
    spoken = [turn(n, "".join(noise.choices(letters, k=19_000))) for n in range(205)]
    practice.save(spoken)
    assert len(rows(world, "transcript_chunk", practice)) > 47, "twice that is over the limit"

    assert practice.save(turns(2, first=205)).body["messageCount"] == 207
    _assert_only_the_counted_generation_stays(world, practice)
