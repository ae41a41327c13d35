"""The expert's desk: what is offered, what may be claimed; taking it, declining, giving it back."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from greenroom.experts.domain import audience_of, may_take, suits
from greenroom.experts.router import Router
from greenroom.experts.service import Experts
from greenroom.experts.store import ExpertStore
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    AlreadyTaken,
    Conflict,
    GreenroomError,
    NotFound,
    StoreUnavailable,
)
from greenroom.kernel.limits import INBOX_MAX, MATCH_TRIES_MAX, QUEUE_SHARD_MAX, ROUNDS_MAX, Limits
from greenroom.sessions.assigning import Assigning, JobChanged
from greenroom.sessions.domain import Note, refusal
from greenroom.sessions.matching import Assignment, Job, Offer, offer_id_of
from greenroom.table.transaction import Transaction

ROUTED_AT_A_LOOK = 5  # sessions that one look at the queue moves on: a poll stays quick
_OFFER_ID = re.compile(r"([0-9a-f-]{36})\.[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A session that looks for an expert, and its place among all that do, from 1."""

    session_id: str
    assignment: Assignment
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a customer stands: None when no expert is looked for any more."""

    position: int | None
    waiting: int
    experts_online: int


class Desk:
    """Brings experts and sessions together."""

    def __init__(
        self,
        assigning: Assigning,
        *,
        experts: Experts,
        store: ExpertStore,
        router: Router,
        clock: Clock,
        limits: Limits,
        note: Note,
    ) -> None:
        self._assigning = assigning
        self._experts = experts
        self._store = store
        self._router = router
        self._clock = clock
        self._limits = limits
        self._note = note

    def queue(self, expert_id: str) -> tuple[list[Queued], int]:
        """What this expert may claim now, in the queue's order, and how many wait in all.

        Raises:
            NotAnExpert: the person is no approved expert.
        """
        expert = self._experts.approved(expert_id)
        rounds = self._rounds()
        mine = [
            one
            for one in rounds
            if suits(expert, one.assignment, audience_of(one.assignment, self._limits))
        ]
        return mine, len(rounds)

    def inbox(self, expert_id: str) -> list[Offer]:
        """The expert's pending offers, the next to expire first.

        Raises:
            NotAnExpert: the person is no approved expert.
        """
        self._experts.approved(expert_id)
        return self._assigning.inbox(expert_id, limit=INBOX_MAX)

    def place(self, session_id: str, *, customer_id: str) -> Place:
        """Where a customer's session stands in the queue.

        Raises:
            NotFound: there is no such session of this person.
        """
        job = self._assigning.job(session_id)
        if job is None or job.session.user_id != customer_id:
            raise NotFound("There is no such session.")
        rounds = self._rounds()
        found = (one.position for one in rounds if one.session_id == session_id)
        return Place(
            position=next(found, None),
            waiting=len(rounds),
            experts_online=len(self._store.online()),
        )

    def accept(self, offer_id: str, *, expert_id: str) -> str:
        """Take the session of an offer: its id. A repeat by the same expert is the same.

        Raises:
            NotFound: there is no such offer to this expert.
            OfferExpired, AlreadyTaken: too late.
            ExpertOffline, AtCapacity, NotAnExpert: the expert takes nothing now.
            InvalidTransition: the session is over.
        """
        session_id = _session_of(offer_id, expert_id)
        self._take(session_id, expert_id, by_offer=True)
        return session_id

    def claim(self, session_id: str, *, expert_id: str) -> None:
        """Take a session out of the queue.

        Raises:
            NotFound: there is no such session for this expert, in its present wave.
            AlreadyTaken: too late.
            ExpertOffline, AtCapacity, NotAnExpert: the expert takes nothing now.
            InvalidTransition: the session is over.
        """
        expert = self._experts.approved(expert_id)
        job = self._router.advance(session_id)
        if job is None or job.session.user_id == expert_id:
            raise NotFound("There is no such session.")
        if job.session.expert_id != expert_id and not may_take(
            expert, job, now=self._clock(), limits=self._limits
        ):
            raise NotFound("There is no such session.")
        self._take(session_id, expert_id, by_offer=False)

    def decline(self, offer_id: str, *, expert_id: str) -> Offer:
        """Say no to an offer: how it stands now. If nobody is left, the next wave goes out.

        A repeat is the same, since the first answer may have been lost.

        Raises:
            NotFound: there is no such offer to this expert.
            OfferExpired, AlreadyTaken: too late.
        """
        session_id = _session_of(offer_id, expert_id)
        job = self._assigning.job(session_id)
        offer = job.offer_to(expert_id) if job else None
        if job is None or offer is None:
            raise NotFound("There is no such offer.")
        if offer.status != "declined":
            tx = self._assigning.transaction()
            self._assigning.add_declined(tx, job, offer)
            tx.commit()
        self._move_on(session_id)
        return replace(offer, status="declined")

    def release(self, session_id: str, *, expert_id: str) -> None:
        """Give a session back that has not begun: others are asked, it keeps its place.

        Raises:
            NotFound: there is no such session of this expert.
            InvalidTransition: it is live, or over.
            Conflict: it was given back ``ROUNDS_MAX`` times.
        """

        def add(tx: Transaction, job: Job) -> None:
            if job.session.expert_id != expert_id:
                raise NotFound("There is no such session.")
            if job.session.status != "waiting":
                raise refusal(job.session, "pending")
            if job.assignment.round >= ROUNDS_MAX:
                raise Conflict("It was given back too often. Hold it, or cancel it.")
            self._assigning.add_released(tx, job, expert_id=expert_id)
            self._store.add_freed(tx, expert_id)

        self._decide(session_id, add)
        self._move_on(session_id)

    def _take(self, session_id: str, expert_id: str, *, by_offer: bool) -> None:
        def add(tx: Transaction, job: Job) -> bool:
            if job.session.expert_id == expert_id:
                return False
            if by_offer and job.offer_to(expert_id) is None:
                raise NotFound("There is no such offer.")
            if not by_offer and job.assignment.status == "accepted":
                raise AlreadyTaken
            if not by_offer and not job.assignment.is_looking:
                raise refusal(job.session, "waiting")
            self._assigning.add_accepted(tx, job, expert_id, by_offer=by_offer)
            self._store.add_taken(tx, expert_id)
            return True

        self._decide(session_id, add)

    def _decide(self, session_id: str, add: Callable[[Transaction, Job], bool | None]) -> None:
        """Do what ``add`` decides on the session as it is, as often as it was overtaken."""
        for _ in range(MATCH_TRIES_MAX):
            job = self._assigning.job(session_id)
            if job is None:
                raise NotFound("There is no such session.")
            tx = self._assigning.transaction()
            if add(tx, job) is False:
                return
            try:
                tx.commit()
            except JobChanged:
                continue
            return
        raise StoreUnavailable(log={"reason": "overtaken", "session_id": session_id})

    def _move_on(self, session_id: str) -> None:
        """Send the next wave at once where it is due; the schedule does what fails here."""
        try:
            self._router.advance(session_id)
        except GreenroomError as error:
            facts = {"session_id": session_id, "error_code": error.code}
            self._note("a session was not sent on at once", facts)

    def _rounds(self) -> list[Queued]:
        """All that looks for an expert, the first ones in the wave that is due now."""
        now = self._clock()
        found: list[Queued] = []
        moved = 0
        for session_id, assignment in self._assigning.queue(limit=QUEUE_SHARD_MAX):
            stands: Assignment | None = assignment
            due = assignment.wave_until is not None and assignment.wave_until <= now
            if due and moved < ROUTED_AT_A_LOOK:
                moved += 1
                job = self._router.advance(session_id)
                stands = job.assignment if job and job.assignment.is_looking else None
            if stands is not None:
                place = len(found) + 1
                found.append(Queued(session_id=session_id, assignment=stands, position=place))
        return found


def _session_of(offer_id: str, expert_id: str) -> str:
    """The session that an offer to this expert is of."""
    matched = _OFFER_ID.fullmatch(offer_id)
    if matched is None or offer_id_of(matched[1], expert_id) != offer_id:
        raise NotFound("There is no such offer.")
    return matched[1]
