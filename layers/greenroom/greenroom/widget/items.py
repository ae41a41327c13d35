"""Widget keys in the table.

| item | PK | SK |
|---|---|---|
| widget_key | WIDGET#{key} | WIDGET |

A key's row only says whose it is: the organisation's own settings say whether it still counts.
"""

from pynamodb.attributes import UnicodeAttribute

from greenroom.table.item import Item, Key


class WidgetKeyItem(Item):
    """From a public key to its organisation."""

    KIND = "widget_key"

    organization_id = UnicodeAttribute()

    @classmethod
    def at(cls, key: str) -> "Key[WidgetKeyItem]":
        """Where the key is."""
        return Key(cls, f"WIDGET#{key}", "WIDGET")
