"""The command that compares everybody's books, and with ``--fix`` repairs what may be repaired."""

from datetime import datetime
from typing import Any

from greenroom.admin.findings import Finding
from greenroom.admin.service import Audit
from greenroom.payments.domain import Purchase
from greenroom.wiring import Wiring
from ops import events, rows
from ops.audit.auditor import Looked
from ops.output import Output, table
from ops.people import person_id

ROWS_A_WORD = 5000  # how often a long scan says how far it is
PEOPLE_A_WORD = 200


def reconcile(
    wired: Wiring, *, since: datetime, user: str | None, stripe: bool, fix: bool, out: Output
) -> int:
    """Fetch what Stripe told in vain, then compare: 0 where nothing is wrong (any more)."""
    missed: list[tuple[str, str]] = []
    if stripe:
        out.progress(f"asking Stripe for events since {since:%Y-%m-%d %H:%M} ...")
        found = events.missed(wired, since=since)
        missed = list(events.adopt(wired, found)) if fix else [(one, "missed") for one, _ in found]
    audit, strays, looked = Audit(), list[str](), Looked()
    if user is not None:
        wired.reconciliation.audit(person_id(user), audit, fix=fix)
    else:
        strays = everybody(wired, audit, fix=fix, out=out)
        looked = rows.look(wired, fix=fix, out=out)
    left = [one for one in audit.findings if one not in audit.repaired]
    wrong = [one for one in looked.faults if one not in looked.repaired]
    out.result(
        _document(audit, left, missed, strays) | rows.document(looked),
        [*_lines(audit, left, missed, strays, fix=fix), *rows.lines(looked)],
    )
    return 1 if left or wrong or (missed and not fix) else 0


def everybody(wired: Wiring, audit: Audit, *, fix: bool, out: Output) -> list[str]:
    """Audit everybody: the purchases that are nobody's."""

    def rows_read(rows: int) -> None:
        if rows % ROWS_A_WORD == 0:
            out.progress(f"{rows} rows ...")

    out.progress("scanning the table ...")
    holders = wired.reconciliation.holders(progress=rows_read)
    strays = holders.pop("", [])
    for place, (user_id, bought) in enumerate(sorted(holders.items()), start=1):
        wired.reconciliation.audit(user_id, audit, also=bought, fix=fix)
        if place % PEOPLE_A_WORD == 0:
            out.progress(f"{place} of {len(holders)} people, {len(audit.findings)} findings ...")
    return strays


def _document(
    audit: Audit, left: list[Finding], missed: list[tuple[str, str]], strays: list[str]
) -> dict[str, Any]:
    return {
        "people": audit.people,
        "findings": [_finding(one) | {"repaired": one not in left} for one in audit.findings],
        "waiting": [
            {"purchaseId": one.purchase_id, "userId": one.user_id, "status": one.status}
            for one in audit.waiting
        ],
        "strays": strays,
        "missedEvents": [{"id": event_id, "outcome": outcome} for event_id, outcome in missed],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "userId": finding.user_id,
        "subject": finding.subject,
        "facts": dict(finding.facts),
        "repair": type(finding.repair).__name__ if finding.repair else None,
    }


def _lines(
    audit: Audit,
    left: list[Finding],
    missed: list[tuple[str, str]],
    strays: list[str],
    *,
    fix: bool,
) -> list[str]:
    rows = [
        (
            "repaired" if one not in left else "repairable" if one.repair else "TO DECIDE",
            one.rule,
            one.user_id,
            one.subject,
            ", ".join(f"{name}={value}" for name, value in one.facts),
        )
        for one in audit.findings
    ]
    lines = [f"{audit.people} people, {len(rows)} findings, {len(audit.repaired)} repaired"]
    lines += table(rows) if rows else []
    lines += [f"event {event_id} never came: {outcome}" for event_id, outcome in missed]
    lines += [_waits(one) for one in audit.waiting]
    lines += [f"purchase {one} was paid by nobody whom we know" for one in strays]
    if not fix and (missed or any(one.repair for one in left)):
        lines.append("nothing was changed; --fix repairs what may be repaired")
    return lines


def _waits(purchase: Purchase) -> str:
    why = purchase.reason or purchase.status
    return f"purchase {purchase.purchase_id} of {purchase.user_id} waits: {purchase.status} ({why})"
