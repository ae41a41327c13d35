"""The routes of sessions: the active one, the list, the detail, and the moves of a person."""

from greenroom.kernel.errors import (
    ExchangeInProgress,
    IdempotencyMismatch,
    InvalidTransition,
    ProviderFailed,
    WaiverRequired,
)
from greenroom.sessions.schema import ChatPage, MessageView, Say, SessionDetail, SessionPage
from greenroom.web.route import PAGED, Route

ACTIVE = Route(
    "GET /api/sessions/active",
    summary="The person's one active session; 204 when there is none",
    answers={200: SessionDetail, 204: None},
)
SESSIONS = Route(
    "GET /api/sessions",
    summary="The person's sessions, newest first",
    answers={200: SessionPage},
    query=PAGED,
)
DETAIL = Route(
    "GET /api/sessions/{sessionId}",
    summary="A session with participants, assignment and events",
    answers={200: SessionDetail},
)
CONNECTED = Route(
    "POST /api/sessions/{sessionId}/connected",
    summary="The call is heard; moves what people see, never the charge",
    answers={200: SessionDetail},
    errors=(InvalidTransition,),
)
CONNECT_FAILED = Route(
    "POST /api/sessions/{sessionId}/connect-failed",
    summary="The call never came about: hung up, then given back, at most three times a day",
    answers={200: SessionDetail},
    errors=(InvalidTransition, ExchangeInProgress, ProviderFailed),
)
START = Route(
    "POST /api/sessions/{sessionId}/start",
    summary="Begin a session with an expert, once one has accepted and the waiver is signed",
    answers={200: SessionDetail},
    errors=(InvalidTransition, WaiverRequired),
)
END = Route(
    "POST /api/sessions/{sessionId}/end",
    summary="End a live session",
    answers={200: SessionDetail},
    errors=(InvalidTransition,),
)
CANCEL = Route(
    "POST /api/sessions/{sessionId}/cancel",
    summary="Give up a session before it was answered: it is given back",
    answers={200: SessionDetail},
    errors=(InvalidTransition, ExchangeInProgress),
)
SAY = Route(
    "POST /api/sessions/{sessionId}/messages",
    summary="Say something in a session with an expert, once one has accepted",
    body=Say,
    answers={201: MessageView},
    errors=(InvalidTransition, IdempotencyMismatch),
    spends=True,
)
CHAT = Route(
    "GET /api/sessions/{sessionId}/messages",
    summary="What was said in a session with an expert, oldest first",
    answers={200: ChatPage},
    query=PAGED,
)
