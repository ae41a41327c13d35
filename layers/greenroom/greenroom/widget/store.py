"""Reads and writes of widget keys and counts; ``items`` has the key chart."""

from greenroom.kernel.clock import epoch_s
from greenroom.kernel.errors import Conflict, TooManyRequests
from greenroom.organizations.repo import OrgRepo
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction, Violation
from greenroom.widget.domain import Window
from greenroom.widget.items import RateItem, WidgetKeyItem


class WidgetStore:
    """Widget keys, and how often bookings are asked for."""

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

    def count(self, repo: OrgRepo, who: str, *, at_most: int) -> None:
        """Count one more booking of this hour, in one conditional update.

        Raises:
            TooManyRequests: there were so many; nothing was counted.
        """
        now = self._table.clock()
        window = Window.at(now)
        counted = self._table.update(
            RateItem.at(repo, who, window.name),
            RateItem.asked.add(1),
            RateItem.kind.set(RateItem.KIND),
            RateItem.v.set(RateItem.VERSION),
            RateItem.created_at.set(RateItem.created_at | now),
            RateItem.ttl.set(epoch_s(window.ends_at)),
            when=RateItem.asked.does_not_exist() | (RateItem.asked < at_most),
            otherwise=TooManyRequests(retry_after_s=window.left_s(now)),
        )
        if isinstance(counted, Violation):
            raise counted.error
