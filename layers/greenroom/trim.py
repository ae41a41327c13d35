"""Leaves of botocore's data what functions read: our services, and of them our operations.

``trim.py botocore/data``, run by the layer's Makefile. botocore describes 400 services in 30 MB. A
client reads the whole description of its service, and where every service is, at each cold start.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

# None: all of it, for credentials that no function in AWS asks for.
OPERATIONS: Mapping[str, frozenset[str] | None] = {
    "dynamodb": frozenset(
        {
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "DescribeEndpoints",  # botocore looks for it
            "DescribeTable",
            "DescribeTimeToLive",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "TransactGetItems",
            "TransactWriteItems",
            "UpdateItem",
        }
    ),
    "secretsmanager": frozenset({"GetSecretValue"}),
    "sqs": frozenset({"GetQueueAttributes", "SendMessage"}),
    "sso-oidc": None,
    "sts": None,
}


def trim(data: Path) -> None:
    """Take out of the folder whatever no function reads."""
    for folder in [found for found in data.iterdir() if found.is_dir()]:
        if folder.name not in OPERATIONS:
            shutil.rmtree(folder)
    for packed in list(data.rglob("*.json.gz")):  # to unpack it would be work of each start
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    for examples in list(data.rglob("examples-1.json")):
        examples.unlink()
    for service, operations in OPERATIONS.items():
        for file in list((data / service).rglob("*-[12].json")):
            _rewrite(file, partial(_only, operations=operations))
    _rewrite(data / "endpoints.json", _only_our_services)


def _only(whole: dict[str, Any], operations: frozenset[str] | None) -> dict[str, Any]:
    """What a file says of these operations, without what is for people."""
    if "operations" in whole:
        return _model_of(whole, operations or frozenset(whole["operations"]))
    listed = whole.keys() & {"pagination", "waiters"}
    return whole | {name: _of(whole[name], operations) for name in listed if operations}


def _model_of(whole: dict[str, Any], operations: frozenset[str]) -> dict[str, Any]:
    """The operations and every shape that they name."""
    kept = {name: one for name, one in whole["operations"].items() if name in operations}
    if missing := operations - kept.keys():
        raise SystemExit(f"botocore knows no operation {', '.join(sorted(missing))}")
    shapes: dict[str, Any] = {}
    wanted = set(_shapes_in(kept))
    while wanted:
        found = {name: whole["shapes"][name] for name in wanted}
        shapes |= found
        wanted = set(_shapes_in(found)) - shapes.keys()
    return {**_untold(whole), "operations": _untold(kept), "shapes": _untold(shapes)}


def _shapes_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("shape"), str):
            yield part["shape"]
        for member in part.values():
            yield from _shapes_in(member)
    elif isinstance(part, list):
        for member in part:
            yield from _shapes_in(member)


def _untold(part: Any) -> Any:
    """The part without documentation, which is text; a member of that name is none."""
    if isinstance(part, dict):
        return {
            name: _untold(member)
            for name, member in part.items()
            if not (name == "documentation" and isinstance(member, str))
        }
    return [_untold(member) for member in part] if isinstance(part, list) else part


def _of(listed: Mapping[str, Any], operations: frozenset[str]) -> dict[str, Any]:
    """Paginators are named like their operation; waiters name it."""
    return {name: one for name, one in listed.items() if {name, one.get("operation")} & operations}


def _only_our_services(endpoints: dict[str, Any]) -> dict[str, Any]:
    """Where our services are, in all partitions."""
    return endpoints | {
        "partitions": [
            partition
            | {
                "services": {
                    name: one
                    for name, one in partition["services"].items()
                    if name in {*OPERATIONS, "oidc"}  # what sso-oidc is called there
                }
            }
            for partition in endpoints["partitions"]
        ]
    }


def _rewrite(file: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    changed = change(json.loads(file.read_text()))
    file.unlink()  # it may be a link into the installer's cache
    file.write_text(json.dumps(changed, separators=(",", ":")))


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
