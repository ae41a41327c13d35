"""Deleting what the usage log keeps of a person; ``log_items`` has the key chart."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import Conflict
from greenroom.kernel.limits import ERASURE_LISTED_MAX, USAGE_LOG_KEPT_S
from greenroom.table.item import Key
from greenroom.table.table import Table
from greenroom.usage.log_items import AiLogItem, UserUsageItem, own_list

# What says, or may say, something of the person. What a tenant is billed for stays.
_PERSONAL = (
    AiLogItem.user_id,
    AiLogItem.correlation_id,
    AiLogItem.metadata,
    AiLogItem.flags,
    AiLogItem.gsi1pk,
    AiLogItem.gsi1sk,
)


class LogForgetting:
    """Erases a person's rows and sums."""

    def __init__(self, table: Table, *, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def lists(self, user_id: str) -> list[str]:
        """The partitions of ``GSI1`` that list a person's rows, as far back as any is kept."""
        return [own_list(user_id, month) for month in _months(self._clock())]

    def run(self, user_id: str) -> bool:
        """Erase some of a person's rows: whether none is left.

        What they did alone goes; what they did for a tenant keeps its figures and names nobody. The
        sums of the platform and of tenants stay. The person's own sums tell in which months there
        are rows; the newest two are looked at in any case, since the index may lag behind the sums.
        """
        sums = self._table.query(
            UserUsageItem, f"USER#{user_id}", sk_prefix="USAGE#", limit=ERASURE_LISTED_MAX
        )
        months = {item.sk[len("USAGE#") :][:7].replace("-", "") for item in sums.items}
        months.update(islice(_months(self._clock()), 2))
        for month in sorted(months):
            listed = own_list(user_id, month)
            page = self._table.query(AiLogItem, listed, index="GSI1", limit=ERASURE_LISTED_MAX)
            for item in page.items:
                if item.pk.startswith(f"USER#{user_id}#"):
                    self._table.empty(item.pk)
                else:
                    self._strip(Key(AiLogItem, item.pk, item.sk))
            if page.items:
                return False
        for one in sums.items:
            self._table.empty(one.pk, sk_prefix=one.sk)
        return not sums.items

    def _strip(self, key: Key[AiLogItem]) -> None:
        self._table.update(
            key,
            *(attribute.remove() for attribute in _PERSONAL),
            when=AiLogItem.pk.exists(),
            otherwise=Conflict("The row has gone."),
        )


def _months(now: datetime) -> Iterator[str]:
    """This month (``202611``) and those before it in which a row may still be kept."""
    first = now - timedelta(seconds=USAGE_LOG_KEPT_S)
    month = now.replace(day=1)
    while month.strftime("%Y%m") >= first.strftime("%Y%m"):
        yield month.strftime("%Y%m")
        month = (month - timedelta(days=1)).replace(day=1)
