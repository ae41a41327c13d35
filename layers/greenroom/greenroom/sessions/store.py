"""Writes of sessions and their guard; ``items`` has the key chart."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import Condition

from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import (
    ActiveSessionExists,
    Conflict,
    GreenroomError,
)
from greenroom.kernel.ids import new_id
from greenroom.sessions.assignment_items import OfferItem, assignment_item, offer_item
from greenroom.sessions.domain import Brief, Session
from greenroom.sessions.items import (
    WORK,
    EventItem,
    ExchangeItem,
    GuardItem,
    ParticipantItem,
    SessionItem,
    attributes_of,
    brief_to_json,
    change_actions,
    due_actions,
    session_of,
)
from greenroom.sessions.matching import Assignment, Offer
from greenroom.sessions.reads import SessionReads
from greenroom.table.item import due_key
from greenroom.table.transaction import Transaction, Violation

Otherwise = Callable[[Session | None], GreenroomError]


class SessionStore(SessionReads):
    """Reads and writes of sessions."""

    # Making one

    def add_session(
        self,
        tx: Transaction,
        session: Session,
        *,
        brief: Brief | None,
        assignment: Assignment | None,
    ) -> None:
        """Add the steps that make a session with guard, participant and assignment."""
        item = SessionItem(f"SESSION#{session.session_id}", "SESSION", **attributes_of(session))
        item.gsi1pk = f"USER#{session.user_id}"
        item.gsi1sk = f"SESSION#{to_text(session.started_at)}#{session.session_id}"
        if session.due_at:
            due = due_key(WORK, session.session_id, to_text(session.due_at))
            item.gsi2pk, item.gsi2sk = due
        tx.put("session", item, otherwise=Conflict("This session exists already."))
        self._add_guard(tx, session)
        key = ParticipantItem.at(session.session_id, session.user_id)
        participant = ParticipantItem(
            key.pk,
            key.sk,
            user_id=session.user_id,
            role="customer",
            brief=brief_to_json(brief) if brief else None,
        )
        tx.put("participant", participant, otherwise=Conflict("Already a participant."))
        if assignment:
            row = assignment_item(session.session_id, assignment)
            tx.put("assignment", row, otherwise=Conflict("Already assigned."))

    def add_rearmed(self, tx: Transaction, session: Session, *, failed: Session) -> None:
        """Add the steps that start a failed session's next attempt."""
        when = (
            (SessionItem.status == "failed")
            & (SessionItem.attempt == failed.attempt)
            & (SessionItem.request_hash == failed.request_hash)
        )
        tx.update(
            "session",
            SessionItem.at(session.session_id),
            SessionItem.status.set("reserved"),
            SessionItem.attempt.set(session.attempt),
            SessionItem.charged.set(session.charged),
            SessionItem.given_back.set(False),
            SessionItem.mint.set(1),
            SessionItem.ended_at.remove(),
            SessionItem.deleted_at.remove(),
            *due_actions(session.session_id, session.due_at),
            when=when,
            otherwise=Conflict("Another attempt has begun."),
        )
        self._add_guard(tx, session)

    def add_event(
        self,
        tx: Transaction,
        session: Session,
        event_type: str,
        *,
        metadata: dict[str, Any] | None = None,
        user_id: str | None = None,
    ) -> None:
        """Add the step that notes what happened; by default the customer did it."""
        event_id = new_id()
        item = EventItem(
            f"SESSION#{session.session_id}",
            f"EVENT#{event_id}",
            event_id=event_id,
            event_type=event_type,
            user_id=user_id or session.user_id,
            metadata=metadata or {},
        )
        tx.put("event", item, otherwise=Conflict("This event was noted already."))

    # Moving one

    def transaction(self) -> Transaction:
        """An empty transaction on the sessions' table."""
        return self._table.transaction()

    def add_change(
        self,
        tx: Transaction,
        session_id: str,
        changes: dict[str, Any],
        *,
        when: Condition,
        otherwise: Otherwise,
    ) -> None:
        """Add the step that sets (or, with None, removes) attributes of a session.

        A change of ``due_at`` moves the session in the work index, too.
        """
        tx.update(
            "session",
            SessionItem.at(session_id),
            *change_actions(session_id, changes),
            when=when,
            otherwise=_of_item(otherwise),
        )

    def change(
        self,
        session_id: str,
        changes: dict[str, Any],
        *,
        when: Condition,
        otherwise: Otherwise,
    ) -> Session:
        """Change a session by one conditional update: the session as it is now.

        Raises:
            GreenroomError: what ``otherwise`` makes of the session as it was.
        """
        done = self._table.update(
            SessionItem.at(session_id),
            *change_actions(session_id, changes),
            when=when,
            otherwise=_of_item(otherwise),
        )
        if isinstance(done, Violation):
            raise done.error
        return self.read(done)

    def add_guard_change(
        self, tx: Transaction, session: Session, *, status: str, deadline: datetime
    ) -> None:
        """Add the step that keeps the guard in step; left out if it names another session."""
        tx.update(
            "guard",
            GuardItem.at(session.user_id),
            GuardItem.status.set(status),
            GuardItem.deadline.set(deadline),
            when=GuardItem.session_id == session.session_id,
            otherwise=Conflict("Another session has the guard."),
            optional=True,
        )

    def add_release(self, tx: Transaction, session: Session) -> None:
        """Add the step that frees the person; left out if the guard names another session."""
        tx.delete(
            "guard",
            GuardItem.at(session.user_id),
            when=GuardItem.session_id == session.session_id,
            otherwise=Conflict("Another session has the guard."),
            optional=True,
        )

    def add_answer(
        self, tx: Transaction, session_id: str, *, offer_sha256: str, answer: bytes
    ) -> None:
        """Add the step that keeps the provider's answer for a repeat of the same offer."""
        key = ExchangeItem.at(session_id)
        item = ExchangeItem(key.pk, key.sk, offer_sha256=offer_sha256, answer=answer)
        anything = ExchangeItem.pk.does_not_exist() | ExchangeItem.pk.exists()
        tx.put("answer", item, when=anything, otherwise=Conflict())

    def add_offer(
        self, tx: Transaction, offer: Offer, *, known: Offer | None, otherwise: GreenroomError
    ) -> None:
        """Add the step that makes an offer, or renews the one that is known, to an expert."""
        item = offer_item(offer)
        same = (
            (OfferItem.status == known.status) & (OfferItem.wave == known.wave) if known else None
        )
        tx.put("offer " + offer.expert_id, item, when=same, otherwise=otherwise)

    def add_free_check(self, tx: Transaction, user_id: str) -> None:
        """Add the check that the person has no active session: ``ActiveSessionExists``."""
        when = _is_free(self._table.clock())
        tx.check("guard", GuardItem.at(user_id), when=when, otherwise=_active_session)

    def _add_guard(self, tx: Transaction, session: Session) -> None:
        now = self._table.clock()
        key = GuardItem.at(session.user_id)
        deadline = session.due_at or now
        guard = GuardItem(
            key.pk,
            key.sk,
            session_id=session.session_id,
            type=session.type,
            status="pending",
            deadline=deadline,
        )

        tx.put("guard", guard, when=_is_free(now), otherwise=_active_session)


def _is_free(now: datetime) -> Condition:
    free: Condition = GuardItem.pk.does_not_exist() | (GuardItem.deadline <= now)
    return free


def _active_session(old: GuardItem | None) -> GreenroomError:
    if old is None:
        return ActiveSessionExists()
    return ActiveSessionExists(
        activeSessionId=old.session_id,
        activeSessionType=old.type,
        activeSessionStatus=old.status,
    )


def _of_item(otherwise: Otherwise) -> Callable[[SessionItem | None], GreenroomError]:
    return lambda old: otherwise(session_of(old) if old else None)
