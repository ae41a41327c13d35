"""Ids: UUIDv7 for our own things, UUIDv5 where the id must follow from what it names."""

import os
import re
import time
import uuid
from functools import lru_cache

# Fixed for ever and independent of the issuer: every path computes the same user id.
_USERS = uuid.UUID("6f0c1e0a-5d3b-5b8e-9a77-2f3a64c6d0b1")
_SESSIONS = uuid.UUID("b5f2a3de-90c4-5c1f-8d0e-7f6a1c2b3d4e")
_STUDIOS = uuid.UUID("94e1c7a2-3b6d-5f80-a1d9-2c5e7b8f0a63")
_OPERATIONS = uuid.UUID("2d1f6a0c-7e43-5b92-8c15-a94e0b7d3f68")
_REQUESTS = uuid.UUID("3d8c6f10-7a25-5c94-b1e3-0a9d4e7f5b26")
ID_PATTERN = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_UUID = re.compile(ID_PATTERN[1:-1])


def new_id(*, at_ms: int | None = None) -> str:
    """A UUIDv7 in lower case, ordered by its millisecond. Source: RFC 9562 §5.7."""
    unix_ms = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    random = int.from_bytes(os.urandom(10))
    value = (unix_ms & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | (random & 0x3FFF_FFFF_FFFF_FFFF)
    return str(uuid.UUID(int=value))


@lru_cache(maxsize=256)  # one request asks for its caller's several times
def user_id_of(clerk_id: str) -> str:
    """Our id of the person whom Clerk calls ``clerk_id``: derived, so never looked up."""
    return str(uuid.uuid5(_USERS, clerk_id))


def session_id_of(*parts: str) -> str:
    """The id of the session that these parts name, such as user, route and Idempotency-Key.

    Parts are joined by their lengths, so that no two lists of parts give the same id.
    """
    return str(uuid.uuid5(_SESSIONS, _joined(parts)))


def studio_id_of(*parts: str) -> str:
    """The id of the booking, class, customer or pass that these parts name, as for sessions."""
    return str(uuid.uuid5(_STUDIOS, _joined(parts)))


def operation_id_of(*parts: str) -> str:
    """The id of the admin's operation that these parts name, as for sessions."""
    return str(uuid.uuid5(_OPERATIONS, _joined(parts)))


def request_id_of(*parts: str) -> str:
    """The id of the request to the AI proxy that these parts name, as for sessions."""
    return str(uuid.uuid5(_REQUESTS, _joined(parts)))


def is_id(text: str) -> bool:
    """Whether the text is one of our ids, spelled as we spell them (lower case)."""
    return _UUID.fullmatch(text) is not None


def _joined(parts: tuple[str, ...]) -> str:
    return "".join(f"{len(part)}:{part}" for part in parts)
