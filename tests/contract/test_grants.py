"""Each function may do what it does, and nothing else: granted is used, both ways, by resource."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.actions import touches
from tests.contract.grants import Grant, granted
from tests.contract.template import ROOT, functions
from tests.figures import Figure

RECORDED = json.loads((ROOT / "tests" / "contract" / "actions.json").read_text(encoding="utf-8"))
POLLED = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def recorded(name: str) -> Iterator[Grant]:
    """What the function did in a run of all tests (``make actions``)."""
    for action, resources in RECORDED.get(name, {}).items():
        for resource, patterns in resources.items():
            yield from (Grant(action, resource, keys) for keys in patterns or [""])


def of_lambda(name: str) -> Iterator[Grant]:
    """What Lambda does in the function's name: its log, its queue, its failed events."""
    function = functions()[name]
    logs = function["LoggingConfig"]["LogGroup"].argument
    yield from (Grant(f"logs:{one}", logs) for one in ("CreateLogStream", "PutLogEvents"))
    for event in function.get("Events", {}).values():
        if event["Type"] == "SQS":
            queue = event["Properties"]["Queue"].argument.removesuffix(".Arn")
            yield from (Grant(action, queue) for action in POLLED)
    failed: dict[str, Any] = function.get("EventInvokeConfig", {}).get("DestinationConfig", {})
    if failed:
        queue = failed["OnFailure"]["Destination"].argument.removesuffix(".Arn")
        yield Grant("sqs:SendMessage", queue)


@pytest.mark.parametrize("name", sorted(functions()))
def test_a_function_may_do_exactly_what_it_does(name: str, figure: Figure) -> None:
    used = {*recorded(name), *of_lambda(name)}
    kept = used & granted(name)
    figure("granted actions", "used = granted", good=len(kept), of=len(used | granted(name)))

    assert sorted(used - granted(name)) == [], "used and not granted"
    assert sorted(granted(name) - used) == [], "granted and not used (make actions records anew)"


def test_the_record_knows_every_function_and_no_other() -> None:
    assert set(RECORDED) == set(functions())


@pytest.mark.parametrize(
    ("operation", "request_", "needed"),
    [
        ("GetItem", {"Key": {"PK": {"S": "USER#1"}}}, {("GetItem", "Table", "USER#1")}),
        (
            "Query",
            {
                "IndexName": "GSI1",
                "KeyConditionExpression": "(#0 = :0 AND begins_with (#1, :1))",
                "ExpressionAttributeNames": {"#0": "GSI1PK", "#1": "GSI1SK"},
                "ExpressionAttributeValues": {":0": {"S": "EXPERT#1"}, ":1": {"S": "OFFER#"}},
            },
            {("Query", "Table/index/GSI1", "EXPERT#1")},
        ),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"Item": {"PK": {"S": "A#1"}}}},
                    {"Update": {"Key": {"PK": {"S": "A#2"}}}},
                    {"Delete": {"Key": {"PK": {"S": "A#3"}}}},
                    {"ConditionCheck": {"Key": {"PK": {"S": "A#4"}}}},
                ]
            },
            {
                ("PutItem", "Table", "A#1"),
                ("UpdateItem", "Table", "A#2"),
                ("DeleteItem", "Table", "A#3"),
                ("ConditionCheckItem", "Table", "A#4"),
            },
        ),
        (
            "TransactGetItems",
            {"TransactItems": [{"Get": {"Key": {"PK": {"S": "A#1"}}}}]},
            {("GetItem", "Table", "A#1")},
        ),
        (
            "BatchWriteItem",
            {"RequestItems": {"t": [{"DeleteRequest": {"Key": {"PK": {"S": "A#1"}}}}]}},
            {("BatchWriteItem", "Table", "A#1")},
        ),
        (
            "BatchGetItem",
            {"RequestItems": {"t": {"Keys": [{"PK": {"S": "A#1"}}, {"PK": {"S": "A#2"}}]}}},
            {("BatchGetItem", "Table", "A#1"), ("BatchGetItem", "Table", "A#2")},
        ),
        ("DescribeTable", {}, {("DescribeTable", "Table", None)}),
    ],
)
def test_an_operation_needs_the_actions_of_iam(
    operation: str, request_: dict[str, Any], needed: set[tuple[str, str, str | None]]
) -> None:
    body = json.dumps(request_).encode()
    found = {tuple(one) for one in touches("dynamodb", operation, body, keyed=True)}

    assert found == {(f"dynamodb:{action}", resource, key) for action, resource, key in needed}
