"""What admins see, on the wire. Credits are in credits."""

from greenroom.web.wire import Timestamp, Wire


class PersonRow(Wire):
    """Somebody who has joined. Of the deleted a tombstone is left, with ``deletedAt``."""

    user_id: str
    clerk_id: str
    email: str | None
    name: str | None
    credits: float
    is_premium: bool
    premium_until: Timestamp | None
    created_at: Timestamp
    deleted_at: Timestamp | None


class PeoplePage(Wire):
    """Some people, newest first. A search goes on while there is a cursor, found or not."""

    items: list[PersonRow]
    next_cursor: str | None
