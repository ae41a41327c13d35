"""A laptop cloud in a thread of its own, for tests that speak to it over HTTP."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from local.cloud import Cloud

FIXTURE = Path(__file__).parents[2] / "fixtures" / "cloud"


@contextmanager
def running_cloud(
    data_dir: Path, *, environ: dict[str, str] | None = None, **settings: Any
) -> Iterator[Cloud]:
    """The fixture's template on a free port, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    cloud = Cloud(
        FIXTURE / "template.yaml",
        listener=listener,
        environ={"SEEN_FILE": str(data_dir / "seen.jsonl"), "PATH": "/usr/bin", **(environ or {})},
        data_dir=data_dir,
        **settings,
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(cloud.start(), loop).result(20)
        yield cloud
    finally:
        asyncio.run_coroutine_threadsafe(cloud.stop(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def until(condition: Callable[[], Any], *, within_s: float = 15) -> Any:
    """Ask again until the answer is true.

    Raises:
        AssertionError: it did not become true in time.
    """
    deadline = time.monotonic() + within_s
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(0.02)
    return answer


def client_of(cloud: Cloud) -> httpx.Client:
    """An HTTP client of a running cloud."""
    return httpx.Client(base_url=cloud.address, timeout=30, trust_env=False)
