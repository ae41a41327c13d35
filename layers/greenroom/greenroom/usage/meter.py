"""The meter of the AI proxy: reserve before a call, then settle it or give it back.

Reserving is one transaction that takes from every quota concerned, so that no call is made that
they do not cover, however many come at once. What was reserved is settled or given back exactly
once, whoever tries: the call itself, the person who cancels it, or the sweeper after a crash. A
store that does not answer refuses the call (503): nothing is made for free.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from greenroom.kernel import telemetry
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    Conflict,
    GreenroomError,
    IdempotencyInProgress,
    IdempotencyMismatch,
    NotFound,
    QuotaExceeded,
    Unavailable,
)
from greenroom.kernel.limits import Limits
from greenroom.kernel.turns import Overtaken, in_turn
from greenroom.table.transaction import Transaction
from greenroom.usage.crashes import Crashes, Log, Note
from greenroom.usage.domain import (
    Allowance,
    Answered,
    Facts,
    NoLongerHeld,
    Payer,
    Plan,
    Quota,
    Reason,
    Reservation,
    ReservationChanged,
    Service,
    Share,
    State,
    Swept,
    Ticket,
    period_of,
)
from greenroom.usage.quota_steps import add_told
from greenroom.usage.quota_store import QuotaStore


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One call that somebody wants to make."""

    payer: Payer
    service: Service
    plan: Plan
    request_hash: str


class Meter:
    """Takes units and gives them back."""

    def __init__(
        self,
        store: QuotaStore,
        *,
        limits: Limits,
        daily: Mapping[str, int],
        log: Log,
        clock: Clock,
        note: Note,
    ) -> None:
        self._store = store
        self._limits = limits
        self._daily = daily
        self._clock = clock
        self._note = note
        self._crashes = Crashes(store, log=log, clock=clock, note=note)

    def reserve(
        self, payer: Payer, service: Service, *, plan: Plan, request_id: str, request_hash: str
    ) -> Ticket | Answered:
        """Take a call's units, or tell that the same request was answered before.

        ``request_id`` follows from the person and their ``Idempotency-Key`` where there is one:
        then a request that failed may be made again, as its next attempt.

        Raises:
            QuotaExceeded: a quota, or what a person may do in a day, does not cover the call.
            IdempotencyInProgress: the same request is being worked on.
            IdempotencyMismatch: the request was another one.
            StoreUnavailable: the store did not answer; nothing may be called.
        """
        wanted = _Wanted(payer, service, plan, request_hash)
        return in_turn(lambda: self._reserve(wanted, request_id))

    def settle(self, ticket: Ticket, *, answer: bytes | None, outcome: Facts | None = None) -> None:
        """Let a call's units be used for good; its answer is kept for a day for repeats.

        ``outcome`` is what the usage log will be told (``add_told``): the sweeper tells it, if
        whoever wants to dies first.

        To settle again what was settled changes nothing.

        Raises:
            NoLongerHeld: they were given back meanwhile, so the answer must not be given.
            StoreUnavailable: the store did not answer; the sweeper gives them back.
        """
        refusal = self._store.settle(ticket, answer=answer, outcome=outcome)
        if refusal is None:
            return
        old = refusal.old if isinstance(refusal, ReservationChanged) else None
        if old is not None and (old.state, old.ticket.attempt) == ("settled", ticket.attempt):
            return
        reason = old.reason if old else None
        raise NoLongerHeld(reason=reason or "released") from refusal

    def release(self, ticket: Ticket, *, reason: Reason, outcome: Facts | None = None) -> bool:
        """Give a call's units back, exactly once: whether this did it. See ``settle``."""
        return self._store.release(ticket, reason=reason, outcome=outcome)

    def add_told(self, tx: Transaction, ticket: Ticket) -> None:
        """Add the step that notes, beside a call's row in the usage log, that it was told."""
        add_told(tx, ticket)

    def cancel(self, user_id: str, request_id: str) -> State:
        """Give back what a person's call in flight holds: what became of it, by whomever.

        An index finds the call, which in its first moments may not know it yet.

        Raises:
            NotFound: the person has made no such request.
        """
        found = self._store.of_user(user_id, request_id)
        if found is None:
            raise NotFound
        if found.state != "held":
            return found.state
        if self._store.release(found.ticket, reason="cancelled"):
            return "released"
        again = self._store.of_user(user_id, request_id)
        return again.state if again else "released"

    def quota(self, payer: Payer, service: Service, *, plan: Plan) -> list[Quota]:
        """How the quotas stand from which such a call would take, the tenant's first.

        A threshold that one of them has reached is noted and counted, once in its month.
        """
        shares = self._shares(payer, service, plan)
        period = period_of(self._clock())
        found = self._store.quotas(payer, shares, service=service.name, period=period)
        for quota, told in found:
            for percent in quota.reached():
                if percent not in told and not service.metered_only:
                    self._note_reached(payer, quota, percent)
        return [quota for quota, _ in found]

    def sweep(self, now: datetime) -> Swept:
        """Give back what crashed calls hold, and write each into the usage log as crashed."""
        return self._crashes.sweep(now)

    def _reserve(self, wanted: _Wanted, request_id: str) -> Ticket | Answered:
        """As ``reserve``; ``Overtaken`` where somebody was faster."""
        now = self._clock()
        ticket = Ticket(
            request_id=request_id,
            payer=wanted.payer,
            service=wanted.service.name,
            period=period_of(now),
            units=wanted.service.units,
            attempt=1,
            started_at=now,
            day=f"{now:%d}" if self._is_daily(wanted.service) else None,
        )
        refusal = self._take(ticket, wanted, again=False)
        if refusal is None:
            return ticket
        if not isinstance(refusal, ReservationChanged) or refusal.old is None:
            raise self._told_of(refusal, wanted)
        return self._repeat(ticket, refusal.old, wanted)

    def _repeat(self, ticket: Ticket, before: Reservation, wanted: _Wanted) -> Ticket | Answered:
        """What the repeat of a request is: an answer, a refusal, or its next attempt."""
        if before.request_hash != wanted.request_hash:
            raise IdempotencyMismatch
        if before.state == "settled":
            answer = self._store.answer(before.ticket)
            if answer is None:
                raise Conflict("This request was answered more than a day ago. Take another key.")
            return Answered(answer)
        if before.state == "held" and before.expires_at > ticket.started_at:
            raise IdempotencyInProgress(retry_after_s=1)
        if before.is_due:
            self._crashes.end(before)
            raise Overtaken
        ticket = replace(ticket, attempt=before.ticket.attempt + 1)
        refusal = self._take(ticket, wanted, again=True)
        if isinstance(refusal, ReservationChanged):
            raise Overtaken from refusal
        if refusal is not None:
            raise self._told_of(refusal, wanted)
        return ticket

    def _take(self, ticket: Ticket, wanted: _Wanted, *, again: bool) -> GreenroomError | None:
        return self._store.take(
            ticket,
            self._shares(wanted.payer, wanted.service, wanted.plan),
            request_hash=wanted.request_hash,
            expires_at=ticket.started_at + timedelta(seconds=self._limits.ai_reservation_s),
            again=again,
            daily=self._daily.get(ticket.service) if ticket.day else None,
        )

    def _shares(self, payer: Payer, service: Service, plan: Plan) -> list[Share]:
        """The quotas that a call takes from: the tenant's and the member's, or the person's."""
        limits = self._limits
        usual = limits.ai_person_units if payer.tenant is None else limits.ai_tenant_units
        allowance = plan.allowances.get(service.name, Allowance(usual))
        enforcement = "soft" if service.metered_only else allowance.enforcement
        if payer.tenant is None:
            return [Share(of="user", limit=allowance.limit, enforcement=enforcement)]
        return [
            Share(of="tenant", limit=allowance.limit, enforcement=enforcement),
            Share(of="user", limit=limits.ai_member_units, enforcement=enforcement),
        ]

    def _is_daily(self, service: Service) -> bool:
        return service.name in self._daily and not service.metered_only

    def _told_of(self, refusal: GreenroomError, wanted: _Wanted) -> GreenroomError:
        """The refusal, after what it shows was counted, and noted where it is the first."""
        if isinstance(refusal, QuotaExceeded):
            telemetry.count("QuotaRefused", scope=str(refusal.facts["scope"]))
            if refusal.log["noted"]:
                return refusal
            try:
                self.quota(wanted.payer, wanted.service, plan=wanted.plan)
            except Unavailable as failure:
                self._note("a quota's threshold was not noted", {"error_code": failure.code})
        return refusal

    def _note_reached(self, payer: Payer, quota: Quota, percent: int) -> None:
        if self._store.note_reached(payer, quota, percent):
            telemetry.count("QuotaReached", percent=str(percent))
