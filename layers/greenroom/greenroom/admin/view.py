"""From what is known to what admins see."""

from collections.abc import Sequence
from datetime import datetime

from greenroom.admin.people import KnownPerson
from greenroom.admin.schema import PeoplePage, PersonRow
from greenroom.kernel.clock import to_text
from greenroom.kernel.money import credits_to_json


def people_page(
    people: Sequence[KnownPerson], *, next_cursor: str | None, now: datetime
) -> PeoplePage:
    """A page of people."""
    return PeoplePage(items=[person_row(one, now=now) for one in people], next_cursor=next_cursor)


def person_row(person: KnownPerson, *, now: datetime) -> PersonRow:
    """Somebody in a list."""
    return PersonRow(
        user_id=person.user_id,
        clerk_id=person.clerk_id,
        email=person.email,
        name=person.name,
        credits=credits_to_json(person.credits),
        is_premium=person.is_premium(now),
        premium_until=_text(person.premium_until),
        created_at=to_text(person.created_at),
        deleted_at=_text(person.deleted_at),
    )


def _text(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None
