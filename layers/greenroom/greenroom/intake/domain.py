"""An intake, its states, and where its customer goes on. Pure: no clock, no table."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode

from greenroom.kernel.errors import (
    GreenroomError,
    IntakeExpired,
    IntakeUsed,
    NotFound,
    WaiverRequired,
)
from greenroom.sessions.domain import RoutingType

# Checkout: a card payment was begun, and may still come. Expired follows from the time alone.
Status = Literal["submitted", "waived", "checkout", "consumed", "expired"]

OPEN: Final[frozenset[str]] = frozenset({"submitted", "waived", "checkout"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What somebody asks of an expert, and what became of it.

    ``session_id`` is the session that it has become. ``returns`` counts how often such a session
    ended before it began, which makes the intake good for another.
    """

    intake_id: str
    user_id: str
    clerk_id: str
    plan: str
    status: Status
    created_at: datetime
    expires_at: datetime | None
    urgent: bool = False
    is_specialist: bool = False
    preferred_expert_id: str | None = None
    routing_type: RoutingType = "broadcast"
    workshop_id: str | None = None
    vehicle: Any = field(default=None, repr=False)
    concern: str | None = field(default=None, repr=False)
    answers: Any = field(default=None, repr=False)
    request_hash: str | None = None
    waiver_version: str | None = None
    waived_at: datetime | None = None
    session_id: str | None = None
    returns: int = 0

    def status_at(self, now: datetime) -> Status:
        """How it stands: an intake that became nothing in its time has expired."""
        over = self.expires_at is not None and self.expires_at <= now
        return "expired" if over and self.status != "consumed" else self.status


def next_of(intake: Intake) -> str:
    """The front end's path where the customer goes on: waiver, payment, or the session."""
    if intake.waived_at is None:
        return waiver_path(
            session_id=intake.session_id, plan=intake.plan, intake_id=intake.intake_id
        )
    if intake.session_id is not None:
        return session_path(intake.session_id)
    return f"/intake/pay?{urlencode({'intake_id': intake.intake_id})}"


def waiver_path(*, session_id: str | None, plan: str, intake_id: str) -> str:
    """The page of the waiver; a paid session is not there yet, so it is not named."""
    named = {"session": session_id} if session_id else {}
    return f"/intake/waiver?{urlencode({**named, 'plan': plan, 'intake_id': intake_id})}"


def session_path(session_id: str) -> str:
    """The page of a session."""
    return f"/sessions/{session_id}"


def refusal(intake: Intake | None, *, user_id: str, now: datetime) -> GreenroomError:
    """Why an intake cannot be paid for, or become a session."""
    if intake is None or intake.user_id != user_id:
        return NotFound("There is no such intake.")
    if intake.status == "consumed":
        return IntakeUsed()
    if intake.status_at(now) == "expired":
        return IntakeExpired()
    return WaiverRequired()
