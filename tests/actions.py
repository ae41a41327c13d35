"""What each function does in AWS while tests run, as IAM names it, held to what its role allows.

A request to AWS that leaves ``World.invoke`` becomes uses, such as ``dynamodb:Query`` of
``Table/index/GSI1``. One that the template does not grant fails its test at once. What a whole run
saw is written to ``tests/contract/actions.json`` by ``make actions`` (``--record-actions=FILE``),
and ``tests/contract/test_grants.py`` holds the template's grants to that file, both ways.

This stands nearer than the fault plane: what a fault keeps from the wire was wanted all the same.
"""

import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from greenroom.kernel import secrets
from greenroom.table.pool import Answer
from tests import aws
from tests.aws import Asked, Way
from tests.contract.grants import CONDITIONED, Grant, granted

_STEPS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
_INDEX = re.compile(rb'"IndexName": ?"(\w+)"')
_EQUAL = re.compile(r"(#?\w+) = (:\w+)")
_DOER = "greenroom_function"  # an attribute of the thread that serves an invocation

# Queues by their address; worlds tell theirs.
QUEUES: dict[str, str] = {}
USED: defaultdict[str, set[Grant]] = defaultdict(set)
_refused: list[str] = []
_recording = False


class _Touch(NamedTuple):
    """One request's share in one item or one resource."""

    action: str
    resource: str
    key: str | None = None


class Environ(dict[str, str]):
    """The environment of a world's functions: a secret read there is read of AWS's."""

    def get(self, name: str, default: Any = None) -> Any:
        """The value."""
        if name in secrets.NAMES:
            _use(_Touch("secretsmanager:GetSecretValue", "Secret"))
        return super().get(name, default)


@contextmanager
def acting(function: str | None) -> Iterator[None]:
    """Whatever this thread asks of AWS inside the block, the function does; so its new threads.

    Without a function nobody does it: a test does something itself while a function acts.
    """
    thread = threading.current_thread()
    before = getattr(thread, _DOER, None)
    setattr(thread, _DOER, function)
    try:
        yield
    finally:
        setattr(thread, _DOER, before)
        hold_to_grants()


def hold_to_grants() -> None:
    """Fail if a function did what its role does not allow."""
    refused = sorted(set(_refused))
    _refused.clear()
    assert not refused, f"the template grants too little: {'; '.join(refused)}"


def family(pk: str) -> str:
    """The pattern of the partition keys that are like this one: ``USER#*``, ``T#org#*``."""
    parts = pk.split("#")
    kept = 2 if parts[0] == "T" else 1
    return "#".join([*parts[:kept], "*"]) if len(parts) > kept else pk


def touches(service: str, operation: str, body: bytes, *, keyed: bool) -> Iterator[_Touch]:
    """What a request needs; with the partition keys, if they are asked for (it takes longer)."""
    if service != "dynamodb":
        asked = json.loads(body)
        resource = QUEUES.get(asked.get("QueueUrl"), "?") if service == "sqs" else "Secret"
        action = "SendMessage" if operation == "SendMessageBatch" else operation
        yield _Touch(f"{service}:{action}", resource)
    elif operation in {"TransactWriteItems", "TransactGetItems"}:
        for step in json.loads(body)["TransactItems"]:
            ((kind, inner),) = step.items()
            yield _Touch(
                f"dynamodb:{_STEPS[kind]}", "Table", _pk(inner.get("Item", inner.get("Key")))
            )
    elif operation in {"Query", "Scan"}:
        index = _INDEX.search(body)
        resource = f"Table/index/{index[1].decode()}" if index else "Table"
        yield _Touch(f"dynamodb:{operation}", resource, _asked(json.loads(body)) if keyed else None)
    elif not keyed:
        yield _Touch(f"dynamodb:{operation}", "Table")
    else:
        for key in _keys(json.loads(body)):
            yield _Touch(f"dynamodb:{operation}", "Table", key)


def _keys(request: Mapping[str, Any]) -> Iterator[str | None]:
    """The partition keys of a request of one operation on items; None for one on the table."""
    if "RequestItems" not in request:
        yield _pk(request.get("Item", request.get("Key")))
    for asked in request.get("RequestItems", {}).values():
        if isinstance(asked, dict):
            yield from map(_pk, asked["Keys"])
            continue
        for write in asked:
            ((_, inner),) = write.items()
            yield _pk(inner.get("Item", inner.get("Key")))


def _pk(key: Any) -> str | None:
    return None if key is None else key["PK"]["S"]


def _asked(query: Mapping[str, Any]) -> str:
    names = query.get("ExpressionAttributeNames", {})
    found = {
        names.get(name, name): value
        for name, value in _EQUAL.findall(query["KeyConditionExpression"])
    }
    (sign,) = [value for name, value in found.items() if name.endswith("PK")]
    told: str = query["ExpressionAttributeValues"][sign]["S"]
    return told


def _use(touch: _Touch) -> None:
    function: str | None = getattr(threading.current_thread(), _DOER, None)
    if function is None:
        return
    keyed = function in CONDITIONED and touch.key is not None
    use = Grant(touch.action, touch.resource, family(touch.key) if keyed and touch.key else "")
    USED[function].add(use)
    if use not in granted(function) and not _recording:
        _refused.append(f"{function} does {' '.join(use)}".rstrip())


def _watch(asked: Asked, way: Way) -> Answer:
    """Note what a request needs, on its way out."""
    function = getattr(threading.current_thread(), _DOER, None)
    if function is not None:
        keyed = function in CONDITIONED
        for touch in touches(asked.service, asked.operation, asked.body, keyed=keyed):
            _use(touch)
    return way(asked)


def _started(self: threading.Thread) -> None:
    setattr(self, _DOER, getattr(threading.current_thread(), _DOER, None))
    _start(self)


aws.NEAREST.append(_watch)
_start = threading.Thread.start
threading.Thread.start = _started  # type: ignore[method-assign]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the uses go."""
    told = "write what the functions did in AWS to this file, as JSON, and refuse none of it"
    parser.addoption("--record-actions", type=Path, help=told)


def pytest_configure(config: pytest.Config) -> None:
    """Let a run that records go through with what is not granted yet."""
    global _recording  # noqa: PLW0603 (one process, one run)
    _recording = config.getoption("--record-actions") is not None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it saw; the run itself writes."""
    output = getattr(session.config, "workeroutput", None)
    path: Path | None = session.config.getoption("--record-actions")
    if output is not None:
        output["actions"] = [[name, *use] for name, uses in USED.items() for use in uses]
    elif path is not None:
        path.write_text(as_text(USED))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker saw."""
    for name, *use in getattr(node, "workeroutput", {}).get("actions", []):
        USED[name].add(Grant(*use))


def as_text(used: Mapping[str, set[Grant]]) -> str:
    """The uses as the committed file has them: by function, action and resource."""
    document: dict[str, Any] = {}
    for name in sorted(used):
        for action, resource, keys in sorted(used[name]):
            patterns = document.setdefault(name, {}).setdefault(action, {}).setdefault(resource, [])
            patterns += [keys] if keys else []
    return json.dumps(document, indent=1) + "\n"
