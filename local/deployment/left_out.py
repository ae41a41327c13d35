"""What ministack cannot deploy of a template that SAM built, taken out and named.

Nothing is taken out of ``template.yaml``: the copy that is deployed here is made from what
`sam build` wrote, and every difference is printed. docs/decisions/0018 says what that leaves
unproved. A rule that finds nothing to take out says nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Document = dict[str, Any]

_UNKNOWN_TYPES = ("AWS::CodeDeploy::", "AWS::CloudWatch::CompositeAlarm")


def fitted(document: Document, parameters: Mapping[str, str]) -> tuple[Document, list[str]]:
    """The template that ministack takes, and a line for each kind of thing it lacks.

    ``parameters`` are the values that this machine gives. The document is changed in place.
    """
    notes = [
        *_without_math_alarms(document),
        *_without_unknown_types(document),
        *_without_canaries(document),
        *_with_own_addresses(document, parameters),
        *_with_arns_of_secrets(document),
    ]
    return document, notes


def _without_math_alarms(document: Document) -> Iterator[str]:
    """Alarms over metric math: ministack knows those of one metric only."""
    resources = document["Resources"]
    names = [
        name
        for name, resource in resources.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]
    ]
    yield from _taken_out(document, names, "alarms over metric math")


def _without_unknown_types(document: Document) -> Iterator[str]:
    names = [
        name
        for name, resource in document["Resources"].items()
        if resource["Type"].startswith(_UNKNOWN_TYPES)
    ]
    yield from _taken_out(document, names, "resources of types that ministack does not know")


def _taken_out(document: Document, names: list[str], what: str) -> Iterator[str]:
    """Take resources out, with what refers to them in lists (such as the alarms of a canary)."""
    if not names:
        return
    gone = set(names)
    for name in names:
        del document["Resources"][name]
    _drop_references(document, gone)
    yield f"{what}, {len(names)}: {', '.join(sorted(names))}"


def _drop_references(node: Any, gone: set[str]) -> None:
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        _drop_references(child, gone)
    if isinstance(node, list):
        node[:] = [child for child in node if not _refers(child, gone)]
    if isinstance(node, dict) and isinstance(node.get("DependsOn"), str):
        if node["DependsOn"] in gone:
            del node["DependsOn"]
    elif isinstance(node, dict) and isinstance(node.get("DependsOn"), list):
        node["DependsOn"] = [name for name in node["DependsOn"] if name not in gone]


def _refers(node: Any, gone: set[str]) -> bool:
    """Whether a value is nothing but a reference to something that is gone."""
    if not isinstance(node, dict) or len(node) != 1:
        return False
    ((function, argument),) = node.items()
    if function == "Ref":
        return argument in gone
    if function == "Fn::GetAtt":
        return str(argument[0] if isinstance(argument, list) else argument).split(".")[0] in gone
    return False


def _without_canaries(document: Document) -> Iterator[str]:
    """Shifting traffic step by step is CodeDeploy's work; aliases and versions stay."""
    settings = [document.get("Globals", {}).get("Function", {})]
    settings += [
        resource.get("Properties", {})
        for resource in document["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    found = [each for each in settings if each.pop("DeploymentPreference", None) is not None]
    if found:
        yield f"canary deployments (CodeDeploy), {len(found)}: aliases move at once"


def _with_own_addresses(document: Document, parameters: Mapping[str, str]) -> Iterator[str]:
    """Patterns that ask for https go where this machine's own address is http."""
    for name, value in parameters.items():
        parameter = document.get("Parameters", {}).get(name, {})
        pattern = parameter.get("AllowedPattern")
        values = value.split(",") if parameter.get("Type") == "CommaDelimitedList" else [value]
        if pattern and not all(re.fullmatch(pattern, each) for each in values):
            del parameter["AllowedPattern"]
            yield f"parameter {name} may be {value} here, not only {pattern}"


def _with_arns_of_secrets(document: Document) -> Iterator[str]:
    """``Ref`` of a secret is its ARN in AWS and its name on ministack, where no policy fits it."""
    secrets = {
        name
        for name, resource in document["Resources"].items()
        if resource["Type"] == "AWS::SecretsManager::Secret"
    }

    def named(node: Any) -> Any:
        if isinstance(node, dict):
            if set(node) == {"Ref"} and node["Ref"] in secrets:
                return {"Fn::GetAtt": [node["Ref"], "Id"]}
            return {name: named(child) for name, child in node.items()}
        return [named(child) for child in node] if isinstance(node, list) else node

    before = document.copy()
    for section, content in before.items():
        document[section] = named(content)
    if document != before:
        yield f"references to {', '.join(sorted(secrets))} are written as Fn::GetAtt Id"
