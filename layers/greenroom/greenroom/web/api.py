"""The routes of one function, and its Lambda handler.

API Gateway has matched the path before we are called and names the route in ``routeKey``, so
dispatch is one look-up (docs/decisions/0005).
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from greenroom.accounts.identity import Identity
from greenroom.kernel import monitor
from greenroom.kernel.errors import Broken, Forbidden, GreenroomError, Impersonated, NotFound
from greenroom.kernel.log import log_error, logger
from greenroom.kernel.metrics import invocation
from greenroom.kernel.telemetry import Record
from greenroom.web.call import Call, Event
from greenroom.web.cors import answer_headers
from greenroom.web.problem import problem
from greenroom.web.route import JSON, Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a use case answers: a shape, raw bytes, or nothing at all.

    ``replayed`` says that an earlier request with the same Idempotency-Key was answered so.
    ``headers`` go beside those that every answer has.
    """

    status: int = 200
    body: BaseModel | bytes | None = None
    media_type: str = JSON
    replayed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Answer]


class Api:
    """The routes of one function, and its Lambda handler."""

    def __init__(
        self,
        name: str,
        *,
        verify: Callable[[str], Identity],
        is_admin: Callable[[Identity], bool] = lambda _: False,
        own_cors: bool = False,
    ) -> None:
        """``own_cors``: its HTTP API has no CORS, and handlers set ``Call.readable_by``.

        Then a good answer is readable by that origin's pages alone. A refusal holds nothing of
        anybody's, so that any page may read why it was refused.
        """
        self.name = name
        self._own_cors = own_cors
        self.routes: dict[str, Route] = {}
        self._handlers: dict[str, Handler] = {}
        self._verify = verify
        self._is_admin = is_admin

    def route(self, route: Route) -> Callable[[Handler], Handler]:
        """Let a handler answer the calls of a route."""

        def register(handler: Handler) -> Handler:
            self.routes[route.key] = route
            self._handlers[route.key] = handler
            return handler

        return register

    def __call__(self, event: Event, context: Any) -> dict[str, Any]:
        """Answer one HTTP API event. Whatever goes wrong becomes a problem document."""
        with invocation(self.name) as record:
            return self._told(event, context, record)

    def _told(self, event: Event, context: Any, record: Record) -> dict[str, Any]:
        call = Call.of(event, context, verify=self._verify, record=record)
        record.ids |= {
            "request_id": call.request_id,
            "correlation_id": call.correlation_id,
            "route": call.route_key,
        }
        logger.set_correlation_id(call.correlation_id)
        try:
            answer = self._answer(call)
        except GreenroomError as error:
            return self._refused(call, error)
        except Exception as bug:  # noqa: BLE001 (the edge: nothing leaves without an answer)
            log_error("a request broke", bug, request_id=call.request_id, route=call.route_key)
            monitor.capture(bug)
            return self._refused(call, Broken())
        self._log(call, answer["statusCode"])
        return self._readable(answer, by=call.readable_by, preflight=call.is_preflight)

    def _answer(self, call: Call) -> dict[str, Any]:
        route = self.routes.get(call.route_key)
        if route is None:
            raise NotFound
        if route.auth != "public":
            _ = call.identity
        if route.in_person and call.identity.actor_id is not None:
            raise Impersonated
        if route.auth == "admin" and not self._is_admin(call.identity):
            raise Forbidden
        call.body_max = route.body_max
        encoded = _encoded(self._handlers[route.key](call), request_id=call.request_id)
        return _unless_known(call, encoded) if 304 in route.answers else encoded

    def _refused(self, call: Call, error: GreenroomError) -> dict[str, Any]:
        cause = {"cause": type(error.__cause__).__qualname__} if error.__cause__ else {}
        self._log(call, error.status, {**error.log, **cause, "error_code": error.code})
        if "alarm" in error.log:
            monitor.capture(error, error.log)
        told = problem(error, request_id=call.request_id)
        return self._readable(told, by=call.origin, preflight=False)

    def _readable(
        self, answer: dict[str, Any], *, by: str | None, preflight: bool
    ) -> dict[str, Any]:
        if not self._own_cors:
            return answer
        return {
            **answer,
            "headers": {**answer["headers"], **answer_headers(by, preflight=preflight)},
        }

    def _log(
        self, call: Call, status: int, facts: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        """The one canonical line of a request: 4xx are warnings, 5xx errors."""
        line = {
            **facts,
            **call.facts,
            "request_id": call.request_id,
            "function": self.name,
            "route": call.route_key,
            "status": status,
            **call.record.facts(),
            "elapsed_ms": round((time.monotonic() - call.started_s) * 1000, 1),
        }
        log = logger.info if status < 400 else logger.warning if status < 500 else logger.error
        log("request answered", extra=line)


def _unless_known(call: Call, encoded: dict[str, Any]) -> dict[str, Any]:
    """The answer with the tag of its body; 304 and no body where the client has that one."""
    tag = f'"{hashlib.sha256(encoded["body"].encode()).hexdigest()[:32]}"'
    known = {one.strip().removeprefix("W/") for one in call.header("if-none-match").split(",")}
    headers = {**encoded["headers"], "ETag": tag}
    if tag not in known:
        return {**encoded, "headers": headers}
    del headers["Content-Type"]
    return {"statusCode": 304, "headers": headers}


def _encoded(answer: Answer, *, request_id: str) -> dict[str, Any]:
    headers = {"X-Request-Id": request_id, "Cache-Control": "no-store", **answer.headers}
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    encoded: dict[str, Any] = {"statusCode": answer.status, "headers": headers}
    if isinstance(answer.body, bytes):
        encoded["body"] = answer.body.decode()
        headers["Content-Type"] = answer.media_type
    elif answer.body is not None:
        encoded["body"] = answer.body.model_dump_json(by_alias=True)
        headers["Content-Type"] = answer.media_type
    return encoded
