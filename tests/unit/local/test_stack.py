"""What a deployment without AWS is given: parameters, and nothing of anybody's own."""

import json
import os
from pathlib import Path

import pytest

from local.deployment import __main__ as deployment
from local.deployment import stack
from local.engine import ROOT


def test_parameters_are_set_by_the_variables_that_they_are_called_after(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    parameters: dict[str, object] = {"AppUrl": {}, "ClerkIssuer": {}, "Stage": {}, "Unset": {}}
    file.write_text(json.dumps({"Parameters": parameters, "Resources": {}}))
    environ = {"APP_URL": "http://a", "CLERK_ISSUER": "http://c", "UNSET": "", "OTHER": "1"}

    found = stack.parameters_of(file, environ, architecture="arm64")

    assert found == {
        "AppUrl": "http://a",
        "ClerkIssuer": "http://c",
        "Stage": "local",
        "Architecture": "arm64",
    }


def test_what_is_built_for_this_machine_is_not_where_make_build_builds() -> None:
    assert stack.BUILT != ROOT / ".aws-sam" / "build"
    assert stack.BUILT not in (ROOT / ".aws-sam" / "build").parents


def test_a_deployment_on_this_machine_knows_nothing_of_who_runs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-somebody's-own")
    monkeypatch.setenv("STRIPE_API_BASE", "https://api.stripe.com")
    monkeypatch.setenv("AWS_PROFILE", "production")

    environ = deployment._configuration(23_100, tmp_path / "data").environ

    assert environ["STRIPE_API_BASE"] == "http://127.0.0.1:23103"
    assert environ["OPENAI_API_KEY"].startswith("sk-local-")
    assert "AWS_PROFILE" not in environ
    assert environ["PATH"] == os.environ["PATH"]


def test_what_sam_says_no_to_is_told_with_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = tmp_path / "sam"
    sam.write_text("#!/bin/sh\necho 'it is not possible'\nexit 1\n")
    sam.chmod(0o700)
    monkeypatch.setattr(stack, "SAM", sam)

    with pytest.raises(stack.DeploymentFailed, match=r"sam build failed(.|\n)*it is not possible"):
        stack.build(architecture="x86_64", python_bin=tmp_path, log_file=tmp_path / "logs" / "log")


def test_an_account_in_aws_takes_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.setenv(name, os.environ[name])  # so that it is there again afterwards
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://dynamodb.eu-central-1.amazonaws.com")

    deployment._forget_aws()

    assert not [name for name in os.environ if name.startswith("AWS_")]
    assert stack.client("sts", "http://127.0.0.1:1").meta.endpoint_url == "http://127.0.0.1:1"
