"""Which source of a setting wins, and what a first run makes."""

from pathlib import Path

import pytest

from local.configuration import ConfigurationRefused, configure, read_dotenv


def test_dotenv_understands_comments_quotes_and_export(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# comment\nA=1\nexport B = two words # why\nC='#x y'\nD=\"q\" # c\nE=\nF=#none\nno line\n"
        "G=a=b#c\n"
    )

    expected = {"A": "1", "B": "two words", "C": "#x y", "D": "q", "G": "a=b#c"}
    assert read_dotenv(file) == expected


def test_a_first_run_makes_its_keys_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = configure(tmp_path, {}).environ
    second = configure(tmp_path, {}).environ

    names = (
        "TOKEN_SEALING_KEYS",
        "WIDGET_SIGNING_KEYS",
        "FINGERPRINT_KEY",
        "TURN_SECRET",
        "OPENAI_API_KEY",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRETS",
    )
    assert [first[name] for name in names] == [second[name] for name in names]
    assert first["TOKEN_SEALING_KEYS"].startswith("k1:")
    assert first["WIDGET_SIGNING_KEYS"].startswith("k1:")
    assert first["WIDGET_SIGNING_KEYS"] != first["TOKEN_SEALING_KEYS"]
    assert len(bytes.fromhex(first["FINGERPRINT_KEY"])) == 32
    assert (tmp_path / ".local" / "keys.env").stat().st_mode & 0o777 == 0o600


def test_the_environment_wins_over_dotenv_and_dotenv_over_defaults(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GREENROOM_ADMINS=from_file\nTURN_SECRET=from_file\n")

    environ = configure(tmp_path, {"TURN_SECRET": "from_environment", "APP_URL": ""}).environ

    assert environ["GREENROOM_ADMINS"] == "from_file"
    assert environ["TURN_SECRET"] == "from_environment"
    assert environ["APP_URL"] == "http://127.0.0.1:3000"


def test_defaults_point_at_the_stand_ins(tmp_path: Path) -> None:
    environ = configure(tmp_path, {"GREENROOM_PORT": "4000"}).environ

    assert environ["OPENAI_BASE_URL"] == environ["LLM_BASE_URL"] == "http://127.0.0.1:4001/v1"
    assert environ["LLM_API_KEY"] == environ["OPENAI_API_KEY"]
    assert environ["CLERK_ISSUER"] == "http://127.0.0.1:4002"
    assert environ["CLERK_JWKS_URL"] == "http://127.0.0.1:4002/.well-known/jwks.json"
    assert environ["STRIPE_API_BASE"] == "http://127.0.0.1:4003"
    own = "http://127.0.0.1:4000,http://localhost:4000"
    assert environ["ALLOWED_ORIGINS"] == environ["CLERK_AUTHORIZED_PARTIES"] == own


def test_an_address_that_is_set_replaces_its_stand_in(tmp_path: Path) -> None:
    given = {
        "OPENAI_BASE_URL": "https://api.openai.com/v1",
        "CLERK_ISSUER": "https://c.example/",
        "STRIPE_API_BASE": "https://api.stripe.com",
    }

    configuration = configure(tmp_path, given)

    assert configuration.stand_ins == ()
    assert configuration.environ["CLERK_JWKS_URL"] == "https://c.example/.well-known/jwks.json"
    assert "CLERK_SIGN_IN_URL" not in configuration.environ
    assert configuration.environ["STRIPE_API_BASE"] == "https://api.stripe.com"


def test_the_key_of_openai_goes_to_no_other_model_provider(tmp_path: Path) -> None:
    environ = configure(tmp_path, {"LLM_BASE_URL": "https://models.example/v1"}).environ

    assert "LLM_API_KEY" not in environ


def test_the_singular_name_of_the_webhook_secret_stands_alone(tmp_path: Path) -> None:
    environ = configure(tmp_path, {"STRIPE_WEBHOOK_SECRET": "whsec_x"}).environ

    assert "STRIPE_WEBHOOK_SECRETS" not in environ
    assert environ["STRIPE_WEBHOOK_SECRET"] == "whsec_x"


def test_a_key_without_an_address_is_pointed_out(tmp_path: Path) -> None:
    assert configure(tmp_path, {"OPENAI_API_KEY": "sk-x"}).notices
    assert configure(tmp_path, {"STRIPE_SECRET_KEY": "sk_test_x"}).notices
    assert not configure(tmp_path, {}).notices


def test_real_credentials_stay_away_from_the_local_engine(tmp_path: Path) -> None:
    real = {"AWS_PROFILE": "work", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_REGION": "eu-west-1"}

    local = configure(tmp_path, real).environ
    away = configure(
        tmp_path, {**real, "GREENROOM_DYNAMODB_ENDPOINT": "https://dynamodb.amazonaws.com"}
    ).environ

    assert "AWS_PROFILE" not in local
    assert (local["AWS_ACCESS_KEY_ID"], local["AWS_REGION"]) == ("local", "us-east-1")
    assert (away["AWS_PROFILE"], away["AWS_REGION"]) == ("work", "eu-west-1")


@pytest.mark.parametrize("port", ["0", "80", "x", "99999"])
def test_a_port_that_cannot_be_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(ConfigurationRefused):
        configure(tmp_path, {"GREENROOM_PORT": port})
