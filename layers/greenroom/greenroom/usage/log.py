"""The usage log: a row for every use of an AI service, whatever happens to it.

It never fails, and never holds up the answer that it is written beside: a row that the table does
not take at once is spilled to a queue, whose consumer stores it; one that the queue does not take
either is written as a line of the function's log, which ``python -m ops usage restore`` reads. On
each of these ways a row is stored exactly once, because its key is its own (``log_items``).
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import GreenroomError
from greenroom.kernel.telemetry import count, phase
from greenroom.table.transaction import Transaction
from greenroom.usage.drift import row_of
from greenroom.usage.log_row import LogRow
from greenroom.usage.log_store import LogStore
from greenroom.usage.spill import message_of, packed

State = Literal["stored", "spilled", "lost"]
Note = Callable[[str, dict[str, Any]], None]


class Queue(Protocol):
    """What is asked of the queue of spilled rows (``kernel.queue.Queue``)."""

    def send(self, body: str) -> None:
        """Send one message; ``Unavailable`` if the queue did not take it."""
        ...


class UsageLog:
    """Writes rows. ``queue`` is None where there is none: then what is not stored is lost."""

    def __init__(
        self,
        store: LogStore,
        *,
        queue: Callable[[], Queue | None],
        clock: Clock,
        note: Note,
        report: Note,
    ) -> None:
        self._store = store
        self._queue = queue
        self._clock = clock
        self._note = note
        self._report = report

    def write(
        self, facts: Mapping[str, Any], *, also: Callable[[Transaction], None] = lambda _: None
    ) -> State:
        """Write the row that these facts make, and say where it is now. Never raises.

        ``also`` adds steps to the transaction that stores it; a row that is spilled or lost does
        without them.

        Facts are those of ``LogRow``; ``request_id``, ``user_id`` and ``at`` make it one that is
        stored once, however often it is written. Others are kept in its metadata. It takes at most
        the budgets of the table and the queue, ``HASTE_BUDGET_S`` each.
        """
        with phase("usage_log"):
            state = self._write(facts, also)
        count("UsageLog", state=state)
        return state

    def _write(self, facts: Mapping[str, Any], also: Callable[[Transaction], None]) -> State:
        try:
            row = row_of(facts, now=self._clock())
        except Exception as failure:  # noqa: BLE001 (no fact is worth the answer that it came with)
            self._lose({}, failure)
            return "lost"
        try:
            self._store.add(row, if_also=also)
        except Exception as failure:  # noqa: BLE001 (whatever the table has, the answer has not)
            return self._spill(row, failure)
        return "stored"

    def _spill(self, row: LogRow, cause: Exception) -> State:
        try:
            queue = self._queue()
            if queue is not None:
                queue.send(message_of(row))
                self._note("a usage row was spilled", _named(row) | _told(cause))
                return "spilled"
        except Exception as failure:  # noqa: BLE001 (as above)
            cause = failure
        self._lose(_named(row) | {"row": packed(row)}, cause)
        return "lost"

    def _lose(self, facts: dict[str, Any], cause: Exception) -> None:
        told = {"alarm": "USAGE_LOG_LOST", **facts, **_told(cause)}
        self._report("a usage row was not stored", told)


def _named(row: LogRow) -> dict[str, Any]:
    return {
        "usage_request_id": row.request_id,
        "usage_user_id": row.user_id,
        "service_type": row.service,
        "usage_status": row.status,
    }


def _told(cause: Exception) -> dict[str, Any]:
    """Why, without a foreign error's own text: it may quote what was sent."""
    if isinstance(cause, GreenroomError):
        return {**cause.log, "error_code": cause.code}
    return {"error_code": type(cause).__qualname__}
