"""What the OpenAPI document says beyond the declarations: facts of errors, parameters, examples."""

from typing import Any

from greenroom.experts.domain import WORKSHOP_PATTERN
from greenroom.intake.waiver import CURRENT
from greenroom.kernel.limits import (
    CURSOR_CHARS_MAX,
    IDEMPOTENCY_KEY_CHARS_MAX,
    PAGE_MAX,
)
from greenroom.realtime.sdp import REASONS
from greenroom.sessions.domain import STATUSES

_NUMBER: dict[str, Any] = {"type": "number"}
_TEXT: dict[str, Any] = {"type": "string"}
_STATUS: dict[str, Any] = {"enum": list(STATUSES)}
_REJECTED_FIELD: dict[str, Any] = {
    "type": "object",
    "properties": {"field": _TEXT, "message": _TEXT, "type": _TEXT},
    "required": ["field", "message", "type"],
}

# Members that stand beside those of every problem, by error class. Those that some raises of
# the error leave out are in OPTIONAL.
FACTS: dict[str, dict[str, Any]] = {
    "InvalidRequest": {"field": _TEXT},
    "InsufficientCredits": {
        "currentCredits": _NUMBER,
        "minimumRequired": _NUMBER,
        "interviewCost": _NUMBER,
        "sessionCost": _NUMBER,
    },
    "ActiveSessionExists": {
        "activeSessionId": _TEXT,
        "activeSessionType": _TEXT,
        "activeSessionStatus": _STATUS,
    },
    "PurchaseNotRedeemable": {"purchaseStatus": _TEXT},
    "PurchaseNotRefundable": {"purchaseStatus": _TEXT},
    "WaiverVersion": {"currentVersion": _TEXT},
    "InvalidTransition": {
        "from": _STATUS,
        "to": _STATUS,
        "allowed": {"type": "array", "items": _STATUS},
    },
    "BodyTooLarge": {"limitBytes": {"type": "integer"}},
    "UnsupportedMediaType": {"expected": _TEXT},
    "ValidationFailed": {"errors": {"type": "array", "items": _REJECTED_FIELD, "minItems": 1}},
}
OPTIONAL = {"limitBytes", "purchaseStatus", "interviewCost", "sessionCost"}

# Codes besides the class's own under which an error is raised, as far as clients see them.
CODES: dict[str, list[str]] = {
    "InvalidSdp": [*sorted(REASONS), "SDP_REFUSED_BY_PROVIDER"],
    "Unavailable": ["IDENTITY_UNAVAILABLE", "SECRETS_UNAVAILABLE"],
}

QUERY: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": PAGE_MAX},
    "cursor": {"type": "string", "minLength": 1, "maxLength": CURSOR_CHARS_MAX},
    "status": _STATUS,
    "workshopId": {"type": "string", "pattern": WORKSHOP_PATTERN},
}
ID: dict[str, Any] = {
    "type": "string",
    "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
}
# Parameters of paths that are no plain ids.
PATH: dict[str, dict[str, Any]] = {
    "offerId": {"type": "string", "pattern": r"^[0-9a-f-]{36}\.[0-9a-f]{16}$"},
}
HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Idempotency-Key": (
        "Names this very wish. The same key and body give the same answer; another body 422.",
        {
            "type": "string",
            "minLength": 1,
            "maxLength": IDEMPOTENCY_KEY_CHARS_MAX,
            "pattern": "^[ -~]+$",
        },
    ),
    "If-None-Match": (
        "The `ETag` of the answer that the client has: 304 if it still holds.",
        _TEXT,
    ),
    "X-Session-Id": ("The session, when the body is `application/sdp`.", ID),
    "X-Session-Token": ("The session's token, when the body is `application/sdp`.", _TEXT),
}
ANSWER_HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {"description": "Names the request in our log", "schema": _TEXT},
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}},
    "Idempotency-Replayed": {
        "description": "This is the answer of an earlier request",
        "schema": {"const": "true"},
    },
    "ETag": {"description": "Names this very answer", "schema": _TEXT},
    "WWW-Authenticate": {"description": "How to sign in", "schema": {"const": "Bearer"}},
}
TAGS = {
    "account": "Who a person is and what they may spend",
    "clerk_webhook": "What Clerk tells of people and organisations",
    "checkout": "Buying credits, subscriptions and sessions, and what became of it",
    "diagnostics": "Whether the deployment is alive, ready and set up for the time to come",
    "experts": "What experts are offered, take and give back",
    "intake": "What a customer asks of an expert, the waiver, and paying for it",
    "interviews": "Saved interviews, their transcripts and their feedback",
    "realtime_session": "Starting a practice interview with the AI interviewer",
    "sessions": "The life cycle of sessions",
    "stripe_webhook": "What Stripe tells us",
    "webrtc_exchange": "The WebRTC handshake",
}

_SESSION_ID = "0199f3a8-7c1e-7d43-9a55-3f0f6c2b8e11"
EXAMPLES: dict[str, Any] = {
    "POST /api/realtime-session": {
        "jobTitle": "Welder",
        "company": "Harbour Works",
        "difficulty": "medium",
        "resumeText": "Ten years of TIG welding in shipyards.",
    },
    "POST /api/webrtc-exchange": {
        "sessionId": _SESSION_ID,
        "token": "v1.k1.c2VhbGVk",
        "sdp": "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
    },
    "POST /api/interviews": {
        "sessionId": _SESSION_ID,
        "messages": [
            {
                "role": "assistant",
                "content": "I am an AI interviewer. Why this job?",
                "timestamp": "2026-11-21T12:00:05Z",
            },
            {
                "role": "user",
                "content": "I like to build things that hold.",
                "timestamp": 1795262411000,
                "confidence": 0.97,
            },
        ],
        "duration": 312,
    },
    "POST /api/intake/start": {
        "plan": "standard",
        "vehicle": {"make": "Volvo", "model": "V60", "year": 2015},
        "concern": "The brakes squeal when it is cold.",
        "urgent": False,
    },
    "POST /api/intake/{intakeId}/waiver": {
        "version": CURRENT.version,
        "signature": "Ada Lovelace",
        "accepted": True,
    },
    "POST /api/checkout": {"sku": "credits_3"},
    "PUT /api/experts/me": {"status": "online", "maxActive": 3, "skills": ["brakes"]},
    "POST /api/generate-feedback": {"sessionId": _SESSION_ID},
    "POST /api/sessions/{sessionId}/messages": {"text": "My brakes squeal."},
    "PATCH /api/user": {"name": "Ada", "profile": {"headline": "Welder", "bio": None}},
}
