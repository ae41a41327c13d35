"""Sends sessions round to experts: one wave of offers after the other, by the routing plan.

The queue itself says what there is to do. Whoever looks at it moves on what is due: the schedule
each minute, the experts' own polling in between. Two who do so at once do nothing twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from greenroom.experts.domain import Audience, Expert, is_due, next_wave
from greenroom.experts.store import ExpertStore
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import GreenroomError
from greenroom.kernel.limits import MATCH_TRIES_MAX, QUEUE_SHARD_MAX, Limits
from greenroom.sessions.assigning import Assigning, JobChanged
from greenroom.sessions.domain import Note
from greenroom.sessions.matching import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """What one look at the queue did, in sessions."""

    waiting: int = 0
    moved: int = 0
    failed: int = 0


class Router:
    """Moves on what looks for an expert."""

    def __init__(
        self,
        assigning: Assigning,
        *,
        store: ExpertStore,
        clock: Clock,
        limits: Limits,
        note: Note,
    ) -> None:
        self._assigning = assigning
        self._store = store
        self._clock = clock
        self._limits = limits
        self._note = note

    def sweep(self) -> Routed:
        """Move on all that is due; one session that resists does not stop the others."""
        now = self._clock()
        moved = failed = 0
        rounds = self._assigning.queue(limit=QUEUE_SHARD_MAX)
        for session_id, assignment in rounds:
            if assignment.wave_until is None or assignment.wave_until > now:
                continue
            try:
                self.advance(session_id)
                moved += 1
            except GreenroomError as error:
                failed += 1
                facts = {"session_id": session_id, "error_code": error.code}
                self._note("a session could not be sent round", facts)
        return Routed(waiting=len(rounds), moved=moved, failed=failed)

    def advance(self, session_id: str) -> Job | None:
        """Send out the next wave of a session if it is due: how it then stands.

        Raises:
            StoreUnavailable: the table did not answer.
        """
        for _ in range(MATCH_TRIES_MAX):
            job = self._assigning.job(session_id)
            if job is None or not is_due(job, now=self._clock(), limits=self._limits):
                return job
            try:
                self._send(job)
            except JobChanged:
                continue
        return self._assigning.job(session_id)

    def _send(self, job: Job) -> None:
        now = self._clock()
        wave = next_wave(job, lambda audience: self._ask(job, audience), limits=self._limits)
        until = None if wave.lasts_s is None else now + timedelta(seconds=wave.lasts_s)
        tx = self._assigning.transaction()
        self._assigning.add_wave(
            tx,
            job,
            wave=wave.number,
            until=until,
            expert_ids=[expert.expert_id for expert in wave.experts],
            facts={"audience": wave.audience, "experts": len(wave.experts)},
        )
        tx.commit()

    def _ask(self, job: Job, audience: Audience) -> Iterable[Expert]:
        assignment = job.assignment
        match audience:
            case "preferred":
                wanted = assignment.preferred_expert_id
                expert = self._store.find(wanted) if wanted else None
                return [expert] if expert else []
            case "workshop":
                workshop = assignment.workshop_id
                return self._store.online(workshop_id=workshop) if workshop else []
            case "specialists" | "all":
                return self._store.online()
