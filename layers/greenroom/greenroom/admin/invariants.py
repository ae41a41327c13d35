"""Whether counters agree with their rows, page by page through everything: read only.

Rows are read one after the other, so a look may fall into the middle of a transaction. What two
looks in a row both find does not agree; what only one saw was work under way.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from greenroom.admin.counts import (
    Checked,
    Mismatch,
    class_mismatches,
    expert_mismatches,
    quota_mismatches,
)
from greenroom.admin.directory_reads import DirectoryReads
from greenroom.admin.domain import NamedTenant
from greenroom.admin.findings import Finding
from greenroom.admin.invariant_reads import InvariantReads
from greenroom.admin.people import Place
from greenroom.admin.service import Audit, Reconciliation
from greenroom.kernel.clock import Clock, Deadline
from greenroom.kernel.errors import InvalidRequest
from greenroom.kernel.limits import DIRECTORY_TRIPS_MAX, INDEX_SHARDS, INVARIANTS_RESERVE_S
from greenroom.kernel.tenants import Tenant

SECTIONS: Final = ("people", "classes", "tenants")


class Invariants:
    """Compares counters with rows."""

    def __init__(
        self,
        reads: InvariantReads,
        *,
        people: DirectoryReads,
        reconciliation: Reconciliation,
        clock: Clock,
    ) -> None:
        self._reads = reads
        self._people = people
        self._reconciliation = reconciliation
        self._clock = clock

    def check(self, *, limit: int, cursor: str | None, deadline: Deadline) -> Checked:
        """Compare the next things, at most ``limit``, and say where the next ones are.

        First people (their books, their sessions as experts, their quotas), then classes at which
        somebody still looks, then tenants (their quotas of this month).

        Raises:
            InvalidRequest: the cursor is not one of this list.
        """
        section, inner = _place(cursor)
        steps = {
            "people": self._of_people,
            "classes": self._of_classes,
            "tenants": self._of_tenants,
        }
        report = Checked(section=section)
        following = steps[section](report, inner, limit, deadline)
        if following is None:
            after = SECTIONS.index(section) + 1
            report.next_cursor = _cursor(SECTIONS[after], None) if after < len(SECTIONS) else None
        else:
            report.next_cursor = _cursor(section, following)
        return report

    def tenants(self, *, limit: int, cursor: str | None) -> tuple[list[NamedTenant], str | None]:
        """A page of all tenants.

        Raises:
            InvalidRequest: the cursor is not one of this list.
        """
        return self._reads.tenants(limit=limit, cursor=cursor)

    def _of_people(
        self, report: Checked, inner: str | None, limit: int, deadline: Deadline
    ) -> str | None:
        place = Place.of(inner) if inner else Place(f"{self._clock():%Y-%m}")
        for _ in range(DIRECTORY_TRIPS_MAX):
            if place.is_over:
                return None
            left = limit - report.checked
            if left == 0 or _is_late(deadline):
                break
            people, following = self._people.joined(place.month, limit=left, after=place.after)
            for person, after in people:
                if _is_late(deadline):
                    return place.to_text()
                self._person(report, person.user_id)
                place = Place(place.month, after)
            place = Place(place.month, following) if following else place.before()
        return None if place.is_over else place.to_text()

    def _person(self, report: Checked, user_id: str) -> None:
        audit = Audit()
        self._reconciliation.audit(user_id, audit)
        report.checked += 1
        report.mismatches += [_of_finding(one) for one in audit.findings]
        period = f"{self._clock():%Y-%m}"

        def look() -> list[Mismatch]:
            expert = self._reads.expert(user_id)
            quotas = self._reads.quotas_of_person(user_id, period)
            found = [one for quota in quotas for one in quota_mismatches(quota)]
            return [*(expert_mismatches(expert) if expert else ()), *found]

        report.mismatches += _seen_twice(look)

    def _of_classes(
        self, report: Checked, inner: str | None, limit: int, deadline: Deadline
    ) -> str | None:
        shard, after = _shard(inner)
        while shard < INDEX_SHARDS and report.checked < limit and not _is_late(deadline):
            found, after = self._reads.classes(shard, limit=limit - report.checked, cursor=after)
            for pk in found:
                report.checked += 1
                report.mismatches += _seen_twice(partial(self._class, pk))
            if after is None:
                shard += 1
        return None if shard >= INDEX_SHARDS else json.dumps([shard, after])

    def _class(self, pk: str) -> list[Mismatch]:
        found = self._reads.a_class(pk)
        return list(class_mismatches(found)) if found else []

    def _of_tenants(
        self, report: Checked, inner: str | None, limit: int, deadline: Deadline
    ) -> str | None:
        del deadline  # two reads for each of at most a hundred
        period = f"{self._clock():%Y-%m}"
        tenants, following = self._reads.tenants(limit=limit, cursor=inner)
        for one in tenants:
            report.checked += 1
            report.mismatches += _seen_twice(partial(self._tenant, one.tenant, period))
        return following

    def _tenant(self, tenant: Tenant, period: str) -> list[Mismatch]:
        quotas = self._reads.quotas_of_tenant(tenant, period)
        return [one for quota in quotas for one in quota_mismatches(quota)]


def _seen_twice(look: Callable[[], Iterable[Mismatch]]) -> list[Mismatch]:
    """What two looks in a row both find."""
    found = list(look())
    if not found:
        return []
    again = set(look())
    return [one for one in found if one in again]


def _of_finding(finding: Finding) -> Mismatch:
    facts = (*finding.facts, ("user_id", finding.user_id))
    return Mismatch(finding.rule, finding.subject, facts)


def _is_late(deadline: Deadline) -> bool:
    return deadline.remaining_s(keep_s=INVARIANTS_RESERVE_S) == 0


def _cursor(section: str, inner: str | None) -> str:
    text = json.dumps([section, inner], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(cursor: str | None) -> tuple[str, str | None]:
    if cursor is None:
        return SECTIONS[0], None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        section, inner = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError) as cause:
        raise _not_ours() from cause
    if section not in SECTIONS or not (inner is None or isinstance(inner, str)):
        raise _not_ours()
    return section, inner


def _shard(inner: str | None) -> tuple[int, str | None]:
    if inner is None:
        return 0, None
    try:
        shard, after = json.loads(inner)
    except (ValueError, TypeError, RecursionError) as cause:
        raise _not_ours() from cause
    if type(shard) is not int or not 0 <= shard < INDEX_SHARDS:
        raise _not_ours()
    if not (after is None or isinstance(after, str)):
        raise _not_ours()
    return shard, after


def _not_ours() -> InvalidRequest:
    return InvalidRequest("cursor is not one that we gave.", field="cursor")
