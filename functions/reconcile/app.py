"""Every hour: whether everybody's books agree. It looks; ``python -m ops reconcile`` repairs."""

from typing import Any

from greenroom.kernel.clock import Deadline
from greenroom.kernel.log import note
from greenroom.kernel.telemetry import count
from greenroom.web.worker import Worker
from greenroom.wiring import Wiring

wired = Wiring("reconcile")
worker = Worker("reconcile")


@worker.tick
def lambda_handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    """Go on with the round through all people for as long as there is time."""
    deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000)
    audit = wired.reconciliation.run(deadline)
    for finding in audit.findings:
        facts = {"rule": finding.rule, "user_id": finding.user_id, "subject": finding.subject}
        note("books do not agree", facts | {"alarm": "RECONCILIATION"})
    count("LedgerMismatch", audit.ledger_mismatches)
    count("PaidUnfulfilled", len(audit.waiting))
    return {
        "people": audit.people,
        "findings": len(audit.findings),
        "ledger_mismatches": audit.ledger_mismatches,
        "paid_unfulfilled": len(audit.waiting),
        "round_done": int(audit.done),
    }
