"""Secrets come by name from the environment or from one stored secret, and stay fresh."""

import json
import threading
from collections.abc import Iterator, Mapping

import boto3
import pytest
from moto import mock_aws

from greenroom.kernel.errors import Unavailable
from greenroom.kernel.limits import SECRETS_CACHE_S, SECRETS_RETRY_PAUSE_S
from greenroom.kernel.secrets import Secrets, SecretsManager
from greenroom.kernel.variables import SettingsRefused


class Store:
    """Where the values are, on a clock that the test moves."""

    def __init__(self, **values: str) -> None:
        self.values: Mapping[str, str] | None = values
        self.now_s = 1000.0
        self.loads = 0
        self.failures: list[Exception] = []
        self.secrets = Secrets(self.load, monotonic=lambda: self.now_s, report=self.failures.append)

    def load(self) -> Mapping[str, str]:
        self.loads += 1
        if self.values is None:
            raise Unavailable
        return self.values


def test_locally_the_environment_holds_the_secrets() -> None:
    secrets = Secrets.read({"OPENAI_API_KEY": "sk-1", "EMPTY": ""})

    assert secrets.get("OPENAI_API_KEY") == "sk-1"
    assert secrets.find("EMPTY") is None


def test_a_missing_secret_is_refused_by_name() -> None:
    with pytest.raises(SettingsRefused, match="OPENAI_API_KEY"):
        Secrets.read({}).get("OPENAI_API_KEY")


def test_the_singular_name_serves_where_the_plural_is_missing() -> None:
    assert Secrets.read({"STRIPE_WEBHOOK_SECRET": "one"}).get("STRIPE_WEBHOOK_SECRETS") == "one"


def test_values_are_kept_and_then_loaded_again() -> None:
    store = Store(KEY="old")
    assert store.secrets.get("KEY") == "old"
    store.values = {"KEY": "new"}

    store.now_s += SECRETS_CACHE_S - 1
    assert (store.secrets.get("KEY"), store.loads) == ("old", 1)

    store.now_s += 1
    assert (store.secrets.get("KEY"), store.loads) == ("new", 2)


def test_old_values_serve_while_loading_fails_and_the_failure_is_reported() -> None:
    store = Store(KEY="old")
    assert store.secrets.get("KEY") == "old"
    store.values = None
    store.now_s += SECRETS_CACHE_S

    assert [store.secrets.get("KEY") for _ in range(3)] == ["old"] * 3
    assert (store.loads, len(store.failures)) == (2, 1)

    store.values = {"KEY": "new"}
    store.now_s += SECRETS_RETRY_PAUSE_S
    assert store.secrets.get("KEY") == "new"


def test_a_first_load_that_fails_is_unavailable_and_tried_again() -> None:
    store = Store(KEY="value")
    values, store.values = store.values, None
    with pytest.raises(Unavailable):
        store.secrets.get("KEY")

    store.values = values
    assert store.secrets.get("KEY") == "value"


def test_threads_share_one_load() -> None:
    store = Store(KEY="value")
    gate = threading.Barrier(8)
    seen: list[str] = []

    def read() -> None:
        gate.wait()
        seen.append(store.secrets.get("KEY"))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (seen, store.loads) == (["value"] * 8, 1)


def test_nobody_waits_for_a_refresh_while_old_values_stand() -> None:
    store = Store(KEY="old")
    assert store.secrets.get("KEY") == "old"
    store.now_s += SECRETS_CACHE_S
    loading, answered = threading.Event(), threading.Event()

    def slowly() -> Mapping[str, str]:
        loading.set()
        assert answered.wait(5)
        return {"KEY": "new"}

    store.secrets._load = slowly
    refreshing = threading.Thread(target=store.secrets.get, args=("KEY",))
    refreshing.start()
    assert loading.wait(5)

    assert store.secrets.get("KEY") == "old"

    answered.set()
    refreshing.join(5)
    assert store.secrets.get("KEY") == "new"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


def stored(text: str) -> str:
    client = boto3.client("secretsmanager")
    return str(client.create_secret(Name="greenroom", SecretString=text)["ARN"])


def test_in_aws_one_stored_secret_holds_them_all(aws: None) -> None:
    arn = stored(json.dumps({"OPENAI_API_KEY": "sk-2", "CLERK_JWKS": {"keys": []}}))

    secrets = Secrets.read({"GREENROOM_SECRET_ARN": arn, "OPENAI_API_KEY": "of the environment"})

    assert secrets.get("OPENAI_API_KEY") == "sk-2"
    assert secrets.get("CLERK_JWKS") == '{"keys": []}'


def test_a_stored_secret_that_does_not_exist_is_unavailable(aws: None) -> None:
    with pytest.raises(Unavailable) as refusal:
        SecretsManager("arn:aws:secretsmanager:eu-central-1:123456789012:secret:none")()

    assert refusal.value.code == "SECRETS_UNAVAILABLE"


@pytest.mark.parametrize("text", ["hush-hush", "[1]", '"hush-hush"'])
def test_a_stored_secret_that_is_no_object_is_refused_without_showing_it(
    aws: None, text: str
) -> None:
    with pytest.raises(SettingsRefused, match="JSON object") as refusal:
        SecretsManager(stored(text))()

    assert "hush" not in str(refusal.value)
    assert refusal.value.__context__ is None
