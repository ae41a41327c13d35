"""The short way to DynamoDB: its protocol, and nothing else of AWS's.

botocore looks an endpoint up by rules, walks through a model for each request and each answer, and
asks listeners at every step. This writes the request down, signs it, sends it over a connection
that stays open, and reads the answer. It stands where PynamoDB wants a client of botocore, and
fails with botocore's errors, so that nobody above can tell which it is: why, and when it was worth
it, says docs/decisions/0023-the-short-way-to-the-table.md.

Sources: Amazon DynamoDB Developer Guide, "DynamoDB low-level API"; Smithy, "AWS JSON 1.0 protocol".
"""

import base64
import json
from functools import cached_property
from http import HTTPStatus
from typing import Any

from botocore.credentials import EnvProvider
from botocore.exceptions import ClientError, ConnectionClosedError, NoCredentialsError
from botocore.session import get_session
from pynamodb.connection import Connection

from greenroom.kernel.clock import utc_now
from greenroom.table.pool import Answer, Pool
from greenroom.table.signature import Signer

TARGET = "DynamoDB_20120810"  # the version of the interface
CONTENT_TYPE = "application/x-amz-json-1.0"

Document = dict[str, Any]


class Wire:
    """What PynamoDB uses of a botocore client. Safe to use from several threads."""

    def __init__(self, pool: Pool, *, region: str) -> None:
        self.pool = pool
        self._region = region

    def _make_api_call(self, operation: str, parameters: Document) -> Document:
        """Call DynamoDB, as a botocore client does.

        Raises:
            ClientError: DynamoDB refused it.
            BotoCoreError: there are no credentials, no answer, or one that is none.
        """
        body = _to_json(parameters).encode()
        answer = self.exchange(operation, body)
        told = self._read(answer)
        told["ResponseMetadata"] = {
            "RequestId": answer.headers.get("x-amzn-requestid", ""),
            "HTTPStatusCode": answer.status,
            "HTTPHeaders": answer.headers,
            "RetryAttempts": 0,
        }
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise ClientError(_refusal(told, answer), operation)
        return told

    def exchange(self, operation: str, body: bytes) -> Answer:
        """Send one request, once."""
        asked = {"content-type": CONTENT_TYPE, "x-amz-target": f"{TARGET}.{operation}"}
        return self.pool.post(self._signer.headers(asked, body, now=utc_now()), body)

    def _read(self, answer: Answer) -> Document:
        """The JSON of an answer, binary values decoded; of an error that is none, nothing."""
        try:
            told = json.loads(answer.body, object_hook=_decoded if b'"B' in answer.body else None)
        except ValueError:
            told = None
        if isinstance(told, dict):
            return told
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            return {}
        raise ConnectionClosedError(endpoint_url=self.pool.url)

    def close(self) -> None:
        """Let go of the connections; they come back when they are needed."""
        self.pool.close()

    @cached_property
    def _signer(self) -> Signer:
        """Made by the first request.

        A function has its keys in its environment; only one that was resumed from a snapshot, and
        an operator, go through the whole chain.
        """
        credentials = EnvProvider().load() or get_session().get_credentials()
        if credentials is None:
            raise NoCredentialsError
        return Signer(credentials, region=self._region, service="dynamodb", host=self.pool.host)


class WireConnection(Connection):
    """PynamoDB's connection over the short way: made with the same words as over botocore."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        pool = Pool(
            self.host or f"https://dynamodb.{self.region}.amazonaws.com",
            connect_s=self._connect_timeout_seconds,
            read_s=self._read_timeout_seconds,
        )
        self._wire = Wire(pool, region=self.region)

    def __repr__(self) -> str:
        """As PynamoDB's, which asks a client of botocore for its address."""
        return f"WireConnection<{self._wire.pool.url}>"

    @property
    def client(self) -> Any:
        """What calls are made of."""
        return self._wire


def _refusal(told: Document, answer: Answer) -> Document:
    """An error as botocore tells it: its name and message aside, whatever else came with it."""
    name = str(told.pop("__type", "") or answer.headers.get("x-amzn-errortype", ""))
    message = told.pop("message", None) or told.pop("Message", None) or ""
    code = name.partition(":")[0].rpartition("#")[2] or str(answer.status)
    return {**told, "Error": {"Code": code, "Message": message}}


def _text_of(value: Any) -> str:
    """Bytes as DynamoDB's JSON has them."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is no JSON")


# No spaces, and nobody looks for a request inside itself: a quarter less work than json.dumps.
_to_json = json.JSONEncoder(default=_text_of, separators=(",", ":"), check_circular=False).encode


def _decoded(value: Document) -> Document:
    """An attribute value; one with the type B holds a text only on the wire."""
    if len(value) == 1:
        if isinstance(value.get("B"), str):
            return {"B": base64.b64decode(value["B"])}
        if isinstance(value.get("BS"), list):
            return {"BS": [base64.b64decode(one) for one in value["BS"]]}
    return value
