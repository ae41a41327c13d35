"""What all stand-ins share: the record, the faults, the guard, and a clean end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from local.standins import common
from local.standins.common import StandIn, running

ROOT = Path(__file__).parents[3]
PAGE = {"Origin": "http://127.0.0.1:3000"}
SOON_S = 15.0


class Shop(StandIn):
    """A stand-in whose one effect is an order."""

    def __init__(self) -> None:
        super().__init__("Shop", browser_paths=("/shared/*",))
        self.orders: list[str] = []
        self.app.router.add_post("/orders", self._order)
        self.app.router.add_get("/shared/price", self._price)

    async def _order(self, request: web.Request) -> web.Response:
        body = (await request.read()).decode("utf-8", "replace")
        if not body:
            raise web.HTTPBadRequest
        self.orders.append(body)
        return web.json_response({"orders": len(self.orders)}, status=201)

    async def _price(self, request: web.Request) -> web.Response:
        if "free" in request.query:
            raise web.HTTPPaymentRequired
        return web.json_response({"price": 1})


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def http(shop: Shop) -> Iterator[httpx.Client]:
    with running(shop) as address, httpx.Client(base_url=address, timeout=SOON_S) as client:
        yield client


def order_faults(http: httpx.Client, *faults: dict[str, Any]) -> None:
    assert http.put("/_control/faults", json=faults).status_code == 200


def recorded(http: httpx.Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = http.get("/_control/requests").json()["items"]
    return items


def test_every_request_is_recorded_as_it_came(http: httpx.Client) -> None:
    http.post("/orders?urgent=1", content=b"tea \xff\r\n", headers={"X-Shop": "Main"})
    http.get("/nowhere")

    first, second = recorded(http)
    assert first["at"].endswith("Z")
    assert (first["method"], first["path"], first["query"]) == ("POST", "/orders", {"urgent": "1"})
    assert first["headers"]["x-shop"] == "Main"
    assert first["bodyText"] == "tea \ufffd\r\n"
    assert (second["path"], second["bodyText"]) == ("/nowhere", "")


def test_repeated_headers_are_joined(http: httpx.Client) -> None:
    http.get("/nowhere", headers=[("X-Part", "a"), ("X-Part", "b")])

    assert recorded(http)[0]["headers"]["x-part"] == "a, b"


def test_the_record_keeps_the_newest_requests_and_the_start_of_long_bodies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(common, "REQUESTS_KEPT", 3)
    with running(Shop()) as address, httpx.Client(base_url=address) as http:
        for number in range(5):
            http.post("/orders", content=f"{number}" * 70_000)

        kept = recorded(http)

    assert [item["bodyText"][0] for item in kept] == ["2", "3", "4"]
    assert {len(item["bodyText"]) for item in kept} == {64 * 1024}


def test_control_requests_are_not_recorded_and_health_names_the_stand_in(
    http: httpx.Client,
) -> None:
    assert http.get("/_control/health").json() == {"ok": True, "name": "Shop"}
    assert recorded(http) == []


def test_a_status_fault_answers_without_acting(http: httpx.Client, shop: Shop) -> None:
    order_faults(
        http,
        {
            "method": "POST",
            "path": "/orders",
            "kind": "status",
            "status": 429,
            "headers": {"Retry-After": "7", "Content-Type": "text/plain"},
            "bodyText": "zu früh",
        },
    )

    answer = http.post("/orders", content="tea")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert (answer.content.decode(), shop.orders) == ("zu früh", [])
    assert recorded(http)[0]["bodyText"] == "tea"


def test_act_then_status_acts_first(http: httpx.Client, shop: Shop) -> None:
    order_faults(http, {"method": "POST", "path": "/orders", "kind": "actThenStatus"})

    assert http.post("/orders", content="tea").status_code == 500
    assert shop.orders == ["tea"]


def test_act_then_status_hides_a_refusal_too(http: httpx.Client) -> None:
    order_faults(
        http, {"method": "POST", "path": "/orders", "kind": "actThenStatus", "status": 502}
    )

    assert http.post("/orders").status_code == 502


def test_refuse_closes_the_connection_unread(http: httpx.Client, shop: Shop) -> None:
    order_faults(http, {"method": "POST", "path": "/orders", "kind": "refuse"})

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)):
        http.post("/orders", content="tea")

    assert (shop.orders, recorded(http)[0]["bodyText"]) == ([], "")


@pytest.mark.parametrize(("kind", "orders"), [("hang", []), ("actThenHang", ["tea"])])
def test_a_hanging_request_gets_no_answer_and_acts_only_if_told(
    http: httpx.Client, shop: Shop, kind: str, orders: list[str]
) -> None:
    order_faults(http, {"method": "POST", "path": "/orders", "kind": kind})

    with pytest.raises(httpx.ReadTimeout):
        http.post("/orders", content="tea", timeout=0.3)

    assert shop.orders == orders


def test_a_hang_with_seconds_ends_by_closing_the_connection(http: httpx.Client) -> None:
    order_faults(http, {"method": "POST", "path": "/orders", "kind": "hang", "seconds": 0.1})
    began = time.monotonic()

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        http.post("/orders", content="tea")

    assert 0.1 <= time.monotonic() - began < SOON_S


def test_a_reset_lets_held_requests_go(http: httpx.Client, shop: Shop) -> None:
    order_faults(http, {"method": "GET", "path": "/held", "kind": "hang"})
    shop.on_reset.append(lambda: shop.orders.append("reset"))
    address = http.base_url

    with socket.create_connection((address.host, address.port or 80), SOON_S) as held:
        held.sendall(b"GET /held HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        wait_until(lambda: bool(recorded(http)))
        assert http.post("/_control/reset").status_code == 200

        with contextlib.suppress(ConnectionResetError):
            assert held.recv(1) == b""

    assert (recorded(http), shop.orders) == ([], ["reset"])


def test_faults_are_met_in_order_and_their_times_run_out(http: httpx.Client) -> None:
    order_faults(
        http,
        {"method": "post", "path": "/ord*", "kind": "status", "status": 503, "times": 2},
        {"method": "*", "path": "/orders", "kind": "status", "status": 504},
        {"method": "GET", "path": "/orders", "kind": "status", "status": 418},
    )

    seen = [http.post("/orders", content="tea").status_code for _ in range(4)]

    assert seen == [503, 503, 504, 201]
    left = http.get("/_control/faults").json()["items"]
    assert [(fault["method"], fault["status"], fault["times"]) for fault in left] == [
        ("GET", 418, 1)
    ]


def test_setting_faults_replaces_those_that_were_left(http: httpx.Client) -> None:
    order_faults(http, {"method": "*", "path": "*", "kind": "status", "times": 99})
    order_faults(http)

    assert http.post("/orders", content="tea").status_code == 201


def test_a_reset_clears_requests_and_faults_and_tells_the_stand_in(
    http: httpx.Client, shop: Shop
) -> None:
    async def forget() -> None:
        shop.orders.clear()

    shop.on_reset.append(forget)
    http.post("/orders", content="tea")
    order_faults(http, {"method": "*", "path": "*", "kind": "refuse"})

    http.post("/_control/reset")

    assert (recorded(http), shop.orders) == ([], [])
    assert http.get("/_control/faults").json() == {"items": []}


GOOD = {"method": "GET", "path": "/", "kind": "hang"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b" " * (1024 * 1024 + 1), "too large"),
        ({}, "list"),
        ([GOOD] * 1001, "list"),
        ([GOOD, 5], "faults[1]"),
        ([{**GOOD, "extra": 1}], "faults[0].extra"),
        ([{"path": "/", "kind": "hang"}], "faults[0].method"),
        ([{**GOOD, "method": "GET /"}], "faults[0].method"),
        ([{**GOOD, "path": "v1"}], "faults[0].path"),
        ([{**GOOD, "path": None}], "faults[0].path"),
        ([{**GOOD, "kind": "explode"}], "faults[0].kind"),
        ([{**GOOD, "times": 0}], "faults[0].times"),
        ([{**GOOD, "times": True}], "faults[0].times"),
        ([{**GOOD, "times": 1.5}], "faults[0].times"),
        ([{**GOOD, "seconds": -1}], "faults[0].seconds"),
        ([{**GOOD, "seconds": "2"}], "faults[0].seconds"),
        (b'[{"method":"GET","path":"/","kind":"hang","seconds":Infinity}]', "faults[0].seconds"),
        ([{**GOOD, "status": 99}], "faults[0].status"),
        ([{**GOOD, "status": "500"}], "faults[0].status"),
        ([{**GOOD, "headers": []}], "faults[0].headers"),
        ([{**GOOD, "headers": {"A": 1}}], "faults[0].headers"),
        ([{**GOOD, "headers": {"A": "b\r\nC: d"}}], "faults[0].headers"),
        ([{**GOOD, "bodyText": {}}], "faults[0].bodyText"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_document_that_is_no_list_of_faults_is_refused_by_field(
    http: httpx.Client, body: Any, field: str
) -> None:
    order_faults(http, {"method": "GET", "path": "/kept", "kind": "hang"})

    sent = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = http.put("/_control/faults", **sent)

    assert answer.status_code == 400
    assert field in answer.json()["error"]
    assert http.get("/_control/faults").json()["items"][0]["path"] == "/kept"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:3001"},
        {"Host": "localhost@evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
    ids=str,
)
def test_the_control_surface_refuses_foreign_hosts_and_pages(
    http: httpx.Client, headers: dict[str, str]
) -> None:
    assert http.post("/_control/reset", headers=headers).status_code == 403
    assert http.get("/_control/requests", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Host": "localhost:1"}, PAGE, {"Origin": "http://localhost"}], ids=str
)
def test_the_control_surface_serves_this_machine(
    http: httpx.Client, headers: dict[str, str]
) -> None:
    assert http.get("/_control/health", headers=headers).status_code == 200


def test_pages_of_this_machine_may_read_shared_paths_with_cookies(http: httpx.Client) -> None:
    order_faults(
        http,
        {"method": "GET", "path": "/shared/price", "kind": "status", "status": 503},
    )

    preflight = http.options("/shared/price", headers=PAGE)
    answers = [
        preflight,
        http.get("/shared/price", headers=PAGE),
        http.get("/shared/price", headers=PAGE),
        http.get("/shared/price?free", headers=PAGE),
    ]

    assert [answer.status_code for answer in answers] == [204, 503, 200, 402]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == PAGE["Origin"]
        assert answer.headers["access-control-allow-credentials"] == "true"
    assert "Authorization" in preflight.headers["access-control-allow-headers"]


def test_other_pages_and_other_paths_are_shared_with_nobody(http: httpx.Client) -> None:
    foreign = http.get("/shared/price", headers={"Origin": "https://evil.example"})
    unshared = http.post("/orders", content="tea", headers=PAGE)

    for answer in (foreign, unshared):
        assert "access-control-allow-origin" not in answer.headers


# A stand-in as `make run` starts it; Clerk's serves, since it is the lightest.
COMMAND = [sys.executable, "-m", "local.standins.clerk"]


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(holds: Any) -> None:
    deadline = time.monotonic() + SOON_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with start("--port", "0", "--data-dir", str(tmp_path / "new")) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Clerk stand-in on http://127.0.0.1:")
        process.send_signal(number)
        _, complaints = process.communicate(timeout=SOON_S)

    assert (process.returncode, complaints) == (0, "")


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with start("--port", port, "--data-dir", str(tmp_path)) as process:
            _, complaints = process.communicate(timeout=SOON_S)

    assert process.returncode == 1
    assert complaints.startswith("Clerk stand-in: ")
    assert complaints.count("\n") == 1


PARENT = """
import subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
"""


def test_the_end_of_the_parent_ends_the_stand_in(tmp_path: Path) -> None:
    child = [*COMMAND, "--port", "0", "--data-dir", str(tmp_path)]
    parent = subprocess.run(
        [sys.executable, "-c", PARENT, *child],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=SOON_S,
    )
    orphan = int(parent.stdout)

    def gone() -> bool:
        with contextlib.suppress(ProcessLookupError):
            os.kill(orphan, 0)
            return state(orphan) == "Z"  # nobody may be there to collect it
        return True

    wait_until(gone)


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except FileNotFoundError:
        return ""
