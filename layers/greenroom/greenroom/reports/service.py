"""Taking in the errors of browsers: counted, cleaned, told in one line, kept with the person."""

from collections.abc import Callable
from typing import Any

from greenroom.accounts.service import Accounts
from greenroom.kernel.errors import GreenroomError
from greenroom.kernel.limits import Limits
from greenroom.kernel.telemetry import count
from greenroom.rates.domain import Scope
from greenroom.rates.service import Rates
from greenroom.reports.domain import Report, cleaned, frames
from greenroom.reports.store import ReportStore

MESSAGE = "a browser reported an error"

Note = Callable[[str, dict[str, Any]], None]


class Reports:
    """What browsers report."""

    def __init__(
        self,
        store: ReportStore,
        *,
        rates: Rates,
        scope: Scope,
        accounts: Accounts,
        limits: Limits,
        note: Note,
    ) -> None:
        """``scope`` is where reports are counted."""
        self._store = store
        self._rates = rates
        self._scope = scope
        self._accounts = accounts
        self._limits = limits
        self._note = note

    def take(self, report: Report, *, user_id: str | None, address: str | None) -> None:
        """Tell the log of a report, and keep it with whoever was signed in.

        Keeping it is tried once: what matters is in the log.

        Raises:
            TooManyRequests: too many came, from this address or in all.
            StoreUnavailable: they could not be counted.
        """
        self._rates.count(
            self._scope,
            address,
            per_address=self._limits.client_errors_per_address,
            in_all=self._limits.client_errors_in_all,
        )
        told = cleaned(report)
        count("ClientErrors")
        self._note(MESSAGE, _facts(told, user_id))
        if user_id is not None:
            self._keep(told, user_id)

    def _keep(self, report: Report, user_id: str) -> None:
        tx = self._store.transaction()
        self._accounts.add_existence(tx, user_id)
        self._store.add_report(tx, user_id, report)
        try:
            tx.commit()
        except GreenroomError as error:
            # Nobody of whom we know, or deleted; or the table is away. The line is written.
            facts = {"report_id": report.report_id, "error_code": error.code}
            self._note("a browser's error was not kept", facts)


def _facts(report: Report, user_id: str | None) -> dict[str, Any]:
    known = {
        "report_id": report.report_id,
        "user_id": user_id,
        "client_message": report.message,
        "frames": frames(report.stack),
        "page": report.url,
        "client_request_id": report.request_id,
        "session_id": report.session_id,
        "user_agent": report.user_agent,
        "release": report.release,
    }
    return {name: value for name, value in known.items() if value}
