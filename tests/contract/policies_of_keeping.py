"""Policies of what is kept, of new versions, and of what is ready before it is asked for."""

from collections.abc import Iterator

from tests.contract.policies import policy
from tests.contract.stack import (
    FUNCTION,
    LAYER,
    LOGS,
    QUEUE,
    SECRET,
    TABLE,
    TOPIC,
    Stack,
    literals,
)
from tests.contract.template import Intrinsic

LATENCY_CRITICAL = {"RealtimeSessionFunction", "WebrtcExchangeFunction"}
RESOURCES_MAX = 500  # of a stack, after SAM
STATEFUL = {TABLE, SECRET, QUEUE, LOGS}


@policy
def what_is_kept_survives_the_stack(stack: Stack) -> Iterator[str]:
    """The table, the secret, queues and logs stay when the stack goes or replaces them."""
    for name, one in stack.resources.items():
        if one["Type"] in STATEFUL:
            kept = (one.get("DeletionPolicy"), one.get("UpdateReplacePolicy"))
            if kept != ("Retain", "Retain"):
                yield name


@policy
def the_table_survives_mistakes(stack: Stack) -> Iterator[str]:
    """It cannot be deleted, and goes back to any second of five weeks."""
    for name, table in stack.of(TABLE).items():
        recovery = table.get("PointInTimeRecoverySpecification", {})
        if recovery.get("PointInTimeRecoveryEnabled") is not True:
            yield name
        if table.get("DeletionProtectionEnabled") is not True:
            yield name
        if table.get("BillingMode") != "PAY_PER_REQUEST":
            yield name


@policy
def everything_is_encrypted(stack: Stack) -> Iterator[str]:
    """At rest, by AWS's keys or by the one that the deployment gives, everywhere the same."""
    key = Intrinsic(
        "If",
        [
            "EncryptionKeyGiven",
            Intrinsic("Ref", "EncryptionKeyArn"),
            Intrinsic("Ref", "AWS::NoValue"),
        ],
    )
    places = {
        QUEUE: "KmsMasterKeyId",
        TOPIC: "KmsMasterKeyId",
        LOGS: "KmsKeyId",
        SECRET: "KmsKeyId",
    }
    for kind, member in places.items():
        yield from (name for name, one in stack.of(kind).items() if one.get(member) != key)
    for name, table in stack.of(TABLE).items():
        sse = table.get("SSESpecification", {})
        if sse != {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}:
            yield name
    for name, queue in stack.of(QUEUE).items():
        managed = Intrinsic("If", ["EncryptionKeyGiven", False, True])
        if queue.get("SqsManagedSseEnabled") != managed:
            yield name
    if stack.common.get("KmsKeyArn") != key:
        yield "Globals"


@policy
def a_change_is_a_new_version(stack: Stack) -> Iterator[str]:
    """Code, layer and properties: whatever changes, the alias moves to a version that has it."""
    if stack.common.get("AutoPublishAlias") != "live":
        yield "Globals"
    for name, function in stack.of(FUNCTION).items():
        if function.get("AutoPublishAliasAllProperties") is not True:
            yield name
    for name, layer in stack.of(LAYER).items():
        if layer.get("PublishLambdaVersion") is not True:
            yield name


@policy
def only_latency_critical_functions_are_kept_warm(stack: Stack) -> Iterator[str]:
    """Start and exchange, by SnapStart or by provisioned concurrency, as a parameter; no others."""
    warm = ("SnapStart", "ProvisionedConcurrencyConfig")
    for name, function in stack.of(FUNCTION).items():
        found = {key for key in warm if key in function}
        if found != (set(warm) if name in LATENCY_CRITICAL else set()):
            yield name
            continue
        for key, condition in zip(warm, ("SnapStarted", "Provisioned"), strict=True):
            if key in found and condition not in literals(function[key]):
                yield name
    modes = {
        condition: str(stack.document["Conditions"].get(condition))
        for condition in ("SnapStarted", "Provisioned")
    }
    if len(set(modes.values())) != 2 or not all("WarmStarts" in one for one in modes.values()):
        yield "Conditions"


@policy
def the_stack_has_room(stack: Stack) -> Iterator[str]:
    """What SAM makes of it stays well below the number of resources that a stack may have."""
    functions = stack.of(FUNCTION)
    events = sum(len(one.get("Events", {})) for one in functions.values())
    # Version, alias and deployment group of each function; a permission or a schedule an event.
    if len(stack.resources) + 3 * len(functions) + events > RESOURCES_MAX * 0.9:
        yield "Resources"
