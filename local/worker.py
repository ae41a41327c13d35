"""The inside of one execution environment: load a handler, then run one event after the other.

Started by path with the number of a socket. Frames are four bytes of length (big endian) and
JSON. First frame out: ``{}`` or ``{"error": ...}`` of the load; then for every frame in
(``{"requestId", "deadlineMs", "event"}``) one out (``{"result": ...}`` or ``{"error": ...}``).
Imports nothing but the standard library, because the handler's own modules come next.
"""

import importlib
import json
import logging
import os
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

Handler = Callable[[Any, "Context"], Any]


class Context:
    """What Lambda hands to a handler beside the event."""

    def __init__(self, request_id: str, deadline_ms: int) -> None:
        """The deadline is in milliseconds since the epoch, as in ``Lambda-Runtime-Deadline-Ms``."""
        environ = os.environ
        self._deadline_ms = deadline_ms
        self.aws_request_id = request_id
        self.function_name = environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environ["AWS_LAMBDA_FUNCTION_VERSION"]
        # Text, as in Lambda's own runtime.
        self.memory_limit_in_mb = environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = environ["GREENROOM_FUNCTION_ARN"]
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.client_context = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the environment is stopped, never below 0."""
        return max(0, self._deadline_ms - time.time_ns() // 1_000_000)


def serve(channel: socket.socket) -> None:
    """Load the handler and answer frames until the other end closes."""
    try:
        handler = _load(os.environ["_HANDLER"])
    except BaseException as failure:  # noqa: BLE001 - whatever a module raises while it loads
        traceback.print_exc()
        kind = "Runtime.ImportModuleError" if isinstance(failure, ImportError) else None
        _send(channel, {"error": _error(failure, "", kind)})
        return
    _send(channel, {})
    while (frame := _receive(channel)) is not None:
        answer = _run(handler, frame)
        sys.stdout.flush()
        sys.stderr.flush()
        _send(channel, answer)


def _load(name: str) -> Handler:
    module, _, function = name.rpartition(".")
    loaded: Handler = getattr(importlib.import_module(module.replace("/", ".")), function)
    return loaded


def _run(handler: Handler, frame: dict[str, Any]) -> dict[str, Any]:
    request_id = frame["requestId"]
    try:
        result = handler(frame["event"], Context(request_id, frame["deadlineMs"]))
    except Exception as failure:  # noqa: BLE001 - the edge of somebody else's code
        traceback.print_exc()
        return {"error": _error(failure, request_id)}
    try:
        json.dumps(result)
    except (TypeError, ValueError) as failure:
        return {"error": _error(failure, request_id, "Runtime.MarshalError")}
    return {"result": result}


def _error(failure: BaseException, request_id: str, kind: str | None = None) -> dict[str, Any]:
    return {
        "errorMessage": str(failure),
        "errorType": kind or type(failure).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_tb(failure.__traceback__),
    }


def _send(channel: socket.socket, frame: dict[str, Any]) -> None:
    body = json.dumps(frame).encode()
    channel.sendall(struct.pack(">I", len(body)) + body)


def _receive(channel: socket.socket) -> dict[str, Any] | None:
    length = _read(channel, 4)
    if length is None:
        return None
    body = _read(channel, struct.unpack(">I", length)[0])
    return None if body is None else json.loads(body)


def _read(channel: socket.socket, count: int) -> bytes | None:
    parts: list[bytes] = []
    while count:
        part = channel.recv(min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


if __name__ == "__main__":
    # As in Lambda: what a library logs at WARNING or above is seen without any set-up.
    logging.basicConfig(stream=sys.stdout, format="[%(levelname)s]\t%(asctime)s\t%(message)s")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    serve(socket.socket(fileno=int(sys.argv[1])))
