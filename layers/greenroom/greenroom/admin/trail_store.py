"""The trail in the table: entries by month, by what they are about, and by operation."""

from greenroom.admin.domain import Done, Entry, Operation
from greenroom.admin.items import EntryItem, OperationItem, entry_of
from greenroom.kernel.limits import PAGE_MAX
from greenroom.kernel.turns import Overtaken
from greenroom.table.batch import get_all
from greenroom.table.item import Item, Key
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction


class OperationDone(Overtaken):
    """The very operation was done meanwhile: read what came of it."""


class TrailStore:
    """Reads and adds entries."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def add(self, tx: Transaction, entry: Entry, operation: Operation | None) -> None:
        """Add the steps that put an entry, and note its operation: once, or ``OperationDone``."""
        item = EntryItem.of(entry)
        tx.put("audit_entry", item, otherwise=OperationDone())
        if operation is not None:
            key = OperationItem.at(operation.operation_id)
            done = OperationItem(
                key.pk,
                key.sk,
                request_hash=operation.request_hash,
                entry_pk=item.pk,
                entry_sk=item.sk,
            )
            tx.put("admin_operation", done, otherwise=OperationDone())

    def done(self, operation_id: str) -> Done | None:
        """What came of an operation, if it was done."""
        noted = self._table.get(OperationItem.at(operation_id))
        if noted is None:
            return None
        item = self._table.get(Key(EntryItem, noted.entry_pk, noted.entry_sk))
        if item is None:
            raise ValueError("an operation without its entry")
        operation = Operation(operation_id=operation_id, request_hash=noted.request_hash)
        return Done(operation=operation, entry=entry_of(item))

    def month(
        self, month: str, *, actor: str | None, limit: int, cursor: str | None
    ) -> tuple[list[Entry], str | None]:
        """A page of a month's entries, newest first; of one actor (our id or Clerk's) or all."""
        page = self._table.query(
            EntryItem,
            f"AUDIT#{month}",
            newest_first=True,
            limit=limit,
            cursor=cursor,
            keep=lambda item: actor in {None, item.actor_id, item.actor_clerk_id},
            consistent=True,
        )
        return [entry_of(item) for item in page.items], page.next_cursor

    def about(self, target: str) -> list[Entry]:
        """The newest entries about a target; at most a hundred."""
        page = self._table.query(
            Item, f"ABOUT#{target}", index="GSI1", newest_first=True, limit=PAGE_MAX
        )
        keys = [Key(EntryItem, item.pk, item.sk) for item in page.items]
        return [entry_of(item) for item in get_all(self._table, keys)]
