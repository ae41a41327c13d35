"""What DynamoDB's refusals mean for the next try."""

from typing import Any

from pynamodb.exceptions import VerboseClientError

# What passes by itself: said of the whole request, or of one step of a transaction.
PASSING = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

# Of those: two that write one item at once. The others say that there is too much to do.
CONFLICTS = frozenset(
    {
        "ReplicatedWriteConflictException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


def is_conflict(refusal: VerboseClientError) -> bool:
    """Whether somebody else is writing the same item."""
    return not CONFLICTS.isdisjoint(_codes(refusal))


def passes(refusal: VerboseClientError) -> bool:
    """Whether the same request may succeed later; one passing reason among others is enough.

    A broken condition beside a conflict decides nothing yet: the conflict may be with the very
    write that mends it.
    """
    status = whole(refusal).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or not PASSING.isdisjoint(_codes(refusal))


def codes_for_log(reason: Exception | None) -> dict[str, Any]:
    """What a refusal was called, for the log; nothing of a silence."""
    return {"codes": sorted(_codes(reason))} if isinstance(reason, VerboseClientError) else {}


def whole(refusal: VerboseClientError) -> dict[str, Any]:
    """All of DynamoDB's answer: PynamoDB's own error keeps only a part of it."""
    response: dict[str, Any] = getattr(refusal.__cause__, "response", {})
    return response


def _codes(refusal: VerboseClientError) -> set[str]:
    """The refusal's own code and those of the steps that it cancelled."""
    reasons = {reason.code for reason in refusal.cancellation_reasons if reason}
    return {refusal.response["Error"].get("Code", ""), *reasons}
