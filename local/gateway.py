"""The HTTP front door: API Gateway's HTTP APIs, the page, the explorer and the control surface."""

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from local import cors
from local.control import Control
from local.http_events import (
    Answer,
    AnswerRefused,
    Request,
    build_event,
    message,
    read_answer,
)
from local.pools import MAX_PAYLOAD_BYTES, Invocation, Pool
from local.resources import Cors, Route, Template
from local.routing import Router, Throttle
from local.site import EXPLORER, file_answer, find_file, is_local_host, is_own_origin
from local.sqs import SqsEndpoint

MAX_BODY_BYTES = 10 * 1024 * 1024
"""API Gateway quotas, HTTP API: payload 10 MB."""

MAX_HEADER_BYTES = 10_240
"""API Gateway quotas, HTTP API: request line and header values together."""

INTEGRATION_LIMIT_S = 30.0
"""API Gateway quotas, HTTP API: integration timeout."""

PARSER_LIMIT_BYTES = 65_536
"""What the HTTP parser takes, so that it is we who refuse what is over the quota."""

_HOP_BY_HOP = {
    "connection",
    "content-length",
    "keep-alive",
    "proxy-authenticate",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


class Gateway:
    """The HTTP APIs of a template on one address, with what a laptop needs around them.

    In AWS each API has a host of its own; here the path tells whose a request is.
    """

    def __init__(
        self,
        template: Template,
        *,
        pools: Mapping[str, Pool],
        control: Control,
        sqs: SqsEndpoint,
        root: Path,
        integration_limit_s: float = INTEGRATION_LIMIT_S,
    ) -> None:
        """``root`` holds ``web/`` and ``schemas/``; both are read at each request."""
        self._cors = {name: api.cors for name, api in template.apis.items()}
        self._first_api = next(iter(template.apis), "")
        self._router = Router(template.routes)
        self._throttles = {name: Throttle(api.throttling) for name, api in template.apis.items()}
        self._pools = pools
        self._control = control
        self._sqs = sqs
        self._web = root / "web"
        self._openapi = root / "schemas" / "openapi.json"
        self._integration_limit_s = integration_limit_s
        self._running: set[asyncio.Task[Invocation]] = set()

    def runner(self) -> web.AppRunner:
        """The server, to be set up and bound to an address by the caller."""
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.router.add_route("*", r"/{path:[\s\S]*}", self.handle)
        return web.AppRunner(
            application,
            access_log=None,
            max_line_size=PARSER_LIMIT_BYTES,
            max_field_size=PARSER_LIMIT_BYTES,
            shutdown_timeout=2,
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.raw_path.partition("?")[0]
        if path.startswith(("/_control/", "/_sqs")):
            if not self._may_control(request):
                return web.json_response({"message": "Forbidden"}, status=403)
            control = path.startswith("/_control/")
            return await (self._control.handle(request) if control else self._sqs.handle(request))
        rules = self._cors_of(request, path)
        if rules and cors.is_preflight(request.method, _lower(request)):
            headers = cors.preflight_headers(rules, _lower(request))
            return web.Response(status=204, headers=headers)
        matched = self._router.match(request.method, path)
        if matched is None and request.method in {"GET", "HEAD"}:
            page = self._page(request, path)
            if page is not None:
                return page
        request_id = secrets.token_urlsafe(11) + "="
        answer = await self._answer(request, matched, request_id)
        return self._respond(request, answer, request_id, rules=rules)

    def _cors_of(self, request: web.Request, path: str) -> Cors | None:
        """The CORS configuration of the API that a request is for, if it has one."""
        method = request.headers.get(cors.REQUESTED_METHOD, request.method)
        return self._cors.get(self._router.owner(method, path) or self._first_api)

    def _may_control(self, request: web.Request) -> bool:
        # Any page may post to 127.0.0.1, and any name may be made to point there.
        cross_site = request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
        return (
            is_local_host(request.host)
            and is_own_origin(request.headers.get("Origin"), request.host)
            and not cross_site
        )

    def _page(self, request: web.Request, path: str) -> web.Response | None:
        if not is_local_host(request.host):
            return web.json_response({"message": "Forbidden"}, status=403)
        if path in {"/docs", "/docs/"}:
            return file_answer(EXPLORER)
        file = self._openapi if path == "/docs/openapi.json" else find_file(self._web, path)
        return file_answer(file) if file is not None and file.is_file() else None

    async def _answer(
        self, request: web.Request, matched: tuple[Route, dict[str, str]] | None, request_id: str
    ) -> Answer:
        if _header_bytes(request) > MAX_HEADER_BYTES:
            return message(431, "Request Header Fields Too Large")
        if matched is None:
            return message(404, "Not Found")
        route, parameters = matched
        if not self._throttles[route.api].admits(route.key):
            return message(429, "Too Many Requests")
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return message(413, "Request Entity Too Large")
        event = build_event(_wire(request, body), route, parameters, request_id=request_id)
        if len(event.get("body", "")) > MAX_PAYLOAD_BYTES:
            return message(413, "Request Entity Too Large")
        return await self._integrate(route, event)

    async def _integrate(self, route: Route, event: dict[str, object]) -> Answer:
        """Invoke the function; it runs on when the gateway stops waiting, as in AWS."""
        task = asyncio.create_task(self._pools[route.function].invoke(event))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait([task], timeout=self._integration_limit_s)
        if not done:
            return message(503, "Service Unavailable")
        if task.cancelled():
            return message(503, "Service Unavailable")
        invocation = task.result()
        if invocation.function_error is not None:
            return message(500, "Internal Server Error")
        try:
            return read_answer(invocation.payload)
        except AnswerRefused:
            return message(500, "Internal Server Error")

    def _respond(
        self, request: web.Request, answer: Answer, request_id: str, *, rules: Cors | None
    ) -> web.Response:
        response = web.Response(status=answer.status)
        no_body = answer.status in {204, 304}
        for name, value in answer.headers:
            dropped = name in _HOP_BY_HOP or (no_body and name == "content-type")
            if not dropped and not (rules and name.startswith("access-control-")):
                response.headers.add(name, value)
        if not no_body:
            response.body = answer.body
        response.headers["apigw-requestid"] = request_id
        if rules:
            origin = request.headers.get("Origin")
            for name, value in cors.response_headers(rules, origin).items():
                response.headers.add(name, value)
        return response


def _lower(request: web.Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _header_bytes(request: web.Request) -> int:
    line = len(request.method) + len(request.raw_path)
    return line + sum(len(name) + len(value) for name, value in request.raw_headers)


def _wire(request: web.Request, body: bytes) -> Request:
    return Request(
        method=request.method,
        target=request.raw_path,
        protocol=f"HTTP/{request.version.major}.{request.version.minor}",
        headers=list(request.headers.items()),
        body=body,
        source_ip=request.remote or "127.0.0.1",
    )
