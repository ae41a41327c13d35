"""What went wrong for a person by the month: sessions, uses of AI, and in their browser."""

import re
from typing import Final

from greenroom.admin.domain import KnownPerson, Troubles
from greenroom.admin.facts import told
from greenroom.admin.lines import Line, Row, lines_of
from greenroom.admin.people import Place
from greenroom.admin.story_reads import StoryReads
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import InvalidRequest

_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_FAILED: Final = frozenset({"failed", "crashed"})


class TroubleLists:
    """Finds what went wrong."""

    def __init__(self, reads: StoryReads, *, clock: Clock) -> None:
        self._reads = reads
        self._clock = clock

    def of(self, person: KnownPerson, *, cursor: str | None) -> Troubles:
        """What went wrong in the month that the cursor names; this one without it.

        Raises:
            InvalidRequest: the cursor is no month in which the person was there.
        """
        month = cursor or f"{self._clock():%Y-%m}"
        joined = f"{person.created_at:%Y-%m}"
        if not _MONTH.fullmatch(month) or month < joined:
            raise InvalidRequest("cursor is not one that we gave.", field="cursor")
        owner = f"USER#{person.user_id}"
        sessions = self._reads.listed(owner, sk_prefix=f"SESSION#{month}", newest=True)
        calls = self._reads.listed(f"{owner}#AI#{month.replace('-', '')}", newest=True)
        lines = [_session(one) for one in sessions if one.values.get("status") == "failed"]
        lines += [_call(one) for one in calls if one.values.get("status") in _FAILED]
        reports = self._reads.partition(owner, sk_prefix="ERROR#")
        reported = [line for one in reports for line in lines_of(one)]
        lines += [line for line in reported if f"{line.at:%Y-%m}" == month]
        lines.sort(key=lambda line: line.at, reverse=True)
        before = Place(month).before().month
        return Troubles(lines=lines, next_cursor=before if before >= joined else None)


def _session(row: Row) -> Line:
    facts = told(row.values, "type", "plan", "attempt", "given_back")
    at = row.values.get("ended_at") or row.values["updated_at"]
    return Line(at=at, kind="session", ref=row.id, what="failed", facts=facts)


def _call(row: Row) -> Line:
    values = row.values
    facts = told(values, "service_type", "model", "error_code", "processing_time_ms", "attempt")
    return Line(
        at=values["at"], kind="ai", ref=values["request_id"], what=values["status"], facts=facts
    )
