"""Reads and writes of intakes; ``items`` has the key chart."""

from datetime import datetime

from greenroom.intake.domain import Intake, refusal
from greenroom.intake.items import (
    IntakeItem,
    PlanClaimItem,
    WaiverItem,
    intake_item,
    intake_of,
)
from greenroom.kernel.errors import Conflict, GreenroomError, PlanUsed
from greenroom.kernel.limits import ERASURE_LISTED_MAX
from greenroom.table.table import Table
from greenroom.table.transaction import Otherwise, Transaction


class IntakeExists(Conflict):
    """An earlier request with the same key has made this intake."""


class IntakeChanged(Conflict):
    """Somebody changed the intake since it was read: read it again."""


class IntakeStore:
    """Intakes, and the steps that they add to the making and ending of sessions."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def find(self, intake_id: str) -> Intake | None:
        """The intake, whosever it is."""
        item = self._table.get(IntakeItem.at(intake_id))
        return intake_of(item) if item else None

    def add_new(self, tx: Transaction, intake: Intake) -> None:
        """Add the step that keeps an intake; ``IntakeExists`` where there is one."""
        tx.put("intake", intake_item(intake), otherwise=IntakeExists())

    def add_claim(self, tx: Transaction, intake: Intake) -> None:
        """Add the step that takes a plan which is once per person; else ``PlanUsed``."""
        key = PlanClaimItem.at(intake.user_id, intake.plan)
        claim = PlanClaimItem(key.pk, key.sk, intake_id=intake.intake_id)
        tx.put("plan_claim", claim, otherwise=PlanUsed())

    def add_signature(
        self,
        tx: Transaction,
        intake: Intake,
        *,
        version: str,
        signature: str,
        address: str | None,
        user_agent: str | None,
    ) -> None:
        """Add the steps that sign an intake's waiver; ``IntakeChanged`` if it moved since.

        What was signed is kept: where the intake is, erasure and export find its signature.
        """
        now = self._table.clock()
        key = WaiverItem.at(intake.intake_id)
        row = WaiverItem(
            key.pk,
            key.sk,
            version=version,
            signature=signature,
            signed_at=now,
            address=address,
            user_agent=user_agent,
        )
        tx.put("waiver", row, otherwise=IntakeChanged())
        tx.update(
            "intake",
            IntakeItem.at(intake.intake_id),
            IntakeItem.waiver_version.set(version),
            IntakeItem.waived_at.set(now),
            IntakeItem.status.set("waived" if intake.status == "submitted" else intake.status),
            IntakeItem.ttl.remove(),
            when=(IntakeItem.status == intake.status)
            & IntakeItem.waived_at.does_not_exist()
            & (IntakeItem.expires_at.does_not_exist() | (IntakeItem.expires_at > now)),
            otherwise=IntakeChanged(),
        )

    def add_checkout(self, tx: Transaction, intake_id: str, *, user_id: str) -> None:
        """Add the step that lets an intake be paid by card: from here on it is kept.

        It fails with ``NotFound``, ``WaiverRequired``, ``IntakeUsed`` or ``IntakeExpired``.
        """
        now = self._table.clock()
        tx.update(
            "intake",
            IntakeItem.at(intake_id),
            IntakeItem.status.set("checkout"),
            IntakeItem.expires_at.remove(),
            IntakeItem.ttl.remove(),
            when=(IntakeItem.user_id == user_id)
            & IntakeItem.status.is_in("waived", "checkout")
            & (IntakeItem.expires_at.does_not_exist() | (IntakeItem.expires_at > now)),
            otherwise=_meaning(user_id, now),
        )

    def add_consumed(
        self,
        tx: Transaction,
        intake_id: str,
        *,
        user_id: str,
        session_id: str,
        returns: int | None = None,
        optional: bool = False,
    ) -> None:
        """Add the step that makes an intake into a session, once.

        ``returns`` is as it was read, if the session's id hangs on it. It fails with
        ``NotFound``, ``WaiverRequired``, ``IntakeUsed`` or ``IntakeExpired``; a payment that was
        banked becomes a session whatever became of its intake, so there it is ``optional``.
        """
        now = self._table.clock()
        when = (IntakeItem.user_id == user_id) & IntakeItem.status.is_in("waived", "checkout")
        when &= IntakeItem.expires_at.does_not_exist() | (IntakeItem.expires_at > now)
        if returns is not None:
            known = IntakeItem.returns
            when &= (known == returns) if returns else (known.does_not_exist() | (known == 0))
        tx.update(
            "intake",
            IntakeItem.at(intake_id),
            IntakeItem.status.set("consumed"),
            IntakeItem.session_id.set(session_id),
            IntakeItem.expires_at.remove(),
            IntakeItem.ttl.remove(),
            when=when,
            otherwise=_meaning(user_id, now),
            optional=optional,
        )

    def add_released(self, tx: Transaction, intake_id: str | None, *, session_id: str) -> None:
        """Add the step that makes an intake good for another session.

        Its own has ended before it began, and was given back. The step is left out unless the
        intake is that session's.
        """
        if intake_id is None:
            return
        tx.update(
            "intake",
            IntakeItem.at(intake_id),
            IntakeItem.status.set("waived"),
            IntakeItem.session_id.remove(),
            IntakeItem.returns.add(1),
            when=(IntakeItem.status == "consumed") & (IntakeItem.session_id == session_id),
            otherwise=IntakeChanged(),
            optional=True,
        )

    def forget(self, user_id: str) -> bool:
        """Delete some of a person's intakes with their signatures: whether none is left."""
        page = self._table.query(
            IntakeItem,
            f"USER#{user_id}",
            sk_prefix="INTAKE#",
            index="GSI1",
            limit=ERASURE_LISTED_MAX,
        )
        for item in page.items:
            self._table.empty(item.pk)
        return not page.items


def _meaning(user_id: str, now: datetime) -> Otherwise[IntakeItem]:
    def meaning(old: IntakeItem | None) -> GreenroomError:
        return refusal(intake_of(old) if old else None, user_id=user_id, now=now)

    return meaning
