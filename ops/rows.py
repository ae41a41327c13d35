"""The part of reconciliation that looks at every row, whoever's it is."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from greenroom.table.item import RawItem
from greenroom.table.table import Table
from greenroom.wiring import Wiring
from ops.audit.auditor import Auditor, Looked
from ops.audit.rows import Fault
from ops.output import Output, table

ROWS_A_WORD = 5000  # how often a long scan says how far it is


def look(wired: Wiring, *, fix: bool, out: Output) -> Looked:
    """Look at every row of the table, and with ``fix`` repair what follows from others."""

    def read(rows: int) -> None:
        if rows % ROWS_A_WORD == 0:
            out.progress(f"{rows} rows compared ...")

    out.progress("comparing all rows ...")
    auditor = Auditor(
        wired.table,
        counters=wired.invariant_reads,
        scan=lambda: every_row(wired.table),
        clock=wired.clock,
    )
    return auditor.audit(fix=fix, told=read)


def every_row(of: Table) -> Iterator[RawItem]:
    """All rows of a table as they are stored, in DynamoDB's own order."""
    request: dict[str, Any] = {"TableName": of.name, "ConsistentRead": True}
    while True:
        answer = of.call("Scan", request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def document(looked: Looked) -> dict[str, Any]:
    """What was found, for a program."""
    return {
        "rows": looked.rows,
        "kinds": dict(sorted(looked.kinds.items())),
        "rowFindings": [
            {
                "rule": one.rule,
                "pk": one.place[0],
                "sk": one.place[1],
                "facts": dict(one.facts),
                "repair": type(one.repair).__name__ if one.repair else None,
                "repaired": one in looked.repaired,
            }
            for one in looked.faults
        ],
    }


def lines(looked: Looked) -> list[str]:
    """What was found, for a person: how many by rule, then each."""
    if not looked.rows:
        return []
    found, mended = len(looked.faults), len(looked.repaired)
    counts = Counter(one.rule for one in looked.faults)
    return [
        f"{looked.rows} rows, {found} findings, {mended} repaired",
        *(f"{count} x {rule}" for rule, count in sorted(counts.items())),
        *(table([_line(one, looked) for one in looked.faults]) if found else ()),
    ]


def _line(fault: Fault, looked: Looked) -> tuple[str, ...]:
    state = "repairable" if fault.repair else "TO DECIDE"
    told = ", ".join(f"{name}={value}" for name, value in fault.facts)
    return ("repaired" if fault in looked.repaired else state, fault.rule, *fault.place, told)
