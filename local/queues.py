"""Queues with SQS's behaviour, kept in one SQLite file, so that messages survive a kill."""

import asyncio
import hashlib
import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.resources import Queue

MAX_MESSAGE_BYTES = 1_048_576
"""SQS quotas: body and attributes of one message, and of one batch (1 MiB since August 2025)."""

MAX_BATCH = 10
"""SQS quotas: messages in one batch."""

MAX_VISIBILITY_S = 43_200
"""SQS quotas: 12 hours."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    attributes TEXT NOT NULL,
    sent_ms INTEGER NOT NULL,
    visible_ms INTEGER NOT NULL,
    first_received_ms INTEGER,
    received INTEGER NOT NULL DEFAULT 0,
    receipt TEXT
);
CREATE INDEX IF NOT EXISTS by_visibility ON messages (queue, visible_ms);
"""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as a receiver sees it; times are milliseconds since the epoch."""

    id: str
    body: str
    attributes: Mapping[str, Any]
    sent_ms: int
    visible_ms: int
    first_received_ms: int | None
    received: int
    receipt: str | None

    @property
    def md5(self) -> str:
        """The digest that SQS states of the body."""
        return hashlib.md5(self.body.encode(), usedforsecurity=False).hexdigest()

    @property
    def system_attributes(self) -> dict[str, str]:
        """Sender, times and receive count under SQS's names."""
        return {
            "ApproximateReceiveCount": str(self.received),
            "SentTimestamp": str(self.sent_ms),
            "SenderId": "AIDALOCAL",
            "ApproximateFirstReceiveTimestamp": str(self.first_received_ms or self.sent_ms),
        }


class QueueMissing(Exception):
    """No queue has this name."""


class Queues:
    """All queues of the laptop cloud. Belongs to one thread, not always the one that made it."""

    def __init__(
        self,
        file: Path | str,
        queues: Iterable[Queue],
        *,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """``file`` is a path, or ``:memory:``; ``clock_ms`` counts from the epoch."""
        self._queues = {queue.name: queue for queue in queues}
        self._clock_ms = clock_ms
        self._database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._database.row_factory = sqlite3.Row
        # WAL with NORMAL keeps every message through a kill of the process.
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(_SCHEMA)
        self._arrivals = {name: asyncio.Event() for name in self._queues}

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @property
    def names(self) -> list[str]:
        """The names of all queues."""
        return list(self._queues)

    def queue(self, name: str) -> Queue:
        """One queue by name.

        Raises:
            QueueMissing: there is none.
        """
        try:
            return self._queues[name]
        except KeyError:
            raise QueueMissing(name) from None

    def send(
        self,
        name: str,
        body: str,
        *,
        attributes: Mapping[str, Any] | None = None,
        delay_s: int | None = None,
    ) -> Message:
        """Put a message into a queue; it is visible after the delay (the queue's by default)."""
        queue = self.queue(name)
        now = self._clock_ms()
        message = Message(
            id=str(uuid.uuid4()),
            body=body,
            attributes=attributes or {},
            sent_ms=now,
            visible_ms=now + 1000 * (queue.delay_s if delay_s is None else delay_s),
            first_received_ms=None,
            received=0,
            receipt=None,
        )
        self._database.execute(
            "INSERT INTO messages (id, queue, body, attributes, sent_ms, visible_ms)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (message.id, name, body, json.dumps(dict(message.attributes)), now, message.visible_ms),
        )
        self._arrivals[name].set()
        return message

    def receive(
        self, name: str, *, most: int = 1, visibility_s: int | None = None
    ) -> list[Message]:
        """Take up to ``most`` visible messages, hidden from others for the visibility timeout.

        A message that was received ``maxReceiveCount`` times already moves to the dead letter
        queue instead.
        """
        queue = self.queue(name)
        timeout_s = queue.visibility_timeout_s if visibility_s is None else visibility_s
        now = self._clock_ms()
        self._move_dead(queue, now)
        rows = self._database.execute(
            "SELECT id FROM messages WHERE queue = ? AND visible_ms <= ?"
            " ORDER BY visible_ms, sent_ms LIMIT ?",
            (name, now, min(most, MAX_BATCH)),
        ).fetchall()
        return [self._take(row["id"], now, now + 1000 * timeout_s) for row in rows]

    def delete(self, name: str, receipt: str) -> None:
        """Remove the message of a receipt; a receipt that is out of date removes nothing."""
        self.queue(name)
        self._database.execute(
            "DELETE FROM messages WHERE queue = ? AND receipt = ?", (name, receipt)
        )

    def hide(self, name: str, receipt: str, *, seconds: int) -> bool:
        """Make a received message visible in so many seconds; whether the receipt is known."""
        self.queue(name)
        changed = self._database.execute(
            "UPDATE messages SET visible_ms = ? WHERE queue = ? AND receipt = ?",
            (self._clock_ms() + 1000 * seconds, name, receipt),
        )
        self._arrivals[name].set()
        return changed.rowcount > 0

    def purge(self, name: str) -> None:
        """Remove every message of a queue."""
        self.queue(name)
        self._database.execute("DELETE FROM messages WHERE queue = ?", (name,))

    def messages(self, name: str) -> list[Message]:
        """Every message of a queue, oldest first, without receiving any."""
        self.queue(name)
        rows = self._database.execute(
            "SELECT * FROM messages WHERE queue = ? ORDER BY sent_ms, rowid", (name,)
        )
        return [_message(row) for row in rows]

    def counts(self, name: str) -> dict[str, int]:
        """How many messages are visible, in flight (received, hidden) and delayed."""
        now = self._clock_ms()
        listed = self.messages(name)
        hidden = [message for message in listed if message.visible_ms > now]
        in_flight = sum(1 for message in hidden if message.receipt)
        return {
            "visible": len(listed) - len(hidden),
            "inFlight": in_flight,
            "delayed": len(hidden) - in_flight,
        }

    async def wait(self, name: str, *, limit_s: float) -> None:
        """Wait until a message may have become visible, at most ``limit_s`` seconds."""
        arrival = self._arrivals[name]
        arrival.clear()
        row = self._database.execute(
            "SELECT min(visible_ms) AS next_ms FROM messages WHERE queue = ?", (name,)
        ).fetchone()
        if row["next_ms"] is not None:
            due_s = (row["next_ms"] - self._clock_ms()) / 1000
            limit_s = min(limit_s, max(0.0, due_s))
        try:
            await asyncio.wait_for(arrival.wait(), limit_s)
        except TimeoutError:
            return

    def _move_dead(self, queue: Queue, now: int) -> None:
        if queue.dead_letter_queue not in self._queues or queue.max_receive_count < 1:
            return
        # SQS keeps the message's id and body, and the time it was first sent.
        moved = self._database.execute(
            "UPDATE messages SET queue = ?, received = 0, receipt = NULL"
            " WHERE queue = ? AND visible_ms <= ? AND received >= ?",
            (queue.dead_letter_queue, queue.name, now, queue.max_receive_count),
        )
        if moved.rowcount and queue.dead_letter_queue is not None:
            self._arrivals[queue.dead_letter_queue].set()

    def _take(self, message_id: str, now: int, visible_ms: int) -> Message:
        row = self._database.execute(
            "UPDATE messages SET visible_ms = ?, received = received + 1, receipt = ?,"
            " first_received_ms = coalesce(first_received_ms, ?) WHERE id = ? RETURNING *",
            (visible_ms, uuid.uuid4().hex, now, message_id),
        ).fetchone()
        return _message(row)


def _message(row: sqlite3.Row) -> Message:
    return Message(
        id=row["id"],
        body=row["body"],
        attributes=json.loads(row["attributes"]),
        sent_ms=row["sent_ms"],
        visible_ms=row["visible_ms"],
        first_received_ms=row["first_received_ms"],
        received=row["received"],
        receipt=row["receipt"],
    )
