"""The fast path to the feedback worker: a message that names the session, nothing more."""

import json
from typing import Protocol


class Sender(Protocol):
    """What an announcement asks of a queue (``kernel.queue.Queue``)."""

    def send(self, body: str) -> None:
        """Send one message; ``Unavailable`` if the queue did not take it."""
        ...


class FeedbackQueue:
    """Announces jobs. Losing one is harmless: the schedule finds what is due."""

    def __init__(self, queue: Sender) -> None:
        self._queue = queue

    def announce(self, session_id: str) -> None:
        """Tell the worker that a job is due.

        Raises:
            Unavailable: the queue did not take the message.
        """
        self._queue.send(json.dumps({"sessionId": session_id}))
