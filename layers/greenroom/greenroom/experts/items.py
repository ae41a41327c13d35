"""Experts in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| expert | USER#{user_id} | EXPERT | EXPERTS#online / {workshop_id}#{user_id} |

Only who is online and approved is in the index, so that looking for experts reads no others.
"""

from typing import Any, cast

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from greenroom.experts.domain import Expert, Presence
from greenroom.table.attributes import IntegerAttribute, JsonAttribute, MomentAttribute
from greenroom.table.item import Item, Key

ONLINE = "EXPERTS#online"


class ExpertItem(Item):
    """Somebody who takes sessions; ``active_count`` moves only with a session."""

    KIND = "expert"

    name = UnicodeAttribute()
    presence = UnicodeAttribute()
    approved = BooleanAttribute()
    max_active = IntegerAttribute()
    active_count = IntegerAttribute()
    is_specialist = BooleanAttribute()
    skills = JsonAttribute()
    workshop_id = UnicodeAttribute(null=True)
    idle_since = MomentAttribute()

    @classmethod
    def at(cls, expert_id: str) -> "Key[ExpertItem]":
        """Where the expert is."""
        return Key(cls, f"USER#{expert_id}", "EXPERT")


def online_key(expert_id: str, *, workshop_id: str | None) -> tuple[str, str]:
    """Partition and sort key among those who are online: a workshop's people stand together."""
    return ONLINE, f"{workshop_id or ''}#{expert_id}"


def expert_of(item: ExpertItem) -> Expert:
    """The domain's expert of a stored one."""
    plain: dict[str, Any] = {
        name: getattr(item, name)
        for name in ("name", "max_active", "active_count", "workshop_id", "idle_since")
    }
    return Expert(
        expert_id=item.pk.removeprefix("USER#"),
        presence=cast("Presence", item.presence),
        approved=bool(item.approved),
        is_specialist=bool(item.is_specialist),
        skills=tuple(item.skills or ()),
        **plain,
    )
