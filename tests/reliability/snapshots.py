"""A scene that is set once: the world as it was then, as often as it is needed.

To set a scene costs far more than what is tried in it. Rows, clock and journal go back together;
the functions begin anew, as new containers, so that nothing is remembered that never was.
"""

from typing import Any

from tests.journal import Journal
from tests.world import World, client_of

BATCH_MAX = 25

Row = dict[str, Any]
Place = tuple[str, str]


class Snapshot:
    """Everything that a world knows at one moment, besides what its fakes have seen."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows = _by_place(world)
        self.now = world.clock.now
        journal = world.table.connection
        self.journal = journal if isinstance(journal, Journal) else None
        self.committed = len(self.journal.committed) if self.journal else 0

    def restore(self) -> None:
        """Let the world be as it was."""
        now = _by_place(self.world)
        gone = [{"DeleteRequest": {"Key": _key(now[one])}} for one in now.keys() - self.rows.keys()]
        back = [
            {"PutRequest": {"Item": row}} for at, row in self.rows.items() if now.get(at) != row
        ]
        self._write([*gone, *back])
        self.world.clock.now = self.now
        if self.journal:
            del self.journal.committed[self.committed :]
        self.world.rewire()

    def _write(self, requests: list[Row]) -> None:
        client, name = client_of(self.world.endpoint), self.world.table_name
        for first in range(0, len(requests), BATCH_MAX):
            pending = {name: requests[first : first + BATCH_MAX]}
            while pending:
                answer = client.batch_write_item(RequestItems=pending)
                pending = answer.get("UnprocessedItems") or {}


def _by_place(world: World) -> dict[Place, Row]:
    return {(row["PK"]["S"], row["SK"]["S"]): row for row in world.rows()}


def _key(row: Row) -> Row:
    return {name: row[name] for name in ("PK", "SK")}
