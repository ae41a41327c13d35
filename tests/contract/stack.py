"""A template as the policies look at it: a copy that a seeded violation may change."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.contract.template import Intrinsic, template

Properties = dict[str, Any]

FUNCTION = "AWS::Serverless::Function"
API = "AWS::Serverless::HttpApi"
LAYER = "AWS::Serverless::LayerVersion"
ROLE = "AWS::IAM::Role"
QUEUE = "AWS::SQS::Queue"
TABLE = "AWS::DynamoDB::Table"
SECRET = "AWS::SecretsManager::Secret"
LOGS = "AWS::Logs::LogGroup"
ALARM = "AWS::CloudWatch::Alarm"
TOPIC = "AWS::SNS::Topic"


class Stack:
    """One template."""

    def __init__(self, document: dict[str, Any] | None = None) -> None:
        self.document = copy.deepcopy(template() if document is None else document)

    @property
    def parameters(self) -> Properties:
        """The parameters by name."""
        found: Properties = self.document["Parameters"]
        return found

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """All resources by logical id."""
        found: dict[str, dict[str, Any]] = self.document["Resources"]
        return found

    def of(self, kind: str) -> dict[str, Properties]:
        """The properties of the resources of a type, by logical id."""
        return {
            name: one.setdefault("Properties", {})
            for name, one in self.resources.items()
            if one["Type"] == kind
        }

    def __getitem__(self, name: str) -> Properties:
        """The properties of a resource."""
        found: Properties = self.resources[name]["Properties"]
        return found

    @property
    def common(self) -> Properties:
        """What all functions have in common."""
        found: Properties = self.document["Globals"]["Function"]
        return found

    def function(self, name: str) -> Properties:
        """A function's properties, with what all have in common, as SAM merges them."""
        own = self.of(FUNCTION)[name]
        merged = {**self.common, **own}
        for key, common in self.common.items():
            if isinstance(common, dict) and isinstance(own.get(key), dict):
                merged[key] = {**common, **own[key]}
        return merged

    def events(self, kind: str) -> Iterator[tuple[str, Properties]]:
        """The events of a type with the function that they reach."""
        for name, function in self.of(FUNCTION).items():
            for event in function.get("Events", {}).values():
                if event["Type"] == kind:
                    yield name, event["Properties"]

    def statements(self) -> Iterator[tuple[str, Properties]]:
        """Every statement of every role."""
        for name, role in self.of(ROLE).items():
            for policy in role.get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield name, statement

    def role_of(self, function: str) -> str:
        """The logical id of a function's role."""
        return named(self.of(FUNCTION)[function].get("Role"))


def named(value: Any) -> str:
    """The logical id that ``!Ref X`` or ``!GetAtt X.Arn`` names; empty for anything else."""
    if isinstance(value, Intrinsic) and value.name in {"Ref", "GetAtt"}:
        return str(value.argument).removesuffix(".Arn")
    return ""


def as_list(value: Any) -> list[Any]:
    """One thing or several, as several."""
    return list(value) if type(value) is list else [] if value is None else [value]


def literals(value: Any) -> Iterator[str]:
    """All text in a value, also inside of intrinsic functions."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from literals(key)
            yield from literals(item)
    elif isinstance(value, Intrinsic):
        yield from literals(value.argument)
    elif isinstance(value, list):
        for item in value:
            yield from literals(item)
    elif isinstance(value, str):
        yield value


def folder(function: Properties) -> str:
    """The name of a function's folder."""
    return Path(function["CodeUri"]).name
