"""Read CloudFormation YAML and resolve the intrinsic functions that a laptop can know.

A reference to something that does not exist here (a role, a secret, a topic) becomes the empty
string, which settings read as "not set".
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

REGION = "us-east-1"
ACCOUNT = "000000000000"

_NOTHING = object()
"""``AWS::NoValue``: the property is left out."""


class TemplateRefused(Exception):
    """The template asks for something that the laptop cloud cannot do, or is no template."""


class _Loader(yaml.SafeLoader):
    """SafeLoader with the short forms of CloudFormation (``!Ref``, ``!Sub``, ...)."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def load_document(path: Path) -> dict[str, Any]:
    """The template as plain dictionaries, functions in their long form.

    Raises:
        TemplateRefused: the file is missing, or is no YAML mapping with resources.
    """
    try:
        text = path.read_text(encoding="utf-8")
        # _Loader is PyYAML's safe one, which makes no objects.
        document = yaml.load(text, Loader=_Loader)  # noqa: S506  # nosec B506
    except OSError as cause:
        raise TemplateRefused(f"{path} cannot be read: {cause.strerror}") from cause
    except yaml.YAMLError as cause:
        raise TemplateRefused(f"{path} is no valid YAML: {cause}") from cause
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateRefused(f"{path} has no Resources")
    return document


def variable_name(parameter: str) -> str:
    """The environment variable that sets a parameter: ``AllowedOrigins`` -> ``ALLOWED_ORIGINS``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).upper()


@dataclass
class Resolver:
    """Resolves values of one template. ``references`` and ``attributes`` may grow later."""

    document: Mapping[str, Any]
    environ: Mapping[str, str]
    references: dict[str, str] = field(default_factory=dict)
    attributes: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.references |= {
            "AWS::Region": REGION,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::StackName": "local",
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/local/local",
            "AWS::URLSuffix": "amazonaws.com",
        }

    def resolve(self, value: Any) -> Any:
        """The value with every intrinsic function replaced by what it stands for here."""
        if isinstance(value, list):
            items = [self.resolve(item) for item in value]
            return [item for item in items if item is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref":
                return self._reference(argument)
            if name.startswith("Fn::"):
                return self._function(name.removeprefix("Fn::"), argument)
        pairs = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in pairs.items() if item is not _NOTHING}

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        declared = self.document.get("Parameters", {}).get(name)
        if declared is None:
            return self.references.get(name, "")
        value = self.environ.get(variable_name(name)) or declared.get("Default", "")
        if declared.get("Type", "String").startswith(("CommaDelimitedList", "List<")):
            return [part.strip() for part in str(value).split(",") if part.strip()]
        return value

    def _function(self, name: str, argument: Any) -> Any:
        if name in _UNKNOWN_HERE:
            return ""
        try:
            function = _FUNCTIONS[name]
        except KeyError:
            raise TemplateRefused(f"the laptop cloud does not know Fn::{name}") from None
        return function(self, argument)

    def get_attribute(self, argument: Any) -> str:
        """``Fn::GetAtt``."""
        resource, attribute = argument
        return self.attributes.get((resource, attribute), "")

    def choose(self, argument: Any) -> Any:
        """``Fn::If``."""
        condition, when_true, when_false = argument
        return self.resolve(when_true if self.holds(condition) else when_false)

    def join(self, argument: Any) -> str:
        """``Fn::Join``."""
        separator, parts = argument
        return str(separator).join(str(part) for part in self.resolve(parts))

    def select(self, argument: Any) -> Any:
        """``Fn::Select``."""
        index, parts = argument
        return self.resolve(parts)[int(index)]

    def split(self, argument: Any) -> list[str]:
        """``Fn::Split``."""
        separator, text = argument
        return str(self.resolve(text)).split(separator)

    def find_in_map(self, argument: Any) -> Any:
        """``Fn::FindInMap``."""
        outer, first, second = (self.resolve(part) for part in argument)
        return self.resolve(self.document["Mappings"][outer][first][second])

    def holds(self, condition: str) -> bool:
        """Whether a named condition is true here."""
        return self._is_true(self.document.get("Conditions", {}).get(condition, False))

    def _is_true(self, rule: Any) -> bool:
        if not isinstance(rule, dict):
            return str(rule).lower() == "true"
        name, argument = next(iter(rule.items()))
        if name == "Condition":
            return self.holds(argument)
        if name == "Fn::Equals":
            left, right = (self.resolve(side) for side in argument)
            return str(left) == str(right)
        if name == "Fn::Not":
            return not self._is_true(argument[0])
        if name in {"Fn::And", "Fn::Or"}:
            joined = all if name == "Fn::And" else any
            return joined(self._is_true(part) for part in argument)
        raise TemplateRefused(f"the laptop cloud does not know the condition {name}")

    def substitute(self, argument: Any) -> str:
        """``Fn::Sub``."""
        text, given = (argument, {}) if isinstance(argument, str) else argument
        known = {name: self.resolve(value) for name, value in given.items()}

        def replacement(match: re.Match[str]) -> str:
            name = match.group(1)
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in known:
                return str(known[name])
            if "." in name:
                resource, attribute = name.split(".", 1)
                return self.attributes.get((resource, attribute), "")
            value = self._reference(name)
            return ",".join(value) if isinstance(value, list) else str(value)

        return re.sub(r"\$\{([^}]+)\}", replacement, text)


_FUNCTIONS: dict[str, Callable[[Resolver, Any], Any]] = {
    "FindInMap": Resolver.find_in_map,
    "GetAtt": Resolver.get_attribute,
    "If": Resolver.choose,
    "Join": Resolver.join,
    "Select": Resolver.select,
    "Split": Resolver.split,
    "Sub": Resolver.substitute,
}

_UNKNOWN_HERE = {"Base64", "Cidr", "GetAZs", "ImportValue", "Transform"}
"""Functions of things that a laptop does not have; they resolve to nothing."""
