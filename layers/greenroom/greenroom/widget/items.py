"""Widget keys and counted bookings in the table.

| item | PK | SK |
|---|---|---|
| widget_key | WIDGET#{key} | WIDGET |
| rate | T#org#{organization_id}#RATE#{fingerprint}#{window} | RATE |

A key's row only says whose it is: the organisation's own settings say whether it still counts. A
rate row is of one hour, and of one address (as HMAC) or of everybody (``all``); ``ttl`` forgets it.
"""

from pynamodb.attributes import UnicodeAttribute

from greenroom.organizations.repo import OrgRepo
from greenroom.table.attributes import IntegerAttribute
from greenroom.table.item import Item, Key


class WidgetKeyItem(Item):
    """From a public key to its organisation."""

    KIND = "widget_key"

    organization_id = UnicodeAttribute()

    @classmethod
    def at(cls, key: str) -> "Key[WidgetKeyItem]":
        """Where the key is."""
        return Key(cls, f"WIDGET#{key}", "WIDGET")


class RateItem(Item):
    """How many bookings were asked for in an hour."""

    KIND = "rate"

    asked = IntegerAttribute()

    @classmethod
    def at(cls, repo: OrgRepo, who: str, window: str) -> "Key[RateItem]":
        """Where that hour's count is, of a fingerprint or of everybody."""
        return Key(cls, repo.pk("RATE", who, window), "RATE")
