"""The Stripe stand-in's webhooks: signed, repeated, and never given up early."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.standins.faults import parse_faults
from local.standins.stripe import secrets_of
from local.standins.stripe_delivery import signature
from tests.unit.standins.stripe_shop import SECRET, Shop, open_shop, until


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path) as running:
        yield running


def event_ids(shop: Shop) -> list[str]:
    return [json.loads(request["bodyText"])["id"] for request in shop.heard()]


def fail(shop: Shop, *, times: int, **fault: Any) -> None:
    document = [{"method": "POST", "path": "/hook", "times": times, **fault}]
    shop.listener.faults = parse_faults(json.dumps(document).encode())


def test_a_webhook_is_signed_over_its_bytes_with_the_real_time(shop: Shop) -> None:
    shop.control("clock", advanceSeconds=10**7)
    shop.post("customers")
    until(lambda: len(shop.heard()) == 1)

    request = shop.heard()[0]
    header = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", request["headers"]["stripe-signature"])
    assert header is not None
    assert abs(int(header[1]) - time.time()) < 30
    signed = f"{header[1]}.{request['bodyText']}".encode()
    assert hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest() == header[2]
    assert request["headers"]["content-type"] == "application/json; charset=utf-8"


def test_during_a_rotation_every_secret_signs() -> None:
    header = signature(b"{}", ("whsec_a", "whsec_b"), 5)

    single = [
        signature(b"{}", (secret,), 5).removeprefix("t=5,") for secret in ("whsec_a", "whsec_b")
    ]
    assert header == ",".join(["t=5", *single])
    assert single[0] != single[1]


def test_the_secrets_come_from_both_names_of_the_setting() -> None:
    environ = {"STRIPE_WEBHOOK_SECRETS": "a, b", "STRIPE_WEBHOOK_SECRET": "b"}

    assert secrets_of(environ) == ("a", "b")
    assert secrets_of({}) == ()


def test_an_event_is_told_until_it_is_taken(shop: Shop) -> None:
    fail(shop, times=3, kind="status", status=500)

    shop.post("customers")

    until(lambda: len(shop.heard()) == 4)
    until(lambda: bool(shop.last_event("customer.created")["pending_webhooks"] == 0))
    assert len(set(event_ids(shop))) == 1
    delivery = shop.script.get("/deliveries").json()["items"][0]
    assert delivery["state"] == "delivered"
    assert [each["status"] for each in delivery["attempts"]] == [500, 500, 500, 200]


def test_a_cut_connection_and_a_redirect_are_failures_too(shop: Shop) -> None:
    fail(shop, times=1, kind="refuse")
    shop.post("customers")
    until(lambda: len(shop.heard()) == 2)
    fail(shop, times=1, kind="status", status=302, headers={"Location": "/elsewhere"})
    shop.post("customers")
    until(lambda: len(shop.heard()) == 4)

    attempts = [each["attempts"] for each in shop.script.get("/deliveries").json()["items"]]
    assert [len(each) for each in attempts] == [2, 2]
    assert (attempts[1][0]["status"], attempts[1][0]["error"]) == (None, "ServerDisconnectedError")
    assert attempts[0][0]["status"] == 302


def test_undelivered_events_can_be_listed_and_are_sent_after_a_restart(tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        shop.script.put("/delivery", json={"paused": True})
        event = shop.post("customers") and shop.last_event("customer.created")
        assert event["pending_webhooks"] == 1
        assert shop.heard() == []
        listed = shop.get("events", delivery_success="false")["data"]
        assert [each["id"] for each in listed] == [event["id"]]
        assert shop.get("events", delivery_success="true")["data"] == []

    with open_shop(tmp_path) as shop:
        shop.script.put("/delivery", json={"paused": False})
        until(lambda: event_ids(shop) == [event["id"]])
        until(lambda: not shop.get("events", delivery_success="false")["data"])


def test_an_event_is_delivered_again_on_demand(shop: Shop) -> None:
    shop.post("customers")
    until(lambda: len(shop.heard()) == 1)
    event = shop.last_event("customer.created")["id"]

    shop.control(f"events/{event}/redeliver", times=3)

    until(lambda: event_ids(shop) == [event] * 4)
    assert shop.script.post("/events/evt_x/redeliver").status_code == 404


def test_every_event_comes_twice_when_asked_for(shop: Shop) -> None:
    shop.script.put("/delivery", json={"duplicates": 1, "shuffle": True})

    shop.paid()

    until(lambda: len(shop.heard()) == 8)
    ids = event_ids(shop)
    assert all(ids.count(each) == 2 for each in ids)
    shop.control("reset")
    assert shop.script.get("/delivery").json() == {
        "paused": False,
        "shuffle": False,
        "duplicates": 0,
    }


def test_events_are_found_by_type_and_time_and_name_their_request(shop: Shop) -> None:
    headers = {"Idempotency-Key": "k1"}
    answer = shop.api.post("/v1/customers", headers=headers)
    shop.paid()

    event = shop.last_event("customer.created")
    assert event["request"] == {"id": answer.headers["Request-Id"], "idempotency_key": "k1"}
    assert shop.last_event("charge.succeeded")["request"]["id"] is None
    names = {"types[0]": "customer.created", "types[1]": "charge.succeeded"}
    found = shop.get("events", **names)["data"]
    assert [each["type"] for each in found] == ["charge.succeeded", "customer.created"]
    later = {"created[gt]": str(int(time.time()) + 60)}
    assert shop.get("events", **later)["data"] == []
    since = {"created[gte]": str(event["created"])}
    assert len(shop.get("events", **since)["data"]) == 5
    assert shop.get(f"events/{event['id']}")["type"] == "customer.created"


def test_what_a_switch_does_not_know_is_refused(shop: Shop) -> None:
    document: object
    for document in ({"speed": 1}, {"paused": 1}, {"duplicates": True}, {"duplicates": 101}, []):
        assert shop.script.put("/delivery", json=document).status_code == 400
