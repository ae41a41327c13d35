"""How far the hourly reconciliation has come, in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| reconciliation | RECONCILIATION | ROUND | |
"""

from pynamodb.attributes import UnicodeAttribute

from greenroom.table.item import Item, Key


class RoundItem(Item):
    """Where the present round goes on; without a month the next run begins a new one."""

    KIND = "reconciliation"

    month = UnicodeAttribute(null=True)
    cursor = UnicodeAttribute(null=True)

    @classmethod
    def at(cls) -> "Key[RoundItem]":
        """Where the one row is."""
        return Key(cls, "RECONCILIATION", "ROUND")
