"""Rows of the usage log and their sums, in the table. Key chart: ``log_items``."""

from collections.abc import Callable
from typing import Any

from greenroom.kernel.clock import epoch_s, to_text
from greenroom.kernel.errors import Conflict
from greenroom.kernel.limits import USAGE_LOG_KEPT_S
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction
from greenroom.usage.log_items import AiLogItem, own_list
from greenroom.usage.log_row import NOBODY, LogRow
from greenroom.usage.rollups import add_sums

_PLAIN = (
    "request_id",
    "at",
    "attempt",
    "preschool_id",
    "organization_id",
    "status",
    "ai_service_id",
    "service_type",
    "model",
    "input_tokens",
    "output_tokens",
    "cost_micros",
    "units",
    "error_code",
    "processing_time_ms",
    "started_at",
    "finished_at",
    "correlation_id",
    "metadata",
)


class RowExists(Conflict):
    """The row is in the log already, and counted."""


class LogStore:
    """Writes rows, each once."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, row: LogRow, *, if_also: Callable[[Transaction], None] = lambda _: None) -> bool:
        """Put the row and count it, in one transaction: False if it was there already.

        ``if_also`` adds steps that have to hold as well.

        Raises:
            GreenroomError: what the first of those means that does not hold.
            StoreUnavailable: the table did not answer inside its time budget.
        """
        tx = self._table.transaction()
        tx.put("log", _item_of(row), otherwise=RowExists())
        add_sums(tx, self._table, row)
        if_also(tx)
        violations = tx.attempt()
        for violation in violations:
            if not isinstance(violation.error, RowExists):
                raise violation.error
        return not violations

    def probe(self, row: LogRow) -> dict[str, bool]:
        """Put the row, uncounted, read it back and delete it: which of its facts may be missing.

        By name those that the stored shape lets be missing, and whether this row came back without.

        Raises:
            GreenroomError: the row was refused: then none may.
        """
        item, key = _item_of(row), AiLogItem.at_key(row)
        tx = self._table.transaction()
        tx.put("log", item, otherwise=RowExists())
        tx.commit()
        kept = self._table.get(key)
        tx = self._table.transaction()
        tx.delete("log", key, when=AiLogItem.pk.exists(), otherwise=Conflict())
        tx.commit()
        return {
            name: kept is not None and getattr(kept, name) in (None, {})
            for name, attribute in AiLogItem.get_attributes().items()
            if attribute.null and name not in _PLUMBING
        }


_PLUMBING = {"gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "ttl", "write_id"}


def _item_of(row: LogRow) -> AiLogItem:
    key = AiLogItem.at_key(row)
    known: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    if row.user_id != NOBODY:
        known |= {
            "user_id": row.user_id,
            "gsi1pk": own_list(row.user_id, f"{row.at:%Y%m}"),
            "gsi1sk": f"{to_text(row.at)}#{row.request_id}#{row.attempt}",
        }
    return AiLogItem(
        key.pk,
        key.sk,
        **known,
        tenant_kind=row.tenant.kind if row.tenant else None,
        flags=list(row.flags) or None,
        ttl=epoch_s(row.at) + USAGE_LOG_KEPT_S,
    )
