"""Quotas and what is reserved of them, in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| quota | {owner} | QUOTA#{service}#{period} | |
| quota | {tenant} | QUOTA#{service}#{period}#U#{user_id} | |
| quota_adjustment | {owner} | ADJUST#{service}#{period}#{key} | |
| quota_event | {owner} | QUOTAEVENT#{as in QUOTA#}#{percent} | |
| ai_plan | {tenant} | AIPLAN | |
| reservation | {owner}#R#{request_id} | RESERVATION | USER#{user_id} / RESERVATION#{request_id} |
| generation | {owner}#R#{request_id} | ANSWER | |

``{owner}`` is a tenant's partition, or ``USER#{user_id}`` of a person alone. A reservation is in
GSI2 under DUE#usage#{shard} / {expires_at}#{request_id} while it is held, and after its call until
the usage log was told of it.

A condition cannot subtract, so a quota keeps what is ``available``. At every instant
``limit_units + adjusted - available`` is the sum of what its month's reservations hold or have
settled.
"""

from typing import cast

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path

from greenroom.kernel.tenants import Tenant
from greenroom.table.attributes import IntegerAttribute, JsonAttribute, MomentAttribute
from greenroom.table.item import Item, Key
from greenroom.usage.domain import (
    Adjustment,
    Allowance,
    Of,
    Owner,
    Payer,
    Plan,
    Quota,
    Reason,
    Reservation,
    State,
    Ticket,
)


class QuotaItem(Item):
    """How much of one service is left in one month. ``day_25`` counts the calls of a day."""

    KIND = "quota"

    available = IntegerAttribute()
    limit_units = IntegerAttribute()
    adjusted = IntegerAttribute(null=True)
    told_80 = MomentAttribute(null=True)
    told_100 = MomentAttribute(null=True)

    @classmethod
    def at(cls, payer: Payer, of: Of, service: str, period: str) -> "Key[QuotaItem]":
        """Where the quota of the payer's owner is, or of the person within the tenant."""
        sk = f"QUOTA#{service}#{period}"
        if of == "user" and payer.tenant is not None:
            sk += f"#U#{payer.user_id}"
        return Key(cls, payer.owner.pk(), sk)


class QuotaEventItem(Item):
    """That a quota has reached a threshold: once in its month."""

    KIND = "quota_event"

    percent = IntegerAttribute()
    limit_units = IntegerAttribute()
    used = IntegerAttribute()

    @classmethod
    def of(cls, quota: "Key[QuotaItem]", percent: int) -> "Key[QuotaEventItem]":
        """Where the event of that quota is."""
        named = quota.sk.removeprefix("QUOTA#")
        return Key(cls, quota.pk, f"QUOTAEVENT#{named}#{percent}")


class AdjustmentItem(Item):
    """One immutable grant or correction of a quota."""

    KIND = "quota_adjustment"

    key = UnicodeAttribute()
    units = IntegerAttribute()
    reason = UnicodeAttribute()
    actor = UnicodeAttribute()

    @classmethod
    def at(cls, owner: Owner, service: str, period: str, key: str) -> "Key[AdjustmentItem]":
        """Where the adjustment of that key is."""
        return Key(cls, owner.pk(), f"ADJUST#{service}#{period}#{key}")


class PlanItem(Item):
    """The allowances of a tenant that differ from the settings."""

    KIND = "ai_plan"

    rev = IntegerAttribute()
    allowances = JsonAttribute()  # by service: {"limit": 500, "enforcement": "hard"}
    changed_by = UnicodeAttribute(null=True)

    @classmethod
    def at(cls, tenant: Tenant) -> "Key[PlanItem]":
        """Where the tenant's plan is."""
        return Key(cls, tenant.pk(), "AIPLAN")


class ReservationItem(Item):
    """What one request has reserved, and what became of it."""

    KIND = "reservation"

    user_id = UnicodeAttribute()
    service = UnicodeAttribute()
    period = UnicodeAttribute()
    units = IntegerAttribute()
    state = UnicodeAttribute()
    attempt = IntegerAttribute()
    request_hash = UnicodeAttribute()
    started_at = MomentAttribute()
    expires_at = MomentAttribute()
    day = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    outcome = JsonAttribute(null=True)  # what a row of the usage log says of the call

    @classmethod
    def at(cls, owner: Owner, request_id: str) -> "Key[ReservationItem]":
        """Where the reservation of a request is."""
        return Key(cls, owner.pk("R", request_id), "RESERVATION")


class AnswerItem(Item):
    """What a request was answered, compressed; for a day."""

    KIND = "generation"

    answer = BinaryAttribute(legacy_encoding=False)

    @classmethod
    def at(cls, owner: Owner, request_id: str) -> "Key[AnswerItem]":
        """Where the answer is."""
        return Key(cls, owner.pk("R", request_id), "ANSWER")


def day_counter(day: str) -> Path:
    """Where a person's quota counts the calls of one day of its month."""
    return Path(f"day_{day}")


def payer_of(item: ReservationItem) -> Payer:
    """Who pays for a stored reservation."""
    alone = item.pk.startswith("USER#")
    return Payer(item.user_id, None if alone else Tenant.of_pk(item.pk))


def ticket_of(item: ReservationItem) -> Ticket:
    """The ticket of a stored reservation."""
    return Ticket(
        request_id=item.pk.rpartition("#")[2],
        payer=payer_of(item),
        service=item.service,
        period=item.period,
        units=item.units,
        attempt=item.attempt,
        started_at=item.started_at,
        day=item.day,
    )


def reservation_of(item: ReservationItem) -> Reservation:
    """The domain's reservation of a stored one."""
    return Reservation(
        ticket=ticket_of(item),
        state=cast("State", item.state),
        request_hash=item.request_hash,
        expires_at=item.expires_at,
        reason=cast("Reason | None", item.reason),
        is_due=item.gsi2pk is not None,
        outcome=item.outcome,
    )


def plan_of(item: PlanItem | None) -> Plan:
    """The plan of a stored one; an empty one of none."""
    if item is None:
        return Plan()
    return Plan({name: Allowance(**allowance) for name, allowance in item.allowances.items()})


def quota_of(item: QuotaItem, key: Key[QuotaItem], allowance: Allowance, of: Of) -> Quota:
    """How a stored quota stands; ``allowance`` is the present one."""
    _, service, period, *_ = key.sk.split("#")
    limit = item.limit_units + (item.adjusted or 0)
    return Quota(service, period, limit, limit - item.available, allowance.enforcement, of)


def adjustment_of(item: AdjustmentItem) -> Adjustment:
    """The domain's adjustment of a stored one."""
    _, service, period, *_ = item.sk.split("#")
    return Adjustment(
        key=item.key,
        service=service,
        period=period,
        units=item.units,
        reason=item.reason,
        actor=item.actor,
        at=item.created_at,
    )
