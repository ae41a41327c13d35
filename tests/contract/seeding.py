"""Changes of a template, as seeds of violations: each is made in a copy."""

from collections.abc import Callable
from typing import Any

from tests.contract.stack import ALARM, Stack
from tests.contract.template import Intrinsic

Seed = Callable[[Stack], None]
TABLE = Intrinsic("GetAtt", "Table.Arn")


def puts(name: str, *path: str | int, value: Any) -> Seed:
    """Set a member of a resource's properties."""

    def seed(stack: Stack) -> None:
        place: Any = stack[name]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return seed


def drops(name: str, *path: str | int) -> Seed:
    """Remove a member of a resource's properties."""

    def seed(stack: Stack) -> None:
        place: Any = stack[name]
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return seed


def common(*path: str, value: Any = None) -> Seed:
    """Set a member of what all functions have in common; without a value, remove it."""

    def seed(stack: Stack) -> None:
        place: Any = stack.common
        for step in path[:-1]:
            place = place[step]
        if value is None:
            del place[path[-1]]
        else:
            place[path[-1]] = value

    return seed


def parameter(name: str, member: str, value: Any = None) -> Seed:
    """Set a member of a parameter; without a value, remove it."""

    def seed(stack: Stack) -> None:
        told = stack.parameters.setdefault(name, {"Type": "String"})
        if value is None:
            told.pop(member, None)
        else:
            told[member] = value

    return seed


def attribute(name: str, member: str, value: str) -> Seed:
    """Set an attribute of a resource beside its properties."""

    def seed(stack: Stack) -> None:
        stack.resources[name][member] = value

    return seed


def adds(name: str, kind: str, **properties: Any) -> Seed:
    """Add a resource."""

    def seed(stack: Stack) -> None:
        stack.resources[name] = {"Type": kind, "Properties": properties}

    return seed


def grants(role: str, action: str, resource: Any = TABLE) -> Seed:
    """Add a statement to a role."""

    def seed(stack: Stack) -> None:
        told = {"Effect": "Allow", "Action": action, "Resource": resource}
        stack[role]["Policies"][0]["PolicyDocument"]["Statement"].append(told)

    return seed


def crowded(stack: Stack) -> None:
    """A hundred alarms more."""
    for number in range(100):
        stack.resources[f"Alarm{number}"] = {"Type": ALARM, "Properties": {}}
