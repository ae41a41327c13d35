"""One address for the HTTP APIs of a deployment, as names and TLS make it in front of AWS.

ministack tells APIs apart by the host that is asked for. Stand-ins, pages and tests know one
address, so each request is passed on, unchanged but for its host, to the API that its path
belongs to.
"""

from collections.abc import AsyncIterator, Mapping

import aiohttp
from aiohttp import web
from yarl import URL

from local import cors
from local.resources import Route
from local.routing import Router

BODY_BYTES_MAX = 10 * 1024 * 1024
LIMIT_S = 120.0
"""API Gateway gives up after 30 s; ministack does not, and its first call of a function is slow."""

_OF_THE_CONNECTION = {
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


class Door:
    """Passes requests on to the APIs of a deployment."""

    def __init__(self, routes: list[Route], *, api_ids: Mapping[str, str], ministack: str) -> None:
        """``api_ids`` are by logical id; ``ministack`` is the address of the engine."""
        self._router = Router(routes)
        self._api_ids = api_ids
        self._first = next(iter(api_ids))
        self._ministack = ministack
        self._session: aiohttp.ClientSession | None = None

    def application(self) -> web.Application:
        """The server, to be bound to an address by the caller."""
        application = web.Application(client_max_size=BODY_BYTES_MAX)
        application.cleanup_ctx.append(self._connected)
        application.router.add_route("*", "/{path:.*}", self._handle)
        return application

    def host_of(self, method: str, path: str) -> str:
        """The host of the API that a path belongs to."""
        api_id = self._api_ids[self._router.owner(method, path) or self._first]
        return f"{api_id}.execute-api.localhost:{self._ministack.rpartition(':')[2]}"

    async def _connected(self, _application: web.Application) -> AsyncIterator[None]:
        timeout = aiohttp.ClientTimeout(total=LIMIT_S)
        # No proxy of the environment stands between two programs of one machine.
        async with aiohttp.ClientSession(
            trust_env=False, timeout=timeout, auto_decompress=False
        ) as session:
            self._session = session
            yield

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            return await self._passed_on(request)
        except TimeoutError:
            return web.json_response({"message": "Service Unavailable"}, status=503)
        except aiohttp.ClientError:
            return web.json_response({"message": "Bad Gateway"}, status=502)

    async def _passed_on(self, request: web.Request) -> web.Response:
        assert self._session is not None
        path = request.raw_path.partition("?")[0]
        method = request.headers.get(cors.REQUESTED_METHOD, request.method)
        headers = [
            (name, value)
            for name, value in request.headers.items()
            if name.lower() not in _OF_THE_CONNECTION
        ]
        async with self._session.request(
            request.method,
            URL(f"{self._ministack}{request.raw_path}", encoded=True),
            headers=[*headers, ("Host", self.host_of(method, path))],
            data=await request.read() or None,
            allow_redirects=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        ) as answer:
            response = web.Response(status=answer.status, body=await answer.read())
            response.headers.popall("Content-Type", None)
            for name, value in answer.headers.items():
                if name.lower() not in _OF_THE_CONNECTION:
                    response.headers.add(name, value)
            return response
