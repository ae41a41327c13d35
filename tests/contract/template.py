"""Reads template.yaml for the contract tests, with CloudFormation's short forms kept visible."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]


class Intrinsic(NamedTuple):
    """``!Ref Table`` as ``Intrinsic("Ref", "Table")``."""

    name: str
    argument: Any


class _Loader(yaml.CSafeLoader):
    pass


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Intrinsic:
    if isinstance(node, yaml.ScalarNode):
        return Intrinsic(suffix, loader.construct_scalar(node))
    assert isinstance(node, yaml.SequenceNode)
    return Intrinsic(suffix, loader.construct_sequence(node, deep=True))


_Loader.add_multi_constructor("!", _intrinsic)


@cache
def template() -> dict[str, Any]:
    """The whole document."""
    document = yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)  # a SafeLoader
    assert isinstance(document, dict)
    return document


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Properties by logical id of every resource of a type."""
    return {
        logical_id: resource.get("Properties", {})
        for logical_id, resource in template()["Resources"].items()
        if resource["Type"] == kind
    }


def functions() -> dict[str, dict[str, Any]]:
    """Properties of every function by the name of its folder: ``realtime_session``."""
    found = resources("AWS::Serverless::Function")
    return {Path(properties["CodeUri"]).name: properties for properties in found.values()}


def environment(function: str) -> dict[str, Any]:
    """The variables that a function runs with."""
    common: dict[str, Any] = template()["Globals"]["Function"]["Environment"]["Variables"]
    own: dict[str, Any] = functions()[function].get("Environment", {}).get("Variables", {})
    return common | own
