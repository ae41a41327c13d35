"""The one error taxonomy: what happened, its stable code and its HTTP status.

GreenroomError
├── Refused                      4xx: the caller has to change something
│   ├── InvalidRequest           400 INVALID_REQUEST
│   │   └── ExactlyOneCustomer   400 EXACTLY_ONE_CUSTOMER
│   ├── InvalidSignature         400 INVALID_SIGNATURE
│   ├── Unauthenticated          401 UNAUTHENTICATED
│   ├── Forbidden                403 FORBIDDEN
│   │   ├── AccountDeleted       403 ACCOUNT_DELETED
│   │   ├── Impersonated         403 IMPERSONATED
│   │   ├── InsufficientCredits  403 INSUFFICIENT_CREDITS
│   │   ├── NotAnExpert          403 NOT_AN_EXPERT
│   │   ├── OriginNotAllowed     403 ORIGIN_NOT_ALLOWED
│   │   └── InvalidLink          403 INVALID_LINK
│   ├── NotFound                 404 NOT_FOUND
│   ├── Conflict                 409 CONFLICT
│   │   ├── BalanceTooLow        409 BALANCE_TOO_LOW
│   │   ├── ActiveSessionExists  409 ACTIVE_SESSION_EXISTS
│   │   ├── IdempotencyInProgress 409 IDEMPOTENCY_IN_PROGRESS
│   │   ├── ExchangeInProgress   409 EXCHANGE_IN_PROGRESS
│   │   ├── InvalidTransition    409 INVALID_TRANSITION
│   │   ├── NoCustomer           409 NO_CUSTOMER
│   │   ├── PurchaseNotRedeemable 409 PURCHASE_NOT_REDEEMABLE
│   │   ├── PurchaseNotRefundable 409 PURCHASE_NOT_REFUNDABLE
│   │   ├── AlreadyTaken         409 ALREADY_TAKEN
│   │   ├── OfferExpired         409 OFFER_EXPIRED
│   │   ├── AtCapacity           409 AT_CAPACITY
│   │   ├── ExpertOffline        409 EXPERT_OFFLINE
│   │   ├── WaiverRequired       409 WAIVER_REQUIRED
│   │   ├── WaiverVersion        409 WAIVER_VERSION
│   │   ├── PlanUsed             409 PLAN_USED
│   │   ├── IntakeUsed           409 INTAKE_USED
│   │   ├── IntakeExpired        409 INTAKE_EXPIRED
│   │   ├── AmbiguousCustomer    409 AMBIGUOUS_CUSTOMER
│   │   ├── EmailTaken           409 EMAIL_TAKEN
│   │   ├── CustomerInactive     409 CUSTOMER_INACTIVE
│   │   ├── ClassFull            409 CLASS_FULL
│   │   ├── ClassNotFull         409 CLASS_NOT_FULL
│   │   ├── ClassCancelled       409 CLASS_CANCELLED
│   │   ├── ClassHasBookings     409 CLASS_HAS_BOOKINGS
│   │   ├── CapacityTaken        409 CAPACITY_TAKEN
│   │   ├── BookingClosed        409 BOOKING_CLOSED
│   │   ├── AlreadyBooked        409 ALREADY_BOOKED
│   │   ├── Overlap              409 OVERLAP
│   │   ├── WaitlistFull         409 WAITLIST_FULL
│   │   ├── WaitlistClosed       409 WAITLIST_CLOSED
│   │   ├── PrepaymentRequired   409 PREPAYMENT_REQUIRED
│   │   ├── NoRemainingUse       409 NO_REMAINING_USE
│   │   ├── PassExpired          409 PASS_EXPIRED
│   │   ├── PassNotYetValid      409 PASS_NOT_YET_VALID
│   │   ├── PassInactive         409 PASS_INACTIVE
│   │   ├── PassNotForClass      409 PASS_NOT_FOR_CLASS
│   │   ├── CheckInClosed        409 CHECK_IN_CLOSED
│   │   └── SeveralRefusals      409 CONFLICT (inside only: the answer is the first of them)
│   ├── TokenExpired             410 TOKEN_EXPIRED
│   ├── BodyTooLarge             413 BODY_TOO_LARGE
│   ├── UnsupportedMediaType     415 UNSUPPORTED_MEDIA_TYPE
│   ├── ValidationFailed         422 VALIDATION_FAILED
│   ├── IdempotencyMismatch      422 IDEMPOTENCY_MISMATCH
│   ├── InvalidSdp               422 SDP_* (the reason is the code)
│   ├── QuotaExceeded            429 QUOTA_EXCEEDED
│   └── TooManyRequests          429 RATE_LIMITED
├── Unavailable                  5xx: trying again later may help
│   ├── ProviderFailed           502 PROVIDER_ERROR
│   │   └── AnswerMalformed      502 LLM_ANSWER_MALFORMED
│   ├── StoreUnavailable         503 STORE_UNAVAILABLE
│   ├── ProviderDown             503 PROVIDER_DOWN
│   ├── ProviderThrottled        503 PROVIDER_THROTTLED
│   └── ProviderTimedOut         504 PROVIDER_TIMEOUT
└── Broken                       500 INTERNAL_ERROR: a bug of ours
"""

from greenroom.kernel.errors.general import (
    AccountDeleted,
    AnswerMalformed,
    BalanceTooLow,
    BodyTooLarge,
    Broken,
    Conflict,
    Forbidden,
    GreenroomError,
    IdempotencyInProgress,
    IdempotencyMismatch,
    Impersonated,
    InvalidRequest,
    InvalidSignature,
    InvalidTransition,
    NotFound,
    ProviderDown,
    ProviderFailed,
    ProviderThrottled,
    ProviderTimedOut,
    Refused,
    StoreUnavailable,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    ValidationFailed,
)
from greenroom.kernel.errors.sessions import (
    ActiveSessionExists,
    AlreadyTaken,
    AtCapacity,
    ExchangeInProgress,
    ExpertOffline,
    InsufficientCredits,
    IntakeExpired,
    IntakeUsed,
    InvalidSdp,
    NoCustomer,
    NotAnExpert,
    OfferExpired,
    PlanUsed,
    PurchaseNotRedeemable,
    PurchaseNotRefundable,
    TokenExpired,
    WaiverRequired,
    WaiverVersion,
)
from greenroom.kernel.errors.studio import (
    AlreadyBooked,
    AmbiguousCustomer,
    BookingClosed,
    CapacityTaken,
    CheckInClosed,
    ClassCancelled,
    ClassFull,
    ClassHasBookings,
    ClassNotFull,
    CustomerInactive,
    EmailTaken,
    ExactlyOneCustomer,
    InvalidLink,
    NoRemainingUse,
    OriginNotAllowed,
    Overlap,
    PassExpired,
    PassInactive,
    PassNotForClass,
    PassNotYetValid,
    PrepaymentRequired,
    SeveralRefusals,
    WaitlistClosed,
    WaitlistFull,
    refusal_of,
    several,
)
from greenroom.kernel.errors.usage import QuotaExceeded

__all__ = [
    "AccountDeleted",
    "ActiveSessionExists",
    "AlreadyBooked",
    "AlreadyTaken",
    "AmbiguousCustomer",
    "AnswerMalformed",
    "AtCapacity",
    "BalanceTooLow",
    "BodyTooLarge",
    "BookingClosed",
    "Broken",
    "CapacityTaken",
    "CheckInClosed",
    "ClassCancelled",
    "ClassFull",
    "ClassHasBookings",
    "ClassNotFull",
    "Conflict",
    "CustomerInactive",
    "EmailTaken",
    "ExactlyOneCustomer",
    "ExchangeInProgress",
    "ExpertOffline",
    "Forbidden",
    "GreenroomError",
    "IdempotencyInProgress",
    "IdempotencyMismatch",
    "Impersonated",
    "InsufficientCredits",
    "IntakeExpired",
    "IntakeUsed",
    "InvalidLink",
    "InvalidRequest",
    "InvalidSdp",
    "InvalidSignature",
    "InvalidTransition",
    "NoCustomer",
    "NoRemainingUse",
    "NotAnExpert",
    "NotFound",
    "OfferExpired",
    "OriginNotAllowed",
    "Overlap",
    "PassExpired",
    "PassInactive",
    "PassNotForClass",
    "PassNotYetValid",
    "PlanUsed",
    "PrepaymentRequired",
    "ProviderDown",
    "ProviderFailed",
    "ProviderThrottled",
    "ProviderTimedOut",
    "PurchaseNotRedeemable",
    "PurchaseNotRefundable",
    "QuotaExceeded",
    "Refused",
    "SeveralRefusals",
    "StoreUnavailable",
    "TokenExpired",
    "TooManyRequests",
    "Unauthenticated",
    "Unavailable",
    "UnsupportedMediaType",
    "ValidationFailed",
    "WaitlistClosed",
    "WaitlistFull",
    "WaiverRequired",
    "WaiverVersion",
    "refusal_of",
    "several",
]
