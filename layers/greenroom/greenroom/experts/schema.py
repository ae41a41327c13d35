"""Experts, the queue and offers on the wire."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from greenroom.experts.domain import WORKSHOP_PATTERN, Expert, Presence
from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import EXPERT_ACTIVE_MAX, EXPERT_SKILLS_MAX
from greenroom.sessions.matching import Assignment, Offer, OfferStatus
from greenroom.web.wire import Timestamp, Wire

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
WorkshopId = Annotated[str, Field(pattern=WORKSHOP_PATTERN)]


class PutExpert(Wire):
    """``PUT /experts/me``: what is left out stays; ``workshopId`` null leaves the workshop."""

    status: Presence
    name: Words | None = None
    max_active: int | None = Field(default=None, ge=1, le=EXPERT_ACTIVE_MAX, strict=True)
    is_specialist: bool | None = Field(default=None, strict=True)
    skills: list[Words] | None = Field(default=None, max_length=EXPERT_SKILLS_MAX)
    workshop_id: WorkshopId | None = None

    def changes(self) -> dict[str, Any]:
        """What is to be changed, by the names of the domain."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"status"}}
        plain = {name: value for name, value in given.items() if value is not None}
        if "workshop_id" in given:
            plain["workshop_id"] = self.workshop_id
        if "skills" in plain:
            plain["skills"] = tuple(dict.fromkeys(plain["skills"]))
        return {"presence": self.status, **plain}


class ExpertView(Wire):
    """An expert's own profile. Who is not ``approved`` takes no sessions yet."""

    expert_id: str
    name: str
    status: Presence
    approved: bool
    max_active: int
    active_count: int
    is_specialist: bool
    skills: list[str]
    workshop_id: str | None

    @classmethod
    def of(cls, expert: Expert) -> Self:
        """The view of an expert."""
        return cls(
            expert_id=expert.expert_id,
            name=expert.name,
            status=expert.presence,
            approved=expert.approved,
            max_active=expert.max_active,
            active_count=expert.active_count,
            is_specialist=expert.is_specialist,
            skills=list(expert.skills),
            workshop_id=expert.workshop_id,
        )


class OnlineExpert(Wire):
    """An expert whom a customer may prefer."""

    expert_id: str
    name: str
    is_specialist: bool
    skills: list[str]
    workshop_id: str | None


class OnlineExperts(Wire):
    """``GET /experts``: who is online."""

    items: list[OnlineExpert]

    @classmethod
    def of(cls, experts: list[Expert]) -> Self:
        """The view of those who are online."""
        return cls(
            items=[
                OnlineExpert(
                    expert_id=one.expert_id,
                    name=one.name,
                    is_specialist=one.is_specialist,
                    skills=list(one.skills),
                    workshop_id=one.workshop_id,
                )
                for one in experts
            ]
        )


class QueueEntry(Wire):
    """A session that this expert may claim; ``position`` is its place among all that wait."""

    session_id: str
    type: str
    plan: str
    urgent: bool
    is_specialist: bool
    routing_type: str
    workshop_id: str | None
    preferred_mechanic_id: str | None
    queued_at: Timestamp
    position: int

    @classmethod
    def of(cls, session_id: str, assignment: Assignment, *, position: int) -> Self:
        """The view of a round that looks for an expert."""
        return cls(
            session_id=session_id,
            type=assignment.type,
            plan=assignment.plan,
            urgent=assignment.urgent,
            is_specialist=assignment.is_specialist,
            routing_type=assignment.routing_type,
            workshop_id=assignment.workshop_id,
            preferred_mechanic_id=assignment.preferred_expert_id,
            queued_at=to_text(assignment.queued_at),
            position=position,
        )


class QueuePage(Wire):
    """``GET /queue``: urgent sessions first, then the oldest; ``waiting`` counts all."""

    items: list[QueueEntry]
    waiting: int


class OfferView(Wire):
    """A session offered to this expert, until ``expiresAt``."""

    id: str
    session_id: str
    type: str
    plan: str
    urgent: bool
    status: OfferStatus
    offered_at: Timestamp
    expires_at: Timestamp

    @classmethod
    def of(cls, offer: Offer, *, now: datetime) -> Self:
        """The view of an offer as it stands now."""
        return cls(
            id=offer.offer_id,
            session_id=offer.session_id,
            type=offer.type,
            plan=offer.plan,
            urgent=offer.urgent,
            status=offer.status_at(now),
            offered_at=to_text(offer.offered_at),
            expires_at=to_text(offer.expires_at),
        )


class OfferList(Wire):
    """``GET /offers``: pending ones, the next to expire first."""

    items: list[OfferView]


class Released(Wire):
    """The session that was given back, and how it stands."""

    session_id: str
    status: str


class PlaceView(Wire):
    """Where a customer stands in the queue; ``position`` is null when nobody is looked for."""

    position: int | None
    waiting: int
    experts_online: int
