"""A session, its states and the moves between them. Pure: no clock, no table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol, get_args

from greenroom.kernel.errors import InvalidTransition
from greenroom.kernel.limits import Limits

# An interview is held with the AI; every other type, which the catalogue names, with an expert.
SessionType = str
INTERVIEW: Final = "interview"
PaymentMethod = Literal["free", "stripe", "credits"]
RoutingType = Literal["broadcast", "workshop_only", "hybrid", "priority_broadcast"]
Status = Literal[
    "reserved", "pending", "waiting", "live", "completed", "cancelled", "expired", "failed"
]

Note = Callable[[str, dict[str, Any]], None]  # tells the log what was dealt with

STATUSES: tuple[Status, ...] = get_args(Status)
OPEN: frozenset[Status] = frozenset({"reserved", "pending", "waiting", "live"})

# What may follow what. The interview is born reserved (the provider has yet to mint), the
# others pending (an expert has yet to come). Source: DESIGN, domain facts §4.
_INTERVIEW: dict[Status, frozenset[Status]] = {
    "reserved": frozenset({"pending", "failed", "cancelled"}),
    "failed": frozenset({"reserved"}),
    "pending": frozenset({"live", "cancelled", "expired"}),
    "live": frozenset({"completed", "cancelled", "expired"}),
}
_WITH_EXPERT: dict[Status, frozenset[Status]] = {
    "pending": frozenset({"waiting", "cancelled", "expired"}),
    "waiting": frozenset({"live", "pending", "cancelled", "expired"}),
    "live": frozenset({"completed", "cancelled", "expired"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What an interview is about, as the person told it."""

    job_title: str
    company: str | None = None
    interview_type: str | None = None
    difficulty: str | None = None
    job_description: str | None = field(default=None, repr=False)
    resume_text: str | None = field(default=None, repr=False)
    voice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """What is asked of the factory, for every type and every way of paying.

    ``cost`` is in centicredits and taken only when credits are the means of payment;
    ``amount_cents`` is what Stripe says was paid, for the purchase ``purchase_id``.
    ``waived_at`` is when the waiver was signed, if it was before the session was made.
    """

    user_id: str
    clerk_id: str
    type: SessionType
    payment_method: PaymentMethod
    plan: str
    source: str
    cost: int = 0
    intake_id: str | None = None
    stripe_session_id: str | None = None
    amount_cents: int | None = None
    currency: str | None = None
    urgent: bool = False
    is_specialist: bool = False
    preferred_expert_id: str | None = None
    routing_type: RoutingType = "broadcast"
    workshop_id: str | None = None
    purchase_id: str | None = None
    waived_at: datetime | None = None
    brief: Brief | None = None
    request_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as it stands. Times are aware UTC; ``user_id`` is ours, ``clerk_id`` Clerk's."""

    session_id: str
    user_id: str
    clerk_id: str
    type: SessionType
    status: Status
    plan: str
    payment_method: PaymentMethod
    cost: int
    charged: bool
    given_back: bool
    attempt: int
    started_at: datetime
    live_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    due_at: datetime | None
    request_hash: str | None
    metadata: dict[str, Any] = field(default_factory=dict)
    intake_id: str | None = None
    stripe_session_id: str | None = None
    job_title: str | None = None
    company: str | None = None
    # A session with an expert: who accepted it, in which round of looking for one.
    purchase_id: str | None = None
    waived_at: datetime | None = None
    expert_id: str | None = None
    round: int | None = None
    # The call at the provider (interviews only); ``balance_after`` as the first answer told it.
    balance_after: int | None = None
    token: str | None = field(default=None, repr=False)
    token_expires_at: datetime | None = None
    model: str | None = None
    dialect: str | None = None
    mint: int = 0
    answered_mint: int | None = None
    claim: str | None = None
    claim_until: datetime | None = None
    offer_sha256: str | None = None
    call_id: str | None = None
    # The interview's record.
    transcript_rev: int = 0
    message_count: int = 0
    completed_at: datetime | None = None
    feedback_status: str | None = None
    overall_score: int | None = None
    duration_s: int | None = None
    deleted_at: datetime | None = None

    @property
    def with_expert(self) -> bool:
        """Whether an expert holds it, not the AI."""
        return self.type != INTERVIEW

    @property
    def answered(self) -> bool:
        """Whether an exchange was ever answered: from then on the charge is final."""
        return self.answered_mint is not None

    def is_open(self, now: datetime, limits: Limits) -> bool:
        """Whether a call may still be placed: neither over nor past its deadline or maximum."""
        waits = self.status in ("pending", "live") and self.due_at is not None
        in_time = waits and (self.due_at or now) > now
        return in_time and (self.live_at is None or live_until(self.live_at, limits) > now)

    def claimed(self, now: datetime) -> bool:
        """Whether an exchange is being answered right now."""
        return self.claim_until is not None and self.claim_until > now


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody in a session."""

    user_id: str
    role: Literal["customer", "expert"]
    joined_at: datetime
    brief: Brief | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """Something that happened to a session; the audit trail."""

    event_id: str
    event_type: str
    user_id: str | None
    at: datetime
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something said in a session with an expert; ``role`` is customer or expert."""

    message_id: str
    user_id: str
    role: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The one active session of a person."""

    session_id: str
    type: SessionType
    status: Status
    deadline: datetime


class Calls(Protocol):
    """Whoever can end a call at the provider."""

    def hang_up(self, call_id: str) -> object:
        """End the call; an ended one counts as ended.

        Raises:
            Unavailable: the provider did not say that the call is over.
        """
        ...


def moves_of(session_type: SessionType) -> dict[Status, frozenset[Status]]:
    """What may follow what in a session of that type."""
    return _INTERVIEW if session_type == INTERVIEW else _WITH_EXPERT


def allowed_after(session_type: SessionType, status: Status) -> list[Status]:
    """The states that may follow, in a fixed order."""
    return sorted(moves_of(session_type).get(status, frozenset()))


def refusal(session: Session, target: Status, detail: str | None = None) -> InvalidTransition:
    """The refusal of a move, with what would be allowed instead."""
    facts: dict[str, Any] = {"from": session.status, "to": target}
    allowed = [status for status in allowed_after(session.type, session.status) if status != target]
    return InvalidTransition(
        detail or f"A session that is {session.status} cannot become {target}.",
        **facts,
        allowed=allowed,
    )


def connect_by(session_type: SessionType, started_at: datetime, limits: Limits) -> datetime:
    """When a session is given back that no exchange, or no expert, has answered."""
    window_s = limits.connect_window_s if session_type == INTERVIEW else limits.expert_window_s
    return started_at + timedelta(seconds=window_s)


def live_until(live_at: datetime, limits: Limits) -> datetime:
    """When a live session reaches its maximum."""
    return live_at + timedelta(seconds=limits.session_max_s)


def guard_until(live_at: datetime, limits: Limits) -> datetime:
    """When a live session no longer keeps its person from starting another."""
    return live_until(live_at, limits) + timedelta(seconds=limits.session_grace_s)
