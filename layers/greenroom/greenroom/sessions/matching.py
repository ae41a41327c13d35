"""Looking for an expert: assignments, offers, and a session with all that belongs to it. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from greenroom.sessions.domain import (
    Brief,
    Participant,
    RoutingType,
    Session,
    SessionEvent,
    SessionRequest,
    SessionType,
)

# Released: the expert gave the session back, and the next round is looking for another.
AssignmentStatus = Literal[
    "queued", "offered", "accepted", "completed", "released", "cancelled", "expired"
]
# Rescinded: somebody else was faster, or the session is over.
OfferStatus = Literal["pending", "accepted", "declined", "expired", "rescinded"]

LOOKING: Final[frozenset[str]] = frozenset({"queued", "offered"})
_TAG_CHARS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One round of looking for an expert; ``rev`` counts its changes.

    Offers go out in waves, each to the people whom the routing plan names next; ``wave_until``
    is when the present one is over, None when no other will follow.
    """

    round: int
    status: AssignmentStatus
    queued_at: datetime
    type: SessionType
    plan: str
    customer_id: str
    urgent: bool = False
    is_specialist: bool = False
    preferred_expert_id: str | None = None
    routing_type: RoutingType = "broadcast"
    workshop_id: str | None = None
    rev: int = 1
    wave: int = 0
    wave_until: datetime | None = None
    offered_at: datetime | None = None
    expert_id: str | None = None
    accepted_at: datetime | None = None

    @property
    def is_looking(self) -> bool:
        """Whether an expert may still take it."""
        return self.status in LOOKING


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A session offered to one expert until ``expires_at``; renewed by a later wave."""

    session_id: str
    expert_id: str
    round: int
    wave: int
    status: OfferStatus
    offered_at: datetime
    expires_at: datetime
    type: SessionType
    plan: str
    urgent: bool

    @property
    def offer_id(self) -> str:
        """What clients call it."""
        return offer_id_of(self.session_id, self.expert_id)

    def status_at(self, now: datetime) -> OfferStatus:
        """How it stands: nobody has to come by for an offer to expire."""
        past = self.status == "pending" and self.expires_at <= now
        return "expired" if past else self.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A session with all that belongs to it."""

    session: Session
    participants: list[Participant]
    assignments: list[Assignment]
    offers: list[Offer]
    events: list[SessionEvent]

    @property
    def brief(self) -> Brief | None:
        """What the customer told about the interview."""
        return next((one.brief for one in self.participants if one.brief), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A session, the round that looks for its expert or has found one, and its offers."""

    session: Session
    assignment: Assignment
    offers: tuple[Offer, ...]

    def offer_to(self, expert_id: str) -> Offer | None:
        """The offer to that expert, of whatever round."""
        return next((one for one in self.offers if one.expert_id == expert_id), None)


def first_assignment(request: SessionRequest, *, now: datetime) -> Assignment:
    """The round that a new session begins with: queued, and its first wave due at once."""
    return Assignment(
        round=1,
        status="queued",
        queued_at=now,
        type=request.type,
        plan=request.plan,
        customer_id=request.user_id,
        urgent=request.urgent,
        is_specialist=request.is_specialist,
        preferred_expert_id=request.preferred_expert_id,
        routing_type=request.routing_type,
        workshop_id=request.workshop_id,
        wave_until=now,
    )


def next_assignment(released: Assignment, *, now: datetime) -> Assignment:
    """The round after one whose expert gave the session back; it keeps its place in the queue."""
    return Assignment(
        round=released.round + 1,
        status="queued",
        queued_at=released.queued_at,
        type=released.type,
        plan=released.plan,
        customer_id=released.customer_id,
        urgent=released.urgent,
        is_specialist=released.is_specialist,
        preferred_expert_id=released.preferred_expert_id,
        routing_type=released.routing_type,
        workshop_id=released.workshop_id,
        wave_until=now,
    )


def offer_id_of(session_id: str, expert_id: str) -> str:
    """The id of a session's offer to one expert; another expert's is another."""
    tag = hashlib.sha256(f"{session_id}/{expert_id}".encode()).hexdigest()[:_TAG_CHARS]
    return f"{session_id}.{tag}"
