"""What must be true of a class for a move; ``rules`` says what it means that it is not."""

from datetime import datetime, timedelta

from pynamodb.expressions.condition import Condition

from greenroom.bookings.class_items import ClassItem
from greenroom.bookings.domain import ClassSession
from greenroom.kernel.limits import Limits


def bookable(now: datetime, seen: ClassSession, *, staff: bool, limits: Limits) -> Condition:
    """That there is a seat for whoever comes now: see ``rules.refusals_of_booking``."""
    closes = ClassItem.ends_at > now if staff else ClassItem.starts_at > now + _notice(seen)
    past_cutoff = ClassItem.starts_at <= now + timedelta(seconds=limits.waitlist_cutoff_s)
    for_all = (ClassItem.waitlist_count == 0) | past_cutoff
    seat: Condition = closes & (ClassItem.free >= 1) & for_all
    found: Condition = is_scheduled() & seat
    return found


def joinable(now: datetime, seen: ClassSession, *, limits: Limits) -> Condition:
    """That the waitlist takes whoever comes now: see ``rules.refusals_of_waiting``."""
    noticed = ClassItem.starts_at > now + _notice(seen)
    offers = ClassItem.starts_at > now + timedelta(seconds=limits.waitlist_cutoff_s)
    full = (ClassItem.free < 1) | (ClassItem.waitlist_count > 0)
    place: Condition = full & (ClassItem.waitlist_count < ClassItem.waitlist_max)
    found: Condition = is_scheduled() & noticed & offers & place
    return found


def head_stays(seen: ClassSession) -> Condition:
    """That nobody has come before the head of the waitlist as it was read."""
    condition: Condition = ClassItem.waitlist_joins == seen.waitlist_joins
    return condition


def nobody_waits() -> Condition:
    """That a seat which becomes free is free for everybody."""
    condition: Condition = ClassItem.waitlist_count == 0
    return condition


def nobody_in() -> Condition:
    """That nobody has a seat, is held one, or waits."""
    empty: Condition = (ClassItem.booked == 0) & (ClassItem.held == 0)
    found: Condition = empty & nobody_waits()
    return found


def is_scheduled() -> Condition:
    """That the class takes place."""
    condition: Condition = ClassItem.status == "scheduled"
    return condition


def _notice(seen: ClassSession) -> timedelta:
    return timedelta(minutes=seen.notice_min)
