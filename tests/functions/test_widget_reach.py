"""What the public widget touches in the table is what its role may touch, and no more."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.contract.grants import statements
from tests.reliability import faults
from tests.widgets import WidgetSite
from tests.world import World

WRITES = {"ConditionCheck": "ConditionCheckItem", "Put": "PutItem", "Update": "UpdateItem",
          "Delete": "DeleteItem"}  # fmt: skip


def touched(operation: str, request: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each action of a call, as IAM names it, with the partition key that it is about."""
    if operation == "TransactWriteItems":
        for step in request["TransactItems"]:
            ((kind, inner),) = step.items()
            yield f"dynamodb:{WRITES[kind]}", (inner.get("Item") or inner["Key"])["PK"]["S"]
    elif operation == "BatchGetItem":
        for asked in request["RequestItems"].values():
            yield from (("dynamodb:BatchGetItem", key["PK"]["S"]) for key in asked["Keys"])
    elif operation == "Query":
        # Of an index, the leading key is the index's own.
        values = request["ExpressionAttributeValues"].values()
        (pk,) = [value["S"] for value in values if value["S"].startswith(("T#", "WIDGET#"))]
        yield "dynamodb:Query", pk
    else:
        yield f"dynamodb:{operation}", request["Key"]["PK"]["S"]


def grants() -> Iterator[tuple[str, str]]:
    """The actions on the table that the function's role allows, with patterns of leading keys."""
    for statement in statements("widget"):
        if "Condition" in statement:
            told = statement["Action"]
            keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            actions = [told] if type(told) is str else told
            yield from ((action, pattern) for action in actions for pattern in keys)


def may(action: str, pk: str) -> bool:
    """Whether the role allows it."""
    return any(one == action and fnmatchcase(pk, pattern) for one, pattern in grants())


def visits(site: WidgetSite) -> list[tuple[str, str]]:
    """What each route touches, on each way through it that leads to other rows."""
    class_id, other = site.make_class(capacity=1), site.make_class(in_hours=72)
    site.client("ada@example.com")
    with faults.plan() as plan:
        assert site.call("GET ").status == 200
        assert site.call("GET /schedule").status == 200
        first = site.booked(class_id)
        second = site.booked(class_id, "kim@example.com", joinWaitlist=True)
        assert site.book(class_id, "lee@example.com").status == 409
        assert site.book(other, "ada@example.com").status == 201
        assert site.book(other, "spam@example.com", website="x").status == 201
        assert site.call(f"GET /bookings/{second}").status == 200
        assert site.call(f"POST /bookings/{first}/cancel").status == 200
        assert site.call(f"POST /bookings/{second}/confirm").status == 200
        assert site.call("OPTIONS /bookings").status == 204
    return [one for call in plan.calls for one in touched(call.operation, call.request)]


@pytest.fixture
def site(world: World) -> WidgetSite:
    return WidgetSite(world)


def test_every_row_that_the_widget_touches_is_one_that_its_role_allows(site: WidgetSite) -> None:
    seen = visits(site)

    assert [one for one in seen if not may(*one)] == []
    # And the role allows nothing that it does not do.
    assert {action for action, _ in seen} == {action for action, _ in grants()}


def test_the_rule_refuses_rows_of_people() -> None:
    assert may("dynamodb:GetItem", "T#org#o1")
    assert may("dynamodb:GetItem", "WIDGET#wk_x")
    assert not may("dynamodb:Query", "WIDGET#wk_x")
    for pk in ("USER#u1", "PURCHASE#p1", "T#team#1", "EMAIL#x"):
        assert not may("dynamodb:GetItem", pk)
