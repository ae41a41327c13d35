"""The provider of tests over HTTP, for handlers that run in a process of their own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


@contextmanager
def served(provider: httpx.BaseTransport) -> Iterator[str]:
    """Its address while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = httpx.Request(
                "POST", f"http://provider{self.path}", headers=dict(self.headers), content=body
            )
            answer = provider.handle_request(asked)
            self.send_response(answer.status_code)
            for name, value in {**answer.headers, "content-length": len(answer.content)}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_told: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
