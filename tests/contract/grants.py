"""What the template lets each function do: the statements of its role, one action at a time."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from tests.contract.template import Intrinsic, functions, template

_KEYS = {"ForAllValues:StringLike": "dynamodb:LeadingKeys"}


class Grant(NamedTuple):
    """An action on a resource, maybe on those partition keys alone."""

    action: str
    resource: str
    keys: str = ""


def statements(function: str) -> list[dict[str, Any]]:
    """The statements of a function's role."""
    role = functions()[function]["Role"]
    assert isinstance(role, Intrinsic), "a role of its own"
    properties = template()["Resources"][role.argument.removesuffix(".Arn")]["Properties"]
    return [
        one for policy in properties["Policies"] for one in policy["PolicyDocument"]["Statement"]
    ]


def as_list(value: Any) -> list[Any]:
    """One thing or several, as several."""
    return list(value) if type(value) is list else [value]


@cache
def granted(function: str) -> frozenset[Grant]:
    """Everything that a function may do."""
    return frozenset(grant for one in statements(function) for grant in _grants(one))


def _grants(statement: dict[str, Any]) -> Iterator[Grant]:
    patterns = [""]
    for operator, condition in statement.get("Condition", {}).items():
        ((name, told),) = condition.items()
        assert _KEYS.get(operator) == name, (
            f"grants.py does not know the condition {operator} {name}"
        )
        patterns = as_list(told)
    for action in as_list(statement["Action"]):
        for resource in as_list(statement["Resource"]):
            yield from (Grant(action, resource_name(resource), one) for one in patterns)


def resource_name(resource: Any) -> str:
    """``Table``, ``Table/index/GSI1``, ``FeedbackQueue``: by logical id."""
    assert isinstance(resource, Intrinsic), "a resource of this stack"
    return re.sub(r"\$\{(\w+)\.Arn\}", r"\1", str(resource.argument)).removesuffix(".Arn")


CONDITIONED = frozenset(
    name for name in functions() if any("Condition" in one for one in statements(name))
)
