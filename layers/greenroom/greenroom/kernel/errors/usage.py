"""What may happen to quotas."""

from greenroom.kernel.errors.general import Refused


class QuotaExceeded(Refused):
    """The allowance is used up; facts: ``limit``, ``remaining``, ``resetAt``, ``scope``.

    ``scope`` is whose: ``tenant``, ``user`` (the person's own, or theirs within the tenant), or
    ``day`` (what a person may do in one day, UTC).
    """

    status = 429
    code = "QUOTA_EXCEEDED"
    title = "The quota is used up"
    default_detail = "The quota of this period is used up."
