"""Which facts of the usage log may be missing: what origin 001 asked its database."""

from greenroom.kernel.clock import Clock, to_text
from greenroom.kernel.ids import new_id
from greenroom.usage.drift import row_of
from greenroom.usage.log_store import LogStore

ASKED = ("ai_service_id", "metadata", "organization_id", "processing_time_ms")


class LogVerification:
    """Looks at the log as it is stored."""

    def __init__(self, store: LogStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def nullable(self) -> dict[str, bool]:
        """By name every fact that may be missing, and whether a row without it was stored.

        Asked of a real row without any of them, which counts for nothing and is deleted again.
        Those that origin 001 names are in the answer in any case.

        Raises:
            StoreUnavailable: try again.
        """
        facts = {"request_id": new_id(), "at": to_text(self._clock())}
        row = row_of(facts, now=self._clock())
        return dict.fromkeys(ASKED, False) | self._store.probe(row)
