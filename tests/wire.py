"""A connection to a local engine that costs a fifth of the usual one, for the many calls of tests.

Requests, answers and errors are botocore's: its client, its models, its errors, its seams
(``before-call`` events, ``Endpoint.make_request`` and ``Endpoint._do_get_response``). Left out is
what a local engine does not look at and a test does not either: the signature, the user agent,
the rules that find an endpoint, retries (ours has none, see ``Table.open``), and the walk through
the model of every answer that is no error. ``tests/store/test_wire.py`` holds it to the usual one.
"""

import base64
import json
import socket
import struct
import threading
import time
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.endpoint import Endpoint
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserFactory
from pynamodb.connection import Connection

Document = dict[str, Any]

_MAKING = threading.Lock()

# Engines close a connection that was idle for five seconds, maybe while something is being sent.
IDLE_S = 2.0

CREDENTIAL = "Credential=local/20260101/eu-central-1/dynamodb/aws4_request"
SIGNATURE = f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host, Signature=0"


class QuickConnection(Connection):
    """PynamoDB's connection over a client whose calls take the short way to an engine.

    All with the same timeouts share one client: to make one takes longer than a thousand calls.
    """

    @property
    def client(self) -> Any:
        """A botocore client."""
        with _MAKING:  # threads that come at once would make one each
            return _client(
                self.region,
                self.host,
                connect_s=self._connect_timeout_seconds,
                read_s=self._read_timeout_seconds,
            )


@cache
def _client(region: str, host: str | None, *, connect_s: float, read_s: float) -> Any:
    usual = Connection(
        region=region,
        host=host,
        connect_timeout_seconds=connect_s,
        read_timeout_seconds=read_s,
        max_retry_attempts=0,
    )
    return quickened(usual.client)


def quickened(client: Any) -> Any:
    """The same DynamoDB client of botocore, from now on with calls that take the short way."""
    if not isinstance(client._endpoint, QuickEndpoint):
        client._endpoint = QuickEndpoint(client)
        client._make_api_call = client._endpoint.call
    return client


class Request:
    """What is about to be sent, as far as anybody at botocore's seams looks."""

    method = "POST"

    def __init__(self, url: str, operation: str, body: bytes) -> None:
        self.url = url
        self.body = body
        self.operation = operation
        self.headers: dict[str, str] = {}


class QuickEndpoint(Endpoint):  # type: ignore[misc]  # botocore ships no types
    """Where the requests of one client go, over sockets that stay open."""

    def __init__(self, client: Any) -> None:
        usual = client._endpoint
        super().__init__(
            usual.host, "dynamodb", client.meta.events, QuickParsers(), usual.http_session
        )
        self._client = client
        self._free: list[tuple[socket.socket, float]] = []
        place = urlsplit(usual.host)
        self._place = (place.hostname, place.port)
        self._head = (
            f"POST / HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: {SIGNATURE}\r\n"
            "X-Amz-Date: 20260101T000000Z\r\n"
            "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810."
        )

    def call(self, operation: str, parameters: Document) -> Document:
        """One call: the answer, or the client's error for it."""
        client = self._client
        model = client._service_model.operation_model(operation)
        body = json.dumps(parameters, default=_text_of).encode()
        request = {"url": f"{self.host}/", "body": body, "context": {}}
        client.meta.events.emit(
            f"before-call.dynamodb.{operation}", model=model, params=request, context={}
        )
        http, parsed = self.make_request(model, request)
        if http.status_code >= 300:
            raise client.exceptions.from_code(parsed["Error"]["Code"])(parsed, operation)
        answer: Document = parsed
        return answer

    def close(self) -> None:
        """Let the sockets go."""
        while self._free:
            self._free.pop()[0].close()
        super().close()

    def _send_request(self, request_dict: Document, operation_model: Any) -> Any:
        request = Request(request_dict["url"], operation_model.name, request_dict["body"])
        success, exception = self._do_get_response(request, operation_model, {})
        if exception is not None:
            raise exception
        return success

    def _send(self, request: Request) -> AWSResponse:
        config = self._client.meta.config
        head = f"{self._head}{request.operation}\r\nContent-Length: {len(request.body)}\r\n\r\n"
        own = self._connected(request, config)
        try:
            own.sendall(head.encode() + request.body)
            answer = _answer(own, request.url)
        except BlockingIOError as silence:
            own.close()
            raise ReadTimeoutError(endpoint_url=request.url, error=silence) from silence
        except OSError as broken:
            own.close()
            raise ConnectionClosedError(endpoint_url=request.url) from broken
        except BaseException:
            own.close()
            raise
        if answer.headers.get("connection") == "close":
            own.close()
        else:
            self._free.append((own, time.monotonic()))
        return answer

    def _connected(self, request: Request, config: Any) -> socket.socket:
        while self._free:
            try:
                own, used_s = self._free.pop()
            except IndexError:  # another thread took it
                break
            if time.monotonic() - used_s < IDLE_S and not _ended(own):
                return own
            own.close()
        try:
            own = socket.create_connection(self._place, timeout=config.connect_timeout)
        except OSError as nobody:
            raise EndpointConnectionError(endpoint_url=request.url, error=nobody) from nobody
        own.setblocking(True)  # the kernel's own timeout needs no poll before each read
        whole_s, part_s = divmod(config.read_timeout, 1)
        read_limit = struct.pack("ll", int(whole_s), int(part_s * 1_000_000))
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, read_limit)
        own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return own


class QuickParsers(ResponseParserFactory):  # type: ignore[misc]  # botocore ships no types
    """The usual parser for errors; an answer is its JSON, with binary values decoded."""

    def create_parser(self, protocol_name: str) -> Any:
        """A parser with the one method that an endpoint calls."""
        self._usual = super().create_parser(protocol_name)
        return self

    def parse(self, response: Document, shape: Any) -> Document:
        """What the body says."""
        if response["status_code"] >= 300:
            refusal: Document = self._usual.parse(response, shape)
            return refusal
        body: bytes = response["body"]
        parsed: Document = json.loads(body, object_hook=_decoded if b'"B' in body else None)
        parsed["ResponseMetadata"] = {
            "HTTPStatusCode": response["status_code"],
            "HTTPHeaders": response["headers"],
            "RetryAttempts": 0,
        }
        return parsed


def _answer(own: socket.socket, url: str) -> AWSResponse:
    """Read one answer; engines say how long each is."""
    got = b""
    while (end := got.find(b"\r\n\r\n")) < 0:
        got += _more(own)
    status, *lines = got[:end].decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = got[end + 4 :]
    length = int(headers["content-length"])
    parts = [body]
    missing = length - len(body)
    while missing > 0:
        parts.append(_more(own))
        missing -= len(parts[-1])
    answer = AWSResponse(url, int(status.split(" ", 2)[1]), headers, BytesIO())
    answer._content = b"".join(parts)
    return answer


def _more(own: socket.socket) -> bytes:
    got = own.recv(65_536)
    if not got:
        raise ConnectionResetError("the engine hung up")
    return got


def _ended(own: socket.socket) -> bool:
    """Whether the other side has closed a connection that nothing is awaited from."""
    try:
        own.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _text_of(value: Any) -> str:
    """Bytes as DynamoDB's JSON has them."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is no JSON")


def _decoded(value: Document) -> Document:
    """An attribute value; one with the type B holds a text only on the wire."""
    if len(value) == 1:
        if isinstance(value.get("B"), str):
            return {"B": base64.b64decode(value["B"])}
        if isinstance(value.get("BS"), list):
            return {"BS": [base64.b64decode(one) for one in value["BS"]]}
    return value
