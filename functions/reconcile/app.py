"""Every hour: whether everybody's books agree. It looks; ``python -m ops reconcile`` repairs."""

from collections import Counter
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from greenroom.kernel.clock import Deadline
from greenroom.kernel.log import logger, note
from greenroom.wiring import Wiring

wired = Wiring("reconcile")
metrics = Metrics(namespace="Greenroom", service="greenroom")


def lambda_handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    """Go on with the round through all people for as long as there is time."""
    deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000)
    audit = wired.reconciliation.run(deadline)
    for finding in audit.findings:
        facts = {"rule": finding.rule, "user_id": finding.user_id, "subject": finding.subject}
        note("books do not agree", facts | {"alarm": "RECONCILIATION"})
    counts = {
        "people": audit.people,
        "findings": len(audit.findings),
        "ledger_mismatches": audit.ledger_mismatches,
        "paid_unfulfilled": len(audit.waiting),
        "round_done": int(audit.done),
    }
    metrics.add_metric("LedgerMismatch", MetricUnit.Count, audit.ledger_mismatches)
    metrics.add_metric("PaidUnfulfilled", MetricUnit.Count, len(audit.waiting))
    metrics.flush_metrics()
    by_rule = Counter(finding.rule for finding in audit.findings)
    logger.info("books were compared", extra={**counts, "rules": dict(by_rule)})
    return counts
