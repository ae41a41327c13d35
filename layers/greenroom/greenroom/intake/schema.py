"""Intakes and the waiver on the wire."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from greenroom.experts.domain import WORKSHOP_PATTERN
from greenroom.intake.domain import Status
from greenroom.kernel.ids import is_id, user_id_of
from greenroom.kernel.limits import INTAKE_ANSWERS_BYTES_MAX, INTAKE_ANSWERS_DEPTH_MAX
from greenroom.sessions.domain import RoutingType
from greenroom.web.wire import Timestamp, Wire, json_of_at_most, storable

_CLERK_ID = re.compile(r"user_[A-Za-z0-9]{1,64}")


def _expert_id(value: Any) -> Any:
    """Our id of an expert; Clerk's is one that ours follows from."""
    if not isinstance(value, str):
        return value
    if _CLERK_ID.fullmatch(value):
        return user_id_of(value)
    if not is_id(value):
        raise ValueError("is no id of an expert")
    return value


def _answers(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError("must be an object")  # noqa: TRY004 (only a ValueError is reported)
    return json_of_at_most(INTAKE_ANSWERS_BYTES_MAX, depth=INTAKE_ANSWERS_DEPTH_MAX)(value)


def _line(chars_max: int) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=chars_max)


Line = Annotated[str, _line(200), storable]
Concern = Annotated[str, _line(4000), storable]
ExpertId = Annotated[str, BeforeValidator(_expert_id, json_schema_input_type=str)]
Answers = Annotated[
    dict[str, Any], BeforeValidator(_answers, json_schema_input_type=dict[str, Any])
]


class Vehicle(Wire):
    """What the question is about."""

    make: Line
    model: Line
    year: int | None = Field(default=None, ge=1886, le=2100, strict=True)
    mileage_km: int | None = Field(default=None, ge=0, le=10_000_000, strict=True)
    vin: Annotated[str, Field(pattern=r"^[A-HJ-NPR-Z0-9]{11,17}$")] | None = None


class StartIntake(Wire):
    """``POST /intake/start``: what is asked of an expert. What it costs is our business.

    ``plan`` is the sku of a session; ``vehicle`` a text or an object.
    """

    plan: str = Field(min_length=1, max_length=64)
    vehicle: Line | Vehicle | None = None
    concern: Concern | None = None
    answers: Answers | None = None
    urgent: bool = Field(default=False, strict=True)
    is_specialist: bool = Field(default=False, strict=True)
    preferred_mechanic_id: ExpertId | None = None
    routing_type: RoutingType = "broadcast"
    workshop_id: Annotated[str, Field(pattern=WORKSHOP_PATTERN)] | None = None


class IntakeStarted(Wire):
    """Where to go on; ``sessionId`` where the plan is free."""

    redirect: str
    intake_id: str
    session_id: str | None


class WaiverState(Wire):
    """Whether the intake's waiver is signed, and which version."""

    required: Literal[True] = True
    version: str | None
    signed_at: Timestamp | None


class IntakeView(Wire):
    """An intake. ``amountCents`` and ``credits`` are its price; ``next`` is where to go on."""

    intake_id: str
    plan: str
    plan_name: str
    session_type: str | None
    status: Status
    is_free: bool
    amount_cents: int
    currency: str
    credits: float | None
    vehicle: Any
    concern: str | None
    answers: Any
    urgent: bool
    is_specialist: bool
    preferred_mechanic_id: str | None
    routing_type: RoutingType
    workshop_id: str | None
    waiver: WaiverState
    session_id: str | None
    created_at: Timestamp
    expires_at: Timestamp | None
    next: str


class WaiverView(Wire):
    """``GET /waivers/current``: the text to sign; paragraphs are divided by blank lines."""

    version: str
    title: str
    text: str


class SignWaiver(Wire):
    """``POST /intake/{id}/waiver``: the name as signature."""

    version: str = Field(min_length=1, max_length=32)
    signature: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=2, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$"
        ),
        storable,
    ]
    accepted: Literal[True]


class WaiverSigned(Wire):
    """Where to go on."""

    next: str


class PaidWithCredits(Wire):
    """The session that the credits opened."""

    session_id: str
    redirect: str
    charged: float
