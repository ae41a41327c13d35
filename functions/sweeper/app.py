"""Every minute: what the clock does to sessions, the queue, classes, refunds and erasures."""

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
    routed = asdict(wired.router.sweep())
    logger.info("the queue was swept", extra=routed)
    bookings = asdict(wired.booking_sweeper.sweep(now))
    logger.info("bookings were swept", extra=bookings)
    refunds = asdict(wired.purchases.sweep_refunds(now))
    logger.info("refunds were swept", extra=refunds)
    erasures = asdict(wired.erasure.sweep(now))
    logger.info("erasures were swept", extra=erasures)
    named = {"routed": routed, "bookings": bookings, "refunds": refunds, "erasures": erasures}
    return counts | {
        f"{what}_{name}": count for what, each in named.items() for name, count in each.items()
    }
