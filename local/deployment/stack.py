"""The stack: what `sam build` makes of template.yaml, and what `sam deploy` makes of that."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from local.cloudformation import REGION, load_document, variable_name
from local.deployment.left_out import fitted
from local.deployment.routes import import_apis
from local.engine import ROOT

NAME = "greenroom-local"
STAGE = "local"
SAM = ROOT / ".venv-sam" / "bin" / "sam"
BUILT = ROOT / ".aws-sam" / "deploy-local"
"""Not the folder of `make build`: nobody should deploy this machine's libraries to AWS."""

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}
"""ministack: this key belongs to the account's root, which may do everything."""


class DeploymentFailed(Exception):
    """`sam` said no; what it said has been printed or is in the log."""


@dataclass(frozen=True)
class Stack:
    """A stack that stands."""

    physical_ids: Mapping[str, str]
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]


def build(*, architecture: str, python_bin: Path, log_file: Path) -> Path:
    """Build the template for this machine's processor: the template that SAM wrote."""
    path = os.pathsep.join([str(Path(sys.executable).parent), str(python_bin), os.environ["PATH"]])
    _sam(
        "build",
        *("--template-file", str(ROOT / "template.yaml"), "--build-dir", str(BUILT)),
        *("--cached", "--cache-dir", f"{BUILT}-cache-{architecture}", "--parallel"),
        *("--parameter-overrides", f"Architecture={architecture}"),
        environ={**os.environ, **CREDENTIALS, "PATH": path, "ARCHITECTURE": architecture},
        log_file=log_file,
    )
    return BUILT / "template.yaml"


def fit(built: Path, parameters: Mapping[str, str]) -> tuple[Path, list[str]]:
    """Write the template that ministack takes beside the one that SAM built; what it lacks."""
    document, notes = fitted(load_document(built), parameters)
    file = built.with_name("deployed.json")
    file.write_text(json.dumps(document, indent=1, default=str))
    return file, notes


def parameters_of(built: Path, environ: Mapping[str, str], *, architecture: str) -> dict[str, str]:
    """The template's parameters as this machine sets them, by the names that variables have."""
    known = load_document(built)["Parameters"]
    found = {
        name: environ[variable_name(name)] for name in known if environ.get(variable_name(name))
    }
    return {**found, "Stage": STAGE, "Architecture": architecture}


def deploy(file: Path, *, parameters: Mapping[str, str], endpoint: str, log_file: Path) -> Stack:
    """Let `sam deploy` make the stack, and give its APIs their routes.

    Raises:
        DeploymentFailed: it could not.
    """
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    _sam(
        "deploy",
        *("--template-file", str(file), "--stack-name", NAME, "--resolve-s3"),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset"),
        *("--capabilities", "CAPABILITY_IAM", "--parameter-overrides", *overrides),
        environ={**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": endpoint},
        log_file=log_file,
    )
    cloudformation = client("cloudformation", endpoint)
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=NAME)
    resources = [each for page in pages for each in page["StackResourceSummaries"]]
    described = cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]
    stack = Stack(
        physical_ids={each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources},
        outputs={each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]},
        parameters={
            each["ParameterKey"]: each["ParameterValue"] for each in described["Parameters"]
        },
    )
    processed = cloudformation.get_template(StackName=NAME, TemplateStage="Processed")
    body = processed["TemplateBody"]
    import_apis(
        json.loads(file.read_text()),
        json.loads(body) if isinstance(body, str) else body,
        physical_ids=stack.physical_ids,
        parameters=stack.parameters,
        api_gateway=client("apigatewayv2", endpoint),
    )
    return stack


def fill_secret(stack: Stack, values: Mapping[str, str], *, endpoint: str) -> None:
    """Put the keys where docs/operations.md says that they belong."""
    client("secretsmanager", endpoint).put_secret_value(
        SecretId=stack.outputs["SecretArn"], SecretString=json.dumps(dict(values))
    )


def client(service: str, endpoint: str) -> Any:
    """A client of ministack, whatever the environment says of AWS."""
    session = boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    return session.client(service, endpoint_url=endpoint)


def _sam(*arguments: str, environ: Mapping[str, str], log_file: Path) -> None:
    variables = {**environ, "SAM_CLI_TELEMETRY": "0"}
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("w") as log:
        done = subprocess.run(
            [str(SAM), *arguments],
            check=False,
            cwd=log_file.parent,  # not where samconfig.toml is: it speaks of deployments to AWS
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    if done.returncode:
        raise DeploymentFailed(
            f"sam {arguments[0]} failed; the end of {log_file}:\n{_end(log_file)}"
        )


def _end(log_file: Path) -> str:
    return "\n".join(log_file.read_text(errors="replace").splitlines()[-40:])
