"""Sending the messages of a dead-letter queue back to where they came from.

A message is deleted only when its copy was taken, so none is lost at whatever moment the process
dies; one may then be in both queues, and every worker of ours takes a message twice as once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from greenroom.migrations.progress import Pace
from ops.queues import BATCH, DeadLetters, Message, Waiting, name_of

MOVED_A_WORD = 100  # how often a long run says how far it is


@dataclass(slots=True)
class Moved:
    """How far a run has come. ``kept`` were refused, ``doubled`` are sent and not yet deleted."""

    sent: int = 0
    deleted: int = 0
    kept: list[Message] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def doubled(self) -> int:
        """Messages that are in both queues now."""
        return self.sent - self.deleted


def move(
    queues: DeadLetters,
    source: str,
    target: str,
    *,
    most: int,
    pace: Pace,
    told: Callable[[int], None],
) -> Moved:
    """Move messages until the queue is empty, ``most`` are moved, or the target takes no more."""
    moved, said = Moved(), 0
    while moved.sent < most:
        batch = queues.receive(source, most=min(BATCH, most - moved.sent))
        known = {one["MessageId"] for one in moved.kept}
        fresh = [one for one in batch if one["MessageId"] not in known]
        if not fresh:  # the queue is empty, or only those are left that were refused
            break
        for _ in fresh:
            pace.wait()
        taken, reasons = queues.send(target, fresh)
        moved.sent += len(taken)
        moved.deleted += queues.delete(source, taken) if taken else 0
        moved.reasons += reasons
        gone = {one["MessageId"] for one in taken}
        moved.kept += [one for one in fresh if one["MessageId"] not in gone]
        if not taken:  # it takes nothing now: an outage is no reason to try all the others
            break
        if moved.sent - said >= MOVED_A_WORD:
            said = moved.sent
            told(said)
    queues.release(source, moved.kept)
    return moved


def target_of(queues: DeadLetters, waiting: Waiting, to: str | None) -> str:
    """The queue, by URL, that gets the messages.

    Raises:
        ValueError: none is named, and none follows from the dead-letter queue.
    """
    if to is not None:
        url = to if "://" in to else queues.url_of(to)
        if url == waiting.url:
            raise ValueError("a queue is not redriven to itself")
        return url
    if len(waiting.sources) == 1:
        return waiting.sources[0]
    if waiting.sources:
        names = ", ".join(map(name_of, waiting.sources))
        raise ValueError(f"{waiting.name} is of several queues: say which with --to ({names})")
    raise ValueError(
        f"no queue names {waiting.name}: what a schedule could not run, its next tick does. "
        "Look with dlq show; --to names a queue"
    )


def named(queues: DeadLetters, name: str, *, prefix: str) -> Waiting:
    """The dead-letter queue that is meant: by its name, its URL, or its name in the template.

    Raises:
        ValueError: it is none, or several.
    """
    found = queues.all(prefix=prefix)
    exact = [one for one in found if name in {one.name, one.url}]
    like = exact or [one for one in found if f"-{name}-" in one.name]
    if len(like) == 1:
        return like[0]
    known = ", ".join(one.name for one in like or found) or "none"
    several = "is the name of several dead-letter queues" if like else "is no dead-letter queue"
    raise ValueError(f"{name} {several} ({known})")
