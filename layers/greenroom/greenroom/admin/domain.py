"""Whom admins see, and what they did: to whom, why, how it was before and after. Pure."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from greenroom.admin.lines import Line
from greenroom.kernel.tenants import Tenant
from greenroom.usage.domain import Allowance, Owner, Quota


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """Somebody who has joined; ``credits`` are centicredits. Of the erased little is left."""

    user_id: str
    clerk_id: str
    email: str | None
    name: str | None
    credits: int
    premium_until: datetime | None
    created_at: datetime
    deleted_at: datetime | None

    def is_premium(self, now: datetime) -> bool:
        """Whether a paid period, grace included, has not ended."""
        return self.premium_until is not None and self.premium_until > now

    def is_meant(self, words: str) -> bool:
        """Whether name or e-mail holds these words, which are ``plain``; no words mean all."""
        return not words or any(words in plain(text) for text in (self.name, self.email) if text)


def plain(text: str) -> str:
    """A text as it is compared: case and ways of writing a character do not count."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The admin, by our id and Clerk's, and the request in which they acted."""

    user_id: str
    clerk_id: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that an admin does.

    ``target`` names what it is done to: ``user:<id>``, or ``tenant:<token>``. ``before`` and
    ``after`` are as the wire tells them.
    """

    actor: Actor
    action: str
    target: str
    reason: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An act in the trail. Never changed."""

    entry_id: str
    at: datetime
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What an ``Idempotency-Key`` of an admin names: once for ever."""

    operation_id: str
    request_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An operation that was done, and the entry that tells of it."""

    operation: Operation
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What an admin wants: ``amount`` is in centicredits and not nothing."""

    user_id: str
    amount: int
    reason: str
    request_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """An adjustment that was made, now or by an earlier request of the same key."""

    entry: Entry
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceWanted:
    """What a tenant is to have of a service each month."""

    tenant: Tenant
    service: str
    allowance: Allowance
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsWanted:
    """Units of this month that an admin gives (or takes, with a minus)."""

    owner: Owner
    service: str
    units: int
    reason: str
    request_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsAdjusted:
    """An adjustment that was made, now or by an earlier request of the same key."""

    entry: Entry
    quota: Quota
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTenant:
    """A tenant in the list of all."""

    tenant: Tenant
    name: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """What went wrong in a month, newest first, and the month before, if the person was there."""

    lines: list[Line]
    next_cursor: str | None


def user_target(user_id: str) -> str:
    """A person, as what something is done to."""
    return f"user:{user_id}"
