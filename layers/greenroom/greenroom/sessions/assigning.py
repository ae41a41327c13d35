"""Steps and reads with which experts find sessions, take them, give them back and leave them.

Every step on an assignment names the ``rev`` that was read, so that whoever decided on what has
changed since is told ``JobChanged``, reads again and decides anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from greenroom.kernel.clock import Clock, to_text
from greenroom.kernel.errors import AlreadyTaken, Conflict, GreenroomError, NotFound, OfferExpired
from greenroom.kernel.limits import Limits
from greenroom.sessions.assignment_items import AssignmentItem, OfferItem, assignment_item
from greenroom.sessions.conditions import given, is_in_time, is_status
from greenroom.sessions.domain import Session, Status, refusal
from greenroom.sessions.items import ParticipantItem
from greenroom.sessions.matching import (
    Assignment,
    AssignmentStatus,
    Job,
    Offer,
    OfferStatus,
    next_assignment,
)
from greenroom.sessions.store import SessionStore
from greenroom.table.transaction import Transaction


class JobChanged(Conflict):
    """Somebody moved the assignment since it was read: read it again."""


class Assigning:
    """What the experts room asks of the sessions room."""

    def __init__(self, store: SessionStore, *, clock: Clock, limits: Limits) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._store.transaction()

    def job(self, session_id: str) -> Job | None:
        """The session with its newest round and the offers, in one query; None without a round."""
        return self._store.job(session_id)

    def queue(self, *, limit: int) -> list[tuple[str, Assignment]]:
        """The rounds that look for an expert, by session: urgent ones first, then the oldest.

        ``limit`` is of each shard, so that the first ``limit`` of the answer are surely the
        first of all.
        """
        return self._store.queue(limit=limit)

    def inbox(self, expert_id: str, *, limit: int) -> list[Offer]:
        """The expert's pending offers, the next to expire first."""
        now = self._clock()
        offers = self._store.inbox(expert_id, limit=limit)
        return [offer for offer in offers if offer.status_at(now) == "pending"]

    def of_expert(
        self, expert_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Session], str | None]:
        """A page of the sessions that the expert took, the newest first."""
        return self._store.of_expert(expert_id, limit=limit, cursor=cursor)

    def add_accepted(self, tx: Transaction, job: Job, expert_id: str, *, by_offer: bool) -> None:
        """Add the steps that give a job to an expert; with ``by_offer`` their offer must stand.

        The steps fail with ``NotFound``, ``OfferExpired`` or ``AlreadyTaken``, with
        ``JobChanged``, or with ``InvalidTransition`` where the session is over.
        """
        now, session, known = self._clock(), job.session, job.offer_to(expert_id)
        if by_offer:
            tx.update(
                "offer",
                OfferItem.at(session.session_id, expert_id),
                *_answer_actions("accepted"),
                when=(OfferItem.status == "pending")
                & (OfferItem.expires_at > now)
                & (OfferItem.round == job.assignment.round),
                otherwise=_offer_gone,
            )
        elif known is not None and known.status == "pending":
            self._add_answer(tx, known, "accepted")
        self._add_move(
            tx,
            job,
            "accepted",
            AssignmentItem.expert_id.set(expert_id),
            AssignmentItem.accepted_at.set(now),
            AssignmentItem.wave_until.remove(),
            *_out_of_the_queue(),
        )
        due_at = self._time_to_begin(session, now)
        self._store.add_change(
            tx,
            session.session_id,
            {"status": "waiting", "expert_id": expert_id, "due_at": due_at},
            when=is_status("pending") & given(round=job.assignment.round) & is_in_time(now),
            otherwise=lambda old: refusal(old or session, "waiting"),
        )
        key = ParticipantItem.at(session.session_id, expert_id)
        part = ParticipantItem(key.pk, key.sk, user_id=expert_id, role="expert")
        part.gsi1pk = f"EXPERT#{expert_id}"
        part.gsi1sk = f"SESSION#{to_text(now)}#{session.session_id}"
        tx.put("participant", part, otherwise=Conflict("Already a participant."))
        self._store.add_guard_change(tx, session, status="waiting", deadline=due_at)
        self._store.add_event(tx, session, "accepted", user_id=expert_id)
        others = (offer for offer in job.offers if offer.expert_id != expert_id)
        self._add_answers(tx, others, "rescinded")

    def add_declined(self, tx: Transaction, job: Job, offer: Offer) -> None:
        """Add the steps that take an offer out of an expert's inbox because they said no."""
        tx.update(
            "offer",
            OfferItem.at(offer.session_id, offer.expert_id),
            *_answer_actions("declined"),
            when=OfferItem.status == "pending",
            otherwise=_offer_gone,
        )
        self._store.add_event(tx, job.session, "declined", user_id=offer.expert_id)

    def add_released(self, tx: Transaction, job: Job, *, expert_id: str) -> None:
        """Add the steps that give a session back to the queue, where it keeps its place.

        The expert is not asked for it again.

        The steps fail with ``InvalidTransition`` unless it waits for that very expert.
        """
        now, session = self._clock(), job.session
        self._add_move(tx, job, "released")
        following = next_assignment(job.assignment, now=now)
        item = assignment_item(session.session_id, following)
        tx.put("next assignment", item, otherwise=JobChanged())
        due_at = self._time_to_begin(session, now)
        self._store.add_change(
            tx,
            session.session_id,
            {"status": "pending", "expert_id": None, "round": following.round, "due_at": due_at},
            when=is_status("waiting") & given(expert_id=expert_id),
            otherwise=lambda old: refusal(old or session, "pending"),
        )
        tx.delete(
            "participant",
            ParticipantItem.at(session.session_id, expert_id),
            when=ParticipantItem.pk.exists(),
            otherwise=NotFound("There is no such participant."),
            optional=True,
        )
        self._store.add_guard_change(tx, session, status="pending", deadline=due_at)
        known = job.offer_to(expert_id)
        declined = _offer(job, expert_id, "declined", now=now, lasts_s=0)
        self._store.add_offer(tx, declined, known=known, otherwise=JobChanged())
        self._store.add_event(tx, session, "released", user_id=expert_id)

    def add_wave(
        self,
        tx: Transaction,
        job: Job,
        *,
        wave: int,
        until: datetime | None,
        expert_ids: Sequence[str],
        facts: dict[str, Any],
    ) -> None:
        """Add the steps that offer a job to these experts until their time is over.

        Offers of earlier waves that nobody answered are expired. Without experts the round
        only moves on in its plan.
        """
        now, session, assignment = self._clock(), job.session, job.assignment
        actions: list[Any] = [AssignmentItem.wave.set(wave)]
        known = AssignmentItem.wave_until
        actions.append(known.remove() if until is None else known.set(until))
        if expert_ids:
            actions.append(AssignmentItem.offered_at.set(AssignmentItem.offered_at | now))
        self._add_move(tx, job, "offered" if expert_ids else "queued", *actions)
        others = (one for one in job.offers if one.expert_id not in expert_ids)
        self._add_answers(tx, others, "expired")
        for expert_id in expert_ids:
            fresh = _offer(job, expert_id, "pending", now=now, lasts_s=self._limits.offer_s)
            offer = replace(fresh, wave=wave)
            self._store.add_offer(tx, offer, known=job.offer_to(expert_id), otherwise=JobChanged())
        if expert_ids:
            metadata = {"round": assignment.round, "wave": wave, **facts}
            self._store.add_event(tx, session, "offered", metadata=metadata)

    def add_over(self, tx: Transaction, job: Job, status: AssignmentStatus) -> None:
        """Add the steps that end a round and its offers, because the session is over."""
        self._add_move(tx, job, status, AssignmentItem.wave_until.remove(), *_out_of_the_queue())
        self._add_answers(tx, job.offers, "rescinded")

    def _time_to_begin(self, session: Session, now: datetime) -> datetime:
        """Until when it has to be live. Without a signed waiver no time is added."""
        longer = now + timedelta(seconds=self._limits.expert_window_s)
        return longer if session.waived_at is not None else session.due_at or longer

    def _add_move(self, tx: Transaction, job: Job, status: str, *actions: Any) -> None:
        seen = job.assignment

        tx.update(
            "assignment",
            AssignmentItem.at(job.session.session_id, seen.round),
            AssignmentItem.status.set(status),
            AssignmentItem.rev.add(1),
            *actions,
            when=AssignmentItem.rev == seen.rev,
            otherwise=JobChanged(),
        )

    def _add_answers(self, tx: Transaction, offers: Iterable[Offer], status: OfferStatus) -> None:
        for offer in offers:
            if offer.status == "pending":
                self._add_answer(tx, offer, status)

    def _add_answer(self, tx: Transaction, offer: Offer, status: OfferStatus) -> None:
        tx.update(
            f"offer {offer.expert_id}",
            OfferItem.at(offer.session_id, offer.expert_id),
            *_answer_actions(status),
            when=(OfferItem.status == "pending") & (OfferItem.wave == offer.wave),
            otherwise=Conflict("The offer was answered."),
            optional=True,
        )


def assignment_status_of(target: Status) -> AssignmentStatus:
    """How a round ends whose session ends so."""
    return target if target in {"completed", "expired"} else "cancelled"


def _offer(job: Job, expert_id: str, status: OfferStatus, *, now: datetime, lasts_s: int) -> Offer:
    assignment = job.assignment
    return Offer(
        session_id=job.session.session_id,
        expert_id=expert_id,
        round=assignment.round,
        wave=assignment.wave,
        status=status,
        offered_at=now,
        expires_at=now + timedelta(seconds=lasts_s),
        type=assignment.type,
        plan=assignment.plan,
        urgent=assignment.urgent,
    )


def _answer_actions(status: str) -> tuple[Any, ...]:
    return OfferItem.status.set(status), OfferItem.gsi1pk.remove(), OfferItem.gsi1sk.remove()


def _out_of_the_queue() -> tuple[Any, ...]:
    return AssignmentItem.gsi2pk.remove(), AssignmentItem.gsi2sk.remove()


def _offer_gone(old: OfferItem | None) -> GreenroomError:
    if old is None:
        return NotFound("There is no such offer.")
    if old.status in {"rescinded", "accepted"}:
        return AlreadyTaken()
    return OfferExpired()
