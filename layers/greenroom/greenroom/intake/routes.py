"""The routes of intakes: begin, look, sign the waiver, pay with credits."""

from greenroom.intake.schema import (
    IntakeStarted,
    IntakeView,
    PaidWithCredits,
    SignWaiver,
    StartIntake,
    WaiverSigned,
    WaiverView,
)
from greenroom.kernel.errors import (
    ActiveSessionExists,
    Conflict,
    IdempotencyInProgress,
    IdempotencyMismatch,
    InsufficientCredits,
    IntakeExpired,
    IntakeUsed,
    InvalidTransition,
    PlanUsed,
    TooManyRequests,
    ValidationFailed,
    WaiverRequired,
    WaiverVersion,
)
from greenroom.web.route import Route

START = Route(
    "POST /api/intake/start",
    summary="Ask for an expert: a free session is queued at once, another one is paid first",
    body=StartIntake,
    answers={200: IntakeStarted},
    errors=(
        ActiveSessionExists,
        IdempotencyInProgress,
        IdempotencyMismatch,
        PlanUsed,
        TooManyRequests,
    ),
    spends=True,
)
DETAIL = Route(
    "GET /api/intake/{intakeId}",
    summary="An intake, for its customer and for the expert of its session",
    answers={200: IntakeView},
)
WAIVER = Route(
    "GET /api/waivers/current",
    summary="The waiver that is to be signed now",
    answers={200: WaiverView},
    auth="public",
)
SIGN = Route(
    "POST /api/intake/{intakeId}/waiver",
    summary="Sign the waiver; before that nothing is paid and no session begins",
    body=SignWaiver,
    answers={200: WaiverSigned},
    errors=(WaiverVersion, IntakeExpired, InvalidTransition),
    in_person=True,
)
PAY = Route(
    "POST /api/intake/{intakeId}/credits",
    summary="Pay with credits: the session is made and queued at once",
    answers={201: PaidWithCredits},
    errors=(
        ActiveSessionExists,
        Conflict,
        IdempotencyInProgress,
        InsufficientCredits,
        IntakeExpired,
        IntakeUsed,
        TooManyRequests,
        ValidationFailed,
        WaiverRequired,
    ),
    spends=True,
    in_person=True,
)
