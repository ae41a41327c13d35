"""The command that practises a restore: into a new table, which is compared and then deleted.

The live table is only read.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Any

from greenroom.admin.service import Audit
from greenroom.kernel.clock import from_text
from greenroom.kernel.settings import CommonSettings
from greenroom.wiring import OPERATOR, Wiring
from ops import rows
from ops.audit.auditor import Looked
from ops.copies import Copies, Copy
from ops.output import Output, table
from ops.reconcile import everybody


def drill(wired: Wiring, out: Output, *, at: datetime | None, name: str | None, keep: bool) -> int:
    """Restore, compare, reconcile, delete: 0 if the copy has all that it should and agrees."""
    common = wired.of(CommonSettings)
    named = name or f"{common.table_name}-drill-{wired.clock():%Y%m%d%H%M%S}"
    region = wired.environ.get("AWS_REGION") or wired.environ.get("AWS_DEFAULT_REGION")
    copies = Copies(
        common.table_name,
        endpoint=common.greenroom_dynamodb_endpoint,
        region=region,
        clock=wired.clock,
        told=out.progress,
    )
    with closing(copies):
        try:
            out.progress(f"restoring {common.table_name} into {named} ...")
            return _judge(wired, copies.make(named, at=at), kept=keep, out=out)
        finally:
            if not keep:
                copies.discard()


def _judge(wired: Wiring, copy: Copy, *, kept: bool, out: Output) -> int:
    began_s = time.monotonic()
    restored = Wiring(
        OPERATOR, environ={**wired.environ, "TABLE_NAME": copy.name}, clock=wired.clock
    )
    audit = Audit()
    everybody(restored, audit, fix=False, out=out)
    looked = rows.look(restored, fix=False, out=out)
    out.progress("counting the live table ...")
    counts = _counts(wired, copy, looked)
    missing = sum(max(0, live - there) for live, there in counts.values())
    document = {
        "table": copy.name,
        "how": copy.how,
        "moment": copy.moment,
        "restoreSeconds": round(copy.seconds, 1),
        "checkSeconds": round(time.monotonic() - began_s, 1),
        "rows": looked.rows,
        "kinds": {
            kind: {"live": live, "copy": there} for kind, (live, there) in sorted(counts.items())
        },
        "missing": missing,
        "findings": len(audit.findings),
        "rowFindings": len(looked.faults),
        "kept": kept,
    }
    out.result(document, _lines(document, counts, audit, looked))
    return 1 if missing or audit.findings or looked.faults else 0


def _counts(wired: Wiring, copy: Copy, looked: Looked) -> dict[str, tuple[int, int]]:
    """By kind: live rows that were there at the copy's moment, and rows of the copy.

    What was deleted since makes the copy's more; that a live one is older and not in the copy
    makes them fewer, and is a loss.
    """
    live: Counter[str] = Counter()
    for raw in rows.every_row(wired.table):
        created = raw.get("created_at", {}).get("S")
        if created is None or _moment(created) <= copy.moment:
            live[raw.get("kind", {}).get("S", "?")] += 1
    return {kind: (live[kind], looked.kinds.get(kind, 0)) for kind in live.keys() | looked.kinds}


def _moment(text: str) -> datetime:
    try:
        return from_text(text)
    except ValueError:
        return datetime.min.replace(tzinfo=from_text("2000-01-01T00:00:00Z").tzinfo)


def _lines(
    document: dict[str, Any], counts: dict[str, tuple[int, int]], audit: Audit, looked: Looked
) -> list[str]:
    cells = [
        (kind, f"{there} of {live}", "MISSING" if there < live else "")
        for kind, (live, there) in sorted(counts.items())
    ]
    took_s, checked_s = document["restoreSeconds"], document["checkSeconds"]
    found, wrong = len(audit.findings), len(looked.faults)
    books = f"{found} findings in the books of {audit.people} people"
    good = f"time to recover: {took_s + checked_s:.1f} s until the copy is known to be good"
    return [
        f"{document['how']} as of {document['moment']:%Y-%m-%d %H:%M:%S} in {took_s} s",
        *table(cells),
        f"{document['missing']} rows are missing in the copy",
        f"{books}, {wrong} in {looked.rows} rows",
        *(f"{one.rule} {one.user_id} {one.subject}" for one in audit.findings),
        *(f"{one.rule} {' '.join(one.place)}" for one in looked.faults),
        f"{good}; deploying it comes on top",
        f"table {document['table']} is {'kept' if document['kept'] else 'deleted'}",
    ]


def add_words(under: argparse.ArgumentParser, moment: Callable[[str], datetime]) -> None:
    """The words of this command."""
    under.add_argument(
        "--at", type=moment, metavar="WHEN", help="the moment (default: the newest that there is)"
    )
    under.add_argument("--name", metavar="TABLE", help="the new table's name")
    under.add_argument("--keep", action="store_true", help="do not delete the copy afterwards")
