"""Reported errors in the table.

| item | PK | SK |
|---|---|---|
| client_error | USER#{user_id} | ERROR#{report_id} |

Kept for 30 days (``ttl``), and only of people who were signed in: theirs, in export and erasure.
"""

from pynamodb.attributes import UnicodeAttribute

from greenroom.table.attributes import MomentAttribute
from greenroom.table.item import Item, Key


class ClientErrorItem(Item):
    """An error that happened in a person's browser."""

    KIND = "client_error"
    THEIRS = True

    at_moment = MomentAttribute(attr_name="at")
    message = UnicodeAttribute()
    stack = UnicodeAttribute(null=True)
    page = UnicodeAttribute(null=True)
    request_id = UnicodeAttribute(null=True)
    session_id = UnicodeAttribute(null=True)
    user_agent = UnicodeAttribute(null=True)
    release = UnicodeAttribute(null=True)

    @classmethod
    def at(cls, user_id: str, report_id: str) -> "Key[ClientErrorItem]":
        """Where the report is."""
        return Key(cls, f"USER#{user_id}", f"ERROR#{report_id}")
