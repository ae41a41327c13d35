"""Policies of failure: what fails comes again, is put aside, is told, is undone."""

import tomllib
from collections.abc import Iterator
from typing import Any

from tests.contract.policies import policy
from tests.contract.stack import ALARM, FUNCTION, QUEUE, TOPIC, Stack, as_list, literals, named
from tests.contract.template import ROOT

OURS = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:"
LONGEST_RETENTION_S = 1_209_600  # of SQS: two weeks


def sources(stack: Stack) -> dict[str, tuple[str, dict[str, Any]]]:
    """The queues that functions read, with the function and the event."""
    return {named(event["Queue"]): (name, event) for name, event in stack.events("SQS")}


def asynchronous(stack: Stack) -> dict[str, dict[str, Any]]:
    """The functions that something invokes without waiting, with the event."""
    kinds = ("ScheduleV2", "Schedule", "EventBridgeRule", "CloudWatchEvent", "SNS", "S3")
    return {name: event for kind in kinds for name, event in stack.events(kind)}


@policy
def a_queue_puts_aside_what_fails(stack: Stack) -> Iterator[str]:
    """Each queue that a function reads has a dead-letter queue, after some tries."""
    for name in sources(stack):
        redrive = stack[name].get("RedrivePolicy", {})
        aside = named(redrive.get("deadLetterTargetArn"))
        if aside not in stack.of(QUEUE) or not 3 <= redrive.get("maxReceiveCount", 0) <= 20:
            yield name


@policy
def a_queue_takes_dead_letters_of_its_source_alone(stack: Stack) -> Iterator[str]:
    """Every queue says whose dead letters it takes: of none, or of the queues that name it."""
    for name, queue in stack.of(QUEUE).items():
        allowed = queue.get("RedriveAllowPolicy", {})
        theirs = [
            one["QueueName"].argument
            for one in stack.of(QUEUE).values()
            if named(one.get("RedrivePolicy", {}).get("deadLetterTargetArn")) == name
        ]
        told = [arn.removeprefix(OURS) for arn in literals(allowed.get("sourceQueueArns", []))]
        whose = "byQueue" if theirs else "denyAll"
        if allowed.get("redrivePermission") != whose or sorted(told) != sorted(theirs):
            yield name


@policy
def dead_letters_are_kept_for_two_weeks(stack: Stack) -> Iterator[str]:
    """A message keeps its age when it is put aside: nothing is put aside for a shorter time."""
    for name, queue in stack.of(QUEUE).items():
        if name not in sources(stack) and queue["MessageRetentionPeriod"] != LONGEST_RETENTION_S:
            yield name


@policy
def a_message_is_hidden_for_six_timeouts(stack: Stack) -> Iterator[str]:
    """Lambda's guide: six times the function's timeout, and the time that a batch may gather."""
    for name, (function, event) in sources(stack).items():
        gathers = event.get("MaximumBatchingWindowInSeconds", 0)
        if stack[name]["VisibilityTimeout"] < 6 * stack.function(function)["Timeout"] + gathers:
            yield name


@policy
def a_batch_answers_in_part(stack: Stack) -> Iterator[str]:
    """One poisoned message brings back none of its neighbours, and no queue storms its function."""
    for name, (_, event) in sources(stack).items():
        if event.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield name
        if not event.get("ScalingConfig", {}).get("MaximumConcurrency"):
            yield name


@policy
def an_event_that_nobody_waits_for_is_not_lost(stack: Stack) -> Iterator[str]:
    """The schedule's own dead letters and those of the function go where somebody looks."""
    for name, event in asynchronous(stack).items():
        invoked = stack.function(name).get("EventInvokeConfig", {})
        failed = invoked.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        undelivered = event.get("DeadLetterConfig", {}).get("Arn")
        if not {named(failed), named(undelivered)} <= set(stack.of(QUEUE)):
            yield name
        for tries in (invoked, event.get("RetryPolicy", {})):
            if not {"MaximumRetryAttempts", "MaximumEventAgeInSeconds"} <= set(tries):
                yield name


@policy
def dead_letters_are_told(stack: Stack) -> Iterator[str]:
    """The first message in a queue of dead letters is an alarm."""
    watched = {
        named(dimension["Value"]).removesuffix(".QueueName"): alarm
        for alarm in stack.of(ALARM).values()
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    }
    for name in stack.of(QUEUE):
        alarm = watched.get(name)
        if name not in sources(stack) and (alarm is None or alarm["Threshold"] != 1):
            yield name


@policy
def alarms_reach_somebody(stack: Stack) -> Iterator[str]:
    """Each alarm goes to the topic, and silence is no alarm."""
    for name, alarm in stack.of(ALARM).items():
        told = [named(one) for one in as_list(alarm.get("AlarmActions"))]
        if not told or not set(told) <= set(stack.of(TOPIC)):
            yield name
        if alarm.get("TreatMissingData") != "notBreaching" or not alarm.get("AlarmDescription"):
            yield name


@policy
def a_new_version_that_fails_is_taken_back(stack: Stack) -> Iterator[str]:
    """Traffic moves as the deployment says; the alarm on a function's own errors moves it back."""
    common = stack.common.get("DeploymentPreference", {})
    if named(common.get("Type")) != "DeploymentType":
        yield "Globals"
    for name in stack.of(FUNCTION):
        alarms = [
            named(one) for one in stack.function(name)["DeploymentPreference"].get("Alarms", [])
        ]
        for alarm in alarms or [""]:
            metrics = [
                metric["MetricStat"]["Metric"]
                for metric in stack.of(ALARM).get(alarm, {}).get("Metrics", [])
                if "MetricStat" in metric
            ]
            looked = {one["MetricName"] for one in metrics}
            whose = {named(each["Value"]) for one in metrics for each in one["Dimensions"]}
            if not {"Errors", "Throttles"} <= looked or whose != {name}:
                yield name


@policy
def production_moves_step_by_step(stack: Stack) -> Iterator[str]:
    """At once is for the environment of the developers alone."""
    if str(stack.parameters["DeploymentType"]["Default"]) == "AllAtOnce":
        yield "DeploymentType"
    if stack.parameters["DeploymentsByCodeDeploy"]["Default"] != "true":
        yield "DeploymentsByCodeDeploy"
    told = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    production = told["prod"]["deploy"]["parameters"]["parameter_overrides"]
    if any(one.startswith("Deployment") for one in production):
        yield "samconfig.toml"
