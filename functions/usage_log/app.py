"""Rows of the usage log that the table did not take at once: stored now, each once."""

from typing import Any

from greenroom.web.worker import Worker
from greenroom.wiring import Wiring

wired = Wiring("usage_log")
worker = Worker("usage_log")


@worker.batch
def lambda_handler(message: dict[str, Any], _context: Any) -> dict[str, Any]:
    """One spilled row; the answer of the batch names the messages that have to come again."""
    row, redriven = wired.redriving.take_message(message.get("body"))
    return {"usage_request_id": row.request_id, "redriven": redriven}
