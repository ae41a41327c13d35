"""What every room stands on: the function's settings, the clock, the secrets and the table."""

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from greenroom.kernel.breaker import Breaker
from greenroom.kernel.clock import Clock, utc_now
from greenroom.kernel.log import note
from greenroom.kernel.secrets import Secrets
from greenroom.kernel.settings import CommonSettings, LimitSettings, Settings
from greenroom.table.table import Table
from greenroom.wiring.settings import FUNCTION_SETTINGS, OPERATOR, OperatorSettings

if TYPE_CHECKING:
    import httpx

    from greenroom.kernel.queue import Queue

S = TypeVar("S", bound=Settings)


class Core:
    """One function, before any room."""

    def __init__(
        self,
        function: str,
        *,
        environ: Mapping[str, str] = os.environ,
        clock: Clock = utc_now,
        transport: "httpx.BaseTransport | None" = None,
    ) -> None:
        self.function = function
        self.environ = environ
        self.clock = clock
        self._transport = transport
        if environ.get("AWS_LAMBDA_FUNCTION_NAME"):
            _ = self.settings  # a wrong setting stops the start, not the first request

    def rewire(
        self,
        *,
        environ: Mapping[str, str],
        clock: Clock,
        table: Table | None = None,
        hasty_table: Table | None = None,
        transport: "httpx.BaseTransport | None" = None,
    ) -> None:
        """Begin anew, as a new container would, with other settings and another clock.

        ``transport`` carries what would go to providers, the tables stand for the configured ones.
        """
        fresh = type(self)(self.function, environ=environ, clock=clock, transport=transport)
        vars(self).clear()
        vars(self).update(vars(fresh))
        if table is not None:
            self.table = table
        if hasty_table is not None:
            self.hasty_table = hasty_table

    @cached_property
    def settings(self) -> Settings:
        """The function's settings, read once; ``of`` tells which groups they hold."""
        wanted = FUNCTION_SETTINGS | {OPERATOR: OperatorSettings}
        return wanted[self.function].read(self.environ)

    def of(self, group: type[S]) -> S:
        """The settings as one of the groups that this function has."""
        if not isinstance(self.settings, group):
            raise TypeError(f"{self.function} has no {group.__name__}")
        return self.settings

    @cached_property
    def secrets(self) -> Secrets:
        """The deployment's secrets."""
        return Secrets.read(self.environ, report=lambda _: note("secrets were not refreshed", {}))

    @cached_property
    def table(self) -> Table:
        """The table, over one connection."""
        return self._open_table()

    def _open_table(self) -> Table:
        """The table over a connection of its own."""
        common = self.of(CommonSettings)
        region = self.environ.get("AWS_REGION") or self.environ.get("AWS_DEFAULT_REGION")
        return Table.open(
            common.table_name,
            endpoint=common.greenroom_dynamodb_endpoint,
            region=region or "us-east-1",
            client=common.table_client,
            clock=self.clock,
            note=note,
        )

    @cached_property
    def hasty_table(self) -> Table:
        """The table over another connection, for what must not hold up an answer."""
        from greenroom.table.haste import hasty

        return hasty(self.table)

    def queue(self, url: str, *, endpoint: str | None, timeout_s: float, tries: int) -> "Queue":
        """A sender to that queue."""
        from greenroom.kernel.queue import Queue

        return Queue(url, endpoint=endpoint, timeout_s=timeout_s, tries=tries)

    def _breaker(self, provider: str) -> Breaker:
        """A breaker of this container, for the one adapter of a provider."""
        limits = self.of(LimitSettings)
        return Breaker(
            provider,
            failures=limits.breaker_failures,
            pause_s=limits.breaker_pause_s,
            clock=self.clock,
        )

    def _http(self) -> "httpx.Client | None":
        """A client over the transport that was handed in; None lets an adapter make its own."""
        if self._transport is None:
            return None
        import httpx

        return httpx.Client(transport=self._transport, trust_env=False)
