"""The short way to the table says, gets and raises what botocore's own way does."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from pynamodb.connection import Connection
from pynamodb.exceptions import VerboseClientError

from greenroom.table.wire import WireConnection
from local.engine import Engine
from tests import aws
from tests.conftest import connect
from tests.world import World

Document = dict[str, Any]
METADATA = "ResponseMetadata"
# The words of an error stand in its ``Error``; botocore tells those of some errors twice.
UNTOLD = {METADATA, "message", "Message"}

EVERY_TYPE = {
    "S": {"S": 'a quotation mark " and a snowman ☃'},
    "B": {"B": b"\x00\xff"},
    "BS": {"BS": [b"\x01", b"\x02"]},
    "N": {"N": "1.25"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "names": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1"]},
    "list": {"L": [{"B": b"in a list"}, {"S": "text"}]},
    "map": {"M": {"B": {"S": "an attribute of that name"}, "b": {"B": b"in a map"}}},
}


def key(name: str) -> Document:
    return {"PK": {"S": "A"}, "SK": {"S": name}}


def put(name: str, **more: Any) -> tuple[str, Document]:
    return "PutItem", {"Item": {**key(name), **EVERY_TYPE}, **more}


def cancelled(name: str) -> tuple[str, Document]:
    """A transaction whose second step is refused, with the old item in the answer."""
    check = {
        "Key": key(name),
        "ConditionExpression": "attribute_not_exists(PK)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    steps = [{"Put": {"Item": key("x")}}, {"ConditionCheck": check}]
    return "TransactWriteItems", {"TransactItems": steps}


CALLS: dict[str, tuple[str, Document]] = {
    "put": put("new"),
    "refused": put(
        "one",
        ConditionExpression="attribute_not_exists(PK)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    ),
    "get": ("GetItem", {"Key": key("one"), "ConsistentRead": True}),
    "nothing": ("GetItem", {"Key": key("nobody")}),
    "update": (
        "UpdateItem",
        {
            "Key": key("one"),
            "UpdateExpression": "SET #b = :b",
            "ExpressionAttributeNames": {"#b": "B"},
            "ExpressionAttributeValues": {":b": {"B": b"bytes"}},
            "ReturnValues": "ALL_NEW",
        },
    ),
    "a page": (
        "Query",
        {
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "A"}},
            "Limit": 1,
        },
    ),
    "scan": ("Scan", {}),
    "cancelled": cancelled("one"),
    "no such expression": ("UpdateItem", {"Key": key("one"), "UpdateExpression": "DO it"}),
    "no such table": ("GetItem", {"Key": key("one"), "TableName": "nobodys"}),
}


def outcome(made: Connection, table: str, operation: str, parameters: Document) -> Any:
    """The answer, or everything that an error tells."""
    request = {"TableName": table, **parameters}
    if operation == "TransactWriteItems":
        steps = parameters["TransactItems"]
        request = {
            "TransactItems": [
                {name: {"TableName": table, **step} for name, step in one.items()} for one in steps
            ],
            "ClientRequestToken": "t" * 36,
        }
    with aws.asking() as asked:
        try:
            answer = made.dispatch(operation, request)
        except VerboseClientError as refusal:
            cause: Any = refusal.__cause__
            assert isinstance(cause, ClientError)
            told = {name: value for name, value in cause.response.items() if name not in UNTOLD}
            reasons = [one and vars(one) for one in refusal.cancellation_reasons or ()]
            found: Any = told, reasons
        else:
            found = answer.pop(METADATA)["HTTPStatusCode"], answer
    return [(one.operation, one.document) for one in asked], found


@pytest.mark.parametrize("name", CALLS)
def test_both_ways_ask_and_answer_the_same(
    name: str, engine: Engine, make_world: Callable[..., World]
) -> None:
    found = []
    for way in (Connection, WireConnection):
        made, world = connect(engine.endpoint, way), make_world()
        for seeded in ("one", "two"):
            operation, parameters = put(seeded)
            made.dispatch(operation, {"TableName": world.table_name, **parameters})
        told = outcome(made, world.table_name, *CALLS[name])
        found.append(without(world.table_name, told))
        made.client.close()

    usual, wire = found

    assert wire == usual


def without(table: str, value: Any) -> Any:
    """The same, as if of no table in particular."""
    if isinstance(value, dict):
        return {without(table, name): without(table, member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [without(table, member) for member in value]
    return value.replace(table, "it") if isinstance(value, str) else value


@pytest.fixture
def silent() -> Iterator[tuple[str, socket.socket]]:
    """A place where somebody listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", listening


@pytest.mark.parametrize("way", [Connection, WireConnection])
def test_whoever_says_nothing_is_waited_for_as_long_as_agreed(
    way: type[Connection], silent: tuple[str, socket.socket]
) -> None:
    made = way(
        region="eu-central-1",
        host=silent[0],
        connect_timeout_seconds=1,
        read_timeout_seconds=0.2,
        max_retry_attempts=0,
    )

    with pytest.raises(ReadTimeoutError):
        made.dispatch("GetItem", {"TableName": "any", "Key": key("one")})

    made.client.close()


@pytest.mark.parametrize("way", [Connection, WireConnection])
def test_where_nobody_listens_no_connection_is_had(way: type[Connection]) -> None:
    made = connect("http://127.0.0.1:1", way)

    with pytest.raises(EndpointConnectionError):
        made.dispatch("GetItem", {"TableName": "any", "Key": key("one")})


@pytest.mark.parametrize("way", [Connection, WireConnection])
def test_whoever_hangs_up_has_not_answered(
    way: type[Connection], silent: tuple[str, socket.socket]
) -> None:
    endpoint, listening = silent

    def hang_up() -> None:
        taken, _ = listening.accept()
        with taken:
            taken.recv(65_536)

    thread = threading.Thread(target=hang_up)
    thread.start()

    made = connect(endpoint, way)
    with pytest.raises(ConnectionClosedError):
        made.dispatch("GetItem", {"TableName": "any", "Key": key("one")})

    made.client.close()
    thread.join(10)
