"""Rate schedules: fire functions with the events of EventBridge."""

import asyncio
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from local.cloudformation import ACCOUNT, REGION
from local.pools import Pool
from local.resources import Timer


def scheduled_event(timer: Timer, now: datetime) -> Any:
    """The event that a schedule sends at ``now`` (aware UTC), or the input that it states."""
    if timer.input_text is not None:
        return json.loads(timer.input_text)
    scheduler = timer.event_source == "aws.scheduler"
    service = "scheduler" if scheduler else "events"
    resource = f"schedule/default/{timer.name}" if scheduler else f"rule/{timer.name}"
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": timer.event_source,
        "account": ACCOUNT,
        "time": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"],
        # EventBridge Scheduler sends text here, a rule an object.
        "detail": "{}" if scheduler else {},
    }


async def fire(timer: Timer, pool: Pool) -> None:
    """Invoke the function at its rate for ever, the first time after one period.

    A run that outlasts the period does not hold up the next one: Lambda runs them side by side.
    """
    running: set[asyncio.Task[Any]] = set()
    try:
        while True:
            await asyncio.sleep(timer.every_s)
            task = asyncio.create_task(pool.invoke(scheduled_event(timer, datetime.now(UTC))))
            running.add(task)
            task.add_done_callback(running.discard)
    finally:
        for task in running:
            task.cancel()


def start_schedules(timers: Sequence[Timer], pools: Mapping[str, Pool]) -> list[asyncio.Task[None]]:
    """Start every schedule; the caller cancels them."""
    return [asyncio.create_task(fire(timer, pools[timer.function])) for timer in timers]
