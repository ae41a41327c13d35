"""Feedback jobs and results in the table.

| item | PK | SK | GSI2PK / GSI2SK |
|---|---|---|---|
| feedback | FEEDBACK#{session_id} | FEEDBACK | DUE#feedback#{shard} / {due_at}#{session_id} |

The due index is the outbox: what is pending, or generating past its lease, is found there.
"""

from datetime import datetime
from typing import Any, cast

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from greenroom.feedback.domain import FeedbackJob, FeedbackStatus
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import Conflict
from greenroom.table.attributes import IntegerAttribute, JsonAttribute, MomentAttribute
from greenroom.table.item import Item, Key, due_key
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction

WORK = "feedback"


class JobOvertaken(Conflict):
    """Another worker, or the owner, has moved the job since it was read."""


class FeedbackItem(Item):
    """The job of one interview's feedback, and its result once there is one."""

    KIND = "feedback"

    status = UnicodeAttribute()
    attempt = IntegerAttribute()
    due_at = MomentAttribute(null=True)
    retried_at = MomentAttribute(null=True)
    result = JsonAttribute(null=True)
    error_code = UnicodeAttribute(null=True)
    breaks = IntegerAttribute(null=True)  # how often the job has broken the worker
    prompt_tokens = IntegerAttribute(null=True)
    completion_tokens = IntegerAttribute(null=True)

    @classmethod
    def at(cls, session_id: str) -> "Key[FeedbackItem]":
        """Where the job is."""
        return Key(cls, f"FEEDBACK#{session_id}", "FEEDBACK")


class FeedbackStore:
    """Reads and writes of feedback jobs."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self, session_id: str) -> tuple[FeedbackJob, Any] | None:
        """The job and its result (JSON), or None."""
        item = self._table.get(FeedbackItem.at(session_id))
        return (_job(item), item.result) if item else None

    def add_new(
        self, tx: Transaction, session_id: str, job: FeedbackJob, *, result: Any = None
    ) -> None:
        """Add the step that makes (or, for one that was too short, makes anew) the job."""
        tx.update(
            "feedback",
            FeedbackItem.at(session_id),
            FeedbackItem.kind.set(FeedbackItem.KIND),
            FeedbackItem.v.set(FeedbackItem.VERSION),
            FeedbackItem.created_at.set(FeedbackItem.created_at | self._table.clock()),
            *_actions(session_id, job),
            FeedbackItem.result.remove() if result is None else FeedbackItem.result.set(result),
            when=None,
            otherwise=Conflict(),
        )

    def add_move(
        self,
        tx: Transaction,
        session_id: str,
        before: FeedbackJob,
        after: FeedbackJob,
        **facts: Any,
    ) -> None:
        """Add the step that moves a job; it fails with ``JobOvertaken`` if another did."""
        noted = [
            getattr(FeedbackItem, name).remove()
            if value is None
            else getattr(FeedbackItem, name).set(value)
            for name, value in facts.items()
        ]
        due = FeedbackItem.due_at
        same_due = due.does_not_exist() if before.due_at is None else due == before.due_at
        tx.update(
            "feedback",
            FeedbackItem.at(session_id),
            *_actions(session_id, after),
            *noted,
            when=(FeedbackItem.status == before.status) & same_due,
            otherwise=JobOvertaken(),
        )

    def add_pause(
        self, tx: Transaction, session_id: str, *, now: datetime, until: datetime, most: int
    ) -> None:
        """Add the step that puts back a job that broke the worker, and counts it.

        The item is not read, since that may be what breaks. The step fails with ``JobOvertaken``
        if the job is not due any more, or breaks the worker for the ``most``-th time.
        """
        breaks = FeedbackItem.breaks
        partition, sort = due_key(WORK, session_id, to_text(until))
        tx.update(
            "feedback",
            FeedbackItem.at(session_id),
            breaks.add(1),
            FeedbackItem.due_at.set(until),
            FeedbackItem.gsi2pk.set(partition),
            FeedbackItem.gsi2sk.set(sort),
            when=_is_due(now) & (breaks.does_not_exist() | (breaks < most - 1)),
            otherwise=JobOvertaken(),
        )

    def add_end_of_broken(
        self, tx: Transaction, session_id: str, *, now: datetime, error_code: str
    ) -> None:
        """Add the step that gives up a job that breaks the worker, without reading it.

        What is known of a failed job is written anew, so that its owner may ask for it again. It
        fails with ``JobOvertaken`` if the job is not due any more.
        """
        tx.update(
            "feedback",
            FeedbackItem.at(session_id),
            *_actions(session_id, FeedbackJob(status="failed")),
            FeedbackItem.error_code.set(error_code),
            FeedbackItem.breaks.remove(),
            FeedbackItem.retried_at.remove(),
            when=_is_due(now),
            otherwise=JobOvertaken(),
        )

    def forget(self, session_id: str) -> None:
        """Delete an interview's feedback; a worker that is writing it finds no job any more."""
        self._table.empty(f"FEEDBACK#{session_id}")

    def due(self, *, now: datetime, limit: int) -> list[str]:
        """Ids of sessions whose feedback is due, at most ``limit`` a shard."""
        keys = self._table.due(WORK, until_text=to_text(now), limit=limit)
        return [pk.removeprefix("FEEDBACK#") for pk, _ in keys]


def _is_due(now: datetime) -> Condition:
    """As the due index says it, whatever else of the item can be read."""
    return cast("Condition", FeedbackItem.gsi2sk <= f"{to_text(now)}~")


def _actions(session_id: str, job: FeedbackJob) -> list[Action]:
    actions: list[Action] = [
        FeedbackItem.status.set(job.status),
        FeedbackItem.attempt.set(job.attempt),
    ]
    if job.retried_at is not None:
        actions.append(FeedbackItem.retried_at.set(job.retried_at))
    if job.due_at is None:
        gone = (FeedbackItem.due_at, FeedbackItem.gsi2pk, FeedbackItem.gsi2sk)
        return [*actions, *(attribute.remove() for attribute in gone)]
    partition, sort = due_key(WORK, session_id, to_text(job.due_at))
    return [
        *actions,
        FeedbackItem.due_at.set(job.due_at),
        FeedbackItem.gsi2pk.set(partition),
        FeedbackItem.gsi2sk.set(sort),
    ]


def _job(item: FeedbackItem) -> FeedbackJob:
    return FeedbackJob(
        status=cast("FeedbackStatus", item.status),
        attempt=item.attempt,
        due_at=item.due_at,
        retried_at=item.retried_at,
    )
