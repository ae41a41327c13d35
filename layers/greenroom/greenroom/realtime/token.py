"""The session token: what it holds, and what is asked of whoever seals it. No IO."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenContent:
    """What a token holds; ``mint`` is the number of the mint in its session, from 1."""

    session_id: str
    user_id: str
    provider_secret: str | None = field(repr=False)
    expires_at: datetime
    model: str
    mint: int


class Seals(Protocol):
    """Makes tokens and opens them (``realtime.sealing.Sealer``)."""

    def seal(self, content: TokenContent) -> str:
        """The token: printable ASCII that shows nothing of what it holds."""
        ...

    def open(self, token: str, *, session_id: str, user_id: str, now: datetime) -> TokenContent:
        """What the token holds; NotFound unless it is theirs, TokenExpired past its time."""
        ...
