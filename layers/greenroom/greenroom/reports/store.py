"""Writes of reported errors; ``items`` has the key chart."""

from datetime import timedelta

from greenroom.kernel.clock import epoch_s
from greenroom.kernel.errors import Conflict
from greenroom.kernel.limits import CLIENT_ERROR_KEPT_S, ERASURE_LISTED_MAX
from greenroom.reports.domain import Report
from greenroom.reports.items import ClientErrorItem
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction


class ReportStore:
    """Reported errors."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def forget(self, user_id: str) -> bool:
        """Delete some of what a person's browsers reported: whether none is left.

        Raises:
            StoreUnavailable: not all of them are gone.
        """
        page = self._table.query(
            ClientErrorItem, f"USER#{user_id}", sk_prefix="ERROR#", limit=ERASURE_LISTED_MAX
        )
        tx = self._table.transaction()
        for item in page.items:
            key = ClientErrorItem.at(user_id, item.sk.removeprefix("ERROR#"))
            there = ClientErrorItem.pk.exists()
            tx.delete(item.sk, key, when=there, otherwise=Conflict(), optional=True)
        if tx.steps:
            tx.commit()
        return page.next_cursor is None

    def add_report(self, tx: Transaction, user_id: str, report: Report) -> None:
        """Add the step that keeps a report."""
        key = ClientErrorItem.at(user_id, report.report_id)
        item = ClientErrorItem(
            key.pk,
            key.sk,
            at_moment=report.at,
            message=report.message,
            stack=report.stack,
            page=report.url,
            request_id=report.request_id,
            session_id=report.session_id,
            user_agent=report.user_agent,
            release=report.release,
            ttl=epoch_s(report.at + timedelta(seconds=CLIENT_ERROR_KEPT_S)),
        )
        tx.put("client_error", item, otherwise=Conflict())
