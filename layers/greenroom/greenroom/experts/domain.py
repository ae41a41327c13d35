"""An expert, and whom a session is offered to, in which order. Pure: no clock, no table."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from greenroom.kernel.limits import OFFERS_MAX, Limits
from greenroom.sessions.domain import RoutingType
from greenroom.sessions.matching import Assignment, Job

Presence = Literal["online", "offline"]
Audience = Literal["preferred", "specialists", "workshop", "all"]

WORKSHOP_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,63}$"  # a workshop is its short name


@dataclass(frozen=True, slots=True, kw_only=True)
class Expert:
    """Somebody who takes sessions, at most ``max_active`` at a time.

    ``expert_id`` is our id of the person. Only who is approved takes sessions. ``idle_since``
    is when they last took one, or came online.
    """

    expert_id: str
    name: str
    presence: Presence
    approved: bool
    max_active: int
    active_count: int
    is_specialist: bool
    skills: tuple[str, ...]
    workshop_id: str | None
    idle_since: datetime

    @property
    def takes_more(self) -> bool:
        """Whether they could take one more session now."""
        return self.approved and self.presence == "online" and self.active_count < self.max_active


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Whom a wave asks, and for how many seconds they are asked alone."""

    audience: Audience
    lasts_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """The next wave of a job: whom it is offered to, and how long it lasts.

    Without experts the round only waits. ``lasts_s`` is None after the last wave.
    """

    number: int
    audience: Audience
    experts: tuple[Expert, ...]
    lasts_s: int | None


def steps_of(routing_type: RoutingType, limits: Limits) -> tuple[Step, ...]:
    """The plan of a routing type; its last step is repeated. Source: domain facts §2a."""
    workshop = Step(audience="workshop", lasts_s=limits.offer_s)
    everybody = Step(audience="all", lasts_s=limits.offer_s)
    plans: Final[dict[RoutingType, tuple[Step, ...]]] = {
        "broadcast": (everybody,),
        "workshop_only": (workshop,),
        "hybrid": (Step(audience="workshop", lasts_s=limits.workshop_s), everybody),
        "priority_broadcast": (
            Step(audience="preferred", lasts_s=limits.preferred_s),
            Step(audience="specialists", lasts_s=limits.specialists_s),
            everybody,
        ),
    }
    return plans[routing_type]


def audience_of(assignment: Assignment, limits: Limits) -> Audience:
    """Who may take the job in its present wave; before the first one, whom that will ask."""
    steps = steps_of(assignment.routing_type, limits)
    return steps[min(max(assignment.wave, 1), len(steps)) - 1].audience


def suits(expert: Expert, assignment: Assignment, audience: Audience) -> bool:
    """Whether the job is for this expert when that audience is asked.

    Nobody serves themselves; who asked for a specialist is served by one.
    """
    if expert.expert_id == assignment.customer_id or not expert.approved:
        return False
    if assignment.is_specialist and not expert.is_specialist:
        return False
    match audience:
        case "preferred":
            return expert.expert_id == assignment.preferred_expert_id
        case "specialists":
            return expert.is_specialist
        case "workshop":
            wanted = assignment.workshop_id
            return wanted is not None and expert.workshop_id == wanted
        case "all":
            return True


def may_take(expert: Expert, job: Job, *, now: datetime, limits: Limits) -> bool:
    """Whether an expert may claim the job now: it is for them, or they hold an offer."""
    offer = job.offer_to(expert.expert_id)
    offered = offer is not None and offer.status_at(now) == "pending"
    return offered or suits(expert, job.assignment, audience_of(job.assignment, limits))


def is_due(job: Job, *, now: datetime, limits: Limits) -> bool:
    """Whether the next wave should go out: the present one is over, or all have declined.

    Who is asked in the last step has its time, since nobody else would be asked instead.
    Nothing goes out for a session that is past its own deadline.
    """
    assignment, until = job.assignment, job.session.due_at
    if not assignment.is_looking or assignment.wave_until is None or not until or until <= now:
        return False
    if assignment.wave_until <= now:
        return True
    if assignment.wave >= len(steps_of(assignment.routing_type, limits)):
        return False
    present = [one for one in job.offers if _of_wave(job, one.round, one.wave)]
    return bool(present) and all(one.status == "declined" for one in present)


def next_wave(job: Job, ask: Callable[[Audience], Iterable[Expert]], *, limits: Limits) -> Wave:
    """The next wave of a job that is due; ``ask`` finds the experts of an audience.

    A step that finds nobody is skipped at once, except the last, which is asked again after
    its time. Who declined, or gave this session back, is not asked again; who was silent is.
    """
    assignment = job.assignment
    steps = steps_of(assignment.routing_type, limits)
    last = len(steps)
    number = assignment.wave
    while True:
        number += 1
        step = steps[min(number, last) - 1]
        asked = _asked(job, ask(step.audience), step.audience)
        if asked or number >= last:
            break
    if not asked:
        # Nobody to ask is no wave: the last step waits for somebody to come online.
        number = max(assignment.wave, last)
    over = number >= last - 1 + limits.offer_rounds and bool(asked)
    return Wave(
        number=number,
        audience=step.audience,
        experts=asked,
        lasts_s=None if over else step.lasts_s,
    )


def _asked(job: Job, experts: Iterable[Expert], audience: Audience) -> tuple[Expert, ...]:
    """Whom a wave asks: the least busy first, then who has been idle for longest."""
    free = [
        one
        for one in experts
        if one.takes_more and suits(one, job.assignment, audience) and not _has_answered(job, one)
    ]
    free.sort(key=lambda one: (one.active_count, one.idle_since, one.expert_id))
    return tuple(free[:OFFERS_MAX])


def _has_answered(job: Job, expert: Expert) -> bool:
    offer = job.offer_to(expert.expert_id)
    return offer is not None and offer.status == "declined"


def _of_wave(job: Job, round_number: int, wave: int) -> bool:
    return (round_number, wave) == (job.assignment.round, job.assignment.wave)
