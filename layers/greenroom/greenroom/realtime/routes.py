"""The routes of a voice call: start, fresh token, exchange of SDP, ICE servers."""

from greenroom.kernel.errors import (
    AccountDeleted,
    ActiveSessionExists,
    ExchangeInProgress,
    IdempotencyInProgress,
    IdempotencyMismatch,
    InsufficientCredits,
    InvalidSdp,
    InvalidTransition,
    NotFound,
    ProviderDown,
    ProviderFailed,
    ProviderThrottled,
    ProviderTimedOut,
    QuotaExceeded,
    TokenExpired,
    TooManyRequests,
)
from greenroom.kernel.limits import BODY_EXCHANGE_MAX
from greenroom.realtime.schema import (
    ExchangeAnswer,
    ExchangeOffer,
    IceServerList,
    SessionStarted,
    StartInterview,
)
from greenroom.web.route import Route

SDP = "application/sdp"
SDP_HEADERS = ("X-Session-Id", "X-Session-Token")
PROVIDER_ERRORS = (ProviderDown, ProviderFailed, ProviderThrottled, ProviderTimedOut)

START = Route(
    "POST /api/realtime-session",
    summary="Start a practice interview with the AI interviewer",
    body=StartInterview,
    answers={201: SessionStarted},
    errors=(
        InsufficientCredits,
        AccountDeleted,
        ActiveSessionExists,
        IdempotencyInProgress,
        IdempotencyMismatch,
        InvalidTransition,
        TokenExpired,
        TooManyRequests,
        QuotaExceeded,
        *PROVIDER_ERRORS,
    ),
    spends=True,
)
FRESH_TOKEN = Route(
    "POST /api/realtime-session/{sessionId}/token",
    summary="A fresh token for a session that is still open; nothing is charged",
    answers={200: SessionStarted},
    errors=(
        ExchangeInProgress,
        InvalidTransition,
        TokenExpired,
        TooManyRequests,
        *PROVIDER_ERRORS,
    ),
)
EXCHANGE = Route(
    "POST /api/webrtc-exchange",
    summary="Exchange an SDP offer for the answer of the AI interviewer's peer",
    body=ExchangeOffer,
    body_max=BODY_EXCHANGE_MAX,
    also_takes={SDP: SDP_HEADERS},
    answers={200: ExchangeAnswer, 201: SDP},
    errors=(
        NotFound,
        ExchangeInProgress,
        InvalidTransition,
        TokenExpired,
        InvalidSdp,
        *PROVIDER_ERRORS,
    ),
)
ICE_SERVERS = Route(
    "GET /api/ice-servers",
    summary="STUN and TURN servers; TURN credentials pass with time",
    answers={200: IceServerList},
)
