"""The routes of interviews: save, history, detail, transcript, delete; feedback on request."""

from greenroom.interviews.schema import (
    FeedbackRequested,
    GenerateFeedback,
    InterviewDetail,
    InterviewPage,
    InterviewSaved,
    MessagesPage,
    SaveInterview,
)
from greenroom.kernel.errors import Conflict, InvalidTransition, NotFound, TooManyRequests
from greenroom.kernel.limits import BODY_TRANSCRIPT_MAX
from greenroom.web.route import PAGED, Route

SAVE = Route(
    "POST /api/interviews",
    summary="Save an interview's transcript; sent again, the copies are merged",
    body=SaveInterview,
    body_max=BODY_TRANSCRIPT_MAX,
    answers={201: InterviewSaved, 200: InterviewSaved},
    errors=(NotFound, InvalidTransition),
)
HISTORY = Route(
    "GET /api/interviews",
    summary="The person's practice interviews, newest first",
    answers={200: InterviewPage},
    query={**PAGED, "status": "Only those of this status; without it all that were answered"},
)
DETAIL = Route(
    "GET /api/interviews/{interviewId}",
    summary="An interview with figures, feedback and the first page of its transcript",
    answers={200: InterviewDetail},
)
MESSAGES = Route(
    "GET /api/interviews/{interviewId}/messages",
    summary="The transcript, oldest first, in pages of at most 1 MB",
    answers={200: MessagesPage},
    query={
        "limit": "1 to 100 messages; without it as many as make 1 MB",
        "cursor": "The `nextCursor` or `messagesCursor` of the page before",
    },
)
DELETE = Route(
    "DELETE /api/interviews/{interviewId}",
    summary="Hide an interview that is over; the ledger and the audit trail stay",
    answers={204: None},
    errors=(InvalidTransition,),
)
GENERATE_FEEDBACK = Route(
    "POST /api/generate-feedback",
    summary="Ask for the AI's feedback (again): a failed one starts anew",
    body=GenerateFeedback,
    answers={202: FeedbackRequested},
    errors=(NotFound, InvalidTransition, Conflict, TooManyRequests),
)
