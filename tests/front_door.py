"""The laptop's gateway in front of a world's real handlers, over HTTP, in one process.

Events, routing, refusals of the gateway and CORS are the gateway's own (``local.gateway``). Only
its pools of processes are left out, since the world's functions live here, and its throttling,
which refuses by the second and would make each run another.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from aiohttp import web

from local.control import Control
from local.gateway import Gateway
from local.pools import Invocation, Pool
from local.sqs import SqsEndpoint
from tests.world import World

ROOT = Path(__file__).parents[1]
START_S = 10.0


class InProcess:
    """A function of the world where the gateway expects its pool of environments."""

    def __init__(self, world: World, function: str) -> None:
        self._world = world
        self._function = function

    async def invoke(self, event: Any) -> Invocation:
        """Run the function; one call at a time, as its only environment would."""
        return Invocation(self._world.invoke(self._function, event))


@contextmanager
def open_door(world: World) -> Iterator[str]:
    """Serve the world's API while the block runs; gives its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="gateway", daemon=True)
    thread.start()
    runner = _gateway(world).runner()
    try:
        yield asyncio.run_coroutine_threadsafe(_start(runner), loop).result(START_S)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(START_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_S)
        loop.close()


def _gateway(world: World) -> Gateway:
    apis = {name: replace(api, throttling={}) for name, api in world.template.apis.items()}
    pools = {
        name: InProcess(world, function.code.name)
        for name, function in world.template.functions.items()
    }
    return Gateway(
        replace(world.template, apis=apis),
        pools=cast("dict[str, Pool]", pools),
        control=cast("Control", None),
        sqs=cast("SqsEndpoint", None),
        root=ROOT,
    )


async def _start(runner: web.AppRunner) -> str:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"
