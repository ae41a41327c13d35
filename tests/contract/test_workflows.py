"""The workflows check every pull request, and deploy without a key, in an order that is safe."""

import re
import shlex
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import Stubber

from ops.words import parser
from scripts.stack import VARIABLES, variables_of
from tests.contract.template import ROOT
from tests.world import START

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"^(?:\./\.github/workflows/\w+\.yml|[\w.-]+/[\w./-]+@(?:v\d+|[0-9a-f]{40}))$")


def workflow(name: str) -> dict[str, Any]:
    loaded: dict[Any, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    loaded["on"] = loaded.pop(True)  # YAML 1.1 takes the word for a truth
    return loaded


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in workflow(name)["jobs"].values() for step in job.get("steps", ())]


def runs(name: str) -> list[str]:
    return [str(step["run"]) for step in steps(name) if "run" in step]


def place(name: str, words: str) -> int:
    (found,) = [at for at, step in enumerate(steps(name)) if words in str(step.get("run"))]
    return found


def test_pull_requests_are_checked_tested_and_built() -> None:
    told = workflow("check")

    assert set(told["on"]) == {"pull_request", "workflow_call"}
    assert {"make check", "make test", "make build"} <= {
        run.partition(" #")[0] for run in runs("check")
    }
    assert told["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.13"]


@pytest.mark.parametrize(
    ("name", "on"),
    [
        ("dev", {"push": {"branches": ["main"]}}),
        ("prod", {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}}),
    ],
)
def test_main_goes_to_dev_and_a_tag_to_prod_once_all_is_checked(
    name: str, on: dict[str, Any]
) -> None:
    told = workflow(name)

    assert told["on"] == on
    assert told["jobs"]["check"]["uses"] == "./.github/workflows/check.yml"
    deploy = told["jobs"]["deploy"]
    assert deploy["needs"] == "check"
    assert deploy["uses"] == "./.github/workflows/deploy.yml"
    assert deploy["with"] == {"stage": name}
    assert deploy["permissions"] == {"contents": "read", "id-token": "write"}
    assert f"[{name}.deploy.parameters]" in (ROOT / "samconfig.toml").read_text(encoding="utf-8")


def test_a_deployment_assumes_a_role_in_its_environment_one_at_a_time() -> None:
    told = workflow("deploy")
    job = told["jobs"]["deploy"]
    (assume,) = [s for s in steps("deploy") if "configure-aws-credentials" in s.get("uses", "")]

    assert set(told["on"]) == {"workflow_call"}, "nobody deploys past the checks"
    assert job["environment"] == "${{ inputs.stage }}"
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert told["concurrency"] == {
        "group": "deploy-${{ inputs.stage }}",
        "cancel-in-progress": False,
    }
    assert assume["with"]["role-to-assume"] == "${{ vars.AWS_ROLE_ARN }}"


def test_migrations_are_verified_before_and_the_deployment_is_checked_after() -> None:
    order = [
        place("deploy", words)
        for words in ("make build", "ops migrate check", "sam deploy", "ops deploy-check")
    ]

    assert order == sorted(order)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_workflow_may_little_pins_its_actions_and_knows_no_key(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    told = workflow(path.stem)
    uses = [
        str(one["uses"]) for one in (*told["jobs"].values(), *steps(path.stem)) if "uses" in one
    ]

    assert told["permissions"] == {"contents": "read"}
    assert [one for one in uses if not PINNED.match(one)] == []
    assert "secrets." not in text, "roles are assumed; there is no secret to keep"
    assert "AWS_ACCESS_KEY" not in text
    assert [run for run in runs(path.stem) if "${{" in run] == [], "what others wrote is no command"
    assert "pull_request_target" not in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_job_ends_some_time_and_leaves_no_credentials(path: Path) -> None:
    jobs = [job for job in workflow(path.stem)["jobs"].values() if "steps" in job]

    assert all(0 < job["timeout-minutes"] <= 60 for job in jobs)
    checkouts = [s for s in steps(path.stem) if s.get("uses", "").startswith("actions/checkout")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_what_a_workflow_runs_is_there(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for run in runs(name):
        for target in re.findall(r"\bmake ([a-z-]+)", run):
            assert f"\n{target}:" in makefile
        for script in re.findall(r"\bscripts/\w+\.py", run):
            assert (ROOT / script).is_file()
        if "-m ops " in run:
            parser(START).parse_args(shlex.split(run.partition("-m ops ")[2]))


def test_the_variables_of_a_stack_are_those_of_its_outputs() -> None:
    outputs = yaml.safe_load(_plain((ROOT / "template.yaml").read_text(encoding="utf-8")))[
        "Outputs"
    ]

    assert set(VARIABLES) <= set(outputs)


def test_a_stack_is_found_and_one_that_is_not_there_is_none() -> None:
    client = boto3.client("cloudformation", region_name="us-east-1")
    stack = {"StackName": "s", "CreationTime": START, "StackStatus": "UPDATE_COMPLETE"}
    outputs = [
        {"OutputKey": "TableName", "OutputValue": "t"},
        {"OutputKey": "AlarmTopicArn", "OutputValue": "a"},
    ]
    with Stubber(client) as stubbed:
        stubbed.add_response("describe_stacks", {"Stacks": [{**stack, "Outputs": outputs}]})
        stubbed.add_client_error(
            "describe_stacks", "ValidationError", "Stack with id s does not exist"
        )
        stubbed.add_client_error("describe_stacks", "AccessDenied", "no")

        assert variables_of(client, "s") == {"TABLE_NAME": "t"}
        assert variables_of(client, "s") == {}
        with pytest.raises(client.exceptions.ClientError):
            variables_of(client, "s")


def _plain(text: str) -> str:
    """The template without CloudFormation's own tags."""
    return re.sub(r"!\w+(?:\.\w+)?", "", text)
