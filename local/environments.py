"""Execution environments: processes with a function's code loaded, as Lambda's are."""

import asyncio
import contextlib
import json
import os
import socket
import struct
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.cloudformation import ACCOUNT, REGION
from local.processes import leashed
from local.resources import Function

WORKER = Path(__file__).with_name("worker.py")

LOAD_LIMIT_S = 60.0
"""Lambda allows 10 s; a laptop that loads eight environments at once may need longer."""

MAX_LINE_BYTES = 1 << 20
"""The longest log line that is kept whole."""

WriteLine = Callable[[str, bytes], None]
"""Called with the function's logical id and one line of its output."""


class LoadFailed(Exception):
    """The handler could not be loaded; carries the error as Lambda words it."""

    def __init__(self, error: dict[str, Any]) -> None:
        """``error`` is the payload that a caller gets."""
        super().__init__(error["errorMessage"])
        self.error = error


@dataclass
class Environment:
    """One process with the function's code loaded."""

    process: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    output: list[asyncio.Task[None]]
    generation: int
    idle_since_s: float = field(default_factory=time.monotonic)

    @property
    def alive(self) -> bool:
        """Whether its process runs and listens."""
        return self.process.returncode is None and not self.reader.at_eof()

    async def exchange(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Send one frame and read the next one."""
        body = json.dumps(frame).encode()
        self.writer.write(struct.pack(">I", len(body)) + body)
        await self.writer.drain()
        return await self.receive()

    async def receive(self) -> dict[str, Any]:
        """The next frame.

        Raises:
            asyncio.IncompleteReadError: the process ended.
        """
        (length,) = struct.unpack(">I", await self.reader.readexactly(4))
        frame: dict[str, Any] = json.loads(await self.reader.readexactly(length))
        return frame

    async def end(self) -> None:
        """End the process at once, and read its last words."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        # A grandchild may hold the pipe open, so its last words are not waited for long.
        await asyncio.wait(self.output, timeout=1)
        for task in self.output:
            task.cancel()
        self.writer.close()


async def start_environment(
    function: Function, environ: Mapping[str, str], write_line: WriteLine, *, generation: int = 0
) -> Environment:
    """Start a process and load the function's code.

    Raises:
        LoadFailed: the code does not load, or not in time.
    """
    spawning = asyncio.ensure_future(_spawn(function, environ, write_line, generation))
    try:
        environment = await asyncio.shield(spawning)
    except asyncio.CancelledError:
        # A process that has begun is ended, not left behind.
        await (await spawning).end()
        raise
    try:
        loaded = await asyncio.wait_for(environment.receive(), LOAD_LIMIT_S)
    except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
        loaded = {"error": {"errorType": "Runtime.ExitError", "errorMessage": "loading failed"}}
    except BaseException:
        await environment.end()
        raise
    if "error" in loaded:
        await environment.end()
        raise LoadFailed(loaded["error"])
    return environment


async def _spawn(
    function: Function, environ: Mapping[str, str], write_line: WriteLine, generation: int
) -> Environment:
    ours, theirs = socket.socketpair()
    try:
        # -P: no directory of the laptop cloud on the path, only what Lambda would have there.
        process = await asyncio.create_subprocess_exec(
            *leashed([sys.executable, "-P", str(WORKER), str(theirs.fileno())]),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=(theirs.fileno(),),
            cwd=function.code,
            env=_variables(function, environ),
            start_new_session=True,
            limit=MAX_LINE_BYTES,
        )
    except OSError as failure:
        ours.close()
        kind = "Runtime.ImportModuleError"
        raise LoadFailed({"errorType": kind, "errorMessage": str(failure)}) from failure
    finally:
        theirs.close()
    reader, writer = await asyncio.open_connection(sock=ours)
    assert process.stdout is not None
    assert process.stderr is not None
    output = [
        asyncio.create_task(_copy_lines(stream, function.logical_id, write_line))
        for stream in (process.stdout, process.stderr)
    ]
    return Environment(process, reader, writer, output, generation)


def _variables(function: Function, environ: Mapping[str, str]) -> dict[str, str]:
    """Lambda's own variables over the function's; the path as Lambda orders it."""
    stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[$LATEST]{uuid.uuid4().hex}"
    return {
        **environ,
        "PYTHONPATH": os.pathsep.join(str(path) for path in (function.code, *function.layers)),
        "PYTHONUTF8": "1",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
        "LAMBDA_TASK_ROOT": str(function.code),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "GREENROOM_FUNCTION_ARN": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function.name}",
    }


async def _copy_lines(stream: asyncio.StreamReader, name: str, write_line: WriteLine) -> None:
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            # Longer than the limit: what was buffered is gone, the rest follows.
            continue
        if not line:
            return
        write_line(name, line.rstrip(b"\r\n"))
