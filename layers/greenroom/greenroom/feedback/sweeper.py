"""The feedback schedule: what is due is worked on, and what breaks the worker is put back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from greenroom.feedback.store import FeedbackStore, JobOvertaken
from greenroom.kernel.clock import Deadline
from greenroom.kernel.errors import GreenroomError, StoreUnavailable, Unavailable
from greenroom.kernel.limits import (
    FEEDBACK_BREAKS_MAX,
    FEEDBACK_BROKEN_PAUSE_S,
    FEEDBACK_SWEEP_MAX,
    FEEDBACK_SWEEP_ROUNDS_MAX,
)

if TYPE_CHECKING:
    from greenroom.feedback.worker import FeedbackWorker
    from greenroom.sessions.record import SessionRecord

Note = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep did."""

    worked: int = 0
    failed: int = 0


class FeedbackSweeper:
    """Finds what is due, and keeps jobs that break the worker out of the others' way.

    Most of its minutes find nothing, so the worker and the sessions are made when one does.
    """

    def __init__(
        self,
        store: FeedbackStore,
        *,
        worker: "Callable[[], FeedbackWorker]",
        sessions: "Callable[[], SessionRecord]",
        note: Note,
    ) -> None:
        self._store = store
        self._worker = worker
        self._sessions = sessions
        self._note = note

    def sweep(self, now: datetime, *, deadline: Deadline) -> Swept:
        """Work on what is due for as long as the time allows; the next sweep takes the rest.

        A round takes ``FEEDBACK_SWEEP_MAX`` jobs of a shard. Where some of them broke the worker
        and were put back, another round takes those that were behind them.
        """
        worked = failed = 0
        tried: set[str] = set()
        for _ in range(FEEDBACK_SWEEP_ROUNDS_MAX):
            put_back = 0
            for session_id in self._store.due(now=now, limit=FEEDBACK_SWEEP_MAX):
                if session_id in tried:  # the index tells of it a moment too long
                    continue
                if not self._worker().has_time(deadline):
                    return Swept(worked=worked, failed=failed)
                tried.add(session_id)
                try:
                    self._worker().work(session_id, deadline=deadline, now=now)
                    worked += 1
                except Exception as error:  # noqa: BLE001 (a poisoned job never starves the others)
                    failed += 1
                    put_back += self._broke(session_id, error, now=now)
            if not put_back:
                break
        return Swept(worked=worked, failed=failed)

    def _broke(self, session_id: str, error: Exception, *, now: datetime) -> bool:
        """Note it; whether the job was moved out of the way of the others.

        What is unavailable passes by itself: the job stays due, and is not to blame.
        """
        code = error.code if isinstance(error, GreenroomError) else type(error).__name__
        facts = {"session_id": session_id, "error_code": code}
        self._note("a feedback job could not be worked on", facts)
        if isinstance(error, Unavailable):
            return False
        try:
            return self._pause(session_id, now=now) or self._set_aside(session_id, facts, now=now)
        except StoreUnavailable as away:
            self._note("a feedback job could not be put back", facts | away.log)
            return False

    def _pause(self, session_id: str, *, now: datetime) -> bool:
        """Let it be due later, unless it has broken the worker too often or was moved since."""
        until = now + timedelta(seconds=FEEDBACK_BROKEN_PAUSE_S)
        tx = self._sessions().transaction()
        self._store.add_pause(tx, session_id, now=now, until=until, most=FEEDBACK_BREAKS_MAX)
        try:
            tx.commit()
        except JobOvertaken:
            return False
        return True

    def _set_aside(self, session_id: str, facts: dict[str, Any], *, now: datetime) -> bool:
        """Give it up, as the owner sees, who may ask for it again; not if it was moved since."""
        tx = self._sessions().transaction()
        self._store.add_end_of_broken(tx, session_id, now=now, error_code=facts["error_code"])
        self._sessions().add_feedback(tx, session_id, status="failed")
        tx.count("FeedbackFailed")
        try:
            tx.commit()
        except JobOvertaken:
            return False
        self._note("a feedback job was set aside", facts)
        return True
