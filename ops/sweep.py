"""The command that shows what is due, and does what the schedules do, now."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from greenroom.kernel import limits
from greenroom.kernel.clock import from_text, to_text
from greenroom.kernel.errors import Unavailable
from greenroom.table.paging import query_request
from greenroom.table.table import Table
from greenroom.wiring import Wiring
from ops.output import Output, table

WORKS: Final = (
    "booking",
    "class",
    "conversion",
    "erasure",
    "feedback",
    "refund",
    "session",
    "usage",
)
ROUNDS_MAX: Final = 20  # a sweep has its own limits; many are due only after an outage
IDLE: Final = frozenset({"failed", "untouched", "waiting"})  # what a further round finds again
COUNTED_MAX: Final = 10_000  # of one kind of work, in one shard


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """How much of one kind of work is due, and since when the oldest of it."""

    work: str
    count: int
    oldest: datetime | None


def sweep(wired: Wiring, out: Output, *, dry_run: bool) -> int:
    """Sweep until nothing more is done: 0 if nothing is due any more that the sweeper does."""
    before = due(wired.table, now=wired.clock())
    done, failed = ({}, {}) if dry_run else _sweep(wired, out)
    after = before if dry_run else due(wired.table, now=wired.clock())
    left = sum(one.count for one in after if one.work != "feedback")
    document = {
        "due": [_document(one) for one in before],
        "done": done,
        "failed": failed,
        "left": [_document(one) for one in after if one.count],
    }
    lines = table([(one.work, f"{one.count} due", _since(one)) for one in before])
    lines += [f"{name}: {count}" for name, count in done.items()]
    lines += [f"{name} could not be swept: {reason}" for name, reason in failed.items()]
    if dry_run:
        lines.append("nothing was swept (--dry-run)")
    else:
        lines.append(f"{left} still due")
    if any(one.work == "feedback" and one.count for one in after):
        lines.append("feedback is written by the function `feedback`, each minute")
    out.result(document, lines)
    return 1 if left or failed else 0


def due(of: Table, *, now: datetime) -> list[Due]:
    """What is due by now, by kind of work."""
    found = list[Due]()
    for work in WORKS:
        count, oldest = 0, None
        for shard in range(limits.INDEX_SHARDS):
            for place in _shard(of, f"DUE#{work}#{shard}", until=to_text(now) + "~"):
                count += 1
                oldest = min(oldest or place, place)
        at = from_text(oldest.partition("#")[0]) if oldest else None
        found.append(Due(work=work, count=count, oldest=at))
    return found


def _shard(of: Table, pk: str, *, until: str) -> list[str]:
    request = query_request(pk, sk_at_most=until, index="GSI2", page_size=1000)
    request["TableName"] = of.name
    places = list[str]()
    while len(places) < COUNTED_MAX:
        answer = of.call("Query", request)
        places += [raw["GSI2SK"]["S"] for raw in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            break
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    return places


def _sweep(wired: Wiring, out: Output) -> tuple[dict[str, int], dict[str, str]]:
    """Run every sweep until it does nothing new: what was done, and which could not."""
    done, failed = dict[str, int](), dict[str, str]()
    for name, run in _sweeps(wired).items():
        for turn in range(ROUNDS_MAX):
            try:
                counts = run()
            except Unavailable as failure:
                failed[name] = failure.code
                break
            moved = {what: count for what, count in counts.items() if what not in IDLE}
            for what, count in moved.items():
                if count:
                    done[f"{name}_{what}"] = done.get(f"{name}_{what}", 0) + count
            if counts.get("failed"):
                failed[name] = f"{counts['failed']} rows, named above"
            if not any(moved.values()):
                break
            out.progress(f"{name}: round {turn + 1} ...")
    return done, failed


def _sweeps(wired: Wiring) -> Mapping[str, Callable[[], dict[str, int]]]:
    """What the function ``sweeper`` does, each by itself, so that none keeps the others waiting."""

    def counted(run: Callable[[], Any]) -> Callable[[], dict[str, int]]:
        return lambda: {name: int(count) for name, count in asdict(run()).items()}

    return {
        "sessions": counted(lambda: wired.sweeper.sweep(wired.clock())),
        "routed": counted(wired.router.sweep),
        "bookings": counted(lambda: wired.booking_sweeper.sweep(wired.clock())),
        "refunds": counted(lambda: wired.purchases.sweep_refunds(wired.clock())),
        "erasures": counted(lambda: wired.erasure.sweep(wired.clock())),
        "usage": counted(lambda: wired.meter.sweep(wired.clock())),
    }


def _since(one: Due) -> str:
    return f"since {one.oldest:%Y-%m-%d %H:%M:%S}" if one.oldest else ""


def _document(one: Due) -> dict[str, Any]:
    return {"work": one.work, "count": one.count, "oldest": one.oldest}


def add_words(under: argparse.ArgumentParser) -> None:
    """The words of this command."""
    under.add_argument("--dry-run", action="store_true", help="show what is due; sweep nothing")
