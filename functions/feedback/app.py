"""The feedback worker: announced jobs from the queue, and every minute whatever is due."""

from dataclasses import asdict
from typing import Any

from greenroom.kernel.clock import Deadline, from_text
from greenroom.web.messages import session_id_of_message
from greenroom.web.worker import Worker
from greenroom.wiring import Wiring

wired = Wiring("feedback")
worker = Worker("feedback")


@worker.tick
def swept(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A schedule's tick."""
    now = from_text(event["time"]) if event.get("time") else wired.clock()
    return asdict(wired.feedback_sweeper.sweep(now, deadline=_deadline(context)))


@worker.batch
def worked(message: dict[str, Any], context: Any) -> dict[str, Any]:
    """One announced job."""
    session_id = session_id_of_message(message)
    status = wired.feedback_worker.work(session_id, deadline=_deadline(context))
    return {"session_id": session_id, "to": status}


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A batch of the queue (answered with the records that failed), or a schedule's tick."""
    return worked(event, context) if "Records" in event else swept(event, context)


def _deadline(context: Any) -> Deadline:
    return Deadline.after(context.get_remaining_time_in_millis() / 1000)
