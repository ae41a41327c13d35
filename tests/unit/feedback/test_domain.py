"""The life of a feedback job: leases, attempts, pauses, and the owner's retry."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.feedback.domain import (
    FeedbackJob,
    abandon,
    backoff,
    claim,
    complete,
    fail,
    new_job,
    retry,
)
from greenroom.kernel.errors import TooManyRequests
from greenroom.kernel.limits import Limits

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LIMITS = Limits()


def claimed(job: FeedbackJob, *, now: datetime = NOW) -> FeedbackJob:
    taken = claim(job, now=now, limits=LIMITS)
    assert taken is not None
    return taken


def test_a_new_job_is_due_at_once_and_claimed_with_a_lease() -> None:
    job = claimed(new_job(now=NOW))

    assert job == FeedbackJob("generating", attempt=1, due_at=NOW + timedelta(minutes=5))


def test_a_job_under_a_lease_is_not_taken_by_a_second_worker() -> None:
    job = claimed(new_job(now=NOW))

    assert claim(job, now=NOW + timedelta(minutes=4), limits=LIMITS) is None


def test_a_dead_workers_job_is_taken_when_its_lease_is_over() -> None:
    job = claimed(new_job(now=NOW))

    again = claimed(job, now=NOW + timedelta(minutes=5))

    assert (again.status, again.attempt) == ("generating", 2)


def test_an_abandoned_job_is_over_whatever_attempts_were_left() -> None:
    job = abandon(claimed(new_job(now=NOW)))

    assert job == FeedbackJob("failed", attempt=1)
    assert claim(job, now=NOW + timedelta(days=1), limits=LIMITS) is None
    with pytest.raises(ValueError, match="failed"):
        abandon(job)


def test_three_failures_with_pauses_of_one_and_five_minutes_end_a_job() -> None:
    job, now = new_job(now=NOW), NOW
    pauses = []
    while job.status == "pending":
        assert job.due_at is not None
        pauses.append(job.due_at - now)
        now = job.due_at
        job = fail(claimed(job, now=now), now=now, limits=LIMITS)

    assert job == FeedbackJob("failed", attempt=3)
    assert pauses == [timedelta(0), timedelta(minutes=1), timedelta(minutes=5)]


def test_further_attempts_wait_fifteen_minutes() -> None:
    assert [backoff(n, limits=LIMITS) for n in (3, 4, 9)] == [timedelta(minutes=15)] * 3


def test_a_worker_that_died_on_the_last_attempt_leaves_a_failed_job_not_an_endless_one() -> None:
    last = FeedbackJob("generating", attempt=3, due_at=NOW)

    assert claimed(last) == FeedbackJob("failed", attempt=3)


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_finished_job_is_never_taken(status: str) -> None:
    finished = FeedbackJob("completed" if status == "completed" else "failed", due_at=NOW)

    assert claim(finished, now=NOW, limits=LIMITS) is None


def test_a_completed_job_is_never_due_again() -> None:
    assert complete(claimed(new_job(now=NOW))) == FeedbackJob("completed", attempt=1)


def test_only_an_attempt_can_be_ended() -> None:
    with pytest.raises(ValueError, match="pending"):
        complete(new_job(now=NOW))
    with pytest.raises(ValueError, match="pending"):
        fail(new_job(now=NOW), now=NOW, limits=LIMITS)


def test_the_owner_retries_a_failed_job_with_all_its_attempts() -> None:
    again = retry(FeedbackJob("failed", attempt=3), now=NOW)

    assert again == FeedbackJob("pending", attempt=0, due_at=NOW, retried_at=NOW)


def test_the_owner_retries_once_an_hour() -> None:
    failed = FeedbackJob("failed", attempt=3, retried_at=NOW)

    with pytest.raises(TooManyRequests) as refusal:
        retry(failed, now=NOW + timedelta(minutes=59, seconds=59, milliseconds=500))

    assert refusal.value.retry_after_s == 1
    assert retry(failed, now=NOW + timedelta(hours=1)).status == "pending"


@pytest.mark.parametrize(
    "job", [new_job(now=NOW), claimed(new_job(now=NOW)), FeedbackJob("completed")]
)
def test_asking_again_for_feedback_on_its_way_changes_nothing(job: FeedbackJob) -> None:
    assert retry(job, now=NOW) == job


@given(st.lists(st.sampled_from(["work", "fail", "die", "complete", "wait"]), max_size=40))
def test_whatever_happens_a_job_ends_within_its_attempts(happenings: list[str]) -> None:
    job, now = new_job(now=NOW), NOW
    for happening in happenings:
        if happening == "wait":
            now += timedelta(minutes=1)
        elif happening == "work":
            job = claim(job, now=now, limits=LIMITS) or job
        elif happening == "die":
            now += timedelta(minutes=6)
        elif job.status == "generating":
            job = complete(job) if happening == "complete" else fail(job, now=now, limits=LIMITS)

        assert job.attempt <= LIMITS.feedback_attempts
        assert (job.due_at is None) == (job.status in {"completed", "failed"})
