"""The states of a session and what may follow them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from greenroom.kernel.limits import Limits
from greenroom.sessions.domain import (
    OPEN,
    STATUSES,
    Session,
    allowed_after,
    guard_until,
    live_until,
    moves_of,
    refusal,
)
from greenroom.sessions.factory import plan
from tests.unit.sessions.test_factory import each_type, request

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIMITS = Limits()


def session(**changes: Any) -> Session:
    made = plan(request("interview", "credits"), session_id="s-1", now=NOW, limits=LIMITS).session
    return replace(made, **changes)


@each_type
def test_only_a_failed_session_leaves_the_states_that_are_over(session_type: str) -> None:
    over = set(STATUSES) - OPEN

    left = {status for status in over if allowed_after(session_type, status)}

    assert left == ({"failed"} if session_type == "interview" else set())


def test_an_interview_moves_as_the_design_draws_it() -> None:
    assert {status: set(follow) for status, follow in moves_of("interview").items()} == {
        "reserved": {"pending", "failed", "cancelled"},
        "failed": {"reserved"},
        "pending": {"live", "cancelled", "expired"},
        "live": {"completed", "cancelled", "expired"},
    }


def test_a_refusal_names_from_to_and_what_is_allowed_instead() -> None:
    assert refusal(session(status="live"), "cancelled").facts == {
        "from": "live",
        "to": "cancelled",
        "allowed": ["completed", "expired"],
    }
    assert refusal(session(status="completed"), "live").facts["allowed"] == []


def test_a_claim_holds_until_its_time_is_over() -> None:
    claimed = session(claim="c", claim_until=NOW)

    assert claimed.claimed(NOW - timedelta(seconds=1))
    assert not claimed.claimed(NOW)
    assert not session().claimed(NOW)


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        ({"status": "pending"}, True),
        ({"status": "pending", "due_at": NOW}, False),
        ({"status": "pending", "due_at": None}, False),
        ({"status": "reserved"}, False),
        ({"status": "completed"}, False),
        ({"status": "live", "live_at": NOW}, True),
        ({"status": "live", "live_at": NOW - timedelta(hours=1)}, False),
    ],
)
def test_a_call_may_be_placed_only_in_an_open_session_before_its_deadline_and_maximum(
    changes: dict[str, Any], is_open: bool
) -> None:
    assert session(**changes).is_open(NOW, LIMITS) is is_open


def test_the_guard_of_a_live_session_outlives_its_maximum_by_the_grace() -> None:
    assert live_until(NOW, LIMITS) == NOW + timedelta(minutes=60)
    assert guard_until(NOW, LIMITS) == NOW + timedelta(minutes=75)
