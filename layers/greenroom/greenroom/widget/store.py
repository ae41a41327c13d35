"""Reads and writes of widget keys; ``items`` has the key chart."""

from greenroom.kernel.errors import Conflict
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction
from greenroom.widget.items import WidgetKeyItem


class WidgetStore:
    """Widget keys."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def organization_of(self, key: str) -> str | None:
        """Our id of the organisation that the key was made for, stopped ones included."""
        item = self._table.get(WidgetKeyItem.at(key))
        return item.organization_id if item else None

    def add_key(self, tx: Transaction, key: str, *, organization_id: str) -> None:
        """Add the step that makes a key."""
        place = WidgetKeyItem.at(key)
        item = WidgetKeyItem(place.pk, place.sk, organization_id=organization_id)
        tx.put("widget_key", item, otherwise=Conflict("That key exists already."))

    def add_key_end(self, tx: Transaction, key: str, *, organization_id: str) -> None:
        """Add the step that deletes a key, if it still is the organisation's."""
        tx.delete(
            "old_widget_key",
            WidgetKeyItem.at(key),
            when=WidgetKeyItem.organization_id == organization_id,
            otherwise=Conflict("That key is gone already."),
            optional=True,
        )
