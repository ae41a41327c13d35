"""What a save may carry: the origin's two literal bodies, and what is refused."""

import contextlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from greenroom.interviews.schema import (
    TIMESTAMP_MS_MAX,
    InterviewDetail,
    InterviewSaved,
    SaveInterview,
    moment_ms,
    sent_message,
)
from greenroom.interviews.transcript import Message
from greenroom.kernel.limits import MESSAGE_CHARS_MAX, TRANSCRIPT_MESSAGES_MAX

MESSAGES = [
    {"role": "assistant", "content": "Tell me about yourself.", "timestamp": 1746057600000},
    {"role": "user", "content": "I build things.", "timestamp": 1746057612345},
]
PAGE_BODY: dict[str, Any] = {
    "sessionId": "0196a000-0000-7000-8000-000000000000",
    "messages": MESSAGES,
    "jobTitle": "Software Engineer",
    "resumeData": {"name": "Ada", "skills": ["Python", "SQL"], "years": 7, "open": None},
    "averageResponseTime": 3.25,
    "duration": 1800,
    "status": "completed",
}
SYNC_BODY: dict[str, Any] = {
    "messages": MESSAGES,
    "sessionId": "0196a000-0000-7000-8000-000000000000",
    "jobTitle": "Software Engineer",
    "resumeData": {"name": "Ada"},
    "timestamp": 1746059400000,
    "fromLocalStorage": True,
}


def read(body: dict[str, Any], **changes: Any) -> SaveInterview:
    return SaveInterview.model_validate_json(json.dumps({**body, **changes}))


def with_message(**changes: Any) -> SaveInterview:
    return read(PAGE_BODY, messages=[{**MESSAGES[1], **changes}])


def test_the_interview_pages_literal_body_is_taken() -> None:
    saved = read(PAGE_BODY)

    assert saved.transcript() == [
        Message("assistant", "Tell me about yourself.", 1746057600000),
        Message("user", "I build things.", 1746057612345),
    ]
    assert saved.resume_data == PAGE_BODY["resumeData"]
    assert saved.reported() == {
        "averageResponseTime": 3.25,
        "duration": 1800.0,
        "status": "completed",
        "fromLocalStorage": False,
    }


def test_the_local_storage_syncs_literal_body_is_taken() -> None:
    saved = read(SYNC_BODY)

    assert saved.from_local_storage
    assert saved.transcript() == read(PAGE_BODY).transcript()
    assert saved.reported() == {
        "timestamp": 1746059400000,
        "status": "completed",
        "fromLocalStorage": True,
    }


def test_members_that_javascript_leaves_null_are_taken() -> None:
    nulls = dict.fromkeys(
        ["jobTitle", "resumeData", "averageResponseTime", "duration", "startTime", "metrics"]
    )

    assert read(PAGE_BODY, **nulls).job_title is None


def test_the_optional_members_of_the_contract_are_taken() -> None:
    saved = read(
        PAGE_BODY,
        startTime="2025-05-01T00:00:00.000Z",
        endTime=1746059400000,
        metrics={"wordsPerMinute": 140.5},
        messages=[{**MESSAGES[1], "confidence": 0.93}],
    )

    assert saved.start_time == 1746057600000
    assert saved.transcript()[0].confidence == 0.93
    assert saved.reported()["metrics"] == {"wordsPerMinute": 140.5}


@pytest.mark.parametrize(
    ("timestamp", "ms"),
    [
        (1746057600000, 1746057600000),
        (1746057600000.75, 1746057600000),
        ("2025-05-01T00:00:00Z", 1746057600000),
        ("2025-05-01T02:00:00.123+02:00", 1746057600123),
        ("2025-05-01T00:00:00", 1746057600000),
        (0, 0),
        (TIMESTAMP_MS_MAX, TIMESTAMP_MS_MAX),
    ],
)
def test_a_moment_is_epoch_milliseconds_or_iso_8601(timestamp: Any, ms: int) -> None:
    assert with_message(timestamp=timestamp).messages[0].timestamp == ms


@pytest.mark.parametrize(
    "timestamp",
    [
        -1,
        TIMESTAMP_MS_MAX + 1,
        10**400,
        1e300,
        True,
        None,
        "",
        "yesterday",
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:59",
        "12025-01-01T00:00:00Z",
        [],
        {},
    ],
)
def test_a_moment_outside_of_1970_to_9999_or_no_moment_is_refused(timestamp: Any) -> None:
    with pytest.raises(ValidationError):
        with_message(timestamp=timestamp)


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_text_and_number_of_the_same_moment_are_the_same_turn(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    elsewhere = aware.astimezone(timezone(timedelta(hours=-7, minutes=-30)))

    expected = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    assert moment_ms(aware.isoformat()) == moment_ms(elsewhere.isoformat()) == expected


@given(st.text() | st.floats() | st.integers() | st.none() | st.booleans())
def test_reading_a_moment_raises_nothing_but_a_refusal(value: Any) -> None:
    with contextlib.suppress(ValueError):
        assert 0 <= moment_ms(value) <= TIMESTAMP_MS_MAX


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "system"},
        {"role": "tool"},
        {"role": "User"},
        {"content": None},
        {"content": 5},
        {"content": "x" * (MESSAGE_CHARS_MAX + 1)},
        {"confidence": 1.1},
        {"confidence": float("nan")},
        {"confidence": float("inf")},
        {"id": "item_1"},
    ],
)
def test_a_message_that_could_not_be_stored_honestly_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        with_message(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"sessionId": ""},
        {"sessionId": None},
        {"messages": None},
        {"messages": json.dumps(MESSAGES)},
        {"messages": {}},
        {"jobTitle": "x" * 201},
        {"duration": float("nan")},
        {"averageResponseTime": float("-inf")},
        {"duration": 1e300},
        {"duration": 10**400},
        {"resumeData": 10**4200, "metrics": "x" * (16 * 1024)},
        {"resumeData": {"score": float("nan")}},
        {"resumeData": "x" * (64 * 1024)},
        {"metrics": "x" * (16 * 1024)},
        {"status": "x" * 41},
        {"userId": "user_1"},
        {"credits": 100},
    ],
)
def test_a_body_outside_of_the_contract_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(PAGE_BODY, **changes)


def test_more_messages_than_an_interview_can_have_are_refused() -> None:
    with pytest.raises(ValidationError):
        read(PAGE_BODY, messages=[MESSAGES[0]] * (TRANSCRIPT_MESSAGES_MAX + 1))


@pytest.mark.parametrize(
    "body",
    [
        '{"sessionId":"a","messages":[],"resumeData":"\\ud800"}',
        '{"sessionId":"a","messages":[],"resumeData":' + "[" * 200_000,
        '{"sessionId":"a","messages":[],"resumeData":' + "[" * 40 + "]" * 40 + "}",
        "[" * 200_000,
        "",
        "null",
    ],
)
def test_hostile_json_is_a_validation_error_and_nothing_else(body: str) -> None:
    with pytest.raises(ValidationError):
        SaveInterview.model_validate_json(body)


def test_lone_surrogates_are_refused_also_in_parsed_values() -> None:
    for changes in ({"resumeData": {"a": "\ud800"}}, {"jobTitle": "\ud800"}):
        with pytest.raises(ValidationError):
            SaveInterview.model_validate({**PAGE_BODY, **changes})


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_every_text_of_a_message_is_read_back_as_it_was_sent(content: str) -> None:
    (message,) = with_message(content=content).transcript()

    assert sent_message(message).model_dump(by_alias=True)["content"] == content


def test_answers_are_camel_case() -> None:
    answer = InterviewSaved(
        id="i", saved=True, merged=False, message_count=2, feedback_status="pending"
    )

    assert answer.model_dump(by_alias=True) == {
        "success": True,
        "id": "i",
        "saved": True,
        "merged": False,
        "messageCount": 2,
        "feedbackStatus": "pending",
    }


def test_the_detail_names_every_member_of_the_contract() -> None:
    assert set(InterviewDetail.model_json_schema()["properties"]) == {
        "id",
        "sessionId",
        "jobTitle",
        "company",
        "status",
        "startedAt",
        "completedAt",
        "durationSeconds",
        "messageCount",
        "messages",
        "messagesCursor",
        "metrics",
        "reported",
        "feedbackStatus",
        "feedback",
    }
