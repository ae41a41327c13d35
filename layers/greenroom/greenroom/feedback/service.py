"""Feedback as other rooms ask for it: a job, a result, another try."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from greenroom.feedback.domain import FeedbackJob, new_job, retry
from greenroom.feedback.schema import Feedback, too_short
from greenroom.feedback.store import FeedbackStore, JobOvertaken
from greenroom.kernel.clock import Clock, to_text
from greenroom.kernel.errors import NotFound, Unavailable
from greenroom.sessions.record import SessionRecord
from greenroom.table.item import UnreadableItem
from greenroom.table.transaction import Transaction

Note = Callable[[str, dict[str, Any]], None]

RETRIES_MAX = 3  # tries to move a job that a worker is moving, too


class FeedbackJobs:
    """Jobs and results; ``announce`` is the fast path to the worker and may be Unavailable."""

    def __init__(
        self,
        store: FeedbackStore,
        *,
        sessions: SessionRecord,
        clock: Clock,
        announce: Callable[[str], None],
        note: Note,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._clock = clock
        self._announce = announce
        self._note = note

    def add_job(self, tx: Transaction, session_id: str) -> None:
        """Add the step that makes a job, due at once."""
        self._store.add_new(tx, session_id, new_job(now=self._clock()))
        tx.count("FeedbackQueued")

    def add_too_short(self, tx: Transaction, session_id: str) -> None:
        """Add the step that stores feedback saying that there was too little to judge."""
        result = too_short(generated_at=to_text(self._clock())).model_dump(by_alias=True)
        self._store.add_new(tx, session_id, FeedbackJob(status="completed"), result=result)

    def announce(self, session_id: str) -> None:
        """Tell the worker of a stored job; if that fails, the schedule finds the job."""
        try:
            self._announce(session_id)
        except Unavailable as error:
            facts = {"session_id": session_id, "error_code": error.code, **error.log}
            self._note("a feedback job was not announced", facts)

    def result(self, session_id: str) -> Feedback | None:
        """The feedback, once there is one that this version can read."""
        try:
            found = self._store.load(session_id)
            if found is None or found[1] is None:
                return None
            return Feedback.model_validate(found[1])
        except (ValidationError, UnreadableItem):
            # Written by a later version: while both run, the rest of the interview is shown.
            self._note("stored feedback could not be read", {"session_id": session_id})
            return None

    def retry(self, session_id: str) -> str:
        """A failed job starts anew, others stay: its state afterwards.

        Raises:
            TooManyRequests: the owner retried it within the last hour.
        """
        for _ in range(RETRIES_MAX):
            found = self._store.load(session_id)
            if found is None:
                raise NotFound("There is no feedback for this interview.")
            before, _result = found
            after = retry(before, now=self._clock())
            if after == before:
                return before.status
            tx = self._sessions.transaction()
            self._store.add_move(tx, session_id, before, after, error_code=None)
            self._sessions.add_feedback(tx, session_id, status=after.status)
            tx.count("FeedbackQueued")
            try:
                tx.commit()
            except JobOvertaken:
                continue
            self.announce(session_id)
            return after.status
        raise JobOvertaken
