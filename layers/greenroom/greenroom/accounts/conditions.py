"""Conditions on a person, and what it means when they do not hold."""

from datetime import datetime
from typing import cast

from pynamodb.expressions.condition import Condition

from greenroom.accounts.domain import UnknownUser
from greenroom.accounts.items import STARTS_KEPT, UserItem
from greenroom.kernel.clock import epoch_s, midnight, next_midnight, to_text
from greenroom.kernel.errors import AccountDeleted, GreenroomError, QuotaExceeded


def alive() -> Condition:
    """The person exists and was not deleted."""
    condition: Condition = UserItem.pk.exists() & UserItem.deleted_at.does_not_exist()
    return condition


def unknown_or_deleted(old: UserItem | None) -> GreenroomError:
    """What it means that nobody is alive there."""
    return UnknownUser() if old is None else AccountDeleted()


def not_premium(now: datetime) -> Condition:
    """No paid period reaches beyond this moment."""
    path = UserItem.premium_until
    condition: Condition = path.does_not_exist() | (path <= now)
    return condition


def not_all_of_today(now: datetime, at_most: int) -> Condition:
    """Another start is within what a person may do in a day (UTC).

    The moments of the newest starts tell: the one that is as many back as are allowed has to be
    of another day.
    """
    earlier: Condition = UserItem.starts[STARTS_KEPT - at_most] < epoch_s(midnight(now))
    return earlier


def all_of_today(old: UserItem, now: datetime, at_most: int) -> QuotaExceeded | None:
    """What it means that it is not; None where it is."""
    starts = cast("list[int]", old.starts)
    if int(starts[STARTS_KEPT - at_most]) < epoch_s(midnight(now)):
        return None
    reset_at = next_midnight(now)
    return QuotaExceeded(
        f"At most {at_most} interviews a day.",
        retry_after_s=epoch_s(reset_at) - epoch_s(now),
        limit=at_most,
        remaining=0,
        resetAt=to_text(reset_at),
        scope="day",
    )
