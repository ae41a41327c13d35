"""Sentry as far as it takes events: a real server on this machine that reads their envelopes."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


class Sentry:
    """What has arrived. Source: Sentry's developer documentation, "Envelopes"."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    @property
    def dsn(self) -> str:
        """What a client is given."""
        return f"http://publickey@127.0.0.1:{self.server.server_address[1]}/42"

    def items(self, kind: str) -> list[Json]:
        """The payloads of one kind: ``event`` or ``transaction``."""
        return [body for one in self.raw for header, body in _items(one) if header["type"] == kind]

    @property
    def text(self) -> str:
        """Everything that has arrived."""
        return b"\n".join(self.raw).decode()


def _items(envelope: bytes) -> Iterator[tuple[Json, Json]]:
    lines = envelope.split(b"\n")
    for header, payload in zip(lines[1::2], lines[2::2], strict=False):
        yield json.loads(header), json.loads(payload)


def _handler(sentry: Sentry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.path == "/api/42/envelope/"
            sentry.raw.append(body)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name above)
            """Nothing: tests print what they want to."""

    return Handler


@contextmanager
def listening() -> Iterator[Sentry]:
    """A Sentry that listens."""
    sentry = Sentry()
    thread = threading.Thread(target=sentry.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield sentry
    finally:
        sentry.server.shutdown()
        sentry.server.server_close()
        thread.join()
