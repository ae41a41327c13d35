"""The life of a feedback job, pure: when it is due, who may work on it, when it is given up.

    pending ──claim──> generating ──complete──> completed
       ^                   │
       ├──(attempts left)──┴──fail / lease over──> failed
       └───────────retry by the owner, once an hour───┘

``due_at`` is what the due index holds: for a pending job when to try, for a generating one when
its lease is over. Each claim moves it forward, which fences off whoever claimed earlier.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from greenroom.kernel.errors import TooManyRequests
from greenroom.kernel.limits import Limits

FeedbackStatus = Literal["pending", "generating", "completed", "failed"]

RETRY_PAUSE = timedelta(hours=1)  # an owner's retry costs up to three calls of the model
_BACKOFF_STEPS = (1, 5, 15)  # times ``feedback_backoff_s``: 1, 5 and 15 minutes


@dataclass(frozen=True, slots=True)
class FeedbackJob:
    """The state of one interview's feedback.

    ``attempt`` counts the calls that were begun, from 0; ``retried_at`` is the owner's last
    retry. Finished jobs (completed, failed) are never due.
    """

    status: FeedbackStatus
    attempt: int = 0
    due_at: datetime | None = None
    retried_at: datetime | None = None


def new_job(*, now: datetime) -> FeedbackJob:
    """The job that a first save makes: due at once."""
    return FeedbackJob(status="pending", due_at=now)


def claim(job: FeedbackJob, *, now: datetime, limits: Limits) -> FeedbackJob | None:
    """The job as a worker takes it, with a lease; None where there is nothing to take.

    A job whose worker died on the last attempt is not taken but ``failed``: look at the status.
    """
    if job.status not in {"pending", "generating"} or job.due_at is None or job.due_at > now:
        return None
    if job.attempt >= limits.feedback_attempts:
        return replace(job, status="failed", due_at=None)
    lease_until = now + timedelta(seconds=limits.feedback_lease_s)
    return replace(job, status="generating", attempt=job.attempt + 1, due_at=lease_until)


def complete(job: FeedbackJob) -> FeedbackJob:
    """The job after its feedback was stored."""
    _assert_generating(job)
    return replace(job, status="completed", due_at=None)


def fail(job: FeedbackJob, *, now: datetime, limits: Limits) -> FeedbackJob:
    """The job after an attempt that brought nothing: pending after a pause, or failed."""
    _assert_generating(job)
    if job.attempt >= limits.feedback_attempts:
        return replace(job, status="failed", due_at=None)
    return replace(job, status="pending", due_at=now + backoff(job.attempt, limits=limits))


def abandon(job: FeedbackJob) -> FeedbackJob:
    """The job of an interview that was deleted: over, without another attempt."""
    _assert_generating(job)
    return replace(job, status="failed", due_at=None)


def backoff(attempt: int, *, limits: Limits) -> timedelta:
    """The pause after that attempt (the first is 1): 1, 5, then 15 minutes."""
    steps = _BACKOFF_STEPS[min(attempt, len(_BACKOFF_STEPS)) - 1]
    return timedelta(seconds=steps * limits.feedback_backoff_s)


def retry(job: FeedbackJob, *, now: datetime) -> FeedbackJob:
    """The job after its owner asked for it again: a failed one starts anew, others stay.

    The first retry is free at once; after that one in any hour.

    Raises:
        TooManyRequests: the owner retried this job within the last hour.
    """
    if job.status != "failed":
        return job
    if job.retried_at is not None and now < job.retried_at + RETRY_PAUSE:
        wait = job.retried_at + RETRY_PAUSE - now
        raise TooManyRequests(
            "The feedback can be asked for again once an hour.",
            retry_after_s=-(-wait // timedelta(seconds=1)),
        )
    return FeedbackJob(status="pending", due_at=now, retried_at=now)


def _assert_generating(job: FeedbackJob) -> None:
    if job.status != "generating":
        raise ValueError(f"a job that is {job.status} has no attempt to end")
