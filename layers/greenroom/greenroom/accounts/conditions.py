"""Conditions on a person, and what it means when they do not hold."""

from datetime import datetime

from pynamodb.expressions.condition import Condition

from greenroom.accounts.domain import UnknownUser
from greenroom.accounts.items import UserItem
from greenroom.kernel.errors import AccountDeleted, GreenroomError


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
