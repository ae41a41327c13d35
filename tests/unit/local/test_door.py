"""The one address of a deployment: requests reach the API that their path belongs to, unchanged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from local.deployment.door import Door
from local.resources import Route

ROUTES = [
    Route(
        key="GET /api/things/{id}", method="GET", path="/api/things/{id}", function="F", api="Api"
    ),
    Route(key="POST /api/open", method="POST", path="/api/open", function="G", api="Open"),
]


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[aiohttp.ClientSession, list[Any]]]:
    """A client of a door, and what arrived behind it."""
    arrived: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        arrived.append(
            (request.method, request.raw_path, dict(request.headers), await request.read())
        )
        headers = {"X-Own": "1", "Location": "/elsewhere"}
        return web.Response(status=302, body=b"\x00\xff", headers=headers)

    behind = web.Application()
    behind.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(behind, host="127.0.0.1") as engine:
        address = f"http://127.0.0.1:{engine.port}"
        door = Door(ROUTES, api_ids={"Api": "a1", "Open": "b2"}, ministack=address)
        async with TestServer(door.application(), host="127.0.0.1") as server:
            base = f"http://127.0.0.1:{server.port}"
            async with aiohttp.ClientSession(base, trust_env=False) as client:
                yield client, arrived


def ask(method: str, path: str, **options: Any) -> tuple[Any, Any]:
    """What came back, and the one request that arrived."""

    async def asked() -> tuple[Any, Any]:
        async with opened() as (client, arrived):
            url = URL(path, encoded=True)
            async with client.request(method, url, allow_redirects=False, **options) as answer:
                came = answer.status, dict(answer.headers), await answer.read()
            (only,) = arrived
            return came, only

    return asyncio.run(asked())


def test_request_and_answer_pass_unchanged() -> None:
    path = "/api/things/a%2Fb?x=%20y&x=2"
    (status, headers, body), arrived = ask("GET", path, headers={"X-Asked": "yes"})

    assert (status, body, headers["X-Own"], headers["Location"]) == (
        302,
        b"\x00\xff",
        "1",
        "/elsewhere",
    )
    assert arrived[:2] == ("GET", path)
    assert arrived[2]["X-Asked"] == "yes"
    assert "Content-Type" not in arrived[2]


@pytest.mark.parametrize(
    ("method", "path", "headers", "api"),
    [
        ("GET", "/api/things/1", {}, "a1"),
        ("POST", "/api/open", {}, "b2"),
        ("GET", "/api/open", {}, "b2"),
        ("OPTIONS", "/api/open", {"Access-Control-Request-Method": "POST"}, "b2"),
        ("GET", "/nowhere", {}, "a1"),
    ],
)
def test_the_path_tells_whose_a_request_is(
    method: str, path: str, headers: dict[str, str], api: str
) -> None:
    _, arrived = ask(method, path, headers=headers, data=b"{}" if method == "POST" else None)

    assert arrived[2]["Host"].startswith(f"{api}.execute-api.localhost:")
    assert arrived[3] == (b"{}" if method == "POST" else b"")


def test_where_nobody_answers_the_door_says_so_itself() -> None:
    async def asked() -> tuple[int, Any]:
        door = Door(ROUTES, api_ids={"Api": "a1"}, ministack="http://127.0.0.1:1")
        async with TestServer(door.application(), host="127.0.0.1") as server:
            base = f"http://127.0.0.1:{server.port}"
            async with (
                aiohttp.ClientSession(base, trust_env=False) as client,
                client.get("/api/things/1") as answer,
            ):
                return answer.status, await answer.json()

    assert asyncio.run(asked()) == (502, {"message": "Bad Gateway"})
