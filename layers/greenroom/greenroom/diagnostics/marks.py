"""Marks of the webhooks: when the last news of a source were accepted or rejected, and how late.

They are for operators alone. A mark is written after the effect, by one try, at most every 15 s
in a container, and whatever happens to it changes nothing of the answer.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import Refused
from greenroom.kernel.telemetry import count, measure

Source = Literal["stripe", "clerk"]
SOURCES: tuple[Source, ...] = ("stripe", "clerk")

_WITHOUT_EFFECT = {None, "ignored", "stale"}

Note = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is known of a source. ``lag_s`` is how old the last accepted news were, in seconds."""

    accepted_at: datetime | None = None
    lag_s: int | None = None
    rejected_at: datetime | None = None
    rejected_code: str | None = None


class Marks(Protocol):
    """Whoever keeps marks."""

    def mark(self, source: Source, mark: Mark) -> None:
        """Write what is known in the mark; the rest stays."""
        ...


class Delivery:
    """One request of a source; ``made_at`` is when the source made its news, once that is read.

    ``outcome`` is what became of the news: ``applied``, ``duplicate``, ``ignored``, …
    """

    made_at: datetime | None = None
    outcome: str | None = None


class WebhookMarks:
    """Notes deliveries, in one container; with a pause of 0 s it notes none."""

    def __init__(self, store: Marks, *, pause_s: int, clock: Clock, note: Note) -> None:
        self._store = store
        self._pause = timedelta(seconds=pause_s)
        self._clock = clock
        self._note = note
        self._news: dict[Source, Mark] = {}
        self._written_at: dict[Source, datetime] = {}

    @contextmanager
    def noting(self, source: Source) -> Iterator[Delivery]:
        """Note how the delivery that is worked on inside ends.

        One that failed on our side is neither accepted nor rejected: it comes again.
        """
        count("WebhookReceived", source=source)
        delivery = Delivery()
        try:
            yield delivery
        except Refused as refusal:
            count("WebhookRejected", source=source)
            now = self._clock()
            self._add(source, now, {"rejected_at": now, "rejected_code": refusal.code})
            raise
        now = self._clock()
        made_at = delivery.made_at or now
        lag_s = max(0, round((now - made_at).total_seconds()))
        _tell(source, delivery, lag_s)
        self._add(source, now, {"accepted_at": now, "lag_s": lag_s})

    def _add(self, source: Source, now: datetime, news: Mapping[str, Any]) -> None:
        if not self._pause:
            return
        mark = replace(self._recent(self._news.get(source, Mark()), now), **news)
        self._news[source] = mark
        written_at = self._written_at.get(source)
        if written_at is not None and now - written_at < self._pause:
            return
        self._written_at[source] = now
        self._news[source] = Mark()
        try:
            self._store.mark(source, mark)
        except Exception as failure:  # noqa: BLE001 (the effect is there)
            facts = {"source": source, "reason": type(failure).__name__}
            self._note("a webhook's mark was not kept", facts)

    def _recent(self, mark: Mark, now: datetime) -> Mark:
        """What was held back and is so young that no other container has noted much newer."""
        if mark.accepted_at is not None and now - mark.accepted_at > self._pause:
            mark = replace(mark, accepted_at=None, lag_s=None)
        if mark.rejected_at is not None and now - mark.rejected_at > self._pause:
            mark = replace(mark, rejected_at=None, rejected_code=None)
        return mark


def _tell(source: Source, delivery: Delivery, lag_s: int) -> None:
    """The metrics of news that were taken. What came again is as old as its first delivery."""
    if delivery.outcome == "duplicate":
        count("WebhookDuplicate", source=source)
        return
    if delivery.outcome not in _WITHOUT_EFFECT:
        count("WebhookApplied", source=source)
    measure("WebhookLagSeconds", lag_s, "Seconds", source=source)
