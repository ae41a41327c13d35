"""What the layer keeps of botocore's data says of our operations all that botocore's own says."""

import ast
import json
import re
import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import botocore
import botocore.session
import pytest
import trim
from botocore.loaders import Loader
from botocore.model import OperationModel, Shape
from botocore.regions import EndpointResolver

from tests.contract.template import ROOT

WHOLE = Path(botocore.__file__).parent / "data"
ALL = [
    (service, name) for service, names in trim.OPERATIONS.items() for name in sorted(names or ())
] + [("sts", "AssumeRoleWithWebIdentity"), ("sso-oidc", "CreateToken")]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("botocore") / "data"
    for name in (*trim.OPERATIONS, "s3"):
        shutil.copytree(WHOLE / name, folder / name)
    shutil.copy(WHOLE / "endpoints.json", folder)
    trim.trim(folder)
    return folder


def session(data: Path) -> Any:
    made = botocore.session.Session()
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    made.register_component("data_loader", loader)
    return made


def told(shape: Shape | None, seen: frozenset[str] = frozenset()) -> Any:
    """All that a shape says, but for people."""
    if shape is None or shape.name in seen:
        return shape and shape.name
    seen |= {shape.name}
    members = getattr(shape, "members", {})
    inner = [getattr(shape, name) for name in ("member", "key", "value") if hasattr(shape, name)]
    return [
        shape.name,
        shape.type_name,
        shape.serialization,
        shape.metadata,
        {name: told(member, seen) for name, member in members.items()},
        [told(one, seen) for one in inner],
    ]


def operation_of(data: Path, service: str, name: str) -> OperationModel:
    found: OperationModel = session(data).get_service_model(service).operation_model(name)
    return found


@pytest.mark.parametrize(("service", "operation"), ALL)
def test_an_operation_takes_answers_and_refuses_what_it_did(
    kept: Path, service: str, operation: str
) -> None:
    ours, theirs = (operation_of(data, service, operation) for data in (kept, WHOLE))

    assert told(ours.input_shape) == told(theirs.input_shape)
    assert told(ours.output_shape) == told(theirs.output_shape)
    assert [told(one) for one in ours.error_shapes] == [told(one) for one in theirs.error_shapes]
    for trait in ("http", "endpoint", "endpoint_discovery", "auth", "static_context_parameters"):
        assert getattr(ours, trait, None) == getattr(theirs, trait, None)
    assert ours.service_model.metadata == theirs.service_model.metadata


@pytest.mark.parametrize("service", trim.OPERATIONS)
def test_a_service_is_found_where_it_was_in_every_region(kept: Path, service: str) -> None:
    loaders = [session(data).get_component("data_loader") for data in (kept, WHOLE)]
    rules = [one.load_service_model(service, "endpoint-rule-set-1") for one in loaders]
    ours, theirs = (EndpointResolver(one.load_data("endpoints")) for one in loaders)

    assert rules[0] == rules[1]
    for partition in theirs.get_available_partitions():
        regions = theirs.get_available_endpoints(service, partition)
        assert ours.get_available_endpoints(service, partition) == regions
        for region in [*regions, "eu-nowhere-1"]:
            assert ours.construct_endpoint(service, region, partition) == theirs.construct_endpoint(
                service, region, partition
            )


def called() -> Iterator[str]:
    """The operations that functions were seen to use, and those that the code spells."""
    seen = json.loads((ROOT / "tests" / "contract" / "actions.json").read_text())
    for use in chain.from_iterable(seen.values()):
        action = re.match(r"(dynamodb|sqs|secretsmanager):(\w+)", str(use))
        yield action[2] if action else ""
    for path in (ROOT / "layers" / "greenroom" / "greenroom").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "call":
                yield from (str(a.value) for a in node.args[:1] if isinstance(a, ast.Constant))


def test_no_operation_that_is_called_is_missing() -> None:
    checked_in_transactions = {"ConditionCheckItem"}
    wanted = set(called()) - {""} - checked_in_transactions

    assert {"GetItem", "SendMessage", "GetSecretValue", "DescribeTable"} <= wanted
    assert wanted <= {operation for _, operation in ALL}


def test_an_operation_that_botocore_does_not_know_stops_the_build() -> None:
    with pytest.raises(SystemExit, match="FlyItem"):
        trim._only({"operations": {"GetItem": {}}, "shapes": {}}, frozenset({"FlyItem"}))


def test_what_is_kept_is_small_and_of_our_services_alone(kept: Path) -> None:
    assert {one.name for one in kept.iterdir() if one.is_dir()} == set(trim.OPERATIONS)
    assert sum(one.stat().st_size for one in kept.rglob("*") if one.is_file()) < 450_000
