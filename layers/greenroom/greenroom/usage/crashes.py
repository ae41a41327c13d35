"""Calls that were never heard of again: what they hold goes back, and the usage log is told.

Ending a call and telling of it are writes to two places. So a reservation stays due until it was
told: whoever dies in between is followed by the next sweep, or by a repeat of the request.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from greenroom.kernel.clock import Clock, to_text
from greenroom.kernel.errors import GreenroomError
from greenroom.kernel.limits import SWEEP_SHARD_MAX
from greenroom.usage.domain import Facts, Reservation, Swept, facts_of
from greenroom.usage.quota_store import QuotaStore

Log = Callable[[Facts], object]
Note = Callable[[str, dict[str, Any]], None]


class Crashes:
    """Ends what has crashed."""

    def __init__(self, store: QuotaStore, *, log: Log, clock: Clock, note: Note) -> None:
        self._store = store
        self._log = log
        self._clock = clock
        self._note = note

    def sweep(self, now: datetime) -> Swept:
        """End what is due by ``now``; one that resists does not stop the others."""
        counts = dict.fromkeys(Swept.__dataclass_fields__, 0)
        for pk, sk in self._store.due(until=now, limit=SWEEP_SHARD_MAX):
            try:
                counts[self._sweep_one(pk, sk, now)] += 1
            except Exception as error:  # noqa: BLE001 (one bad row never stops the rest)
                counts["failed"] += 1
                code = error.code if isinstance(error, GreenroomError) else "INTERNAL_ERROR"
                facts = {"reservation": pk, "error_code": code}
                facts["error_type"] = type(error).__qualname__
                self._note("a reservation could not be swept", facts)
        return Swept(**counts)

    def end(self, found: Reservation) -> bool:
        """Give back what a crashed call holds, and tell of it: whether its units went back here.

        One that was settled or given back before it died is told of as it has said.
        """
        released = found.state == "held" and self._store.release(found.ticket, reason="crashed")
        if found.state == "held" and not released:
            return False
        self._log(_facts_of(found, self._clock()))
        self._store.told(found.ticket)
        return released

    def _sweep_one(self, pk: str, sk: str, now: datetime) -> str:
        found = self._store.find(pk, sk)
        if found is None or not found.is_due or found.expires_at > now:
            return "untouched"
        return "released" if self.end(found) else "untouched"


def _facts_of(found: Reservation, now: datetime) -> dict[str, Any]:
    """What is known of a call whose teller has died, for the usage log.

    It is dated by the call's beginning, so that telling it twice is telling it once.
    """
    ticket = found.ticket
    crashed = {
        "units": 0,
        "status": "crashed",
        "metadata": {"unitsGivenBack": ticket.units},
    }
    facts = facts_of(ticket) | dict(found.outcome or crashed)
    return facts | {"metadata": {**facts.get("metadata", {}), "foundAt": to_text(now)}}
