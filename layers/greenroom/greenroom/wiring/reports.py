"""Errors that happened in people's browsers."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import note
from greenroom.kernel.settings import LimitSettings
from greenroom.wiring.rates import RatesWiring

if TYPE_CHECKING:
    from greenroom.reports.service import Reports


class ReportsWiring(RatesWiring):
    """Reported errors."""

    @cached_property
    def reports(self) -> "Reports":
        """What browsers report."""
        from greenroom.rates.items import in_all
        from greenroom.reports.service import Reports
        from greenroom.reports.store import ReportStore

        return Reports(
            ReportStore(self.table),
            rates=self.rates,
            scope=in_all("client_error"),
            accounts=self.accounts,
            limits=self.of(LimitSettings),
            note=note,
        )
