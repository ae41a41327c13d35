"""One Stripe account: its objects, its clock and the events that it tells."""

import time
from collections.abc import Callable
from typing import Any

from local.standins.stripe_objects import Document, new_id, new_object, shown
from local.standins.stripe_store import Store


class Account:
    """What every part of the stand-in works on.

    ``listens`` says whether anybody is told of events; ``duplicates`` in the notes of the
    store, how often more than once. ``on_event`` is called after each event was written.
    """

    def __init__(self, store: Store, *, listens: bool) -> None:
        self.store = store
        self.on_event: Callable[[], None] = _ignore
        self._listens = listens
        self._request: dict[str, str | None] = {"id": None, "idempotency_key": None}

    def now(self) -> int:
        """The account's time, in epoch seconds."""
        return self.store.now()

    def caused_by(self, request_id: str | None, idempotency_key: str | None) -> None:
        """Name the API request that the next events come from; None and None for none."""
        self._request = {"id": request_id, "idempotency_key": idempotency_key}

    def add(self, kind: str, **values: Any) -> Document:
        """Make an object and keep it."""
        return self.store.put(new_object(kind, **values))

    def change(self, document: Document, **values: Any) -> Document:
        """Change fields of an object and keep it; answers what they were before."""
        before = {
            name: document.get(name)
            for name, value in values.items()
            if document.get(name) != value and not name.startswith("_")
        }
        document.update(values)
        self.store.put(document)
        return before

    def emit(self, name: str, document: Document, before: Document | None = None) -> Document:
        """Write an event with the object as it is now, and put it up for delivery."""
        data: Document = {"object": shown(document)}
        if before is not None:
            data["previous_attributes"] = before
        listened = self._listens and self._is_wanted(name)
        event = self.add(
            "event",
            id=new_id("evt"),
            created=self.now(),
            data=data,
            pending_webhooks=int(listened),
            request=dict(self._request),
            type=name,
        )
        if listened:
            for _ in range(1 + int(self.store.note("duplicates", 0))):
                self.deliver(event["id"])
        self.on_event()
        return event

    def _is_wanted(self, name: str) -> bool:
        """Whether the endpoint takes events of that type; one that nobody made takes all."""
        endpoints = self.store.select("webhook_endpoint")
        return not endpoints or any(
            each["status"] == "enabled" and not {"*", name}.isdisjoint(each["enabled_events"])
            for each in endpoints
        )

    def deliver(self, event_id: str) -> int:
        """Put an event up for one more delivery; the number of the delivery."""
        row = self.store.database.execute(
            "insert into delivery (event, state, attempts, due_at) values (?, 'waiting', 0, ?)"
            " returning number",
            [event_id, time.time()],
        ).fetchone()
        return int(row[0])


def _ignore() -> None:
    """Nobody waits for events."""
