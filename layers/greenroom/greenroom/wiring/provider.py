"""The voice provider: interviews are held there, and sessions end calls there."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.settings import RealtimeSettings
from greenroom.wiring.core import Core

if TYPE_CHECKING:
    from greenroom.realtime.gateway import RealtimeGateway


class ProviderWiring(Core):
    """The voice provider."""

    @cached_property
    def provider(self) -> "RealtimeGateway":
        """The voice provider."""
        from greenroom.realtime.dialects import DIALECTS
        from greenroom.realtime.gateway import RealtimeGateway

        realtime = self.of(RealtimeSettings)
        return RealtimeGateway(
            base_url=realtime.openai_base_url,
            api_key=lambda: self.secrets.get("OPENAI_API_KEY"),
            dialect=DIALECTS[realtime.realtime_dialect],
            exchange_mode=realtime.realtime_exchange,
            http=self._http(),
            clock=self.clock,
            breaker=self._breaker("openai"),
        )
