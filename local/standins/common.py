"""What every stand-in shares: its server, the record of requests, and programmable faults.

A stand-in makes a ``StandIn``, adds its routes to ``app.router`` and is run by ``main`` (a
process of its own) or by ``running`` (a thread, for tests). Its handlers return whole answers:
an answer that a handler streams by itself can not be held back by ``actThenHang``. The body
was read for the record: ``await request.read()`` gives it again, ``request.multipart()`` not.

Control surface, for scripts: ``GET /_control/{health,requests,faults}``,
``PUT /_control/faults``, ``POST /_control/reset``. Any web page can send requests to
127.0.0.1, so the surface refuses a foreign ``Host`` or ``Origin``.
"""

import argparse
import asyncio
import contextlib
import inspect
import os
import re
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from local.standins.faults import Fault, FaultRefused, parse_faults

REQUESTS_KEPT = 5_000  # the newest; a long run of `make run` must not fill the memory
BODY_TEXT_BYTES_MAX = 64 * 1024  # what the record shows of one body
BODY_BYTES_MAX = 32 * 1024 * 1024  # far over every limit of the product, so that it is seen
POLL_S = 0.05  # how soon a held connection notices that its client left
PARENT_POLL_S = 1.0
SHUTDOWN_S = 1.0  # held connections do not delay the end of a stand-in
START_S = 10.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_CONTROL = "/_control/"
_LOCAL_HOST = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?")
_LOCAL_ORIGIN = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d{1,5})?")


def is_local_origin(origin: str) -> bool:
    """Whether a browser's ``Origin`` is a page of this machine, on any port."""
    return _LOCAL_ORIGIN.fullmatch(origin) is not None


class StandIn:
    """One stand-in: an aiohttp application with the record and the faults built in.

    ``browser_paths`` are exact paths, or prefixes with a trailing ``*``, that pages of this
    machine may call with their cookies: their preflights are answered and CORS headers set,
    on injected answers too. ``on_reset`` holds callbacks, plain or async.
    """

    def __init__(self, name: str, *, browser_paths: tuple[str, ...] = ()) -> None:
        self.name = name
        self.on_reset: list[Callable[[], object]] = []
        self.requests: deque[dict[str, Any]] = deque(maxlen=REQUESTS_KEPT)
        self.faults: list[Fault] = []
        self._browser_paths = browser_paths
        self._resets = 0
        self._runner: web.AppRunner | None = None
        self.app = web.Application(
            middlewares=[self._guard, self._share, self._record],
            client_max_size=BODY_BYTES_MAX,
        )
        self.app.router.add_get("/_control/health", self._health)
        self.app.router.add_get("/_control/requests", self._show_requests)
        self.app.router.add_get("/_control/faults", self._show_faults)
        self.app.router.add_put("/_control/faults", self._set_faults)
        self.app.router.add_post("/_control/reset", self._reset)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and answer the address, such as ``http://127.0.0.1:3002``.

        Raises:
            OSError: the port is taken.
        """
        runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        return f"http://{host}:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the listener and every connection."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def serve(self, host: str, port: int) -> None:
        """Serve until SIGTERM, SIGINT or the end of the parent process.

        Raises:
            OSError: the port is taken.
        """
        parent = os.getppid()
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        address = await self.start(host, port)
        print(f"{self.name} stand-in on {address}", flush=True)
        while not stopped.is_set() and os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), PARENT_POLL_S)
        await self.stop()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(_CONTROL):
            refuse_foreign_callers(request)
        return await handler(request)

    @web.middleware
    async def _share(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get(hdrs.ORIGIN, "")
        shared = any(path_matches(request.path, path) for path in self._browser_paths)
        if not shared or not is_local_origin(origin):
            return await handler(request)
        headers = {
            hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin,
            hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS: "true",
            hdrs.VARY: "Origin",
        }
        if request.method == "OPTIONS":
            headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = "GET, POST, PUT, PATCH, DELETE"
            headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = "Authorization, Content-Type"
            return web.Response(status=204, headers=headers)
        try:
            answer = await handler(request)
        except web.HTTPException as refusal:
            refusal.headers.update(headers)
            raise
        if not answer.prepared:
            answer.headers.update(headers)
        return answer

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(_CONTROL):
            return await handler(request)
        fault = self._take_fault(request)
        record = _record_of(request)
        self.requests.append(record)
        if fault is not None and fault.kind == "refuse":
            return _cut(request)
        body = await request.read()
        record["bodyText"] = body[:BODY_TEXT_BYTES_MAX].decode("utf-8", "replace")
        if fault is None:
            return await handler(request)
        return await self._fail(fault, request, handler)

    async def _fail(
        self, fault: Fault, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        if fault.acts:
            with contextlib.suppress(web.HTTPException):  # a refusal is an answer too
                await handler(request)
        if fault.hangs:
            await self._hold(request, fault.seconds)
            return _cut(request)
        return web.Response(
            status=fault.status, headers=fault.headers, body=fault.body_text.encode()
        )

    async def _hold(self, request: web.Request, seconds: float | None) -> None:
        until = float("inf") if seconds is None else time.monotonic() + seconds
        resets = self._resets
        while request.transport is not None and resets == self._resets:
            left = until - time.monotonic()
            if left <= 0:
                return
            await asyncio.sleep(min(POLL_S, left))

    def _take_fault(self, request: web.Request) -> Fault | None:
        for fault in self.faults:
            if fault.method in ("*", request.method) and path_matches(request.path, fault.path):
                fault.times -= 1
                if fault.times == 0:
                    self.faults.remove(fault)
                return fault
        return None

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "name": self.name})

    async def _show_requests(self, _request: web.Request) -> web.Response:
        return web.json_response({"items": list(self.requests)})

    async def _show_faults(self, _request: web.Request) -> web.Response:
        return web.json_response({"items": [fault.shown() for fault in self.faults]})

    async def _set_faults(self, request: web.Request) -> web.Response:
        try:
            self.faults = parse_faults(await request.read())
        except FaultRefused as refusal:
            return web.json_response({"error": str(refusal)}, status=400)
        return await self._show_faults(request)

    async def _reset(self, _request: web.Request) -> web.Response:
        self.requests.clear()
        self.faults = []
        self._resets += 1
        for callback in self.on_reset:
            done = callback()
            if inspect.isawaitable(done):
                await done
        return web.json_response({"ok": True})


def refuse_foreign_callers(request: web.Request) -> None:
    """Let only this machine's scripts and pages through.

    Raises:
        aiohttp.web.HTTPForbidden: the ``Host`` is not this machine's, as after DNS
            rebinding, or the ``Origin`` is another site's page.
    """
    origin = request.headers.get(hdrs.ORIGIN)
    foreign_host = _LOCAL_HOST.fullmatch(request.headers.get(hdrs.HOST, "")) is None
    if foreign_host or (origin is not None and not is_local_origin(origin)):
        raise web.HTTPForbidden(text="only callers of this machine may do this\n")


def path_matches(path: str, pattern: str) -> bool:
    """Whether the path is the pattern, or begins with it where it ends in ``*``."""
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1])
    return path == pattern


def _record_of(request: web.Request) -> dict[str, Any]:
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return {
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "method": request.method,
        "path": request.path,
        "query": dict(request.query),
        "headers": headers,
        "bodyText": "",
    }


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # never written: there is no connection left


@contextlib.contextmanager
def running(standin: StandIn, *, port: int = 0) -> Iterator[str]:
    """Serve from a thread of its own while the block runs; gives the address. For tests."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=standin.name, daemon=True)
    thread.start()
    try:
        started = asyncio.run_coroutine_threadsafe(standin.start(port=port), loop)
        yield started.result(START_S)
    finally:
        asyncio.run_coroutine_threadsafe(standin.stop(), loop).result(START_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_S)
        loop.close()


def main(
    make: Callable[[argparse.Namespace], StandIn],
    *,
    add_arguments: Callable[[argparse.ArgumentParser], None] | None = None,
) -> int:
    """Run the stand-in that ``make`` builds from ``--port``, ``--data-dir`` and its own options.

    Returns the process's exit code: 0 after a clean stop, 1 where the port is taken.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    if add_arguments is not None:
        add_arguments(parser)
    options = parser.parse_args()
    options.data_dir.mkdir(parents=True, exist_ok=True)
    standin = make(options)
    try:
        asyncio.run(standin.serve("127.0.0.1", options.port))
    except OSError as refusal:
        print(f"{standin.name} stand-in: {refusal}", file=sys.stderr)
        return 1
    return 0
