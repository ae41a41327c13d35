"""The Stripe stand-in's webhook endpoint: what is sent there, and how strictly it is changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from local.standins.stripe_objects import API_VERSION
from tests.unit.standins.stripe_shop import KEY, Shop, open_shop, until


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path) as running:
        yield running


def change(shop: Shop, **form: str) -> None:
    (endpoint,) = shop.get("webhook_endpoints")["data"]
    shop.post(f"webhook_endpoints/{endpoint['id']}", **form)


def test_the_one_endpoint_is_where_the_stand_in_was_told_to_send(shop: Shop) -> None:
    listed = shop.get("webhook_endpoints")
    (endpoint,) = listed["data"]

    assert listed["url"] == "/v1/webhook_endpoints"
    assert endpoint["url"].endswith("/hook")
    assert (endpoint["status"], endpoint["enabled_events"]) == ("enabled", ["*"])
    assert endpoint["api_version"] == API_VERSION
    assert shop.get(f"webhook_endpoints/{endpoint['id']}") == endpoint


def test_it_has_the_members_that_the_official_library_names(shop: Shop) -> None:
    (endpoint,) = shop.get("webhook_endpoints")["data"]
    named = set(stripe.WebhookEndpoint.__annotations__) - {"OBJECT_NAME", "deleted", "secret"}

    assert set(endpoint) == named


def test_only_enabled_events_are_sent(shop: Shop) -> None:
    change(shop, **{"enabled_events[0]": "customer.deleted"})
    customer = shop.post("customers")
    shop.api.delete(f"/v1/customers/{customer['id']}")
    until(lambda: len(shop.heard()) == 1)

    assert "customer.deleted" in shop.heard()[0]["bodyText"]
    assert shop.last_event("customer.created")["pending_webhooks"] == 0


def test_nothing_is_sent_to_a_disabled_endpoint_until_it_is_enabled(shop: Shop) -> None:
    change(shop, disabled="true")
    shop.post("customers")
    change(shop, disabled="false")
    shop.post("customers", name="Ada")
    until(lambda: len(shop.heard()) == 1)

    assert "Ada" in shop.heard()[0]["bodyText"]


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"enabled_events[0]": "Not a type"}, "enabled_events[0]"),
        ({"enabled_events": "*"}, "enabled_events"),
        ({"disabled": "yes"}, "disabled"),
        ({"url": "nowhere"}, "url"),
        ({"status": "disabled"}, "status"),
    ],
)
def test_a_change_is_read_as_strictly_as_stripe_does(
    shop: Shop, form: dict[str, str], param: str
) -> None:
    (endpoint,) = shop.get("webhook_endpoints")["data"]

    answer = shop.api.post(f"/v1/webhook_endpoints/{endpoint['id']}", data=form)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


def test_a_list_takes_no_parameter_that_stripes_does_not(shop: Shop) -> None:
    assert shop.api.get("/v1/webhook_endpoints", params={"url": "x"}).status_code == 400
    assert shop.api.get("/v1/webhook_endpoints", params={"limit": "101"}).status_code == 400


def test_an_unknown_endpoint_is_missing(shop: Shop) -> None:
    answer = shop.api.get("/v1/webhook_endpoints/we_unknown")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "resource_missing"
    assert KEY not in answer.text
