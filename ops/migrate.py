"""Commands about migrations: which there are, running one, verifying it, and its way back."""

from collections.abc import Callable
from typing import Any

from greenroom.kernel.clock import to_text
from greenroom.migrations.domain import Migration
from greenroom.migrations.progress import Counts, Direction, Progress
from greenroom.migrations.rows import Named, Outcome
from greenroom.migrations.service import Migrations, Verification
from greenroom.wiring import Wiring
from ops.output import Output, table

ROWS_A_WORD = 5000  # how often long work says how far it is
CHANGES_A_WORD = 500
EXAMPLES = 5


def listed(wired: Wiring, out: Output) -> int:
    """All migrations of this version, and how far each has come in this table."""
    migrations = wired.migrations
    known = migrations.progress()
    rows, document = [], []
    for number, migration in sorted(migrations.known.items()):
        progress = known.get(number)
        state = state_of(wired, progress)
        rows.append((f"{number:04}", state, migration.name, _sums(progress)))
        document.append(
            {
                "number": number,
                "name": migration.name,
                "state": state,
                "takesAway": migration.takes_away,
                "counts": _counts(progress.counts) if progress else None,
                "runner": progress.runner if progress else None,
                "leaseUntil": progress.lease_until if progress else None,
                "startedAt": progress.started_at if progress else None,
                "finishedAt": progress.finished_at if progress else None,
            }
        )
    out.result({"items": document}, table(rows))
    return 0


def run(wired: Wiring, number: int | None, *, dry_run: bool, per_s: int, out: Output) -> int:
    """Run one migration, or all that need not be named; 1 if a person has to look at rows."""
    migrations = wired.migrations
    chosen = [migrations.migration(number)] if number is not None else migrations.pending()
    done = [
        (one, _run(migrations, one, "forward", dry_run=dry_run, per_s=per_s, out=out))
        for one in chosen
    ]
    _tell(done, "forward", dry_run=dry_run, out=out)
    return 1 if any(outcome.counts.troubled for _, outcome in done) else 0


def undo(wired: Wiring, number: int, *, dry_run: bool, per_s: int, out: Output) -> int:
    """The way back of one migration; 1 if a person has to look at rows."""
    migration = wired.migrations.migration(number)
    outcome = _run(wired.migrations, migration, "back", dry_run=dry_run, per_s=per_s, out=out)
    _tell([(migration, outcome)], "back", dry_run=dry_run, out=out)
    return 1 if outcome.counts.troubled else 0


def verify(wired: Wiring, number: int | None, out: Output) -> int:
    """Look at all rows once more; 1 if one is not as it should be."""
    migrations = wired.migrations
    if number is None:
        progress = migrations.progress()
        chosen = [
            migration
            for one, migration in sorted(migrations.known.items())
            if one in progress and progress[one].is_done
        ]
    else:
        chosen = [migrations.migration(number)]
    results = [(one, migrations.verify(one.number, told=telling(out))) for one in chosen]
    lines = [line for one, seen in results for line in _verified(one, seen)]
    document = [
        {
            "number": one.number,
            "name": one.name,
            "rows": seen.looked_at,
            "faults": seen.count,
            "items": [
                {
                    "rule": fault.rule,
                    "pk": fault.place[0],
                    "sk": fault.place[1],
                    "facts": dict(fault.facts),
                }
                for fault in seen.faults
            ],
        }
        for one, seen in results
    ]
    out.result({"items": document}, lines or ["no migration was run to its end"])
    return 1 if any(seen.count for _, seen in results) else 0


def _run(
    migrations: Migrations,
    migration: Migration,
    direction: Direction,
    *,
    dry_run: bool,
    per_s: int,
    out: Output,
) -> Outcome:
    word = "looking through" if dry_run else "running" if direction == "forward" else "undoing"
    out.progress(f"{word} migration {migration.number:04} {migration.name} ...")
    if dry_run:
        return migrations.rehearse(migration.number, direction, told=telling(out))
    return migrations.run(migration.number, direction, per_s=per_s, told=telling(out))


def telling(out: Output) -> Callable[[Counts], None]:
    """Says how far long work is: after so many rows, or so many changes."""
    last = (0, 0)

    def told(counts: Counts) -> None:
        nonlocal last
        at = (counts.read // ROWS_A_WORD, counts.changed // CHANGES_A_WORD)
        if at != last:
            last = at
            out.progress(f"{counts.read} rows read, {counts.changed} changed ...")

    return told


def _tell(
    done: list[tuple[Migration, Outcome]], direction: Direction, *, dry_run: bool, out: Output
) -> None:
    document = [
        {
            "number": migration.number,
            "name": migration.name,
            "direction": direction,
            "dryRun": dry_run,
            "resumed": outcome.resumed,
            "counts": _counts(outcome.counts),
            "examples": [_named(one) for one in outcome.examples[:EXAMPLES]],
            "troubles": [_named(one) for one in outcome.troubles],
        }
        for migration, outcome in done
    ]
    lines = [
        line
        for migration, outcome in done
        for line in _lines(migration, outcome, direction, dry_run=dry_run)
    ]
    out.result({"items": document}, lines or ["nothing is left to run that need not be named"])


def _lines(
    migration: Migration, outcome: Outcome, direction: Direction, *, dry_run: bool
) -> list[str]:
    counts = outcome.counts
    word = {"forward": "changed", "back": "changed back"}[direction]
    would = f"would be {word}" if dry_run else word
    sums = (
        f"{counts.read} rows read, {counts.changed} {would}, "
        f"{counts.as_it_should_be} as they should be, {counts.left} left, "
        f"{counts.unreadable} unreadable, {counts.overtaken} overtaken"
    )
    lines = [f"{migration.number:04} {migration.name}: {sums}"]
    if outcome.resumed:
        lines.append("it went on where the last run stopped; the counts are of all runs")
    if dry_run:
        lines += [f"  {' '.join(one.place)}: {one.word}" for one in outcome.examples[:EXAMPLES]]
        lines.append("nothing was written")
    lines += [f"  LOOK AT {' '.join(one.place)}: {one.word}" for one in outcome.troubles]
    if counts.troubled > len(outcome.troubles):
        more = counts.troubled - len(outcome.troubles)
        lines.append(f"  and {more} more, here or in earlier runs: verify names them")
    return lines


def _verified(migration: Migration, seen: Verification) -> list[str]:
    rows = [
        (
            "  FAULT",
            fault.rule,
            " ".join(fault.place),
            ", ".join(f"{name}={value}" for name, value in fault.facts.items()),
        )
        for fault in seen.faults
    ]
    more = [f"  and {seen.count - len(rows)} more"] if seen.count > len(rows) else []
    head = (
        f"{migration.number:04} {migration.name}: {seen.looked_at} rows looked at, "
        f"{seen.count} faults"
    )
    return [head, *(table(rows) if rows else []), *more]


def state_of(wired: Wiring, progress: Progress | None) -> str:
    """How far a migration is, in words."""
    if progress is None:
        return "never run"
    if progress.finished_at is not None:
        return "done" if progress.is_done else "undone"
    word = "run" if progress.direction == "forward" else "way back"
    return f"{word} under way" if progress.is_held(wired.clock()) else f"{word} stopped"


def _sums(progress: Progress | None) -> str:
    if progress is None:
        return ""
    counts, at = progress.counts, progress.finished_at or progress.started_at
    return f"{counts.changed} changed, {counts.troubled} to look at, {to_text(at)[:16]}"


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "read": counts.read,
        "changed": counts.changed,
        "asItShouldBe": counts.as_it_should_be,
        "left": counts.left,
        "unreadable": counts.unreadable,
        "overtaken": counts.overtaken,
    }


def _named(named: Named) -> dict[str, str]:
    return {"pk": named.place[0], "sk": named.place[1], "what": named.word}
