"""The Stripe stand-in's front door: as strict as Stripe, and idempotent like it."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.standins.common import running
from local.standins.stripe import StripeStandIn
from tests.unit.standins.stripe_shop import CREDITS, KEY, MONTHLY, Shop, bracketed, open_shop

URLS = {"success_url": "https://shop.example/done", "cancel_url": "https://shop.example/"}
CHECKOUT = {
    "mode": "payment",
    "line_items[0][price]": CREDITS,
    "line_items[0][quantity]": "1",
    **URLS,
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("stripe"), listens=False) as opened:
        yield opened


def error_of(answer: httpx.Response, status: int = 400) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["message"]
    return error


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in CHECKOUT.items() if key != name}


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({**CHECKOUT, "price": "1500"}, "parameter_unknown", "price"),
        (
            {**CHECKOUT, "line_items[0][amount]": "1"},
            "parameter_unknown",
            "line_items[0][amount]",
        ),
        (without("mode"), "parameter_missing", "mode"),
        (without("success_url"), "parameter_missing", "success_url"),
        (
            without("line_items[0][quantity]"),
            "parameter_missing",
            "line_items[0][quantity]",
        ),
        ({"mode": "payment", **URLS}, "parameter_missing", "line_items"),
        (
            {**CHECKOUT, "line_items[0][price]": "prod_SJPpjWE9zhJnEh"},
            "resource_missing",
            "line_items[0][price]",
        ),
        ({**CHECKOUT, "customer": "cus_nobody"}, "resource_missing", "customer"),
        ({**CHECKOUT, "success_url": "/done"}, "url_invalid", "success_url"),
        ({**CHECKOUT, "success_url": ""}, "parameter_invalid_empty", "success_url"),
        ({**CHECKOUT, "expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
        ({**CHECKOUT, "expires_at": "1"}, None, "expires_at"),
        ({**CHECKOUT, "line_items[0][price]": MONTHLY}, None, "line_items"),
        ({**CHECKOUT, "mode": "subscription"}, None, "line_items"),
        (
            {**CHECKOUT, "subscription_data[metadata][a]": "b"},
            None,
            "subscription_data",
        ),
        (
            {**CHECKOUT, "metadata[x]": "y" * 501},
            "parameter_invalid_string_length",
            "metadata[x]",
        ),
        ({**CHECKOUT, "line_items": "x"}, None, "line_items"),
    ],
)
def test_a_checkout_is_refused_as_stripe_refuses_it(
    shop: Shop, form: dict[str, str], code: str | None, param: str
) -> None:
    error = error_of(shop.api.post("/v1/checkout/sessions", data=form))

    assert error["type"] == "invalid_request_error"
    assert (error.get("code"), error["param"]) == (code, param)
    assert ("doc_url" in error) == (code is not None)


def test_the_answers_without_an_object_are_stripes(shop: Shop) -> None:
    assert error_of(shop.api.get("/v1/customers/cus_x"), 404)["code"] == "resource_missing"
    assert error_of(shop.api.get("/v1/nothing"), 404)["message"].startswith("Unrecognized")
    json_body = shop.api.post("/v1/customers", json={"email": "a@b.example"})
    assert "POST content type" in error_of(json_body)["message"]


def test_both_urls_need_a_scheme_that_a_browser_may_follow(shop: Shop) -> None:
    for bad in ("javascript://x", "//x.example", "ftp://x.example", "https://"):
        error = error_of(
            shop.api.post("/v1/checkout/sessions", data={**CHECKOUT, "cancel_url": bad})
        )
        assert error["param"] == "cancel_url"


def test_only_the_right_key_opens_the_door(shop: Shop) -> None:
    def status(header: str | None) -> int:
        headers = {} if header is None else {"Authorization": header}
        return httpx.get(f"{shop.address}/v1/products", headers=headers).status_code

    basic = base64.b64encode(f"{KEY}:".encode()).decode()
    assert [status(f"Bearer {KEY}"), status(f"Basic {basic}")] == [200, 200]
    refused = [None, "Bearer", "Bearer sk_live_1", "Basic !", f"Token {KEY}"]
    assert [status(header) for header in refused] == [401] * 5


def test_a_key_that_is_set_is_the_only_good_one(tmp_path: Path) -> None:
    with running(StripeStandIn(tmp_path, secret_key="sk_test_mine")) as address:
        statuses = [
            httpx.get(f"{address}/v1/products", auth=(key, "")).status_code
            for key in ("sk_test_mine", "sk_test_other")
        ]

    assert statuses == [200, 401]


def test_each_answer_names_its_request_and_version(shop: Shop) -> None:
    headers = {"Stripe-Version": "2026-10-28.endive"}
    answer = shop.api.get("/v1/products", headers=headers)

    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"
    error_of(shop.api.get("/v1/products", headers={"Stripe-Version": "newest"}))


def test_an_idempotency_key_repeats_the_first_answer(shop: Shop) -> None:
    headers = {"Idempotency-Key": "first"}

    first = shop.api.post("/v1/customers", data={"name": "A"}, headers=headers)
    again = shop.api.post("/v1/customers", data={"name": "A"}, headers=headers)

    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    other = shop.api.post("/v1/customers", data={"name": "B"}, headers=headers)
    assert error_of(other)["type"] == "idempotency_error"


def test_a_key_keeps_what_was_executed_but_not_what_was_malformed(shop: Shop) -> None:
    headers = {"Idempotency-Key": "second"}

    error_of(shop.api.post("/v1/customers", data={"nam": "A"}, headers=headers))
    repaired = shop.api.post("/v1/customers", data={"name": "A"}, headers=headers)

    assert repaired.status_code == 200
    headers = {"Idempotency-Key": "checkout"}
    incomplete = without("success_url")
    refused = shop.api.post("/v1/checkout/sessions", data=incomplete, headers=headers)
    assert error_of(refused)["code"] == "parameter_missing"
    assert shop.api.post("/v1/checkout/sessions", data=CHECKOUT, headers=headers).is_success
    charge = shop.get("charges", payment_intent=shop.paid()["payment_intent"])["data"][0]["id"]
    shop.post("refunds", charge=charge)
    headers = {"Idempotency-Key": "third"}
    refused = shop.api.post("/v1/refunds", data={"charge": charge}, headers=headers)
    again = shop.api.post("/v1/refunds", data={"charge": charge}, headers=headers)
    assert error_of(refused)["code"] == error_of(again)["code"] == "charge_already_refunded"
    assert again.headers["Idempotent-Replayed"] == "true"


def test_metadata_is_merged_and_cleared_as_stripe_does(shop: Shop) -> None:
    customer = shop.post("customers", metadata__a="1", metadata__b="2")["id"]

    merged = shop.post(f"customers/{customer}", metadata__a="", metadata__c="3")

    assert merged["metadata"] == {"b": "2", "c": "3"}
    assert shop.post(f"customers/{customer}", metadata="")["metadata"] == {}


def test_a_list_is_walked_both_ways(shop: Shop) -> None:
    made = [shop.post("customers", email="walk@example.com")["id"] for _ in range(5)]
    newest_first = made[::-1]

    def page(**given: str) -> tuple[list[str], bool]:
        listed = shop.get("customers", email="walk@example.com", **given)
        return [each["id"] for each in listed["data"]], listed["has_more"]

    assert page(limit="2") == (newest_first[:2], True)
    assert page(limit="2", starting_after=newest_first[1]) == (newest_first[2:4], True)
    assert page(limit="2", starting_after=newest_first[3]) == (newest_first[4:], False)
    assert page(limit="2", ending_before=newest_first[4]) == (newest_first[2:4], True)
    assert page(limit="3", ending_before=newest_first[2]) == (newest_first[:2], False)
    error_of(shop.api.get("/v1/customers", params={"limit": "101"}))
    unknown = shop.api.get("/v1/customers", params={"starting_after": "cus_x"})
    assert error_of(unknown)["code"] == "resource_missing"


def test_ids_are_expanded_on_demand(shop: Shop) -> None:
    session = shop.paid()["id"]
    names = {"expand[0]": "line_items.data.price.product", "expand[1]": "payment_intent"}

    shown = shop.get(f"checkout/sessions/{session}", **names)

    assert shown["line_items"]["data"][0]["price"]["product"]["name"] == "3 interview credits"
    assert shown["payment_intent"]["status"] == "succeeded"
    assert "line_items" not in shop.get(f"checkout/sessions/{session}")
    error_of(shop.api.get(f"/v1/checkout/sessions/{session}", params={"expand[0]": "amount_total"}))


def test_the_products_of_the_shop_are_there_with_their_prices(shop: Shop) -> None:
    listed = shop.get("products", limit="100", **{"expand[]": "data.default_price"})["data"]

    known = {
        product["id"]: (price["unit_amount"], price["recurring"] and price["recurring"])
        for product in listed
        if (price := product["default_price"])
    }
    assert {name: amount for name, (amount, _) in known.items()} == {
        "prod_SJPpjWE9zhJnEh": 1500,
        "prod_SJQ8EwiLxPh62L": 2000,
        "prod_SLHl7Tl1LX1NMH": 1999,
        "prod_SLHvbICsIUy3oZ": 5037,
        "prod_SJPmP9GnMNDso0": 17991,
    }
    often = {
        name: (terms["interval"], terms["interval_count"])
        for name, (_, terms) in known.items()
        if terms
    }
    assert often == {
        "prod_SLHl7Tl1LX1NMH": ("month", 1),
        "prod_SLHvbICsIUy3oZ": ("month", 3),
        "prod_SJPmP9GnMNDso0": ("year", 1),
    }


def test_a_price_may_be_described_in_the_checkout(shop: Shop) -> None:
    form = {
        "mode": "payment",
        "line_items__0__price_data__currency": "usd",
        "line_items__0__price_data__unit_amount": "2999",
        "line_items__0__price_data__product_data__name": "Video session",
        "line_items__0__quantity": "2",
        "success_url": URLS["success_url"],
    }

    session = shop.post("checkout/sessions", **form)

    assert (session["amount_total"], session["currency"]) == (5998, "usd")
    form["line_items__0__quantity"] = "1"
    form["line_items__0__price_data__unit_amount"] = "49"
    refused = shop.api.post("/v1/checkout/sessions", data=bracketed(form))
    assert error_of(refused)["code"] == "amount_too_small"
    del form["line_items__0__price_data__product_data__name"]
    missing = error_of(shop.api.post("/v1/checkout/sessions", data=bracketed(form)))
    assert missing["param"] == "line_items[0][price_data][product]"


def test_what_does_not_go_together_is_refused(shop: Shop) -> None:
    customer = shop.post("customers")["id"]
    both = {**CHECKOUT, "customer": customer, "customer_email": "a@example.com"}
    assert (
        "customer_email" in error_of(shop.api.post("/v1/checkout/sessions", data=both))["message"]
    )
    euros = shop.post("prices", currency="eur", unit_amount="100", product_data__name="E")["id"]
    mixed = {**CHECKOUT, "line_items[1][price]": euros, "line_items[1][quantity]": "1"}
    assert "currency" in error_of(shop.api.post("/v1/checkout/sessions", data=mixed))["message"]
    yearly = {"line_items[1][price]": "price_SJPmP9GnMNDso0", "line_items[1][quantity]": "1"}
    intervals = {**CHECKOUT, "mode": "subscription", "line_items[0][price]": MONTHLY, **yearly}
    refused = error_of(shop.api.post("/v1/checkout/sessions", data=intervals))
    assert "intervals" in refused["message"]


def test_a_price_or_product_that_is_retired_is_not_sold(shop: Shop) -> None:
    price = shop.post("prices", currency="usd", unit_amount="900", product_data__name="Old")
    form = {**CHECKOUT, "line_items[0][price]": price["id"]}
    shop.post(f"products/{price['product']}", active="false")
    assert "not active" in error_of(shop.api.post("/v1/checkout/sessions", data=form))["message"]
    shop.post(f"products/{price['product']}", active="true")
    shop.post(f"prices/{price['id']}", active="false")
    assert "inactive" in error_of(shop.api.post("/v1/checkout/sessions", data=form))["message"]


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with open_shop(tmp_path) as before:
        customer = before.post("customers", name="Ann")
        headers = {"Idempotency-Key": "k"}
        made = before.api.post("/v1/customers", data={"name": "B"}, headers=headers).json()
        before.control("clock", advanceSeconds=1000)

    with open_shop(tmp_path) as after:
        assert after.get(f"customers/{customer['id']}") == customer
        headers = {"Idempotency-Key": "k"}
        again = after.api.post("/v1/customers", data={"name": "B"}, headers=headers).json()
        assert again == made
        assert after.script.get("/clock").json()["movedSeconds"] == 1000
