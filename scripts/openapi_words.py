"""What the OpenAPI document says beyond the declarations: facts of errors, parameters, examples."""

from typing import Any, get_args

from greenroom.ai.services import SERVICES
from greenroom.bookings.domain import BookingStatus, ClassStatus, PaymentStatus
from greenroom.experts.domain import WORKSHOP_PATTERN
from greenroom.intake.waiver import CURRENT
from greenroom.kernel.ids import ID_PATTERN
from greenroom.kernel.limits import (
    ACTOR_CHARS_MAX,
    CURSOR_CHARS_MAX,
    EMAIL_CHARS_MAX,
    IDEMPOTENCY_KEY_CHARS_MAX,
    PAGE_MAX,
    REFERENCE_CHARS_MAX,
    SERVICE_CHARS_MAX,
    TEST_ROUNDS_MAX,
    TOLD_CHARS_MAX,
)
from greenroom.kernel.tenants import TenantKind
from greenroom.realtime.sdp import REASONS
from greenroom.sessions.domain import STATUSES
from greenroom.usage.domain import Reason
from greenroom.usage.log_row import STATUSES as LOG_STATUSES
from greenroom.usage.sums import By

_NUMBER: dict[str, Any] = {"type": "number"}
_TEXT: dict[str, Any] = {"type": "string"}
_STATUS: dict[str, Any] = {"enum": list(STATUSES)}
_MOVED = sorted(
    {*STATUSES, *get_args(BookingStatus), *get_args(ClassStatus), *get_args(PaymentStatus)}
)
_STATE: dict[str, Any] = {"enum": _MOVED}  # of a session, a booking, a class or a payment
ID: dict[str, Any] = {
    "type": "string",
    "pattern": ID_PATTERN,
}
_COUNT: dict[str, Any] = {"type": "integer"}
_MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}
_DAY: dict[str, Any] = {"type": "string", "format": "date", "pattern": "^[12]"}
_VIOLATIONS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"code": _TEXT, "detail": _TEXT},
        "required": ["code", "detail"],
    },
    "minItems": 1,
}
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
    "QuotaExceeded": {
        "limit": {"type": "integer", "description": "Units of the month, or calls of the day"},
        "remaining": {"type": "integer"},
        "resetAt": {"type": "string", "format": "date-time"},
        "scope": {"enum": ["tenant", "user", "day"]},
    },
    "ActiveSessionExists": {
        "activeSessionId": _TEXT,
        "activeSessionType": _TEXT,
        "activeSessionStatus": _STATUS,
    },
    "TokenExpired": {"sessionId": ID, "sessionStatus": _STATUS},
    "NoLongerHeld": {"reason": {"enum": [*get_args(Reason), "released"]}},
    "BalanceTooLow": {"currentCredits": _NUMBER},
    "EmailTaken": {"kind": {"enum": ["client", "lead"]}},
    "PurchaseNotRedeemable": {"purchaseStatus": _TEXT},
    "PurchaseNotRefundable": {"purchaseStatus": _TEXT},
    "WaiverVersion": {"currentVersion": _TEXT},
    "InvalidTransition": {
        "from": _STATE,
        "to": _STATE,
        "allowed": {"type": "array", "items": _STATE},
        "violations": _VIOLATIONS,
    },
    "AlreadyBooked": {
        "bookingId": ID,
        "bookingStatus": {"enum": list(get_args(BookingStatus))},
        "violations": _VIOLATIONS,
    },
    "BookingClosed": {"closedAt": _MOMENT, "violations": _VIOLATIONS},
    "CapacityTaken": {"taken": _COUNT, "violations": _VIOLATIONS},
    "CheckInClosed": {"opensAt": _MOMENT, "closesAt": _MOMENT},
    "ClassCancelled": {"violations": _VIOLATIONS},
    "ClassFull": {"waitlistCount": _COUNT, "violations": _VIOLATIONS},
    "ClassHasBookings": {"violations": _VIOLATIONS},
    "ClassNotFull": {"violations": _VIOLATIONS},
    "CustomerInactive": {"violations": _VIOLATIONS},
    "NoRemainingUse": {"violations": _VIOLATIONS},
    "Overlap": {"bookingId": ID, "violations": _VIOLATIONS},
    "PassExpired": {"validUntil": _MOMENT, "violations": _VIOLATIONS},
    "PassInactive": {"passStatus": _TEXT, "violations": _VIOLATIONS},
    "PassNotForClass": {
        "classTypes": {"type": "array", "items": _TEXT},
        "violations": _VIOLATIONS,
    },
    "PassNotYetValid": {"validFrom": _MOMENT, "violations": _VIOLATIONS},
    "PrepaymentRequired": {"violations": _VIOLATIONS},
    "WaitlistClosed": {"closedAt": _MOMENT, "violations": _VIOLATIONS},
    "WaitlistFull": {"waitlistMax": _COUNT, "violations": _VIOLATIONS},
    "BodyTooLarge": {"limitBytes": {"type": "integer"}},
    "UnsupportedMediaType": {"expected": _TEXT},
    "ValidationFailed": {"errors": {"type": "array", "items": _REJECTED_FIELD, "minItems": 1}},
}
OPTIONAL = {"limitBytes", "purchaseStatus", "interviewCost", "sessionCost", "violations"}
# A visitor of the widget is told nothing of other bookings.
OPTIONAL |= {"bookingId", "bookingStatus"}
# Told to whoever starts again, who has to know which session waits for a token.
OPTIONAL |= {"sessionId", "sessionStatus"}

# Codes besides the class's own under which an error is raised, as far as clients see them.
CODES: dict[str, list[str]] = {
    "InvalidSdp": [*sorted(REASONS), "SDP_REFUSED_BY_PROVIDER"],
    "Unavailable": ["IDENTITY_UNAVAILABLE", "SECRETS_UNAVAILABLE"],
}

_ORGANIZATION: dict[str, Any] = {
    "description": "Our id of the organisation, or Clerk's",
    "type": "string",
    "pattern": "^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|org_[A-Za-z0-9_-]+)$",
}
QUERY: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": PAGE_MAX},
    "cursor": {"type": "string", "minLength": 1, "maxLength": CURSOR_CHARS_MAX},
    "status": _STATUS,
    "workshopId": {"type": "string", "pattern": WORKSHOP_PATTERN},
    "month": {"type": "string", "pattern": "^[12][0-9]{3}-(0[1-9]|1[0-2])$"},
    "n": {"type": "integer", "minimum": 1, "maximum": TEST_ROUNDS_MAX},
    "kind": {"enum": ["error", "warning"]},
    "from": _DAY,
    "to": _DAY,
    "day": _DAY,
    "by": {"enum": list(get_args(By))},
    "serviceType": {"type": "string", "minLength": 1, "maxLength": SERVICE_CHARS_MAX},
    "requestId": {"type": "string", "minLength": 1, "maxLength": TOLD_CHARS_MAX},
    "tenantKind": {"enum": list(get_args(TenantKind))},
    "tenantId": {"type": "string", "minLength": 1, "maxLength": TOLD_CHARS_MAX},
    "dryRun": {"enum": ["0", "1"]},
    "classSessionId": ID,
    "q": {"type": "string", "minLength": 1, "maxLength": EMAIL_CHARS_MAX},
    "ref": {"type": "string", "minLength": 1, "maxLength": REFERENCE_CHARS_MAX},
    "organizationId": _ORGANIZATION,
    "actor": {"type": "string", "minLength": 1, "maxLength": ACTOR_CHARS_MAX},
    "userId": ID,
    "clientId": ID,
    "customerId": ID,
    "customerRef": ID,
}
# Those that are another thing on one route than elsewhere.
QUERY_OF: dict[str, dict[str, Any]] = {
    "GET /api/ai/quota serviceType": {"enum": sorted(SERVICES)},
    "GET /api/ai/logs status": {"enum": list(LOG_STATUSES)},
    "GET /api/widget/{key}/schedule month": {
        "type": "string",
        "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$",
    },
}
# Parameters of paths that are no plain ids.
PATH: dict[str, dict[str, Any]] = {
    "organizationId": _ORGANIZATION,
    "key": {
        "description": "The public key of the widget",
        "type": "string",
        "pattern": "^wk_[A-Za-z0-9_-]{24}$",
    },
    "token": {
        "description": "The `manageToken` of a booking",
        "type": "string",
        "pattern": r"^w1\.[A-Za-z0-9_-]{1,16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
    },
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
    "svix-id": ("Names the message: sent again, it counts once.", _TEXT),
    "svix-timestamp": (
        "When it was signed, in epoch seconds; five minutes either way pass.",
        {"type": "string", "pattern": "^[0-9]+$"},
    ),
    "svix-signature": ("What Svix signs it with, one for each secret.", _TEXT),
    "Stripe-Signature": ("When Stripe signed it, and with what.", _TEXT),
    "If-None-Match": (
        "The `ETag` of the answer that the client has: 304 if it still holds.",
        _TEXT,
    ),
    "Cache-Control": (
        "`max-age=N`: the answer may be N seconds old, 30 at most; without it, it is new.",
        _TEXT,
    ),
    "X-Session-Id": ("The session, when the body is `application/sdp`.", ID),
    "X-Session-Token": ("The session's token, when the body is `application/sdp`.", _TEXT),
}
ANSWER_HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "Names the request in our log",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    },
    "Cache-Control": {
        "description": "Nobody between us keeps an answer",
        "required": True,
        "schema": {"const": "no-store"},
    },
    "Retry-After": {
        "description": "Seconds to wait",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "Idempotency-Replayed": {
        "description": "This is the answer of an earlier request",
        "schema": {"const": "true"},
    },
    "Age": {
        "description": "How many seconds ago it was read, where that is not now",
        "schema": {"type": "integer", "minimum": 0},
    },
    "ETag": {
        "description": "Names this very answer",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
    },
    "X-Usage-Log": {
        "description": "Where the row of the usage log is; absent on a replay, which makes none",
        "schema": {"enum": ["stored", "spilled", "lost"]},
    },
    "Content-Disposition": {
        "description": "Beside CSV: under which name it is kept",
        "schema": {"type": "string", "pattern": '^attachment; filename="[a-z-]+\\.csv"$'},
    },
    "X-Next-Cursor": {
        "description": "Beside CSV: the cursor of the next page; absent on the last",
        "schema": _TEXT,
    },
    "WWW-Authenticate": {
        "description": "How to sign in",
        "required": True,
        "schema": {"const": "Bearer"},
    },
}
TAGS = {
    "account": "Who a person is and what they may spend",
    "ai": "Exams and other answers of a language model, within quotas and on the record",
    "admin": "For admins: people, what happened to whom, counters against rows, adjustments",
    "bookings": "Booking classes for clients and leads, passes, waitlists and who came",
    "classes": "The classes of studios: schedule, roster, waitlist",
    "clerk_webhook": "What Clerk tells of people and organisations",
    "checkout": "Buying credits, subscriptions and sessions, and what became of it",
    "diagnostics": "Whether the deployment is alive, ready and well, and what it stands on",
    "experts": "What experts are offered, take and give back",
    "intake": "What a customer asks of an expert, the waiver, and paying for it",
    "interviews": "Saved interviews, their transcripts and their feedback",
    "organizations": "Studios: settings, members, clients and leads, packages and memberships",
    "realtime_session": "Starting a practice interview with the AI interviewer",
    "sessions": "The life cycle of sessions",
    "stripe_webhook": "What Stripe tells us",
    "webrtc_exchange": "The WebRTC handshake",
    "widget": "Schedules and bookings on the sites of studios, without a login",
}

_SESSION_ID = "0199f3a8-7c1e-7d43-9a55-3f0f6c2b8e11"
_STUDIO = "/api/organizations/{organizationId}"
EXAMPLES: dict[str, Any] = {
    "POST /api/client-errors": {
        "message": "TypeError: balance is undefined",
        "stack": "draw@https://app.example.com/js/views/account.js:41:17",
        "url": "https://app.example.com/#/account",
        "requestId": "BQ3xFgq0liAEJhQ=",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0.0.0",
        "release": "2026-11-25",
    },
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
    "POST /api/organizations/{organizationId}/classes": {
        "name": "Morning flow",
        "type": "yoga",
        "startsAt": "2027-01-11T07:00:00Z",
        "durationMinutes": 60,
        "capacity": 12,
        "priceCents": 1800,
    },
    "PATCH /api/organizations/{organizationId}/classes/{classSessionId}": {"capacity": 14},
    "POST /api/organizations/{organizationId}/classes/{classSessionId}/waitlist": {
        "clientId": _SESSION_ID
    },
    "POST /api/organizations/{organizationId}/bookings": {
        "classSessionId": _SESSION_ID,
        "clientId": _SESSION_ID,
        "use": {"packageId": _SESSION_ID},
    },
    "POST /api/organizations/{organizationId}/bookings/{bookingId}/cancel": {"waiveLate": True},
    "POST /api/widget/{key}/bookings": {
        "classSessionId": _SESSION_ID,
        "name": "Robin Reed",
        "email": "robin@example.com",
        "phone": "+44 20 7946 0000",
    },
    "POST /api/organizations/{organizationId}/bookings/{bookingId}/confirm": {
        "use": {"membershipId": _SESSION_ID}
    },
    "POST /api/test-booking": {
        "customerId": _SESSION_ID,
        "customerType": "client",
        "classSessionId": _SESSION_ID,
        "organizationId": _SESSION_ID,
    },
    "POST /api/ai/generate": {
        "tenant": {"kind": "preschool", "id": "d5e14446-f19e-4b29-8fb0-9551869348dd"},
        "serviceType": "exam_generation",
        "input": {
            "subject": "Mathematics",
            "topic": "Times tables",
            "grade": 4,
            "questionCount": 5,
            "questionTypes": ["multiple_choice", "short_answer"],
            "difficulty": "easy",
        },
        "metadata": {"screen": "exam builder"},
    },
    "PUT /api/admin/ai/quota": {
        "tenant": {"kind": "preschool", "id": _SESSION_ID},
        "serviceType": "exam_generation",
        "limit": 800,
        "reason": "A larger plan",
    },
    "POST /api/admin/ai/adjustments": {
        "tenant": {"kind": "preschool", "id": _SESSION_ID},
        "serviceType": "exam_generation",
        "units": 50,
        "reason": "The exams of last week were cut short",
    },
    "POST /api/admin/credits": {
        "userId": _SESSION_ID,
        "credits": 1.5,
        "reason": "The call dropped twice",
    },
    "PATCH /api/user": {"name": "Ada", "profile": {"headline": "Welder", "bio": None}},
    f"PATCH {_STUDIO}": {"timezone": "Europe/Berlin", "currency": "eur", "noticeMinutes": 30},
    f"POST {_STUDIO}/me": {"name": "Ada Lovelace"},
    f"POST {_STUDIO}/clients": {"name": "Ada Lovelace", "email": "ada@example.org"},
    f"PATCH {_STUDIO}/clients/{{clientId}}": {"name": "Ada King", "phone": "+49 30 1234567"},
    f"POST {_STUDIO}/leads": {"name": "Grace Hopper", "email": "grace@example.org"},
    f"PATCH {_STUDIO}/leads/{{customerId}}": {"name": "Grace Brewster"},
    f"POST {_STUDIO}/packages": {"clientId": _SESSION_ID, "name": "Ten classes", "uses": 10},
    f"PATCH {_STUDIO}/packages/{{passId}}": {"clientId": _SESSION_ID, "status": "frozen"},
    f"POST {_STUDIO}/memberships": {
        "customerId": _SESSION_ID,
        "name": "Two a week",
        "usesPerPeriod": 2,
        "period": "week",
        "classTypes": ["yoga"],
    },
    f"PATCH {_STUDIO}/memberships/{{passId}}": {"customerId": _SESSION_ID, "validUntil": None},
}
