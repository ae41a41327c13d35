"""The feedback worker: announced jobs from the queue, and every minute whatever is due."""

from dataclasses import asdict
from typing import Any

from greenroom.kernel.clock import Deadline, from_text
from greenroom.kernel.log import log_error, logger
from greenroom.web.messages import session_id_of_message
from greenroom.wiring import Wiring

wired = Wiring("feedback")


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A batch of the queue (answered with the records that failed), or a schedule's tick."""
    deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000)
    if "Records" in event:
        return {"batchItemFailures": _batch(event["Records"], deadline)}
    now = from_text(event["time"]) if event.get("time") else wired.clock()
    counts = asdict(wired.feedback_worker.sweep(now, deadline=deadline))
    logger.info("feedback was swept", extra=counts)
    return counts


def _batch(records: list[dict[str, Any]], deadline: Deadline) -> list[dict[str, str]]:
    """The records that have to come again; one bad record never fails its neighbours."""
    failures = []
    for record in records:
        try:
            session_id = session_id_of_message(record)
            status = wired.feedback_worker.work(session_id, deadline=deadline)
            logger.info("feedback was worked on", extra={"session_id": session_id, "to": status})
        except Exception as error:  # noqa: BLE001 (the edge, per record)
            log_error("a feedback message failed", error, message_id=record.get("messageId"))
            failures.append({"itemIdentifier": str(record.get("messageId"))})
    return failures
