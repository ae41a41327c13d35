"""Conditions on a stored session, by the words of the domain."""

import functools
import operator
from datetime import datetime, timedelta
from typing import Any

from pynamodb.expressions.condition import Condition

from greenroom.kernel.limits import Limits
from greenroom.sessions.items import SessionItem

When = Condition  # what a change requires of the session as it is stored


def exists() -> Condition:
    """The condition that there is such a session."""
    return SessionItem.pk.exists()


def is_status(*statuses: str) -> Condition:
    """The condition that the session is in one of these states."""
    return SessionItem.status.is_in(*statuses)


def given(**values: Any) -> Condition:
    """The condition that these attributes of the session are as given (None: not there).

    ``user_id`` is ours, as everywhere outside the table.
    """
    conditions = []
    for name, value in values.items():
        attribute = getattr(SessionItem, "user_uuid" if name == "user_id" else name)
        conditions.append(attribute.does_not_exist() if value is None else attribute == value)
    joined: Condition = functools.reduce(operator.and_, conditions)
    return joined


def is_in_time(now: datetime) -> Condition:
    """The condition that the session's deadline has not passed."""
    in_time: Condition = SessionItem.due_at > now
    return in_time


def is_waived() -> Condition:
    """The condition that the customer has signed the waiver."""
    waived: Condition = SessionItem.waived_at.exists()
    return waived


def is_unclaimed(now: datetime, limits: Limits) -> Condition:
    """The condition that a call may be placed and that no exchange is being answered."""
    begun_after = now - timedelta(seconds=limits.session_max_s)
    free = SessionItem.claim_until.does_not_exist() | (SessionItem.claim_until <= now)
    short = SessionItem.live_at.does_not_exist() | (SessionItem.live_at > begun_after)
    unclaimed: Condition = is_status("pending", "live") & free & short & (SessionItem.due_at > now)
    return unclaimed


def may_be_answered(*, user_id: str, mint: int, now: datetime, limits: Limits) -> Condition:
    """The condition that this mint's token may be used for an exchange."""
    fresh = SessionItem.answered_mint.does_not_exist() | (SessionItem.answered_mint < mint)
    usable: Condition = (
        given(user_id=user_id, mint=mint)
        & SessionItem.token.exists()
        & fresh
        & is_unclaimed(now, limits)
    )
    return usable
