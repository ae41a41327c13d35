"""People as admins find them: what is known of each, and where a list goes on. Pure."""

import base64
import binascii
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from greenroom.kernel.errors import InvalidRequest
from greenroom.kernel.limits import FIRST_MONTH

_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """Somebody who has joined; ``credits`` are centicredits. Of the erased little is left."""

    user_id: str
    clerk_id: str
    email: str | None
    name: str | None
    credits: int
    premium_until: datetime | None
    created_at: datetime
    deleted_at: datetime | None

    def is_premium(self, now: datetime) -> bool:
        """Whether a paid period, grace included, has not ended."""
        return self.premium_until is not None and self.premium_until > now

    def is_meant(self, words: str) -> bool:
        """Whether name or e-mail holds these words, which are ``plain``; no words mean all."""
        return not words or any(words in plain(text) for text in (self.name, self.email) if text)


def plain(text: str) -> str:
    """A text as it is compared: case and ways of writing a character do not count."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list of people goes on: in a month of joining, after a row of it or at its start."""

    month: str
    after: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nobody can have joined that early."""
        return self.month < FIRST_MONTH

    def before(self) -> "Place":
        """The start of the month before."""
        year, month = int(self.month[:4]), int(self.month[5:])
        return Place(f"{year:04}-{month - 1:02}" if month > 1 else f"{year - 1:04}-12")

    def to_text(self) -> str:
        """The opaque cursor."""
        text = json.dumps([self.month, self.after], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of(cls, cursor: str) -> "Place":
        """The place that a cursor names; what is in ``after`` the list itself will judge.

        Raises:
            InvalidRequest: it names none.
        """
        refusal = InvalidRequest("cursor is not one that we gave.", field="cursor")
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            month, after = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (binascii.Error, ValueError, TypeError, RecursionError) as cause:
            raise refusal from cause
        known = isinstance(month, str) and _MONTH.fullmatch(month) is not None
        if not known or not (after is None or isinstance(after, str)):
            raise refusal
        return cls(month, after)
