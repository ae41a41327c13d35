"""Alive, ready, and what is configured."""

from typing import Any

import httpx
import pytest

from greenroom.kernel.errors import StoreUnavailable
from greenroom.table.table import Table
from tests.world import SECRETS, World, client_of

NOBODY = "http://127.0.0.1:1"
MODEL = "gpt-realtime-2.1-mini"


def models(**shutdown_dates: object) -> httpx.Response:
    rows = [{"id": name, "object": "model"} for name in ("gpt-5-mini", *shutdown_dates)]
    for row in rows:
        if shutdown_dates.get(row["id"]):
            row["shutdown_date"] = str(shutdown_dates[row["id"]])
    return httpx.Response(200, json={"object": "list", "data": rows})


def report(world: World) -> dict[str, Any]:
    reply = world.person("user_admin").call("GET /api/diagnostic/config")
    assert reply.status == 200, reply.text
    body: dict[str, Any] = reply.body
    return body


def warnings(world: World) -> list[str]:
    return [one["code"] for one in report(world)["warnings"]]


def test_health_looks_at_nothing_else(world: World) -> None:
    world.rewire(OPENAI_API_KEY="", CLERK_JWKS="{}")
    world.wiring("diagnostics").table = Table.open("t", endpoint=NOBODY, region="eu-central-1")

    assert world.call("GET /api/health").body == {"status": "ok"}
    assert world.provider.requests == []


def test_ready_says_yes_when_store_and_secrets_are_there(world: World) -> None:
    reply = world.call("GET /api/ready")

    assert reply.status == 200
    assert reply.body == {"ready": True, "checks": {"store": True, "secrets": True}}


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "TOKEN_SEALING_KEYS", "FINGERPRINT_KEY"])
def test_a_missing_secret_is_not_ready_and_not_named(world: World, name: str) -> None:
    world.rewire(**{name: ""})

    reply = world.call("GET /api/ready")

    assert reply.status == 503
    assert reply.body == {"ready": False, "checks": {"store": True, "secrets": False}}


def test_a_store_that_does_not_answer_is_not_ready(world: World) -> None:
    table = Table.open("t", endpoint=NOBODY, region="eu-central-1")
    world.wiring("diagnostics").table = table
    with pytest.raises(StoreUnavailable):
        table.call("GetItem", {"TableName": "t", "Key": {"PK": {"S": "p"}, "SK": {"S": "s"}}})

    reply = world.call("GET /api/ready")

    assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
    assert reply.body == {"ready": False, "checks": {"store": False, "secrets": True}}


def test_a_table_that_is_gone_is_not_ready(world: World) -> None:
    client_of(world.endpoint).delete_table(TableName=world.table_name)

    reply = world.call("GET /api/ready")

    assert reply.status == 503
    assert reply.body["checks"] == {"store": False, "secrets": True}


def test_secrets_that_cannot_be_read_are_not_ready(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", NOBODY)
    world.rewire(GREENROOM_SECRET_ARN="arn:aws:secretsmanager:eu-central-1:123456789012:secret:s")

    assert world.call("GET /api/ready").body["checks"] == {"store": True, "secrets": False}


def test_the_configuration_is_shown_without_secrets_and_addresses(world: World) -> None:
    world.provider.script("/models", models(**{MODEL: None}))

    told = report(world)

    assert told["dialect"] == "ga"
    assert told["exchange"] == "ephemeral"
    assert told["model"] == MODEL
    assert told["modelListed"] is True
    assert told["modelEndsOn"] is None
    assert told["voice"] == "alloy"
    assert told["limits"]["interview_centicredits"] == 100
    assert told["warnings"] == []
    text = str(told)
    assert not [value for value in SECRETS.values() if value in text]
    assert "http" not in text


def test_a_model_with_a_published_end_is_warned_of_with_the_days_that_are_left(
    world: World,
) -> None:
    world.provider.script("/models", models(**{MODEL: "2027-01-20"}))

    told = report(world)

    assert told["modelEndsOn"] == "2027-01-20"
    (warning,) = told["warnings"]
    assert warning["code"] == "MODEL_ENDS"
    assert "2027-01-20, in 60 days" in warning["message"]


def test_a_model_that_has_ended_is_said_to_have_ended(world: World) -> None:
    world.provider.script("/models", models(**{MODEL: "2026-11-20"}))

    (warning,) = report(world)["warnings"]

    assert warning["code"] == "MODEL_ENDED"
    assert "ended on 2026-11-20" in warning["message"]


def test_a_model_that_the_provider_does_not_list_is_warned_of(world: World) -> None:
    world.provider.script("/models", models())

    told = report(world)

    assert told["modelListed"] is False
    assert [one["code"] for one in told["warnings"]] == ["MODEL_UNKNOWN"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.ConnectError("down"), "PROVIDER_ERROR"),
        (httpx.ReadTimeout("slow"), "PROVIDER_TIMEOUT"),
        (httpx.Response(429), "PROVIDER_THROTTLED"),
        (httpx.Response(401), "PROVIDER_ERROR"),
        (httpx.Response(200, text="<html>"), "PROVIDER_ERROR"),
        (httpx.Response(200, json={"data": "x"}), "PROVIDER_ERROR"),
    ],
    ids=repr,
)
def test_a_provider_that_does_not_tell_is_a_warning_and_no_failure(
    world: World, answer: httpx.Response | Exception, code: str
) -> None:
    world.provider.script("/models", answer)

    told = report(world)

    assert told["modelListed"] is None
    assert [one["code"] for one in told["warnings"]] == [code]


def test_a_missing_provider_key_is_a_warning_and_no_failure(world: World) -> None:
    world.rewire(OPENAI_API_KEY="")

    assert warnings(world) == ["SECRETS_MISSING"]


def test_the_retired_dialect_is_warned_of_where_it_is_allowed(world: World) -> None:
    world.rewire(REALTIME_DIALECT="beta", REALTIME_ALLOW_RETIRED="1")
    world.provider.script("/models", models(**{"gpt-4o-mini-realtime-preview": None}))

    assert warnings(world) == ["DIALECT_RETIRED"]


def test_settings_and_secrets_are_said_to_be_set_and_never_to_what(world: World) -> None:
    world.rewire(TURN_SECRET="", STRIPE_WEBHOOK_SECRETS="", STRIPE_WEBHOOK_SECRET="whsec_alias")

    told = report(world)

    assert told["secrets"] == {
        "CLERK_SECRET_KEY": False,
        "CLERK_WEBHOOK_SECRETS": True,
        "FINGERPRINT_KEY": True,
        "LLM_API_KEY": True,
        "OPENAI_API_KEY": True,
        "STRIPE_SECRET_KEY": True,
        "STRIPE_WEBHOOK_SECRETS": True,
        "TOKEN_SEALING_KEYS": True,
        "TURN_SECRET": False,
        "WIDGET_SIGNING_KEYS": True,
    }
    assert told["settings"]["CLERK_ISSUER"] is True
    assert told["settings"]["APP_URL"] is False
    assert {type(one) for one in told["settings"].values()} == {bool}
    assert "whsec_alias" not in str(told)


def test_secrets_that_cannot_be_looked_at_are_a_warning(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", NOBODY)
    world.rewire(GREENROOM_SECRET_ARN="arn:aws:secretsmanager:eu-central-1:123456789012:secret:s")

    told = report(world)

    assert told["secrets"] == {}
    assert "SECRETS_UNAVAILABLE" in [one["code"] for one in told["warnings"]]


def test_a_language_model_of_the_same_provider_is_looked_up_in_the_same_list(world: World) -> None:
    world.provider.script("/models", models(**{MODEL: None, "gpt-5-mini": "2027-01-20"}))

    told = report(world)

    assert (told["textModel"], told["textModelListed"]) == ("gpt-5-mini", True)
    assert told["textModelEndsOn"] == "2027-01-20"
    assert [one["code"] for one in told["warnings"]] == ["MODEL_ENDS"]
    assert world.provider.count("/models") == 1


def test_a_language_model_elsewhere_is_looked_up_there_with_its_own_key(world: World) -> None:
    world.rewire(LLM_BASE_URL="https://llm.example.com/v1", LLM_MODEL="small")
    world.provider.script("/models", models(**{MODEL: None}), models())

    told = report(world)

    assert told["textModelListed"] is False
    assert [one["code"] for one in told["warnings"]] == ["MODEL_UNKNOWN"]
    asked = world.provider.requests[-1]
    assert asked.url.host == "llm.example.com"
    assert asked.headers["authorization"] == f"Bearer {SECRETS['LLM_API_KEY']}"


def test_the_model_that_writes_down_speech_is_warned_of_when_it_ends(world: World) -> None:
    world.provider.script("/models", models(**{MODEL: None, "gpt-transcribe": "2026-12-01"}))

    (warning,) = report(world)["warnings"]

    assert warning["code"] == "MODEL_ENDS"
    assert "gpt-transcribe" in warning["message"]
