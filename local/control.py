"""The control surface of the laptop cloud: invoke functions, look into queues."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from local.pools import MAX_PAYLOAD_BYTES, Pool
from local.queues import Message, Queues
from local.resources import Function, Template


class Control:
    """Answers below ``/_control/``; only the gateway decides who may ask."""

    def __init__(self, template: Template, *, pools: Mapping[str, Pool], queues: Queues) -> None:
        """All three are the running ones."""
        self._template = template
        self._pools = pools
        self._queues = queues

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        operation = request.method, request.path
        if operation == ("GET", "/_control/health"):
            return _json({"status": "ok"})
        if operation == ("GET", "/_control/functions"):
            return _json({"items": [self._function(each) for each in self._functions()]})
        if operation == ("GET", "/_control/queues"):
            return _json({"items": [self._queue(name) for name in self._queues.names]})
        if operation == ("POST", "/_control/invoke"):
            return await self._invoke(request)
        return _json({"message": "Not Found"}, 404)

    def _functions(self) -> list[Function]:
        return list(self._template.functions.values())

    def _function(self, function: Function) -> dict[str, Any]:
        name = function.logical_id
        return {
            "function": name,
            "name": function.name,
            "code": function.code.name,
            "handler": function.handler,
            "timeoutSeconds": function.timeout_s,
            "memoryMb": function.memory_mb,
            "environments": self._pools[name].size,
            "routes": [each.key for each in self._template.routes if each.function == name],
            "queues": [
                each.queue for each in self._template.queue_sources if each.function == name
            ],
            "schedules": [
                {"name": each.name, "everySeconds": each.every_s}
                for each in self._template.timers
                if each.function == name
            ],
        }

    def _queue(self, name: str) -> dict[str, Any]:
        queue = self._queues.queue(name)
        return {
            "queue": name,
            "deadLetterQueue": queue.dead_letter_queue,
            "maxReceiveCount": queue.max_receive_count or None,
            "visibilityTimeoutSeconds": queue.visibility_timeout_s,
            **self._queues.counts(name),
            "messages": [_message(message) for message in self._queues.messages(name)],
        }

    async def _invoke(self, request: web.Request) -> web.Response:
        try:
            order = json.loads(await request.read())
            wanted, event = order["function"], order.get("event", {})
        except (ValueError, KeyError, TypeError, AttributeError):
            return _json({"message": 'the body must be {"function": ..., "event": ...}'}, 400)
        if len(json.dumps(event)) > MAX_PAYLOAD_BYTES:
            return _json({"message": f"the event is over {MAX_PAYLOAD_BYTES} bytes"}, 413)
        found = [each for each in self._functions() if wanted in _names(each)]
        if len(found) != 1:
            return _json({"message": f"no function is called {wanted}"}, 404)
        invocation = await self._pools[found[0].logical_id].invoke(event)
        answer = {"statusCode": 200, "payload": invocation.payload}
        if invocation.function_error is not None:
            answer["functionError"] = invocation.function_error
        return _json(answer)


def _names(function: Function) -> tuple[str, str, str]:
    """What people call a function: its logical id, its name, its folder."""
    return function.logical_id, function.name, function.code.name


def _message(message: Message) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "body": message.body,
        "attributes": message.attributes,
        "receiveCount": message.received,
        "sentAt": _time(message.sent_ms),
        "visibleAt": _time(message.visible_ms),
    }


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})
