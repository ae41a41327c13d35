"""Warm containers: each function once for each client of the table, asked in turns."""

import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.sampler import Sampler, Stack
from greenroom.kernel.log import logger
from greenroom.kernel.metrics import lines
from greenroom.table.table import CLIENTS, Client
from tests.world import Context, World

TABLES: Final = ("table", "hasty_table")
"""What the world hands to its functions, and these are to open for themselves."""


@dataclass(slots=True)
class Seen:
    """What was seen of one route over one client: seconds of a core of each request, and stacks."""

    seconds: list[float] = field(default_factory=list)
    stacks: Counter[Stack] = field(default_factory=Counter)


class Containers(World):
    """A world whose functions open their own table and call the other parties over HTTP."""

    sampler: Sampler | None = None
    route: str = ""
    """The key of the route that is looked at."""
    client: Client = "wire"
    """The client that is in use."""

    def rewire(self, **settings: str) -> None:
        """Give all functions these settings, as new containers for each client."""
        self.seen: dict[Client, Seen] = {}
        self._kept: dict[tuple[Client, str], dict[str, Any]] = {}
        for client in CLIENTS:
            super().rewire(**settings, TABLE_CLIENT=client)
            for name in self.apps:
                kept = dict(vars(self.wiring(name)))
                for table in TABLES:
                    del kept[table]
                self._kept[client, name] = kept | {"_transport": None}
        self.turn_to("wire")

    def turn_to(self, client: Client) -> None:
        """Let the containers over that client answer from now on, with all that they keep."""
        self.client = client
        for name in self.apps:
            self.wiring(name).__dict__ = self._kept[client, name]

    @contextmanager
    def looking_at(self, route: str) -> Iterator[dict[Client, Seen]]:
        """Time the requests of that route inside the block."""
        self.seen = {client: Seen() for client in CLIENTS}
        self.route = route
        try:
            yield self.seen
        finally:
            self.route = ""

    @contextmanager
    def sampling(self) -> Iterator[None]:
        """Look at stacks instead: while the timer runs, the clock of cores goes by its ticks."""
        self.sampler = Sampler()
        try:
            with self.sampler.running():
                yield
        finally:
            self.sampler = None

    def invoke(self, function: str, event: Any, *, remaining_ms: int = 29_000) -> Any:
        """Invoke a function; nothing but the function itself, where it is looked at."""
        if event.get("routeKey") != self.route:
            return super().invoke(function, event, remaining_ms=remaining_ms)
        seen, context = self.seen[self.client], Context(remaining_ms)
        handler = self.apps[function].lambda_handler
        if self.sampler is not None:
            with self.sampler.on(sys._getframe(), seen.stacks):  # noqa: SLF001 (documented)
                return handler(event, context)
        began_s = time.process_time()
        answer = handler(event, context)
        seen.seconds.append(time.process_time() - began_s)
        return answer


@contextmanager
def logging_as_deployed() -> Iterator[None]:
    """Let everything be logged that is logged in Lambda, and nobody read it."""
    level, disabled = logger.log_level, lines.disabled
    handlers = [one for one in logger.handlers if isinstance(one, logging.StreamHandler)]
    streams = [one.stream for one in handlers]
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        for one in handlers:
            one.setStream(nowhere)
        logger.setLevel(logging.INFO)
        lines.disabled = False
        try:
            yield
        finally:
            logger.setLevel(level)
            lines.disabled = disabled
            for one, stream in zip(handlers, streams, strict=True):
                one.setStream(stream)
