"""Usage of the AI proxy: quotas, and what is reserved of them."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from greenroom.kernel.log import note
from greenroom.kernel.settings import LimitSettings
from greenroom.wiring.accounts import AccountsWiring

if TYPE_CHECKING:
    from greenroom.usage.forgetting import QuotaForgetting
    from greenroom.usage.meter import Meter
    from greenroom.usage.quota_store import QuotaStore


class UsageWiring(AccountsWiring):
    """Quotas."""

    @cached_property
    def quota_store(self) -> "QuotaStore":
        """Quotas and reservations in the table."""
        from greenroom.usage.quota_store import QuotaStore

        return QuotaStore(self.table)

    @cached_property
    def meter(self) -> "Meter":
        """What takes units for calls, and gives them back."""
        from greenroom.usage.meter import Meter

        limits = self.of(LimitSettings)
        return Meter(
            self.quota_store,
            limits=limits,
            daily=limits.daily_limits,
            log=self._tell_usage,
            clock=self.clock,
            note=note,
        )

    @cached_property
    def quota_forgetting(self) -> "QuotaForgetting":
        """What deletes what quotas keep of a person."""
        from greenroom.usage.forgetting import QuotaForgetting

        return QuotaForgetting(self.table)

    def _tell_usage(self, facts: Mapping[str, Any]) -> None:
        told = {"request_id": facts["request_id"], "service_type": facts["service_type"]}
        note("a call of the AI proxy had crashed", told)
