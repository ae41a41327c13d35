"""Saving an interview, its history, its detail, its end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from greenroom.feedback.schema import Feedback
from greenroom.feedback.service import FeedbackJobs
from greenroom.interviews.domain import accepts_save, plan_feedback
from greenroom.interviews.metrics import measure
from greenroom.interviews.store import InterviewStore, Record
from greenroom.interviews.transcript import Message, merge, page
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import BodyTooLarge, StoreUnavailable
from greenroom.kernel.limits import (
    BODY_TRANSCRIPT_MAX,
    DETAIL_MESSAGES_BYTES,
    TRANSCRIPT_MESSAGES_MAX,
)
from greenroom.sessions.domain import Session, refusal
from greenroom.sessions.record import SessionOvertaken, SessionRecord

SAVES_MAX = 5  # tries of one save against others of the same interview

Note = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a client saves; ``reported`` is its own word on times and figures."""

    session_id: str
    messages: list[Message]
    job_title: str | None
    resume_data: Any
    reported: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of a save. ``first`` is False for every repeat."""

    session_id: str
    first: bool
    merged: bool
    message_count: int
    feedback_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewView:
    """One interview with the first page of its messages."""

    session: Session
    record: Record | None
    messages: list[Message]
    messages_cursor: str | None
    feedback: Feedback | None


class Interviews:
    """What the product does with a finished (or finishing) interview."""

    def __init__(
        self,
        *,
        store: InterviewStore,
        sessions: SessionRecord,
        feedback: FeedbackJobs,
        clock: Clock,
        note: Note,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._feedback = feedback
        self._clock = clock
        self._note = note

    def save(self, sent: Sent, *, user_id: str) -> Saved:
        """Store the union of what is stored and what is sent; complete a live session.

        Idempotent by session. The first save with enough turns makes the one feedback job.

        Raises:
            NotFound: there is no such interview of this person.
            InvalidTransition: its call was never answered.
            BodyTooLarge: the union is over the transcript's limit.
            StoreUnavailable: other saves of this interview did not let this one through.
        """
        for _ in range(SAVES_MAX):
            session = self._sessions.load(sent.session_id, user_id=user_id)
            if not accepts_save(session.status) or not session.answered:
                raise refusal(session, "completed")
            try:
                return self._save(session, sent)
            except SessionOvertaken:
                continue
        raise StoreUnavailable(log={"reason": "saves of one interview"})

    def history(
        self, user_id: str, *, limit: int, cursor: str | None, status: str | None
    ) -> tuple[list[Session], str | None]:
        """A page of the person's interviews, newest first."""
        return self._sessions.history(user_id, limit=limit, cursor=cursor, status=status)

    def detail(self, session_id: str, *, user_id: str) -> InterviewView:
        """One interview; NotFound if it is not this person's."""
        session = self._sessions.load(session_id, user_id=user_id)
        record = self._store.record(session_id)
        messages = self._store.messages(session_id, record) if record else []
        first = page(messages, size_bytes=DETAIL_MESSAGES_BYTES)
        return InterviewView(
            session=session,
            record=record,
            messages=list(first.messages),
            messages_cursor=first.next_position,
            feedback=self._feedback.result(session_id) if session.feedback_status else None,
        )

    def messages(
        self, session_id: str, *, user_id: str, cursor: str | None, limit: int | None = None
    ) -> tuple[list[Message], str | None]:
        """A page of the transcript, oldest first; NotFound if it is not this person's.

        A page holds at most 1 MB, and with a ``limit`` at most so many messages.
        """
        self._sessions.load(session_id, user_id=user_id)
        record = self._store.record(session_id)
        messages = self._store.messages(session_id, record) if record else []
        part = page(messages, size_bytes=DETAIL_MESSAGES_BYTES, messages_max=limit, position=cursor)
        return list(part.messages), part.next_position

    def transcript(self, session_id: str) -> list[Message]:
        """The whole transcript, whosever it is: for the feedback worker."""
        record = self._store.record(session_id)
        return self._store.messages(session_id, record) if record else []

    def delete(self, session_id: str, *, user_id: str) -> None:
        """Hide an interview that is over; see ``SessionRecord.delete``."""
        self._sessions.delete(session_id, user_id=user_id)

    def request_feedback(self, session_id: str, *, user_id: str) -> str:
        """Ask for feedback (again): where it stands now.

        Raises:
            NotFound: no such interview of this person.
            InvalidTransition: it was never saved.
            TooManyRequests: a failed one was asked for within the hour.
        """
        session = self._sessions.load(session_id, user_id=user_id)
        if session.feedback_status is None:
            raise refusal(session, "completed", "Save the interview first.")
        return self._feedback.retry(session_id)

    def _save(self, session: Session, sent: Sent) -> Saved:
        before = self._store.record(session.session_id) if session.transcript_rev else None
        stored = self._store.messages(session.session_id, before) if before else []
        messages = list(merge(stored, sent.messages))
        _refuse_too_large(messages)
        if before is not None and messages == stored and _tells_nothing_new(sent, before):
            return _saved(session, messages, merged=True, status=session.feedback_status)
        metrics = measure(messages, started_at=session.live_at, ended_at=self._ended_at(session))
        plan = plan_feedback(
            session.feedback_status,  # type: ignore[arg-type]  # the table holds plain text
            person_turns=metrics.person_turns,
            was_too_short=before.too_short if before else False,
        )
        written = self._store.write(session.session_id, messages)
        record = Record(
            generation=written.name,
            chunk_count=len(written.keys),
            metrics=metrics.to_json(),
            too_short=plan.too_short,
            **_told(sent, before),
        )
        tx = self._sessions.transaction()
        changes: dict[str, Any] = {
            "message_count": len(messages),
            "duration_s": int(metrics.duration_seconds or 0),
        }
        if plan.status != session.feedback_status:
            # Otherwise it is the worker's, who may be moving it right now.
            changes["feedback_status"] = plan.status
        if sent.job_title and not session.job_title:
            changes["job_title"] = sent.job_title
        self._sessions.add_saved(tx, session, changes)
        self._store.add_record(tx, session.session_id, record, written=written)
        if plan.job:
            self._feedback.add_job(tx, session.session_id)
        elif plan.too_short and session.feedback_status is None:
            self._feedback.add_too_short(tx, session.session_id)
        retired = before is None or self._store.add_retirement(tx, session.session_id, before)
        tx.commit()
        if plan.job:
            self._feedback.announce(session.session_id)
        if before and not retired:
            self._retire(session.session_id, before)
        return _saved(session, messages, merged=before is not None, status=plan.status)

    def _retire(self, session_id: str, record: Record) -> None:
        """The end of old chunks that were too many for the save's transaction; may fail."""
        try:
            self._store.retire(session_id, record)
        except StoreUnavailable as error:
            facts = {"session_id": session_id, "error_code": error.code}
            self._note("an old transcript was not retired", facts)

    def _ended_at(self, session: Session) -> datetime:
        return session.ended_at or self._clock()


def _told(sent: Sent, before: Record | None) -> dict[str, Any]:
    """What clients told beside the messages; a later word counts, and takes none away."""
    if before is None:
        return {"reported": sent.reported, "resume_data": sent.resume_data}
    return {
        "reported": (before.reported or {}) | sent.reported,
        "resume_data": before.resume_data if sent.resume_data is None else sent.resume_data,
    }


def _tells_nothing_new(sent: Sent, before: Record) -> bool:
    """Whether a resend has no word beside the messages that is not stored yet."""
    resume_known = sent.resume_data is None or before.resume_data is not None
    return resume_known and sent.reported.keys() <= (before.reported or {}).keys()


def _refuse_too_large(messages: list[Message]) -> None:
    size = sum(len(message.content.encode()) for message in messages)
    if len(messages) > TRANSCRIPT_MESSAGES_MAX or size > BODY_TRANSCRIPT_MAX:
        raise BodyTooLarge("The transcript is too large.")


def _saved(session: Session, messages: list[Message], *, merged: bool, status: str | None) -> Saved:
    assert status is not None, "the first save gives it one"
    return Saved(
        session_id=session.session_id,
        first=not merged,
        merged=merged,
        message_count=len(messages),
        feedback_status=status,
    )
