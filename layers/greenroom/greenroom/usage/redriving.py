"""Rows that were spilled or lost, on their way back: stored once, however often they come."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import AccountDeleted
from greenroom.kernel.telemetry import count
from greenroom.table.transaction import Transaction
from greenroom.usage.log_row import NOBODY, LogRow
from greenroom.usage.log_store import LogStore
from greenroom.usage.spill import row_of_message, row_of_packed

Redriven = Literal["stored", "known", "erased"]


class Redriving:
    """Stores rows late. ``add_no_tombstone`` requires that a person was not deleted meanwhile."""

    def __init__(
        self,
        store: LogStore,
        *,
        add_no_tombstone: Callable[[Transaction, str], None],
        clock: Clock,
    ) -> None:
        self._store = store
        self._add_no_tombstone = add_no_tombstone
        self._clock = clock

    def take_message(self, body: Any) -> tuple[LogRow, Redriven]:
        """Store the row that a message of the queue holds.

        Raises:
            InvalidRequest: it holds none.
            StoreUnavailable: try again.
        """
        return self._take(row_of_message(body, now=self._clock()))

    def take_line(self, word: Any) -> tuple[LogRow, Redriven]:
        """Store the row that a line ``USAGE_LOG_LOST`` of a function's log holds.

        Raises:
            InvalidRequest, StoreUnavailable: as ``take_message``.
        """
        return self._take(row_of_packed(word, now=self._clock()))

    def _take(self, row: LogRow) -> tuple[LogRow, Redriven]:
        """Store a row, unless it was: ``known``.

        Who was deleted while it waited is not written back into the log: of what they did for a
        tenant the figures stay, what they did alone is dropped, as their erasure does it.
        """
        redriven: Redriven
        try:
            redriven = "stored" if self._store.add(row, if_also=self._alive(row)) else "known"
        except AccountDeleted:
            redriven = "erased"
            if row.tenant is not None:
                row = replace(row, user_id=NOBODY, correlation_id=None, metadata={})
                self._store.add(row)
        count("UsageLogRedriven", to=redriven)
        return row, redriven

    def _alive(self, row: LogRow) -> Callable[[Transaction], None]:
        def add(tx: Transaction) -> None:
            if row.user_id != NOBODY:
                self._add_no_tombstone(tx, row.user_id)

        return add
