"""The table for what must not hold up an answer: another connection, and little patience.

A connection's timeouts are its own, so short ones need a connection of their own.
"""

from typing import Any

from pynamodb.connection import Connection

from greenroom.kernel.limits import HASTE_BUDGET_S, HASTE_CONNECT_TIMEOUT_S, HASTE_READ_TIMEOUT_S
from greenroom.table.patience import Patience
from greenroom.table.table import Table
from greenroom.table.wire import WireConnection

HASTE = Patience(budget_s=HASTE_BUDGET_S, try_s=HASTE_CONNECT_TIMEOUT_S + HASTE_READ_TIMEOUT_S)


class _SameSession(Connection):
    """Over botocore's session of another: a second takes 45 ms to make, a second client 2 ms."""

    def __init__(self, other: Connection, **given: Any) -> None:
        super().__init__(**given)
        self._other = other

    @property
    def session(self) -> Any:
        """The other's session: of this thread, as the library wants it."""
        return self._other.session


def hasty(table: Table) -> Table:
    """The same table, for work that gives up after ``HASTE_BUDGET_S``; nothing is sent yet."""
    given: dict[str, Any] = {
        "region": table.connection.region,
        "host": table.connection.host,
        "connect_timeout_seconds": HASTE_CONNECT_TIMEOUT_S,
        "read_timeout_seconds": HASTE_READ_TIMEOUT_S,
        "max_retry_attempts": 0,
    }
    if isinstance(table.connection, WireConnection):
        connection: Connection = WireConnection(**given)
    else:
        connection = _SameSession(table.connection, **given)
    return Table(table.name, connection, clock=table.clock, patience=HASTE)
