"""Whether what the product stands on answers: the table, the queue, and every provider."""

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from greenroom.kernel.limits import CONNECTION_TEST_S
from greenroom.table.table import Table
from tests.fakes.stripe import open_stripe
from tests.functions.test_diagnostics import models
from tests.world import JWKS, SECRETS, World, client_of

NOBODY = "http://127.0.0.1:1"


def report(world: World, **options: Any) -> dict[str, Any]:
    admin = world.person("user_admin")
    reply = admin.call("GET /api/diagnostic/connection-test", **options)
    assert reply.status == 200, reply.text
    body: dict[str, Any] = reply.body
    return body


def check(world: World, name: str) -> dict[str, Any]:
    (found,) = [one for one in report(world)["checks"] if one["name"] == name]
    return dict(found)


def outcome(world: World, name: str) -> tuple[bool | None, str | None]:
    found = check(world, name)
    return found["ok"], found["reason"]


def with_ttl(world: World, *, enabled: bool = True, attribute: str = "ttl") -> None:
    client_of(world.endpoint).update_time_to_live(
        TableName=world.table_name,
        TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute},
    )


def test_everything_answers(world: World, tmp_path: Path) -> None:
    with_ttl(world)
    world.provider.script("/models", models(), models())
    world.provider.script("/v1/jwks", httpx.Response(200, json=JWKS))
    with open_stripe(tmp_path, world) as stripe:
        stripe.rewire(CLERK_SECRET_KEY="sk_test_ours")
        told = report(world)

    assert {one["name"]: one["ok"] for one in told["checks"]} == {
        "table": True,
        "ttl": True,
        "read": True,
        "write": True,
        "voice": True,
        "language_model": True,
        "stripe": True,
        "clerk_keys": True,
        "clerk_api": True,
        "feedback_queue": None,
    }
    assert told["ok"] is True
    assert all(one["ms"] >= 0 for one in told["checks"])
    assert not [row for row in world.rows() if row["PK"]["S"].startswith("PROBE#")]


def test_what_is_not_configured_is_not_wrong(world: World) -> None:
    assert outcome(world, "clerk_api") == (None, "NOT_CONFIGURED")
    assert outcome(world, "feedback_queue") == (None, "NOT_CONFIGURED")


def test_a_table_without_ttl_is_told(world: World) -> None:
    assert outcome(world, "ttl") == (False, "TTL_OFF")


def test_a_table_that_is_gone_is_told_by_dynamodbs_word(world: World) -> None:
    client_of(world.endpoint).delete_table(TableName=world.table_name)

    for name in ("table", "ttl", "read", "write"):
        assert outcome(world, name) == (False, "ResourceNotFoundException")
    assert report(world)["ok"] is False


def test_a_table_without_an_index_is_told(world: World) -> None:
    client = client_of(world.endpoint)
    client.delete_table(TableName=world.table_name)
    schema = {**world.template.tables[0].schema, "TableName": world.table_name}
    schema["GlobalSecondaryIndexes"] = schema["GlobalSecondaryIndexes"][:1]
    keys = {
        "PK",
        "SK",
        *(one["AttributeName"] for one in schema["GlobalSecondaryIndexes"][0]["KeySchema"]),
    }
    schema["AttributeDefinitions"] = [
        one for one in schema["AttributeDefinitions"] if one["AttributeName"] in keys
    ]
    client.create_table(**schema)

    assert outcome(world, "table") == (False, "GSI2_MISSING")


def test_a_store_that_does_not_answer_is_told_inside_the_deadline(world: World) -> None:
    world.wiring("diagnostics").table = Table.open("t", endpoint=NOBODY, region="eu-central-1")

    told = report(world, remaining_ms=3_000)

    by_name = {one["name"]: one for one in told["checks"]}
    assert {by_name[name]["reason"] for name in ("table", "read", "write")} == {"TIMED_OUT"}
    assert told["elapsedMs"] < 3_000
    assert by_name["clerk_keys"]["ok"] is True


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.ConnectError("down"), "PROVIDER_ERROR"),
        (httpx.ReadTimeout("slow"), "PROVIDER_TIMEOUT"),
        (httpx.Response(401), "PROVIDER_CREDENTIALS"),
        (httpx.Response(429), "PROVIDER_THROTTLED"),
        (httpx.Response(200, text="sk-canary"), "PROVIDER_ERROR"),
    ],
    ids=repr,
)
def test_a_provider_that_fails_is_told_by_a_word(
    world: World, answer: httpx.Response | Exception, reason: str
) -> None:
    world.provider.script("/models", answer, answer)

    told = report(world)

    by_name = {one["name"]: one for one in told["checks"]}
    assert by_name["voice"]["reason"] == by_name["language_model"]["reason"] == reason
    assert "canary" not in str(told)


def test_a_missing_key_is_told(world: World) -> None:
    world.rewire(OPENAI_API_KEY="", STRIPE_SECRET_KEY="", LLM_API_KEY="")

    for name in ("voice", "language_model", "stripe"):
        assert outcome(world, name) == (False, "SECRETS_MISSING")


def test_a_stripe_that_is_away_is_told(world: World) -> None:
    assert outcome(world, "stripe") == (False, "PROVIDER_TIMEOUT")


def test_keys_of_clerk_that_verify_nothing_are_told(world: World) -> None:
    token = world.person("user_admin").token()
    wired = world.wiring("diagnostics")
    _ = wired.tokens  # with the good keys, so that the admin is let in
    object.__setattr__(wired.settings, "clerk_jwks", '{"keys": []}')

    told = world.call("GET /api/diagnostic/connection-test", token=token).body

    (found,) = [one for one in told["checks"] if one["name"] == "clerk_keys"]
    assert (found["ok"], found["reason"]) == (False, "KEYS_UNREADABLE")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(401), "PROVIDER_CREDENTIALS"),
        (httpx.Response(429), "PROVIDER_THROTTLED"),
        (httpx.Response(500), "PROVIDER_ERROR"),
        (httpx.ReadTimeout("slow"), "PROVIDER_TIMEOUT"),
    ],
    ids=repr,
)
def test_what_clerk_says_of_our_key_is_told(
    world: World, answer: httpx.Response | Exception, reason: str
) -> None:
    world.rewire(CLERK_SECRET_KEY="sk_test_ours")
    world.provider.script("/v1/jwks", answer)

    assert outcome(world, "clerk_api") == (False, reason)


def test_a_queue_that_is_away_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.rewire(FEEDBACK_QUEUE_URL=f"{NOBODY}/queue", SQS_ENDPOINT=NOBODY)

    assert outcome(world, "feedback_queue") == (False, "QUEUE_UNAVAILABLE")


def test_a_condition_that_is_not_held_is_told(world: World) -> None:
    """As of a table to which a broken proxy answers yes to everything."""

    class Agreeable(Table):
        def call(self, operation: str, request: Any, **_: Any) -> dict[str, Any]:
            return {}

    world.wiring("diagnostics").table = Agreeable(world.table_name, world.connection)

    assert outcome(world, "write") == (False, "CONDITION_NOT_HELD")


def test_a_ttl_by_another_attribute_is_told(world: World) -> None:
    with_ttl(world, attribute="expires")

    assert outcome(world, "ttl") == (False, "TTL_OF_ANOTHER_ATTRIBUTE")


def test_the_checks_run_at_the_same_time(world: World) -> None:
    """Both providers wait for each other: one after the other, neither would ever be answered."""
    together = threading.Barrier(2, timeout=CONNECTION_TEST_S / 2)

    def answered(_request: httpx.Request) -> httpx.Response:
        together.wait()
        return models()

    world.provider.script("/models", answered, answered)

    told = report(world)

    by_name = {one["name"]: one["ok"] for one in told["checks"]}
    assert (by_name["voice"], by_name["language_model"]) == (True, True)


def test_no_report_holds_a_secret_or_an_address(world: World) -> None:
    text = str(report(world))

    assert not [value for value in SECRETS.values() if value in text]
    assert "127.0.0.1" not in text
    assert "http" not in text
