"""Settings are read once, frozen, and refused by the names of the variables alone."""

from typing import Any

import pytest

from greenroom.kernel.settings import (
    CommonSettings,
    IdentitySettings,
    PageSettings,
    RealtimeSettings,
)
from greenroom.kernel.variables import SettingsRefused


def realtime(**environ: str) -> RealtimeSettings:
    return RealtimeSettings.read(environ)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert CommonSettings.read({"TABLE_NAME": ""}).table_name == "greenroom"


def test_lists_are_separated_by_commas_and_trimmed() -> None:
    read = CommonSettings.read({"ALLOWED_ORIGINS": " https://a.example , ,https://b.example"})

    assert read.allowed_origins == ("https://a.example", "https://b.example")


def test_every_wrong_variable_is_named_and_no_value_is_shown() -> None:
    with pytest.raises(SettingsRefused) as refused:
        realtime(
            REALTIME_DIALECT="canary-dialect",
            REALTIME_EXCHANGE="canary-exchange",
            ICE_SERVERS='{"credential": canary',
            TURN_TTL_S="canary-ttl",
        )

    told = str(refused.value)
    for name in ("REALTIME_DIALECT", "REALTIME_EXCHANGE", "ICE_SERVERS", "TURN_TTL_S"):
        assert f"{name}: " in told
    assert "canary" not in told
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(SettingsRefused, match="CLERK_ISSUER"):
        IdentitySettings.read({})


def test_settings_never_change() -> None:
    settings: Any = PageSettings.read({})

    with pytest.raises(AttributeError):
        settings.app_url = "https://elsewhere.example"


def test_variables_of_others_are_ignored() -> None:
    assert PageSettings.read({"HOME": "/", "PATH": "/bin"}) == PageSettings()


# The dialects


def test_ga_is_the_default() -> None:
    settings = realtime()

    assert (settings.realtime_dialect, settings.realtime_exchange) == ("ga", "ephemeral")
    assert settings.realtime_model == "gpt-realtime-2.1-mini"
    assert settings.realtime_voice == "alloy"


def test_beta_has_the_origins_model() -> None:
    settings = realtime(REALTIME_DIALECT="beta", OPENAI_BASE_URL="http://127.0.0.1:3001/v1")

    assert settings.realtime_model == "gpt-4o-mini-realtime-preview"


@pytest.mark.parametrize("dialect", ["ga", "beta"])
def test_a_model_that_is_named_wins_over_the_dialects(dialect: str) -> None:
    settings = realtime(
        REALTIME_DIALECT=dialect,
        REALTIME_MODEL="mine",
        OPENAI_BASE_URL="http://127.0.0.1:3001/v1",
    )

    assert settings.realtime_model == "mine"


@pytest.mark.parametrize(
    "base_url",
    ["", "https://api.openai.com/v1", "https://API.OpenAI.com/v1", "http://api.openai.com"],
)
def test_beta_at_openai_is_refused_unless_it_is_allowed(base_url: str) -> None:
    environ = {"REALTIME_DIALECT": "beta", "OPENAI_BASE_URL": base_url}

    with pytest.raises(SettingsRefused, match=r"retired by .* on 2026-05-07"):
        RealtimeSettings.read(environ)

    allowed = RealtimeSettings.read(environ | {"REALTIME_ALLOW_RETIRED": "1"})
    assert allowed.realtime_dialect == "beta"


def test_beta_at_a_compatible_endpoint_is_fine() -> None:
    assert realtime(
        REALTIME_DIALECT="beta", OPENAI_BASE_URL="https://voice.example/v1"
    ).openai_base_url.startswith("https://voice.example")


def test_beta_knows_no_unified_exchange() -> None:
    with pytest.raises(SettingsRefused, match="REALTIME_EXCHANGE=unified needs"):
        realtime(
            REALTIME_DIALECT="beta",
            REALTIME_EXCHANGE="unified",
            OPENAI_BASE_URL="https://voice.example/v1",
            REALTIME_ALLOW_RETIRED="1",
        )


def test_ga_knows_both_ways_of_exchange() -> None:
    assert realtime(REALTIME_EXCHANGE="unified").realtime_exchange == "unified"


def test_ice_servers_are_json() -> None:
    read = realtime(ICE_SERVERS='[{"urls": "stun:stun.example"}]')

    assert read.ice_servers == ({"urls": "stun:stun.example"},)
