"""Connections to a server: kept, counted, given up; and whom they trust."""

import gc
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, SSLError

from greenroom.kernel.trust import trusting
from greenroom.table import pool as pools
from greenroom.table.pool import CONNECTIONS_KEPT, Pool, PoolState
from tests.authorities import Authority

ASK = {"content-type": "text/plain"}


class Site(ThreadingHTTPServer):
    """Answers what it was sent, in capitals."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.before_answer: Callable[[], object] = lambda: None
        self.farewell = False
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def pool(self, scheme: str = "http", host: str = "127.0.0.1") -> Pool:
        return Pool(f"{scheme}://{host}:{self.server_port}", connect_s=5, read_s=5)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients of these tests hang up when they like."""


class Echo(BaseHTTPRequestHandler):
    """One connection of the site."""

    protocol_version = "HTTP/1.1"
    server: Site

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.before_answer()
        self.send_response(404 if body == b"nowhere" else 200)
        self.send_header("X-Said", body.decode().upper())
        self.send_header("Content-Length", str(len(body)))
        if self.server.farewell:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body.upper())

    def log_message(self, *_: object) -> None:
        """Nothing is told."""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        thread.join(10)
        site.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as made:
        yield made


def test_an_answer_is_told_whole_whatever_its_status(site: Site) -> None:
    pool = site.pool()

    good, bad = pool.post(ASK, b"hello"), pool.post(ASK, b"nowhere")

    assert (good.status, good.body, good.headers["x-said"]) == (200, b"HELLO", "HELLO")
    assert (bad.status, bad.body) == (404, b"NOWHERE")
    pool.close()


def test_a_connection_is_used_again_and_counted(site: Site) -> None:
    pool = site.pool()
    seen: list[PoolState] = []
    site.before_answer = lambda: seen.append(pool.state())

    pool.post(ASK, b"one")
    pool.post(ASK, b"two")

    assert [(one.in_use, one.idle, one.opened) for one in seen] == [(1, 0, 1), (1, 0, 1)]
    told = pool.state()
    assert (told.in_use, told.idle, told.opened, told.requests) == (0, 1, 1, 2)
    pool.close()
    assert pool.state().idle == 0


def test_an_answer_is_waited_for_in_its_own_time_not_in_that_of_connecting(site: Site) -> None:
    pool = Pool(f"http://127.0.0.1:{site.server_port}", connect_s=5, read_s=7)

    pool.post(ASK, b"one")

    ((connection, _),) = pool._idle
    assert connection.sock.gettimeout() == 7
    pool.close()


def test_no_more_connections_stay_than_are_kept(site: Site) -> None:
    pool, many = site.pool(), CONNECTIONS_KEPT + 3
    together = threading.Barrier(many)
    site.before_answer = lambda: together.wait(10)

    with ThreadPoolExecutor(many) as threads:
        list(threads.map(lambda _: pool.post(ASK, b"at once"), range(many)))

    assert (pool.state().opened, pool.state().idle) == (many, CONNECTIONS_KEPT)
    pool.close()


def test_connections_go_with_their_pool(site: Site) -> None:
    pool = site.pool()
    pool.post(ASK, b"one")
    ((connection, _),) = pool._idle

    del pool
    gc.collect()

    assert connection.sock is None


def test_a_server_that_says_farewell_is_connected_to_anew(site: Site) -> None:
    pool, site.farewell = site.pool(), True

    pool.post(ASK, b"one")
    pool.post(ASK, b"two")

    assert (pool.state().opened, pool.state().idle) == (2, 0)


def test_a_connection_that_ended_while_it_was_idle_is_not_used() -> None:
    with serving(Site()) as first:
        pool, port = first.pool(), first.server_port
        pool.post(ASK, b"one")
        (connection, _) = pool._idle[0]
        connection.sock.shutdown(socket.SHUT_WR)  # the server hangs up in answer
        connection.sock.setblocking(True)
        assert connection.sock.recv(1, socket.MSG_PEEK) == b""

        assert pool.post(ASK, b"two").body == b"TWO"

    assert port == first.server_port
    assert pool.state().opened == 2
    pool.close()


def test_a_connection_is_not_kept_for_ever(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "IDLE_S", 0.0)
    pool = site.pool()

    pool.post(ASK, b"one")
    pool.post(ASK, b"two")

    assert pool.state().opened == 2
    pool.close()


def test_what_is_no_answer_of_http_is_none_at_all() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        pool = Pool(f"http://127.0.0.1:{server.getsockname()[1]}", connect_s=5, read_s=5)

        def chatter() -> None:
            taken, _ = server.accept()
            with taken:
                taken.recv(65_536)
                taken.sendall(b"220 mail.example ready\r\n\r\n")

        thread = threading.Thread(target=chatter)
        thread.start()
        with pytest.raises(ConnectionClosedError):
            pool.post(ASK, b"hello")
        thread.join(10)

    assert (pool.state().in_use, pool.state().idle) == (0, 0)


def test_only_a_server_with_a_certificate_of_whom_we_trust_is_told_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority()
    bundle = tmp_path / "cacert.pem"
    bundle.write_bytes(authority.root)
    with serving(Site(authority.server(tmp_path, host="localhost"))) as site:
        with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            site.pool("https", "localhost").post(ASK, b"secret")
        monkeypatch.setattr(pools, "trusted", lambda: trusting(bundle))
        with pytest.raises(SSLError, match="IP address mismatch"):
            site.pool("https", "127.0.0.1").post(ASK, b"secret")

        pool = site.pool("https", "localhost")
        assert pool.post(ASK, b"hello").body == b"HELLO"
        assert pool.post(ASK, b"again").body == b"AGAIN"

    assert pool.state().opened == 1
    pool.close()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://dynamodb.eu-central-1.amazonaws.com", "dynamodb.eu-central-1.amazonaws.com"),
        ("https://dynamodb.eu-central-1.amazonaws.com:443", "dynamodb.eu-central-1.amazonaws.com"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://localhost:80", "localhost"),
        ("https://localhost:80", "localhost:80"),
    ],
)
def test_the_host_is_named_as_it_is_sent(url: str, host: str) -> None:
    assert Pool(url, connect_s=1, read_s=1).host == host
