"""Quotas: who pays, how much they may use, and what one call has reserved. Pure.

A quota counts units of one service in one calendar month (UTC) of one tenant, of one member within
it, or of a person alone. The month is part of its key, so nothing ever has to be reset.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from greenroom.kernel.errors import Conflict, ValidationFailed
from greenroom.kernel.tenants import Tenant, refuse_separators

Of = Literal["tenant", "user"]
Enforcement = Literal["hard", "soft"]
State = Literal["held", "settled", "released"]
Facts = Mapping[str, Any]  # of a row of the usage log
Reason = Literal["failed", "cancelled", "crashed"]

THRESHOLDS = (80, 100)  # percent of a quota at which an event is noted

SERVICE_PATTERN = "^[a-z][a-z0-9_]{0,63}$"
_SERVICE = re.compile(SERVICE_PATTERN[1:-1])


class NoLongerHeld(Conflict):
    """The reservation was cancelled or given back before the call was done; fact: ``reason``."""

    default_detail = "This request was cancelled before it was done."


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the proxy for themselves."""

    user_id: str

    def __post_init__(self) -> None:
        """Refuse what is no part of a key: ValueError."""
        refuse_separators(self.user_id)

    def pk(self, *parts: str) -> str:
        """The partition of what these parts name, or of the person; as ``Tenant.pk``."""
        if parts:
            refuse_separators(*parts)
        return "#".join(("USER", self.user_id, *parts))


Owner = Tenant | Person  # whose quota it is in the end


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose quota a call takes from, and who makes it; without a tenant, the person's own."""

    user_id: str
    tenant: Tenant | None = None

    @property
    def owner(self) -> Owner:
        """Who pays in the end."""
        return self.tenant or Person(self.user_id)


@dataclass(frozen=True, slots=True)
class Service:
    """A service and how many units one call takes.

    ``metered_only``: counted, never refused, since something else has paid for it.
    """

    name: str
    units: int
    metered_only: bool = False

    def __post_init__(self) -> None:
        """Refuse a name that is no part of a key, and a call that takes nothing: ValueError."""
        if not is_service(self.name) or self.units < 1:
            raise ValueError("no service")


@dataclass(frozen=True, slots=True)
class Allowance:
    """Units a calendar month. A soft one is only told about, never refused."""

    limit: int
    enforcement: Enforcement = "hard"


@dataclass(frozen=True, slots=True)
class Plan:
    """The allowances of an owner by service, where they differ from the settings."""

    allowances: Mapping[str, Allowance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quota:
    """How a quota stands. ``limit`` has grants and adjustments in it; ``used`` what is held, too.

    ``remaining`` is never negative: under a soft limit, and after a correction, more may be used
    than there is.
    """

    service: str
    period: str
    limit: int
    used: int
    enforcement: Enforcement
    of: Of

    @property
    def remaining(self) -> int:
        """Units that are left."""
        return max(0, self.limit - self.used)

    @property
    def reset_at(self) -> datetime:
        """When the next month begins, in which all of it is there again."""
        return end_of(self.period)

    def reached(self) -> tuple[int, ...]:
        """The thresholds, in percent, that have been reached."""
        if self.limit <= 0:
            return ()
        return tuple(one for one in THRESHOLDS if self.used * 100 >= self.limit * one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What one attempt of one request has reserved.

    ``day`` (``25``) is set where the call counts towards what a person may do in a day.
    """

    request_id: str
    payer: Payer
    service: str
    period: str
    units: int
    attempt: int
    started_at: datetime
    day: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What became of a request's newest attempt.

    ``is_due``: the sweeper has something to do with it, since it is held, or the usage log was not
    told what came of it. ``outcome`` is that, where the call lived to say it: facts of a row.
    """

    ticket: Ticket
    state: State
    request_hash: str
    expires_at: datetime
    reason: Reason | None
    is_due: bool
    outcome: Facts | None = None


def facts_of(ticket: Ticket) -> dict[str, Any]:
    """What a row of the usage log says of a call before anything came of it.

    It is dated by the call's beginning, which names its row once for ever.
    """
    tenant = ticket.payer.tenant
    return {
        "request_id": ticket.request_id,
        "attempt": ticket.attempt,
        "user_id": ticket.payer.user_id,
        "tenant_kind": tenant.kind if tenant else None,
        "tenant_id": tenant.tenant_id if tenant else None,
        "at": ticket.started_at,
        "started_at": ticket.started_at,
        "service_type": ticket.service,
    }


class ReservationChanged(Conflict):
    """The reservation is not as a step wants it; ``old`` is as it was, if there was one."""

    def __init__(self, old: Reservation | None) -> None:
        self.old = old
        super().__init__()


@dataclass(frozen=True, slots=True)
class Answered:
    """The same request was answered before: its answer, as it was."""

    answer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One of the quotas that a call takes from; ``limit`` is what it begins a month with."""

    of: Of
    limit: int
    enforcement: Enforcement


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A grant (positive) or a correction; immutable, named by its key. ``units`` is signed."""

    key: str
    service: str
    period: str
    units: int
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep did, in reservations."""

    released: int = 0
    untouched: int = 0
    failed: int = 0


def is_service(name: str) -> bool:
    """Whether that may be the name of a service."""
    return _SERVICE.fullmatch(name) is not None


def require_service(name: str) -> None:
    """Let only what may be a service's name pass.

    Raises:
        ValidationFailed: it is none.
    """
    if not is_service(name):
        raise ValidationFailed.of(
            "serviceType", "A service's name is small letters, digits and _, as exam_1."
        )


def period_of(moment: datetime) -> str:
    """The calendar month (UTC) of a moment: ``2026-11``."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def end_of(period: str) -> datetime:
    """The moment at which the month after that one begins.

    Raises:
        ValueError: it is no month.
    """
    year, _, month = period.partition("-")
    first = datetime(int(year), int(month), 1, tzinfo=UTC)
    return (first + timedelta(days=31)).replace(day=1)
