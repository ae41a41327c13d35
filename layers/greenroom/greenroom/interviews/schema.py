"""Interviews on the wire: what a save may carry, and what history and detail answer.

``SaveInterview`` takes the two literal bodies of the first clients (the interview page's, and
the one that is resent from the browser's local storage) and the optional fields beside them.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from greenroom.feedback.schema import Feedback
from greenroom.interviews.domain import FeedbackStatus
from greenroom.interviews.transcript import Message, Role
from greenroom.kernel.clock import epoch_ms
from greenroom.kernel.limits import MESSAGE_CHARS_MAX, TRANSCRIPT_MESSAGES_MAX
from greenroom.web.wire import Timestamp, Wire, json_of_at_most

TIMESTAMP_MS_MAX = 253_402_300_799_999  # the last millisecond of the year 9999
RESUME_BYTES_MAX = 64 * 1024
REPORTED_METRICS_BYTES_MAX = 16 * 1024
JSON_LEVELS_MAX = 32
REPORTED_NUMBER_MAX = 1e12  # an epoch in microseconds is no duration


def moment_ms(value: Any) -> int:
    """Epoch milliseconds of a number (epoch milliseconds) or an ISO 8601 text.

    A text without a zone is read as UTC, since refusing it would lose an interview.

    Raises:
        ValueError: no moment of the years 1970 to 9999.
    """
    if isinstance(value, str):
        moment = _iso_moment(value)
        value = epoch_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    if isinstance(value, bool) or not isinstance(value, int | float):
        # Only a ValueError becomes a refusal in pydantic.
        raise ValueError("must be epoch milliseconds or an ISO 8601 text")  # noqa: TRY004
    if not 0 <= value <= TIMESTAMP_MS_MAX:  # NaN is not either
        raise ValueError("must be a moment of the years 1970 to 9999")
    return int(value)


def _iso_moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        # Python's own words would quote the text.
        raise ValueError("must be epoch milliseconds or an ISO 8601 text") from None


Iso = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Millis = Annotated[float, Field(ge=0, le=TIMESTAMP_MS_MAX)]
Moment = Annotated[int, BeforeValidator(moment_ms, json_schema_input_type=Millis | Iso)]
Reported = Annotated[float, Field(ge=-REPORTED_NUMBER_MAX, le=REPORTED_NUMBER_MAX)]
ResumeData = Annotated[
    Any, BeforeValidator(json_of_at_most(RESUME_BYTES_MAX, depth=JSON_LEVELS_MAX))
]
ReportedMetrics = Annotated[
    Any, BeforeValidator(json_of_at_most(REPORTED_METRICS_BYTES_MAX, depth=JSON_LEVELS_MAX))
]


class SentMessage(Wire):
    """One turn as the client kept it. ``user`` is the person, ``assistant`` the AI interviewer."""

    role: Role
    content: str = Field(max_length=MESSAGE_CHARS_MAX)
    timestamp: Moment = Field(description="epoch milliseconds, or ISO 8601")
    confidence: float | None = Field(default=None, ge=0, le=1)


class SaveInterview(Wire):
    """``POST /api/interviews``. Everything but session and messages is optional."""

    session_id: str = Field(min_length=1, max_length=128)
    messages: list[SentMessage] = Field(max_length=TRANSCRIPT_MESSAGES_MAX)
    job_title: str | None = Field(default=None, max_length=200)
    resume_data: ResumeData | None = Field(default=None, description="any JSON, at most 64 KB")
    average_response_time: Reported | None = None
    duration: Reported | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None
    metrics: ReportedMetrics | None = None
    timestamp: Moment | None = Field(default=None, description="when the local copy was kept")
    status: str = Field(default="completed", max_length=40)
    from_local_storage: bool = False

    def transcript(self) -> list[Message]:
        """The messages as the domain knows them, in the order in which they were sent."""
        return [
            Message(
                role=sent.role,
                content=sent.content,
                timestamp_ms=sent.timestamp,
                confidence=sent.confidence,
            )
            for sent in self.messages
        ]

    def reported(self) -> dict[str, Any]:
        """What the client says of the interview, kept beside our own figures, never trusted."""
        ours = {"session_id", "messages", "job_title", "resume_data"}
        return self.model_dump(by_alias=True, exclude=ours, exclude_none=True)


class InterviewSaved(Wire):
    """The answer to a save: 201 the first time, 200 on repeats.

    ``saved`` says that the transcript is stored; ``merged`` that it joined an earlier copy.
    """

    success: Literal[True] = True
    id: str
    saved: bool
    merged: bool
    message_count: int
    feedback_status: FeedbackStatus


class InterviewListItem(Wire):
    """One line of the history."""

    id: str
    session_id: str
    job_title: str | None
    company: str | None
    status: str
    feedback_status: FeedbackStatus | None
    overall_score: int | None
    started_at: Timestamp | None
    completed_at: Timestamp | None
    duration_seconds: float | None
    message_count: int


class InterviewDetail(Wire):
    """One interview with the first page of its messages; ``messages_cursor`` asks for more."""

    id: str
    session_id: str
    job_title: str | None
    company: str | None
    status: str
    started_at: Timestamp | None
    completed_at: Timestamp | None
    duration_seconds: float | None
    message_count: int
    messages: list[SentMessage]
    messages_cursor: str | None
    metrics: dict[str, float | int | None] | None
    reported: dict[str, Any] | None
    feedback_status: FeedbackStatus | None
    feedback: Feedback | None


class InterviewPage(Wire):
    """One page of the history, newest first."""

    items: list[InterviewListItem]
    next_cursor: str | None


class MessagesPage(Wire):
    """One page of a transcript, oldest first."""

    items: list[SentMessage]
    next_cursor: str | None


class GenerateFeedback(Wire):
    """``POST /api/generate-feedback``: ask for the feedback of a saved interview (again)."""

    session_id: str = Field(min_length=1, max_length=128)


class FeedbackRequested(Wire):
    """The answer to it: where the feedback stands now."""

    feedback_status: FeedbackStatus


def sent_message(message: Message) -> SentMessage:
    """A stored message as it is shown."""
    return SentMessage(
        role=message.role,
        content=message.content,
        timestamp=message.timestamp_ms,
        confidence=message.confidence,
    )
