"""The Stripe stand-in's events have the shape of recorded ones, field by field."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.standins.stripe_shop import DAY_S, MONTHLY, Shop, open_shop

FIXTURES = Path(__file__).parents[2] / "fixtures" / "stripe"

# Tables whose names are data, or differ with the way of paying.
FREE = {
    "metadata",
    "payment_method_options",
    "previous_attributes",
    "request",
    "destination_details",
    "last_payment_error",  # the recording has one name of it only
}

# What the official library declares of this version, and the recordings were relieved of.
DECLARED = {"plan", "subtotal"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("stripe"), listens=False) as running:
        yield running


@pytest.fixture(scope="module")
def told(shop: Shop) -> dict[str, Any]:
    """The event that the stand-in tells for each recorded one."""
    customer = shop.post("customers", email="a@example.com", name="Ann")["id"]
    result = {}

    def keep(number: str, name: str) -> None:
        result[number] = shop.last_event(name)

    paid = shop.paid(customer=customer)
    keep("01", "checkout.session.completed")
    keep("38", "payment_intent.succeeded")
    later = shop.checkout(customer=customer)["id"]
    shop.control(f"checkout/{later}/pay", delayed=True)
    keep("02", "checkout.session.completed")
    shop.control(f"checkout/{later}/pay")
    keep("03", "checkout.session.async_payment_succeeded")
    shop.control(f"checkout/{shop.checkout()['id']}/expire")
    keep("05", "checkout.session.expired")
    shop.paid(line_items__1__price="price_SJQ8EwiLxPh62L", line_items__1__quantity="1")
    keep("07", "checkout.session.completed")
    subscription = shop.paid(MONTHLY, customer=customer)["subscription"]
    keep("08", "checkout.session.completed")
    keep("11", "customer.subscription.created")
    keep("12", "customer.subscription.updated")
    keep("20", "invoice.paid")
    shop.control("clock", advanceSeconds=32 * DAY_S)
    keep("21", "invoice.paid")
    shop.control(f"subscriptions/{subscription}/fail-renewal")
    shop.control("clock", advanceSeconds=31 * DAY_S)
    keep("22", "invoice.payment_failed")
    shop.post(f"subscriptions/{subscription}", cancel_at_period_end="true")
    keep("13", "customer.subscription.updated")
    shop.api.delete(f"/v1/subscriptions/{subscription}")
    keep("18", "customer.subscription.deleted")
    shop.post("refunds", payment_intent=paid["payment_intent"], amount="500")
    keep("25", "charge.refunded")
    keep("26", "refund.created")
    dispute = shop.control("disputes", paymentIntent=paid["payment_intent"])["id"]
    keep("30", "charge.dispute.created")
    shop.control(f"disputes/{dispute}/close", outcome="won")
    keep("32", "charge.dispute.closed")
    shop.api.delete(f"/v1/customers/{customer}")
    keep("36", "customer.deleted")
    return result


def differences(ours: Any, recorded: Any, path: str = "") -> list[str]:
    """The names that only one side has; null on either side matches everything."""
    if path.rpartition(".")[2] in FREE:
        return []
    if isinstance(ours, list) and isinstance(recorded, list) and ours and recorded:
        return differences(ours[0], recorded[0], f"{path}[]")
    if not isinstance(ours, dict) or not isinstance(recorded, dict) or not ours or not recorded:
        return []
    told = ours.keys() - (DECLARED - recorded.keys())
    found = [f"{path}.{name}" for name in sorted(told ^ recorded.keys())]
    for name in sorted(ours.keys() & recorded.keys()):
        found += differences(ours[name], recorded[name], f"{path}.{name}")
    return found


RECORDED = sorted(FIXTURES.glob("*.json"))


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
def test_an_event_has_the_fields_of_the_recorded_one(file: Path, told: dict[str, Any]) -> None:
    recorded = json.loads(file.read_text("utf-8"))
    ours = told[file.stem[:2]]

    assert (ours["type"], ours["api_version"]) == (recorded["type"], recorded["api_version"])
    before = "previous_attributes"
    assert (before in ours["data"]) == (before in recorded["data"])
    ours["data"].pop(before, None)
    recorded["data"].pop(before, None)
    assert differences(ours, recorded) == []
    assert ours["livemode"] is False


def test_the_comparison_sees_a_missing_and_an_additional_field() -> None:
    assert differences({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "d": None}}) == [".a.c", ".a.d"]
    assert differences({"a": [{"x": 1}]}, {"a": [{}, {"y": 1}]}) == []
    assert differences({"a": [{"x": 1}]}, {"a": [{"y": 1}]}) == [".a[].x", ".a[].y"]


def test_every_recorded_kind_is_compared() -> None:
    assert len(RECORDED) == 19
