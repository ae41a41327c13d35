"""From what is known to what admins see."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from greenroom.admin.about import About
from greenroom.admin.counts import Checked
from greenroom.admin.domain import Entry, KnownPerson, Troubles
from greenroom.admin.findings import Finding
from greenroom.admin.lines import Line
from greenroom.admin.schema import (
    CreditsAdjusted,
    FindingView,
    InvariantsPage,
    PeoplePage,
    PersonRow,
    StoryLine,
    StoryPage,
    Subject,
    TrailEntry,
    TrailPage,
    TroublePage,
    ViolationView,
)
from greenroom.kernel.clock import to_text
from greenroom.kernel.money import credits_to_json


def people_page(
    people: Sequence[KnownPerson], *, next_cursor: str | None, now: datetime
) -> PeoplePage:
    """A page of people."""
    return PeoplePage(items=[person_row(one, now=now) for one in people], next_cursor=next_cursor)


def person_row(person: KnownPerson, *, now: datetime) -> PersonRow:
    """Somebody in a list."""
    return PersonRow(
        user_id=person.user_id,
        clerk_id=person.clerk_id,
        email=person.email,
        name=person.name,
        credits=credits_to_json(person.credits),
        is_premium=person.is_premium(now),
        premium_until=_text(person.premium_until),
        created_at=to_text(person.created_at),
        deleted_at=_text(person.deleted_at),
    )


def credits_adjusted(entry: Entry) -> CreditsAdjusted:
    """What an adjustment did."""
    act = entry.act
    return CreditsAdjusted(
        user_id=act.target.partition(":")[2],
        credits_before=act.before["credits"],
        credits=act.after["credits"],
        ledger_entry=act.after["ledgerEntry"],
        entry_id=entry.entry_id,
        at=to_text(entry.at),
    )


def trail_page(entries: Sequence[Entry], *, next_cursor: str | None) -> TrailPage:
    """A page of the trail."""
    return TrailPage(items=trail_entries(entries), next_cursor=next_cursor)


def trail_entries(entries: Iterable[Entry]) -> list[TrailEntry]:
    """Acts of admins."""
    return [_told(one) for one in entries]


def trouble_page(troubles: Troubles) -> TroublePage:
    """What went wrong in a month."""
    return TroublePage(items=story_lines(troubles.lines), next_cursor=troubles.next_cursor)


def findings_of(findings: Iterable[Finding]) -> list[FindingView]:
    """Rules that do not hold."""
    return [
        FindingView(
            rule=one.rule,
            user_id=one.user_id,
            subject=one.subject,
            facts=_facts(one.facts),
            repairable=one.repair is not None,
        )
        for one in findings
    ]


def invariants_page(report: Checked) -> InvariantsPage:
    """What was compared, and what does not agree."""
    violations = [
        ViolationView(rule=one.rule, subject=one.subject, facts=_facts(one.facts))
        for one in report.mismatches
    ]
    return InvariantsPage(
        section=report.section,
        checked=report.checked,
        violations=violations,
        next_cursor=report.next_cursor,
    )


def _facts(facts: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: to_text(value) if isinstance(value, datetime) else value for name, value in facts}


def story_page(
    ref: str, about: About, lines: Sequence[Line], *, next_cursor: str | None
) -> StoryPage:
    """A page of a story."""
    subject = Subject(kind=about.kind, id=about.id, user_id=about.user_id, facts=dict(about.facts))
    items = story_lines(lines)
    return StoryPage(ref=ref, about=subject, items=items, next_cursor=next_cursor)


def story_lines(lines: Iterable[Line]) -> list[StoryLine]:
    """Lines of a story."""
    return [
        StoryLine(
            at=to_text(one.at),
            kind=one.kind,
            ref=one.ref,
            actor=one.actor,
            what=one.what,
            facts=dict(one.facts),
        )
        for one in lines
    ]


def _told(entry: Entry) -> TrailEntry:
    act = entry.act
    return TrailEntry(
        entry_id=entry.entry_id,
        at=to_text(entry.at),
        actor_id=act.actor.user_id,
        actor_clerk_id=act.actor.clerk_id,
        action=act.action,
        target=act.target,
        reason=act.reason,
        before=dict(act.before),
        after=dict(act.after),
        request_id=act.actor.request_id,
    )


def _text(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None
