"""What runs a template: environments, queues, schedules and the gateway, in one event loop."""

import asyncio
import socket
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from local.cloudformation import ACCOUNT
from local.control import Control
from local.gateway import INTEGRATION_LIMIT_S, Gateway
from local.logs import FunctionLogs
from local.pollers import start_pollers
from local.pools import MAX_ENVIRONMENTS, Pool
from local.queues import Queues
from local.resources import Function, Template
from local.schedules import start_schedules
from local.sqs import SqsEndpoint
from local.template import read_template

WATCH_S = 2.0
"""How often the code is looked at for changes, and idle environments for their age."""

IDLE_LIMIT_S = 300.0
"""An idle environment beyond the first one of its function ends after so long."""


class Cloud:
    """One template on one address."""

    def __init__(
        self,
        template_file: Path,
        *,
        listener: socket.socket,
        environ: Mapping[str, str],
        data_dir: Path,
        most_environments: int = MAX_ENVIRONMENTS,
        integration_limit_s: float = INTEGRATION_LIMIT_S,
    ) -> None:
        """``listener`` is bound; ``environ`` are the parameters and what functions see.

        A variable of ``environ`` that is not empty wins over the template's.

        Raises:
            TemplateRefused: the template cannot run here.
        """
        self._listener = listener
        self.address = address_of(listener)
        self._environ = {**environ}
        self._environ.setdefault("SQS_ENDPOINT", f"{self.address}/_sqs")
        self.template = read_for(template_file, environ=environ, address=self.address)
        data_dir.mkdir(parents=True, exist_ok=True)
        self._logs = FunctionLogs(data_dir / "logs")
        self.queues = Queues(data_dir / "queues.db", self.template.queues)
        self.pools = {
            name: Pool(
                function,
                environ=self._variables(function),
                write_line=self._logs.write_line,
                most=most_environments,
            )
            for name, function in self.template.functions.items()
        }
        gateway = Gateway(
            self.template,
            pools=self.pools,
            control=Control(self.template, pools=self.pools, queues=self.queues),
            sqs=SqsEndpoint(self.queues, lambda name: queue_url(self.address, name)),
            root=template_file.parent,
            integration_limit_s=integration_limit_s,
        )
        self._runner: web.AppRunner = gateway.runner()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to answer, to poll and to fire."""
        await self._runner.setup()
        await web.SockSite(self._runner, self._listener).start()
        self._tasks += start_pollers(
            self.template.queue_sources, queues=self.queues, pools=self.pools
        )
        self._tasks += start_schedules(self.template.timers, self.pools)
        self._tasks.append(asyncio.create_task(self._watch()))

    def raise_failure(self) -> None:
        """Raise what ended a poller, a schedule or the watch, if anything did."""
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()

    async def stop(self) -> None:
        """End everything that was started, environments included."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(pool.close() for pool in self.pools.values()))
        await self._runner.cleanup()
        self.queues.close()
        self._logs.close()

    def _variables(self, function: Function) -> dict[str, str]:
        given = {name: value for name, value in self._environ.items() if value}
        return {**function.environment, **given}

    async def _watch(self) -> None:
        seen = _code_state(self.template)
        while True:
            await asyncio.sleep(WATCH_S)
            state = _code_state(self.template)
            for pool in self.pools.values():
                if state != seen:
                    pool.retire()
                pool.drop_idle(longer_than_s=IDLE_LIMIT_S)
            seen = state


def address_of(listener: socket.socket) -> str:
    """The URL of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"


def queue_url(address: str, name: str) -> str:
    """The URL of a queue below the gateway's address."""
    return f"{address}/_sqs/{ACCOUNT}/{name}"


def read_for(template_file: Path, *, environ: Mapping[str, str], address: str) -> Template:
    """The template as it runs on this address."""
    return read_template(
        template_file, environ=environ, queue_url=lambda name: queue_url(address, name)
    )


def _code_state(template: Template) -> tuple[int, int]:
    """Changes whenever a Python file of a function or layer does: count and latest change."""
    folders = {function.code for function in template.functions.values()}
    folders |= {layer for function in template.functions.values() for layer in function.layers}
    changes = []
    for folder in folders:
        for file in folder.rglob("*.py"):
            try:
                changes.append(file.stat().st_mtime_ns)
            except FileNotFoundError:
                continue
    return len(changes), max(changes, default=0)
