"""Counters against the rows that they count. Pure.

A counter is moved in the transaction that writes a row; these are the rules by which both agree at
every instant.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from greenroom.kernel.tenants import Tenant

_BOOKED: Final = frozenset({"confirmed", "attended", "no_show"})
_HELD: Final = frozenset({"pending", "offered"})
_SEATED: Final = _BOOKED | _HELD | {"waitlisted"}
_HOLDING: Final = frozenset({"waiting", "live"})  # a session that an expert has taken


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A rule that does not hold of a subject, and how."""

    rule: str
    subject: str
    facts: tuple[tuple[str, Any], ...]


@dataclass(slots=True, kw_only=True)
class Checked:
    """How many things of a section were compared, what does not agree, and where to go on."""

    section: str
    checked: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCounts:
    """A class as its row counts it, and the statuses of its seats and places on its waitlist."""

    class_session_id: str
    organization_id: str
    capacity: int
    free: int
    booked: int
    held: int
    waitlist_count: int
    seats: Sequence[str]
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertCounts:
    """How many sessions an expert's row says that they have, and the statuses of theirs."""

    expert_id: str
    active_count: int
    sessions: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaCounts:
    """What a month's quota says was used, and the units that its rows hold or have settled."""

    owner: str
    service: str
    period: str
    used: int
    counted: int


def class_mismatches(one: ClassCounts) -> Iterator[Mismatch]:
    """What does not agree in a class."""
    statuses = Counter(one.seats)
    where = {"organization_id": one.organization_id}
    if one.free + one.booked + one.held != one.capacity or min(one.free, one.booked, one.held) < 0:
        counters = {"free": one.free, "booked": one.booked, "held": one.held}
        yield _mismatch(
            "capacity_is_divided", one.class_session_id, capacity=one.capacity, **counters, **where
        )
    booked = sum(statuses[status] for status in _BOOKED)
    if one.booked != booked:
        yield _mismatch(
            "booked_is_the_seats", one.class_session_id, booked=one.booked, seats=booked, **where
        )
    held = sum(statuses[status] for status in _HELD)
    if one.held != held:
        yield _mismatch(
            "held_is_the_seats", one.class_session_id, held=one.held, seats=held, **where
        )
    waits = statuses["waitlisted"]
    if not one.waitlist_count == waits == one.waiting:
        yield _mismatch(
            "waitlist_is_the_rows",
            one.class_session_id,
            waitlist_count=one.waitlist_count,
            seats=waits,
            places=one.waiting,
            **where,
        )
    if strange := set(statuses) - _SEATED:
        yield _mismatch(
            "a_seat_has_a_status", one.class_session_id, statuses=sorted(strange), **where
        )


def expert_mismatches(one: ExpertCounts) -> Iterator[Mismatch]:
    """Whether an expert has as many sessions as their row says."""
    holding = sum(status in _HOLDING for status in one.sessions)
    if one.active_count != holding:
        yield _mismatch(
            "active_is_the_sessions",
            one.expert_id,
            active_count=one.active_count,
            sessions=holding,
        )


def quota_mismatches(one: QuotaCounts) -> Iterator[Mismatch]:
    """Whether a quota has as much used as its rows hold or have settled."""
    if one.used != one.counted:
        facts = {"service": one.service, "period": one.period}
        yield _mismatch(
            "quota_is_the_reservations", one.owner, used=one.used, counted=one.counted, **facts
        )


def used_of(quota: Mapping[str, Any]) -> int:
    """What a quota's row says was used."""
    adjusted = quota.get("adjusted") or 0
    return int(quota["limit_units"] + adjusted - quota["available"])


def tenant_counts(tenant: Tenant, quotas: Mapping[str, Mapping[str, Any]]) -> Iterator[QuotaCounts]:
    """A tenant's quotas against those of its members, by their sort keys.

    A call takes as much from the one as from the other.
    """
    members: Counter[str] = Counter()
    for key, quota in quotas.items():
        whole, _, user_id = key.partition("#U#")
        if user_id:
            members[whole] += used_of(quota)
    for whole in {key.partition("#U#")[0] for key in quotas}:
        _, service, period = whole.split("#")
        own = quotas.get(whole)
        yield QuotaCounts(
            owner=tenant.token,
            service=service,
            period=period,
            used=used_of(own) if own else 0,
            counted=members[whole],
        )


def _mismatch(rule: str, subject: str, **facts: Any) -> Mismatch:
    return Mismatch(rule, subject, tuple(sorted(facts.items())))
