"""The takings of days in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| takings_user | USER#{user_id} | TAKINGS#{day} | |
| takings_platform | TAKINGS#{month} | DAY#{day} | |
"""

from dataclasses import fields

from greenroom.table.attributes import IntegerAttribute
from greenroom.table.item import Item, Key
from greenroom.usage.takings import Counted, Takings

FIGURES = [field.name for field in fields(Takings)]


class TakingsItem(Item):
    """Figures of a day."""

    interviews_started = IntegerAttribute(null=True)
    debited = IntegerAttribute(null=True)
    given_back = IntegerAttribute(null=True)
    bought = IntegerAttribute(null=True)
    reversed = IntegerAttribute(null=True)
    granted = IntegerAttribute(null=True)


class UserTakingsItem(TakingsItem):
    """Those of one person that are in everybody's."""

    KIND = "takings_user"

    rev = IntegerAttribute()

    @classmethod
    def at(cls, user_id: str, day: str) -> "Key[UserTakingsItem]":
        """Where the person's day is."""
        return Key(cls, f"USER#{user_id}", f"TAKINGS#{day}")


class PlatformTakingsItem(TakingsItem):
    """Those of everybody."""

    KIND = "takings_platform"

    @classmethod
    def at(cls, day: str) -> "Key[PlatformTakingsItem]":
        """Where everybody's day is."""
        return Key(cls, f"TAKINGS#{day[:7]}", f"DAY#{day}")


def counted_of(item: UserTakingsItem) -> Counted:
    """What a stored day of a person says."""
    return Counted(takings_of(item), item.rev)


def takings_of(item: TakingsItem) -> Takings:
    """The figures of a stored day."""
    return Takings(**{name: getattr(item, name) or 0 for name in FIGURES})
