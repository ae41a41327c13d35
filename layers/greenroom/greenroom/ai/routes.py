"""The routes of the AI proxy."""

from greenroom.ai.schema import (
    Cancelled,
    Generate,
    Generated,
    QuotaList,
    ServiceList,
    TenantList,
)
from greenroom.ai.services import SERVICES
from greenroom.kernel.errors import (
    AnswerMalformed,
    IdempotencyInProgress,
    IdempotencyMismatch,
    NotFound,
    ProviderDown,
    ProviderFailed,
    ProviderThrottled,
    ProviderTimedOut,
    QuotaExceeded,
    ValidationFailed,
)
from greenroom.kernel.limits import BODY_AI_MAX
from greenroom.usage.domain import NoLongerHeld
from greenroom.web.route import Route

GENERATE = Route(
    "POST /api/ai/generate",
    summary="Let a language model write, within the quota of a tenant or of the person",
    body=Generate,
    body_max=BODY_AI_MAX,
    loose=True,
    answers={200: Generated},
    errors=(
        NotFound,
        NoLongerHeld,
        QuotaExceeded,
        IdempotencyInProgress,
        IdempotencyMismatch,
        AnswerMalformed,
        ProviderDown,
        ProviderFailed,
        ProviderThrottled,
        ProviderTimedOut,
    ),
    tells=("X-Usage-Log",),
    spends=True,
)
CANCEL = Route(
    "POST /api/ai/generate/cancel",
    summary="Give up the call that was made with the same Idempotency-Key: its units go back",
    answers={200: Cancelled},
    errors=(NotFound, ValidationFailed),
    needs=("Idempotency-Key",),
    spends=True,
)
QUOTA = Route(
    "GET /api/ai/quota",
    summary="How much is left this month, of a tenant and of the person in it",
    answers={200: QuotaList},
    query={
        "tenantKind": "`preschool` or `organization`; without it, whichever lets the person in",
        "tenantId": "The tenant; without it, the person alone",
        "serviceType": "One of " + ", ".join(f"`{name}`" for name in SERVICES) + "; all without it",
    },
    errors=(NotFound,),
)
TENANTS = Route(
    "GET /api/ai/tenants",
    summary="The tenants for which the person may ask",
    answers={200: TenantList},
)
SERVICES_OFFERED = Route(
    "GET /api/ai/services",
    summary="What can be asked for, with the schemas of input and output",
    answers={200: ServiceList},
)
