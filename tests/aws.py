"""Where tests stand between the product and AWS: at every try of every client, on its way out.

    with aws.watched(watcher):
        ...

A *watcher* gets what is asked and the way on. It may look, answer by itself, fail, or ask for
something else. Whoever comes later stands nearer to the product; ``tests.actions`` is always the
nearest. The clients are the product's own way to DynamoDB and whatever goes through botocore.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from unittest import mock

from botocore.awsrequest import AWSResponse
from botocore.endpoint import Endpoint

from greenroom.table.pool import Answer
from greenroom.table.wire import Wire


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One try of one request."""

    service: str
    """``dynamodb``, ``sqs``, ``secretsmanager``."""
    operation: str
    """``TransactWriteItems``."""
    body: bytes
    url: str
    patience_s: float
    """How long the client waits at most until it is connected and hears something."""

    @property
    def document(self) -> Any:
        """The JSON that is sent; the text of what is none."""
        try:
            return json.loads(self.body or b"{}")
        except ValueError:
            return self.body


Way = Callable[[Asked], Answer]
Watcher = Callable[[Asked, Way], Answer]

NEAREST: Final[list[Watcher]] = []
"""Whoever stands nearest to the product, always."""
_watchers: Final[list[Watcher]] = []


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Let it watch, inside the block, what the whole process asks."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


@contextmanager
def asking() -> Iterator[list[Asked]]:
    """What is asked inside the block."""
    noted: list[Asked] = []

    def note(asked: Asked, way: Way) -> Answer:
        noted.append(asked)
        return way(asked)

    with watched(note):
        yield noted


@contextmanager
def unwatched() -> Iterator[None]:
    """Let the clients go their own way, inside the block, as if nobody could watch them."""
    with (
        mock.patch.object(Wire, "exchange", _wire),
        mock.patch.object(Endpoint, "_do_get_response", _botocore),
    ):
        yield


def refusal(code: str, *, status: int = 400, **told: Any) -> Answer:
    """An error as DynamoDB words it."""
    kind = f"com.amazonaws.dynamodb.v20120810#{code}"
    return Answer(status, {}, json.dumps({"__type": kind, "message": "planned", **told}).encode())


def _through(asked: Asked, way: Way) -> Answer:
    for watcher in (*_watchers, *NEAREST):
        way = _by_way_of(watcher, way)
    return way(asked)


def _by_way_of(watcher: Watcher, way: Way) -> Way:
    return lambda asked: watcher(asked, way)


def _exchange(self: Wire, operation: str, body: bytes) -> Answer:
    asked = Asked(
        service="dynamodb",
        operation=operation,
        body=body,
        url=self.pool.url,
        patience_s=self.pool.patience_s,
    )
    return _through(asked, lambda asked: _wire(self, asked.operation, asked.body))


def _do_get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
    """Botocore's contract: an answer or an exception, as values."""
    timeouts = self.http_session._timeout
    sent = request.body or b""
    asked = Asked(
        service=operation_model.service_model.service_name,
        operation=operation_model.name,
        body=sent.encode() if isinstance(sent, str) else sent,
        url=request.url,
        patience_s=timeouts.connect_timeout + timeouts.read_timeout,
    )
    heard: list[tuple[Answer, Any]] = []

    def way(asked: Asked) -> Answer:
        success, exception = _botocore(self, request, operation_model, context)
        if exception is not None:
            raise exception
        headers = {name.lower(): value for name, value in success[0].headers.items()}
        heard.append((Answer(success[0].status_code, headers, success[0].content), success))
        return heard[-1][0]

    try:
        answer = _through(asked, way)
    except Exception as exception:  # noqa: BLE001 (as botocore does)
        return None, exception
    for told, success in heard:
        if told is answer:
            return success, None
    return _parsed(self, request.url, operation_model, answer), None


def _parsed(endpoint: Any, url: str, model: Any, answer: Answer) -> Any:
    """What botocore makes of an answer that never came over its wire."""
    http = AWSResponse(url, answer.status, answer.headers, BytesIO())
    http._content = answer.body
    told = {"headers": answer.headers, "status_code": answer.status, "body": answer.body}
    make = endpoint._response_parser_factory.create_parser
    return http, make(model.service_model.resolved_protocol).parse(told, model.output_shape)


_wire = Wire.exchange
Wire.exchange = _exchange  # type: ignore[method-assign]
_botocore = Endpoint._do_get_response
Endpoint._do_get_response = _do_get_response
