"""The steps of a reservation: what it takes from quotas, and its own row."""

from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from greenroom.kernel.clock import epoch_s, next_midnight, to_text
from greenroom.kernel.errors import GreenroomError, QuotaExceeded
from greenroom.kernel.limits import RESERVATION_KEPT_S
from greenroom.table.item import due_key
from greenroom.table.transaction import Transaction
from greenroom.usage.domain import (
    ReservationChanged,
    Share,
    Ticket,
    end_of,
)
from greenroom.usage.quota_items import QuotaItem, ReservationItem, day_counter, reservation_of

WORK = "usage"


def add_reserved(tx: Transaction, ticket: Ticket, request_hash: str, expires_at: datetime) -> None:
    """Add the step ``reservation`` that puts a new one; else ``ReservationChanged``."""
    key = ReservationItem.at(ticket.payer.owner, ticket.request_id)
    gsi2pk, gsi2sk = due_key(WORK, ticket.request_id, to_text(expires_at))
    item = ReservationItem(
        key.pk,
        key.sk,
        gsi1pk=f"USER#{ticket.payer.user_id}",
        gsi1sk=f"RESERVATION#{ticket.request_id}",
        gsi2pk=gsi2pk,
        gsi2sk=gsi2sk,
        user_id=ticket.payer.user_id,
        service=ticket.service,
        period=ticket.period,
        units=ticket.units,
        state="held",
        attempt=ticket.attempt,
        request_hash=request_hash,
        started_at=ticket.started_at,
        expires_at=expires_at,
        day=ticket.day,
        ttl=epoch_s(ticket.started_at) + RESERVATION_KEPT_S,
    )
    tx.put("reservation", item, otherwise=changed)


def add_rearmed(tx: Transaction, ticket: Ticket, request_hash: str, expires_at: datetime) -> None:
    """Add the step ``reservation`` of a next attempt, after one that was given back, and told."""
    of = ReservationItem
    gsi2pk, gsi2sk = due_key(WORK, ticket.request_id, to_text(expires_at))
    tx.update(
        "reservation",
        of.at(ticket.payer.owner, ticket.request_id),
        of.state.set("held"),
        of.attempt.set(ticket.attempt),
        of.service.set(ticket.service),
        of.period.set(ticket.period),
        of.units.set(ticket.units),
        of.started_at.set(ticket.started_at),
        of.expires_at.set(expires_at),
        of.day.set(ticket.day) if ticket.day else of.day.remove(),
        of.reason.remove(),
        of.outcome.remove(),
        of.ttl.set(epoch_s(ticket.started_at) + RESERVATION_KEPT_S),
        of.gsi2pk.set(gsi2pk),
        of.gsi2sk.set(gsi2sk),
        when=(of.state == "released")
        & (of.attempt == ticket.attempt - 1)
        & (of.request_hash == request_hash)
        & of.gsi2pk.does_not_exist(),
        otherwise=changed,
    )


def add_told(tx: Transaction, ticket: Ticket) -> None:
    """Add the step that has a reservation due no more, in the transaction that tells of its call.

    It is left out where there is no such reservation, or somebody holds it for another attempt.
    """
    of = ReservationItem
    tx.update(
        "reservation",
        of.at(ticket.payer.owner, ticket.request_id),
        of.gsi2pk.remove(),
        of.gsi2sk.remove(),
        when=over(ticket),
        otherwise=changed,
        optional=True,
    )


def add_taken(tx: Transaction, ticket: Ticket, share: Share, *, daily: int | None) -> None:
    """Add the step that takes a ticket's units from one quota; else ``QuotaExceeded``.

    ``daily`` is how many calls the person may make on ``ticket.day``.
    """
    now, units = ticket.started_at, ticket.units
    available = QuotaItem.available
    hard = share.enforcement == "hard"
    actions: list[Action] = [
        QuotaItem.kind.set(QuotaItem.KIND),
        QuotaItem.v.set(QuotaItem.VERSION),
        QuotaItem.created_at.set(QuotaItem.created_at | now),
        QuotaItem.limit_units.set(QuotaItem.limit_units | share.limit),
        available.set((available | share.limit) - units),
    ]
    when: Condition | None = None
    if hard:
        when = available >= units
        if share.limit >= units:
            when = available.does_not_exist() | when
    if daily is not None and ticket.day is not None:
        counter = day_counter(ticket.day)
        actions.append(counter.set((counter | 0) + 1))
        # With an allowance of none even the first call of a day is one too many.
        seldom = counter < daily
        if daily > 0:
            seldom = counter.does_not_exist() | seldom
        when = seldom if when is None else when & seldom

    def meaning(old: QuotaItem | None) -> GreenroomError:
        left = share.limit if old is None else old.available
        if hard and left < units:
            return _exceeded(
                limit=share.limit if old is None else old.limit_units + (old.adjusted or 0),
                remaining=left,
                reset_at=end_of(ticket.period),
                scope=share.of,
                now=now,
                noted=old is None or old.told_100 is not None,
            )
        return _exceeded(
            limit=daily or 0,
            remaining=0,
            reset_at=next_midnight(now),
            scope="day",
            now=now,
            noted=True,
        )

    key = QuotaItem.at(ticket.payer, share.of, ticket.service, ticket.period)
    tx.update(f"{share.of}_quota", key, *actions, when=when, otherwise=meaning)


def changed(old: ReservationItem | None) -> ReservationChanged:
    """What it means that a reservation is not as a step wants it."""
    return ReservationChanged(None if old is None else reservation_of(old))


def held(ticket: Ticket) -> Condition:
    """That the reservation is held for that very attempt."""
    of = ReservationItem
    condition: Condition = (of.state == "held") & (of.attempt == ticket.attempt)
    return condition


def over(ticket: Ticket) -> Condition:
    """That the reservation is held no more by that very attempt, the newest."""
    of = ReservationItem
    condition: Condition = (of.state != "held") & (of.attempt == ticket.attempt)
    return condition


def _exceeded(
    *, limit: int, remaining: int, reset_at: datetime, scope: str, now: datetime, noted: bool
) -> QuotaExceeded:
    """The refusal of a call that a quota does not cover, and when it opens again.

    ``noted``: nothing is left to be noted of the quota's thresholds.
    """
    wait_s = max(1, -int((now - reset_at).total_seconds() // 1))
    return QuotaExceeded(
        retry_after_s=wait_s,
        log={"noted": noted},
        limit=limit,
        remaining=max(0, remaining),
        resetAt=to_text(reset_at),
        scope=scope,
    )
