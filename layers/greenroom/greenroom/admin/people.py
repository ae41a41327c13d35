"""Where a list of people by month of joining goes on, and months in general. Pure."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from greenroom.kernel.errors import InvalidRequest
from greenroom.kernel.limits import FIRST_MONTH, STORY_MONTHS_MAX

_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


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


def months_between(first: datetime, last: datetime) -> list[str]:
    """The months from one moment to another, the newest first; at most ``STORY_MONTHS_MAX``."""
    place, months = Place(f"{last:%Y-%m}"), list[str]()
    while place.month >= f"{first:%Y-%m}" and len(months) < STORY_MONTHS_MAX:
        months.append(place.month)
        place = place.before()
    return months
