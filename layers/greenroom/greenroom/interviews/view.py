"""From saved interviews to the shapes of the wire."""

from collections.abc import Sequence
from datetime import datetime

from greenroom.interviews.schema import (
    InterviewDetail,
    InterviewListItem,
    InterviewSaved,
    MessagesPage,
    sent_message,
)
from greenroom.interviews.service import InterviewView, Saved
from greenroom.interviews.transcript import Message
from greenroom.kernel.clock import to_text
from greenroom.sessions.domain import Session


def interview_saved(saved: Saved) -> InterviewSaved:
    """The answer to a save."""
    return InterviewSaved(
        id=saved.session_id,
        saved=True,
        merged=saved.merged,
        message_count=saved.message_count,
        feedback_status=saved.feedback_status,
    )


def list_item(session: Session) -> InterviewListItem:
    """One line of the history."""
    return InterviewListItem(
        id=session.session_id,
        session_id=session.session_id,
        job_title=session.job_title,
        company=session.company,
        status=session.status,
        feedback_status=session.feedback_status,
        overall_score=session.overall_score,
        started_at=_text(session.started_at),
        completed_at=_text(session.completed_at),
        duration_seconds=session.duration_s,
        message_count=session.message_count,
    )


def interview_detail(view: InterviewView) -> InterviewDetail:
    """One interview with figures, feedback and the first page of its messages."""
    session, record = view.session, view.record
    return InterviewDetail(
        id=session.session_id,
        session_id=session.session_id,
        job_title=session.job_title,
        company=session.company,
        status=session.status,
        started_at=_text(session.started_at),
        completed_at=_text(session.completed_at),
        duration_seconds=session.duration_s,
        message_count=session.message_count,
        messages=[sent_message(message) for message in view.messages],
        messages_cursor=view.messages_cursor,
        metrics=record.metrics if record else None,
        reported=record.reported if record else None,
        feedback_status=session.feedback_status,
        feedback=view.feedback,
    )


def messages_page(messages: Sequence[Message], *, next_cursor: str | None) -> MessagesPage:
    """One page of a transcript."""
    items = [sent_message(message) for message in messages]
    return MessagesPage(items=items, next_cursor=next_cursor)


def _text(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None
