"""What a person's books say of each day, as the sums of everybody's days count it. Pure."""

from collections import defaultdict

from greenroom.accounts.domain import EntryKind
from greenroom.admin.books import Books
from greenroom.sessions.domain import INTERVIEW
from greenroom.usage.takings import Takings

# Which figure an entry of the ledger belongs to, and with which sign.
_FIGURES: dict[EntryKind, tuple[str, int]] = {
    "debit": ("debited", -1),
    "void": ("given_back", 1),
    "purchase": ("bought", 1),
    "reversal": ("reversed", -1),
    "grant": ("granted", 1),
    "adjustment": ("granted", 1),
}


def takings_of(books: Books) -> dict[str, Takings]:
    """The figures of each day (UTC) of which the books have any, now or as it was counted.

    Of the deleted the sessions are no longer theirs: how many interviews they began stays as it
    was counted.
    """
    days: dict[str, Takings] = defaultdict(Takings)
    for entry in books.entries:
        name, sign = _FIGURES[entry.kind]
        days[f"{entry.at:%Y-%m-%d}"] += Takings(**{name: sign * entry.amount})
    gone = books.account is None or books.account.is_deleted
    for day, counted in books.counted.items():
        days[day] += Takings(interviews_started=counted.takings.interviews_started if gone else 0)
    if not gone:
        for session in books.sessions.values():
            if session.type == INTERVIEW:
                days[f"{session.started_at:%Y-%m-%d}"] += Takings(interviews_started=1)
    return dict(days)
