"""What the product asks of a voice provider, and the ending of calls for the sessions room."""

from collections.abc import Callable
from typing import Protocol

from greenroom.kernel.errors import ProviderFailed
from greenroom.kernel.limits import HANGUP_TIMEOUT_S
from greenroom.realtime.dialects import Dialect
from greenroom.realtime.wire import Answer, HangUp, Minted, SessionSpec


class Provider(Protocol):
    """What the service asks of a gateway (``realtime.gateway.RealtimeGateway``)."""

    @property
    def dialect(self) -> Dialect:
        """The vocabulary that is spoken."""
        ...

    def mint(self, spec: SessionSpec, *, timeout_s: float) -> Minted:
        """A provider session; raises the provider errors of the kernel."""
        ...

    def exchange(
        self, offer: bytes, *, secret: str | None, spec: SessionSpec, timeout_s: float
    ) -> Answer:
        """The answer to an offer; raises the provider errors of the kernel."""
        ...

    def hang_up(self, call_id: str | None, *, timeout_s: float) -> HangUp:
        """What became of a call that is to end; never raises."""
        ...


class ProviderCalls:
    """Ends calls for the sessions room: what is not surely over is an error."""

    def __init__(self, provider: Callable[[], Provider]) -> None:
        self._provider = provider

    def hang_up(self, call_id: str) -> HangUp:
        """End the call; one that is gone already, or cannot be ended, counts as ended.

        Raises:
            ProviderFailed: the provider did not say that the call is over.
        """
        outcome = self._provider().hang_up(call_id, timeout_s=HANGUP_TIMEOUT_S)
        if outcome is HangUp.FAILED:
            raise ProviderFailed("The AI provider did not confirm that the call is over.")
        return outcome
