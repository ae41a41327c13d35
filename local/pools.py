"""A pool of execution environments for one function, one invocation at a time in each.

It starts an environment when all are busy, up to a maximum, reuses warm ones, and ends one that
exceeded its time or lost its process.
"""

import asyncio
import json
import time
import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.environments import Environment, LoadFailed, WriteLine, start_environment
from local.resources import Function

MAX_ENVIRONMENTS = 8
"""For one function. More would only fight over the few cores of a laptop."""

MAX_PAYLOAD_BYTES = 6_291_556
"""Lambda quotas: 6 MB for a synchronous request and for its response."""


@dataclass(frozen=True)
class Invocation:
    """What an invocation came to; ``function_error`` is ``None`` when it went well."""

    payload: Any
    function_error: str | None = None


class Pool:
    """The environments of one function. All methods belong to one event loop."""

    def __init__(
        self,
        function: Function,
        *,
        environ: Mapping[str, str],
        write_line: WriteLine,
        most: int = MAX_ENVIRONMENTS,
    ) -> None:
        """``environ`` is all that the processes get beside Lambda's own variables."""
        self.function = function
        self._environ = dict(environ)
        self._write_line = write_line
        self._most = most
        self._idle: list[Environment] = []
        self._loading: set[asyncio.Task[None]] = set()
        self._loaded: dict[int, Environment] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._waiting: deque[asyncio.Future[Environment]] = deque()
        self._generation = 0

    async def invoke(self, event: Any) -> Invocation:
        """Run the function once with ``event``; its failures are part of the answer."""
        request_id = str(uuid.uuid4())
        try:
            environment = await self._take()
        except LoadFailed as failure:
            self._write_line(self.function.logical_id, f"could not be loaded: {failure}".encode())
            return Invocation(failure.error, "Unhandled")
        try:
            return await self._run(environment, event, request_id)
        finally:
            if environment.alive:
                self._offer(environment)
            else:
                self._forget(environment)

    def retire(self) -> None:
        """Let every environment go as soon as it is idle: its code is out of date."""
        self._generation += 1
        self._drop([*self._idle])

    def drop_idle(self, *, longer_than_s: float) -> None:
        """End environments that had nothing to do for so long, but keep one warm."""
        now_s = time.monotonic()
        cold = [each for each in self._idle[:-1] if now_s - each.idle_since_s > longer_than_s]
        self._drop(cold)

    async def close(self) -> None:
        """End all environments."""
        self._most = 0
        for task in self._loading:
            task.cancel()
        await asyncio.gather(*self._loading, return_exceptions=True)
        for waiter in self._waiting:
            waiter.cancel()
        await asyncio.gather(*self._ending, *(each.end() for each in self._loaded.values()))
        self._idle.clear()

    @property
    def size(self) -> int:
        """How many environments there are or are being loaded."""
        return len(self._loaded) + len(self._loading)

    async def _run(self, environment: Environment, event: Any, request_id: str) -> Invocation:
        limit_s = self.function.timeout_s
        deadline_ms = time.time_ns() // 1_000_000 + limit_s * 1000
        frame = {"requestId": request_id, "deadlineMs": deadline_ms, "event": event}
        try:
            answer = await asyncio.wait_for(environment.exchange(frame), limit_s)
        except TimeoutError:
            await environment.end()
            text = f"RequestId: {request_id} Error: Task timed out after {limit_s:.2f} seconds"
            return self._failed("Sandbox.Timedout", text)
        except (asyncio.IncompleteReadError, ConnectionError):
            await environment.end()
            code = environment.process.returncode
            reason = f"signal: {-code}" if code is not None and code < 0 else f"exit status {code}"
            text = f"RequestId: {request_id} Error: Runtime exited with error: {reason}"
            return self._failed("Runtime.ExitError", text)
        except BaseException:
            # We are being stopped: an environment in the middle of an answer is of no more use.
            await environment.end()
            raise
        if "error" in answer:
            return Invocation(answer["error"], "Unhandled")
        size = len(json.dumps(answer["result"], ensure_ascii=False).encode("utf-8", "replace"))
        if size > MAX_PAYLOAD_BYTES:
            text = "Response payload size exceeded maximum allowed payload size"
            text = f"{text} ({MAX_PAYLOAD_BYTES} bytes)."
            return self._failed("Function.ResponseSizeTooLarge", text)
        return Invocation(answer["result"])

    def _failed(self, kind: str, text: str) -> Invocation:
        self._write_line(self.function.logical_id, f"{kind}: {text}".encode())
        return Invocation({"errorType": kind, "errorMessage": text}, "Unhandled")

    async def _take(self) -> Environment:
        while self._idle:
            environment = self._idle.pop()
            if environment.alive:
                return environment
            self._forget(environment)
        waiter: asyncio.Future[Environment] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._fill()
        return await waiter

    def _fill(self) -> None:
        """Load as many environments as there are callers without one, up to the maximum."""
        waiting = sum(not waiter.done() for waiter in self._waiting)
        while waiting > len(self._loading) and self.size < self._most:
            task = asyncio.create_task(self._load())
            self._loading.add(task)
            task.add_done_callback(self._after_load)

    def _after_load(self, task: asyncio.Task[None]) -> None:
        self._loading.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            waiter = self._next_waiter()
            if waiter is not None:
                waiter.set_exception(failure)
            self._fill()

    async def _load(self) -> None:
        environment = await start_environment(
            self.function, self._environ, self._write_line, generation=self._generation
        )
        self._loaded[id(environment)] = environment
        self._offer(environment)

    def _offer(self, environment: Environment) -> None:
        environment.idle_since_s = time.monotonic()
        if environment.generation != self._generation:
            self._drop([environment])
            return
        waiter = self._next_waiter()
        if waiter is None:
            self._idle.append(environment)
        else:
            waiter.set_result(environment)

    def _next_waiter(self) -> asyncio.Future[Environment] | None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                return waiter
        return None

    def _drop(self, environments: Iterable[Environment]) -> None:
        for environment in environments:
            if environment in self._idle:
                self._idle.remove(environment)
            task = asyncio.create_task(environment.end())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            self._forget(environment)

    def _forget(self, environment: Environment) -> None:
        self._loaded.pop(id(environment), None)
        self._fill()
