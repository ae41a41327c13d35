"""What is taken out of a template before ministack gets it, and what is never."""

import copy
from typing import Any

import pytest

from local.cloudformation import load_document
from local.deployment.left_out import fitted
from local.engine import ROOT

ALARM = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors"}}
MATH = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [{"Id": "rate"}]}}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def test_what_ministack_knows_stays_as_it_is() -> None:
    document = template(
        Plain=ALARM,
        Table={"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": {}},
    )

    fit, notes = fitted(copy.deepcopy(document), {})

    assert fit == document
    assert notes == []


def test_alarms_over_metric_math_go_with_what_refers_to_them() -> None:
    function = {
        "Type": "AWS::Serverless::Function",
        "DependsOn": ["Math", "Plain"],
        "Properties": {"Alarms": [{"Ref": "Math"}, {"Ref": "Plain"}]},
    }

    fit, notes = fitted(template(Math=MATH, Plain=ALARM, Function=copy.deepcopy(function)), {})

    assert set(fit["Resources"]) == {"Plain", "Function"}
    assert fit["Resources"]["Function"]["DependsOn"] == ["Plain"]
    assert fit["Resources"]["Function"]["Properties"]["Alarms"] == [{"Ref": "Plain"}]
    assert notes == ["alarms over metric math, 1: Math"]


@pytest.mark.parametrize(
    "kind", ["AWS::CodeDeploy::Application", "AWS::CloudWatch::CompositeAlarm"]
)
def test_types_that_ministack_does_not_know_go(kind: str) -> None:
    fit, notes = fitted(template(Unknown={"Type": kind, "Properties": {}}, Plain=ALARM), {})

    assert set(fit["Resources"]) == {"Plain"}
    assert notes == ["resources of types that ministack does not know, 1: Unknown"]


def test_aliases_stay_where_canaries_go() -> None:
    settings = {
        "AutoPublishAlias": "live",
        "DeploymentPreference": {"Type": "Canary10Percent5Minutes"},
    }
    document = template(F={"Type": "AWS::Serverless::Function", "Properties": dict(settings)})
    document["Globals"] = {"Function": dict(settings)}

    fit, notes = fitted(document, {})

    assert fit["Globals"]["Function"] == {"AutoPublishAlias": "live"}
    assert fit["Resources"]["F"]["Properties"] == {"AutoPublishAlias": "live"}
    assert notes == ["canary deployments (CodeDeploy), 2: aliases move at once"]


def test_a_secret_is_referred_to_by_its_arn() -> None:
    document = template(
        Keys={"Type": "AWS::SecretsManager::Secret", "Properties": {}},
        Role={"Type": "AWS::IAM::Role", "Properties": {"Resource": {"Ref": "Keys"}}},
    )

    fit, notes = fitted(document, {})

    assert fit["Resources"]["Role"]["Properties"]["Resource"] == {"Fn::GetAtt": ["Keys", "Id"]}
    assert notes == ["references to Keys are written as Fn::GetAtt Id"]


def test_a_pattern_goes_where_the_address_of_this_machine_does_not_fit_it() -> None:
    document = template()
    document["Parameters"] = {
        "Issuer": {"Type": "String", "AllowedPattern": "https://.+"},
        "Origins": {"Type": "CommaDelimitedList", "AllowedPattern": "http://[a-z]+"},
        "Stage": {"Type": "String", "AllowedPattern": "[a-z]+"},
    }
    given = {"Issuer": "http://127.0.0.1:1", "Origins": "http://a,http://b", "Stage": "local"}

    fit, notes = fitted(document, given)

    assert [name for name, each in fit["Parameters"].items() if "AllowedPattern" in each] == [
        "Origins",
        "Stage",
    ]
    assert notes == ["parameter Issuer may be http://127.0.0.1:1 here, not only https://.+"]


def test_of_our_own_template_everything_but_alarms_is_deployed() -> None:
    """Tables, queues, roles, functions, APIs, schedules and logs are what is to be proved."""
    document = load_document(ROOT / "template.yaml")
    before = copy.deepcopy(document["Resources"])

    fit, _ = fitted(document, {})

    gone = {name: before[name]["Type"] for name in before.keys() - fit["Resources"].keys()}
    assert set(gone.values()) <= {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
    assert fit["Parameters"] == load_document(ROOT / "template.yaml")["Parameters"]
