"""Sessions on the wire."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import StringConstraints

from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import CHAT_TEXT_CHARS_MAX
from greenroom.kernel.money import credits_to_json
from greenroom.sessions.domain import OPEN, Participant, Session, SessionEvent
from greenroom.sessions.matching import Assignment, Detail, Offer
from greenroom.web.wire import Timestamp, Wire, storable


class SessionView(Wire):
    """A session as its people see it. Times are ISO 8601 in UTC; ``cost`` is in credits."""

    session_id: str
    type: str
    status: str
    plan: str
    payment_method: str
    job_title: str | None
    company: str | None
    started_at: Timestamp | None
    live_at: Timestamp | None
    ended_at: Timestamp | None
    completed_at: Timestamp | None
    feedback_status: str | None
    message_count: int

    @classmethod
    def of(cls, session: Session) -> Self:
        """The view of a session."""
        return cls(**_common(session))


class SessionPage(Wire):
    """One page of a person's sessions, newest first."""

    items: list[SessionView]
    next_cursor: str | None


class ParticipantView(Wire):
    """Somebody in the session."""

    user_id: str
    role: str
    joined_at: Timestamp | None


class AssignmentView(Wire):
    """One round of looking for an expert; ``offeredAt`` is when its first offer was made."""

    round: int
    status: str
    queued_at: Timestamp | None
    offered_at: Timestamp | None
    accepted_at: Timestamp | None
    expert_id: str | None
    preferred_mechanic_id: str | None
    routing_type: str
    workshop_id: str | None
    wave: int


class SessionOfferView(Wire):
    """What became of the offer to one expert."""

    id: str
    expert_id: str
    round: int
    wave: int
    status: str
    offered_at: Timestamp
    expires_at: Timestamp


class EventView(Wire):
    """Something that happened to the session."""

    id: str
    event_type: str
    user_id: str | None
    at: Timestamp | None
    metadata: dict[str, Any]


class SessionDetail(SessionView):
    """A session with all that belongs to it. ``userId`` is Clerk's id, ``userUuid`` ours.

    ``customerUserId``, ``expertId`` and the ids of participants are ours; ``queuedAt`` and
    ``offeredAt`` (the first offer) are those of the first round of looking for an expert.
    """

    user_id: str
    user_uuid: str
    customer_user_id: str
    expert_id: str | None
    queued_at: Timestamp | None
    offered_at: Timestamp | None
    waiver_signed_at: Timestamp | None
    purchase_id: str | None
    cost: float
    charged: bool
    given_back: bool
    attempt: int
    connected_at: Timestamp | None
    deadline: Timestamp | None
    intake_id: str | None
    stripe_session_id: str | None
    metadata: dict[str, Any]
    participants: list[ParticipantView]
    assignment: AssignmentView | None
    offers: list[SessionOfferView]
    events: list[EventView]

    @classmethod
    def whole(cls, detail: Detail, *, now: datetime) -> Self:
        """The view of a session with participants, newest assignment and events in order."""
        session, rounds = detail.session, detail.assignments
        newest = rounds[-1] if rounds else None
        offered = (one.offered_at for one in rounds if one.offered_at)
        return cls(
            **_common(session),
            user_id=session.clerk_id,
            user_uuid=session.user_id,
            customer_user_id=session.user_id,
            expert_id=session.expert_id,
            queued_at=_text(rounds[0].queued_at) if rounds else None,
            offered_at=_text(next(offered, None)),
            waiver_signed_at=_text(session.waived_at),
            purchase_id=session.purchase_id,
            cost=credits_to_json(session.cost),
            charged=session.charged,
            given_back=session.given_back,
            attempt=session.attempt,
            connected_at=_text(session.connected_at),
            deadline=_text(session.due_at) if session.status in OPEN else None,
            intake_id=session.intake_id,
            stripe_session_id=session.stripe_session_id,
            metadata=session.metadata,
            participants=[_participant(one) for one in detail.participants],
            assignment=_assignment(newest) if newest else None,
            offers=[_offer(one, now) for one in detail.offers],
            events=[_event(one) for one in detail.events],
        )


class Say(Wire):
    """``POST /sessions/{id}/messages``: what to say."""

    text: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=CHAT_TEXT_CHARS_MAX),
        storable,
    ]


class MessageView(Wire):
    """Something said in a session; ``role`` is customer or expert."""

    id: str
    user_id: str
    role: str
    text: str
    at: Timestamp


class ChatPage(Wire):
    """One page of what was said, oldest first."""

    items: list[MessageView]
    next_cursor: str | None


def _common(session: Session) -> dict[str, Any]:
    return {
        "session_id": session.session_id,
        "type": session.type,
        "status": session.status,
        "plan": session.plan,
        "payment_method": session.payment_method,
        "job_title": session.job_title,
        "company": session.company,
        "started_at": _text(session.started_at),
        "live_at": _text(session.live_at),
        "ended_at": _text(session.ended_at),
        "completed_at": _text(session.completed_at),
        "feedback_status": session.feedback_status,
        "message_count": session.message_count,
    }


def _participant(one: Participant) -> ParticipantView:
    return ParticipantView(user_id=one.user_id, role=one.role, joined_at=_text(one.joined_at))


def _assignment(one: Assignment) -> AssignmentView:
    return AssignmentView(
        round=one.round,
        status=one.status,
        queued_at=_text(one.queued_at),
        offered_at=_text(one.offered_at),
        accepted_at=_text(one.accepted_at),
        expert_id=one.expert_id,
        preferred_mechanic_id=one.preferred_expert_id,
        routing_type=one.routing_type,
        workshop_id=one.workshop_id,
        wave=one.wave,
    )


def _offer(one: Offer, now: datetime) -> SessionOfferView:
    return SessionOfferView(
        id=one.offer_id,
        expert_id=one.expert_id,
        round=one.round,
        wave=one.wave,
        status=one.status_at(now),
        offered_at=to_text(one.offered_at),
        expires_at=to_text(one.expires_at),
    )


def _event(one: SessionEvent) -> EventView:
    return EventView(
        id=one.event_id,
        event_type=one.event_type,
        user_id=one.user_id,
        at=_text(one.at),
        metadata=one.metadata,
    )


def _text(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None
