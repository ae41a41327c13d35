"""What diagnostics do to the table: probes, and its own description."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from pynamodb.exceptions import VerboseClientError

from greenroom.diagnostics.connections import Amiss
from greenroom.diagnostics.items import ProbeItem
from greenroom.kernel.clock import epoch_s
from greenroom.kernel.errors import Conflict
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import PROBE_KEPT_S
from greenroom.table.batch import get_all
from greenroom.table.inspection import ttl_attribute
from greenroom.table.table import Table
from greenroom.table.transaction import Violation

INDEXES = ("GSI1", "GSI2")
ROWS = (0, 1, 2)

Done = TypeVar("Done")

Operations = Mapping[str, Callable[[], object]]


class DiagnosticStore:
    """Looks at the table as requests use it."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def check_table(self) -> None:
        """The table is there and takes requests, and so do both indexes.

        Raises:
            Amiss: something is not active, with what.
            StoreUnavailable: the table did not answer.
        """
        request = {"TableName": self._table.name}
        described = self._allowed(lambda: self._table.call("DescribeTable", request))["Table"]
        states = {one["IndexName"]: one for one in described.get("GlobalSecondaryIndexes", [])}
        if described["TableStatus"] != "ACTIVE":
            raise Amiss("TABLE_NOT_ACTIVE")
        for index in INDEXES:
            if states.get(index, {}).get("IndexStatus", "ACTIVE") != "ACTIVE":
                raise Amiss(f"{index}_NOT_ACTIVE")
            if index not in states:
                raise Amiss(f"{index}_MISSING")

    def check_ttl(self) -> None:
        """Rows are forgotten by their attribute ``ttl``; raises as ``check_table``."""
        attribute = self._allowed(lambda: ttl_attribute(self._table))
        if attribute is None:
            raise Amiss("TTL_OFF")
        if attribute != "ttl":
            raise Amiss("TTL_OF_ANOTHER_ATTRIBUTE")

    def check_read(self) -> None:
        """A consistent read is answered; raises StoreUnavailable."""
        self._allowed(lambda: self._table.get(ProbeItem.at("never", 0)))

    def check_write(self) -> None:
        """A row is put once, refused a second time, and deleted, each by its condition.

        Raises:
            Amiss: a condition did not hold what it promises.
            StoreUnavailable: the table did not answer.
        """
        probe_id = new_id()
        key = ProbeItem.at(probe_id, 0)

        def put() -> tuple[Violation, ...]:
            tx = self._table.transaction()
            tx.put("probe", self._row(probe_id, 0), otherwise=Conflict())
            return tx.attempt()

        def delete() -> tuple[Violation, ...]:
            tx = self._table.transaction()
            tx.delete("probe", key, when=ProbeItem.turn == 0, otherwise=Conflict())
            return tx.attempt()

        if self._allowed(put) or not self._allowed(put):
            raise Amiss("CONDITION_NOT_HELD")
        if self._allowed(delete) or not self._allowed(delete):
            raise Amiss("CONDITION_NOT_HELD")

    def rehearsed(self, probe_id: str) -> Operations:
        """Each kind of operation once, on three rows of a test that ``prepare`` has made."""
        keys = [ProbeItem.at(probe_id, n) for n in ROWS]

        def transaction() -> None:
            tx = self._table.transaction()
            for key in keys[1:]:
                tx.update("probe", key, ProbeItem.turn.add(1), when=None, otherwise=Conflict())
            tx.commit()

        return {
            "get": lambda: self._table.get(keys[0]),
            "query": lambda: self._table.query(ProbeItem, keys[0].pk, limit=len(ROWS)),
            "update": lambda: self._table.update(
                keys[0],
                ProbeItem.turn.add(1),
                when=ProbeItem.pk.exists(),
                otherwise=Conflict(),
            ),
            "transaction": transaction,
            "batch": lambda: get_all(self._table, keys),
        }

    def prepare(self, probe_id: str) -> None:
        """Make the rows of a test."""
        self._table.put_all([self._row(probe_id, n) for n in ROWS])

    def remove(self, probe_id: str) -> None:
        """Delete the rows of a test."""
        self._table.empty(ProbeItem.at(probe_id, 0).pk)

    def read_once(self) -> None:
        """One read of a row that is not there, as cheap as a read can be."""
        self._table.get(ProbeItem.at("never", 0), consistent=False)

    def _row(self, probe_id: str, n: int) -> ProbeItem:
        key = ProbeItem.at(probe_id, n)
        forgotten_at = self._table.clock() + timedelta(seconds=PROBE_KEPT_S)
        return ProbeItem(key.pk, key.sk, turn=0, ttl=epoch_s(forgotten_at))

    @staticmethod
    def _allowed(act: Callable[[], Done]) -> Done:
        try:
            return act()
        except VerboseClientError as refusal:
            raise Amiss(_word(refusal)) from refusal


def _word(refusal: VerboseClientError) -> str:
    """DynamoDB's own name of a refusal, as ``AccessDeniedException``; its text may name an ARN."""
    return str(refusal.response["Error"].get("Code", "REFUSED"))
