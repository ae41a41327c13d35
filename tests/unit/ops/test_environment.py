"""Which deployment the command works on: a named table, or the running laptop cloud."""

import json
from pathlib import Path

import pytest

from local.configuration import configure, write_addresses
from ops.environment import NoDeployment, environment


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def cloud(root: Path, data_dir: Path) -> dict[str, str]:
    """What a running laptop cloud leaves in its data folder; its variables."""
    configuration = configure(root, {"GREENROOM_DATA_DIR": str(data_dir)})
    environ = {**configuration.environ, "GREENROOM_DYNAMODB_ENDPOINT": "http://127.0.0.1:4999"}
    write_addresses(data_dir, environ)
    return environ


def test_a_named_table_is_taken_as_it_is(tmp_path: Path) -> None:
    given = {"TABLE_NAME": "live", "AWS_REGION": "eu-central-1"}

    assert environment(given, root=tmp_path) == given


def test_the_laptop_cloud_is_found_by_its_data_folder(tmp_path: Path, data_dir: Path) -> None:
    running = cloud(tmp_path, data_dir)

    found = environment({"GREENROOM_DATA_DIR": str(data_dir)}, root=tmp_path)

    for name in ("TABLE_NAME", "GREENROOM_DYNAMODB_ENDPOINT", "AWS_REGION", "STRIPE_API_BASE"):
        assert found[name] == running[name]
    for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS", "FINGERPRINT_KEY"):
        assert found[name] == running[name]


def test_the_folder_beside_the_code_is_the_default(tmp_path: Path) -> None:
    cloud(tmp_path, tmp_path / ".local")

    assert environment({}, root=tmp_path)["TABLE_NAME"] == "greenroom"


def test_the_addresses_hold_no_secret_and_are_the_owners_alone(
    tmp_path: Path, data_dir: Path
) -> None:
    cloud(tmp_path, data_dir)
    file = data_dir / "environment.json"

    assert not [name for name in json.loads(file.read_text()) if "KEY" in name or "SECRET" in name]
    assert file.stat().st_mode & 0o077 == 0


def test_without_a_deployment_it_says_what_to_do(tmp_path: Path, data_dir: Path) -> None:
    with pytest.raises(NoDeployment, match=r"make run.*TABLE_NAME"):
        environment({"GREENROOM_DATA_DIR": str(data_dir)}, root=tmp_path)
