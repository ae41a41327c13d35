"""Writes of counts; ``items`` has the key chart."""

from greenroom.kernel.clock import epoch_s
from greenroom.kernel.errors import TooManyRequests
from greenroom.rates.domain import Scope, Window
from greenroom.rates.items import RateItem
from greenroom.table.table import Table
from greenroom.table.transaction import Violation


class RateStore:
    """How often something was asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def count(self, scope: Scope, who: str, *, at_most: int) -> None:
        """Count one more request of this hour, in one conditional update.

        Raises:
            TooManyRequests: there were so many; nothing was counted.
            StoreUnavailable: the table did not answer.
        """
        now = self._table.clock()
        window = Window.at(now)
        counted = self._table.update(
            RateItem.at(scope, who, window.name),
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
