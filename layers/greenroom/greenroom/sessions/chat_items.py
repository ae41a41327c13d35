"""What is said in a session with an expert, in the table.

| item | PK | SK |
|---|---|---|
| chat_message | CHAT#{session_id} | MESSAGE#{uuid7} |
| chat_key | CHAT#{session_id} | KEY#{uuid5} |

A partition of its own, so that a long talk never hides what belongs to the session. The key of
a message that was sent under an Idempotency-Key leads a repeat to it.
"""

from pynamodb.attributes import UnicodeAttribute

from greenroom.table.item import Item, Key


class MessageItem(Item):
    """One message; never changed."""

    KIND = "chat_message"

    message_id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    role = UnicodeAttribute()
    text = UnicodeAttribute()

    @classmethod
    def at(cls, session_id: str, message_id: str) -> "Key[MessageItem]":
        """Where the message is: the order of ids is that of time."""
        return Key(cls, f"CHAT#{session_id}", f"MESSAGE#{message_id}")


class MessageKeyItem(Item):
    """From an Idempotency-Key to the message that was sent under it."""

    KIND = "chat_key"

    message_id = UnicodeAttribute()
    text_sha256 = UnicodeAttribute()

    @classmethod
    def at(cls, session_id: str, key_id: str) -> "Key[MessageKeyItem]":
        """Where the key is."""
        return Key(cls, f"CHAT#{session_id}", f"KEY#{key_id}")
