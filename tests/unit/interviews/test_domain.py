"""When a save is taken, and when it asks for feedback."""

import pytest

from greenroom.interviews.domain import (
    FeedbackPlan,
    FeedbackStatus,
    accepts_save,
    plan_feedback,
)
from greenroom.kernel.limits import FEEDBACK_MIN_TURNS


@pytest.mark.parametrize("status", ["live", "completed", "expired"])
def test_a_call_that_was_answered_takes_a_save(status: str) -> None:
    assert accepts_save(status)


@pytest.mark.parametrize("status", ["reserved", "pending", "failed", "cancelled", "waiting", ""])
def test_a_call_that_was_never_answered_takes_none(status: str) -> None:
    assert not accepts_save(status)


def test_the_first_save_makes_the_feedback_job() -> None:
    plan = plan_feedback(None, person_turns=FEEDBACK_MIN_TURNS)

    assert plan == FeedbackPlan(status="pending", job=True, too_short=False)


@pytest.mark.parametrize("stored", ["pending", "generating", "completed", "failed"])
@pytest.mark.parametrize("turns", [0, FEEDBACK_MIN_TURNS, 500])
def test_a_resend_never_makes_a_second_job(stored: FeedbackStatus, turns: int) -> None:
    plan = plan_feedback(stored, person_turns=turns)

    assert plan == FeedbackPlan(status=stored, job=False, too_short=False)


def test_a_short_interview_is_completed_without_a_job() -> None:
    plan = plan_feedback(None, person_turns=FEEDBACK_MIN_TURNS - 1)

    assert plan == FeedbackPlan(status="completed", job=False, too_short=True)


def test_the_resend_that_first_brings_enough_turns_makes_the_one_job() -> None:
    short = FEEDBACK_MIN_TURNS - 1

    still = plan_feedback("completed", person_turns=short, was_too_short=True)
    enough = plan_feedback("completed", person_turns=short + 1, was_too_short=True)

    assert still == FeedbackPlan(status="completed", job=False, too_short=True)
    assert enough == FeedbackPlan(status="pending", job=True, too_short=False)
