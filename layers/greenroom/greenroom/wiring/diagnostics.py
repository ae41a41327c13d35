"""A look at this deployment from inside."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import log_error
from greenroom.kernel.settings import LimitSettings, RealtimeSettings
from greenroom.table.item import Item, Key
from greenroom.wiring.provider import ProviderWiring

if TYPE_CHECKING:
    from greenroom.diagnostics.service import Diagnostics


class DiagnosticsWiring(ProviderWiring):
    """Diagnostics."""

    @cached_property
    def diagnostics(self) -> "Diagnostics":
        """A look at this deployment."""
        from greenroom.diagnostics.service import Diagnostics

        return Diagnostics(
            probe=lambda: self.table.get(Key(Item, "PROBE", "PROBE"), consistent=False),
            secret=self.secrets.find,
            provider=lambda: self.provider,
            settings=self.of(RealtimeSettings),
            limits=self.of(LimitSettings),
            clock=self.clock,
            report=lambda fault: log_error("a readiness check failed", fault),
        )
