"""Commands about dead-letter queues: which hold messages, what these are, and sending them back."""

import argparse
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from greenroom.kernel.clock import to_text
from greenroom.kernel.settings import UsageLogSettings
from greenroom.migrations.progress import Pace
from greenroom.wiring import Wiring
from ops.output import Output, table
from ops.queues import DeadLetters, Message, Waiting, name_of
from ops.redriving import move, named, target_of

MOST_SHOWN = 10
MOST_MOVED = 100_000  # one run; more is a second run
PER_S = 50  # what a worker takes without being throttled
PER_S_MAX = 10_000
BODY_SHOWN = 200  # letters of a body in a line; --json has all of it


def listed(wired: Wiring, out: Output, *, stack: str | None) -> int:
    """All dead-letter queues: 1 if one of them holds a message."""
    with closing(_queues(wired)) as queues:
        found = queues.all(prefix=_prefix(stack))
    document = [
        {
            "queue": one.name,
            "messages": one.visible,
            "inFlight": one.hidden,
            "from": [name_of(source) for source in one.sources],
        }
        for one in found
    ]
    rows = [
        (
            one.name,
            f"{one.visible} messages",
            f"{one.hidden} in flight",
            "from " + (", ".join(name_of(source) for source in one.sources) or "no queue"),
        )
        for one in found
    ]
    out.result({"items": document}, table(rows))
    return 1 if any(one.visible or one.hidden for one in found) else 0


def show(wired: Wiring, out: Output, *, queue: str, stack: str | None, most: int) -> int:
    """Some messages of a dead-letter queue, which stay there."""
    with closing(_queues(wired)) as queues:
        url = named(queues, queue, prefix=_prefix(stack)).url
        seen = dict[str, Message]()
        try:
            while len(seen) < most:
                batch = queues.receive(url, most=most - len(seen))
                seen |= {one["MessageId"]: one for one in batch}
                if not batch:
                    break
        finally:
            queues.release(url, list(seen.values()))
    document = [_document(one) for one in seen.values()]
    rows = [
        (one["id"], one["sentAt"] or "", f"received {one['received']} times", one["body"])
        for one in document
    ]
    out.result({"items": document}, table([(*row[:3], _shortened(str(row[3]))) for row in rows]))
    return 0


def redrive(
    wired: Wiring,
    out: Output,
    *,
    queue: str,
    stack: str | None,
    to: str | None,
    most: int,
    per_s: int,
    dry_run: bool,
) -> int:
    """Send messages back to where they came from: 0 if none of those that were met is left."""
    with closing(_queues(wired)) as queues:
        waiting = named(queues, queue, prefix=_prefix(stack))
        target = target_of(queues, waiting, to)
        if dry_run:
            return _would(waiting, target, most=most, per_s=per_s, out=out)
        moved = move(
            queues,
            waiting.url,
            target,
            most=most,
            pace=Pace(per_s),
            told=lambda sent: out.progress(f"{sent} messages ..."),
        )
        left = next((one.visible for one in queues.all() if one.url == waiting.url), 0)
    document = {
        "queue": waiting.name,
        "to": name_of(target),
        "moved": moved.deleted,
        "inBoth": moved.doubled,
        "refused": len(moved.kept),
        "reasons": sorted(set(moved.reasons)),
        "left": left,
    }
    lines = [
        f"{moved.deleted} messages moved from {waiting.name} to {name_of(target)}, {left} left"
    ]
    if moved.doubled:
        lines.append(f"{moved.doubled} more were sent and are in both: harmless, run it again")
    if moved.kept:
        reasons = ", ".join(sorted(set(moved.reasons)))
        lines.append(f"{len(moved.kept)} were refused and stay: {reasons}")
    out.result(document, lines)
    return 1 if moved.kept or moved.doubled else 0


def _would(waiting: Waiting, target: str, *, most: int, per_s: int, out: Output) -> int:
    """Say what a run would do; nothing is received, so that nothing is hidden from anybody."""
    count = min(waiting.visible, most)
    document = {
        "queue": waiting.name,
        "to": name_of(target),
        "wouldMove": count,
        "inFlight": waiting.hidden,
        "seconds": round(count / per_s, 1),
    }
    way = f"from {waiting.name} to {name_of(target)}"
    line = f"would move about {count} messages {way}, in some {count / per_s:.0f} s"
    out.result(document, [line, "nothing was moved (--dry-run)"])
    return 0


def _prefix(stack: str | None) -> str:
    return f"{stack}-" if stack else ""


def _queues(wired: Wiring) -> DeadLetters:
    region = wired.environ.get("AWS_REGION") or wired.environ.get("AWS_DEFAULT_REGION")
    return DeadLetters(endpoint=wired.of(UsageLogSettings).sqs_endpoint, region=region)


def _document(message: Message) -> dict[str, Any]:
    system = message.get("Attributes", {})
    sent_ms = system.get("SentTimestamp")
    attributes = message.get("MessageAttributes", {})
    return {
        "id": message["MessageId"],
        "sentAt": to_text(datetime.fromtimestamp(int(sent_ms) / 1000, UTC)) if sent_ms else None,
        "received": int(system.get("ApproximateReceiveCount", 0)),
        "attributes": {name: value.get("StringValue") for name, value in attributes.items()},
        "body": message["Body"],
    }


def _shortened(body: str) -> str:
    return body if len(body) <= BODY_SHOWN else f"{body[:BODY_SHOWN]} ... ({len(body)} letters)"


def _redrive(words: argparse.Namespace, wired: Wiring, out: Output) -> int:
    return redrive(
        wired,
        out,
        queue=words.queue,
        stack=words.stack,
        to=words.to,
        most=words.max,
        per_s=words.rate,
        dry_run=words.dry_run,
    )


COMMANDS: dict[str, Callable[[argparse.Namespace, Wiring, Output], int]] = {
    "list": lambda words, wired, out: listed(wired, out, stack=words.stack),
    "show": lambda words, wired, out: show(
        wired, out, queue=words.queue, stack=words.stack, most=words.max
    ),
    "redrive": _redrive,
}


def add_words(under: argparse.ArgumentParser) -> None:
    """The words of these commands."""
    acts = under.add_subparsers(dest="action", required=True, metavar="action")
    every = acts.add_parser("list", help="all of them, and how many messages each holds")
    shown = acts.add_parser("show", help="some messages, which stay where they are")
    driven = acts.add_parser(
        "redrive",
        help="send messages back to the queue that they came from",
        description="Sends each message to its queue, body and attributes unchanged, and deletes "
        "it only then: none is lost if the command dies. Run it again to go on.",
    )
    for each in (every, shown, driven):
        each.add_argument("--stack", help="only queues of this stack (its name)")
    for each, default, text in (
        (shown, MOST_SHOWN, "show at most so many"),
        (driven, MOST_MOVED, "move at most so many"),
    ):
        each.add_argument(
            "--queue", required=True, help="its name or URL, or its name in the template"
        )
        each.add_argument(
            "--max",
            type=_between(1, MOST_MOVED),
            default=default,
            metavar="N",
            help=f"{text} (default: {default})",
        )
    driven.add_argument("--to", metavar="QUEUE", help="another queue than the one they came from")
    driven.add_argument(
        "--rate",
        type=_between(1, PER_S_MAX),
        default=PER_S,
        metavar="N",
        help=f"at most so many messages in a second (default: {PER_S})",
    )
    driven.add_argument("--dry-run", action="store_true", help="count; move nothing")


def _between(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"from {least} to {most}")
        return value

    return number
