"""Every minute: what the clock does to sessions, the queue, classes, refunds and quotas."""

from dataclasses import asdict
from typing import Any

from greenroom.kernel.clock import from_text
from greenroom.web.worker import Worker
from greenroom.wiring import Wiring

wired = Wiring("sweeper")
worker = Worker("sweeper")


@worker.tick
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Sweep as of the schedule's time; a second sweep of the same minute changes nothing."""
    now = from_text(event["time"]) if event.get("time") else wired.clock()
    sessions = asdict(wired.sweeper.sweep(now))
    named = {
        "routed": asdict(wired.router.sweep()),
        "bookings": asdict(wired.booking_sweeper.sweep(now)),
        "refunds": asdict(wired.purchases.sweep_refunds(now)),
        "erasures": asdict(wired.erasure.sweep(now)),
        "usage": asdict(wired.meter.sweep(now)),
    }
    return sessions | {
        f"{what}_{name}": count for what, each in named.items() for name, count in each.items()
    }
