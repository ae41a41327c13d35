"""Every minute: give back what was never answered, close what is over, erase who has left."""

from dataclasses import asdict
from typing import Any

from greenroom.kernel.clock import from_text
from greenroom.kernel.log import logger
from greenroom.wiring import Wiring

wired = Wiring("sweeper")


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Sweep as of the schedule's time; a second sweep of the same minute changes nothing."""
    now = from_text(event["time"]) if event.get("time") else wired.clock()
    counts = asdict(wired.sweeper.sweep(now))
    logger.info("sessions were swept", extra=counts)
    erasures = asdict(wired.erasure.sweep(now))
    logger.info("erasures were swept", extra=erasures)
    return counts | {f"erasures_{name}": count for name, count in erasures.items()}
