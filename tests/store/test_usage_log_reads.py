"""Reading the usage log: a person's rows by month, a tenant's by day from all shards, in pages."""

from datetime import timedelta
from typing import Any

import pytest

from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import InvalidRequest
from greenroom.kernel.tenants import Tenant
from greenroom.table import table as table_module
from greenroom.usage import log_reads
from greenroom.usage.drift import row_of
from greenroom.usage.log_reads import LogReads
from greenroom.usage.log_row import STATUSES, LogRow, Wanted
from tests.usage_log import FACTS, Scene
from tests.world import START, World

ADA = "ada"
SCHOOL = Tenant("preschool", "p1")
ALL = Wanted()


@pytest.fixture
def rows(world: World) -> list[LogRow]:
    """Eighteen rows of one person, every third alone, newest first; and some of others."""
    scene = Scene(world)
    written = []
    for number in range(18):
        facts: dict[str, Any] = FACTS | {
            "request_id": f"r{number}",
            "user_id": ADA,
            "at": to_text(START + timedelta(seconds=number // 2)),
            "service_type": f"s{number % 2}",
            "status": STATUSES[number % len(STATUSES)],
            "tenant_id": SCHOOL.tenant_id,
        }
        if number % 3 == 0:
            del facts["tenant_kind"], facts["tenant_id"]
        assert scene.store_patiently(facts)
        written.append(row_of(facts, now=START))
    for number, other in enumerate(
        [
            {"user_id": "bob", "tenant_id": "p2"},
            {"at": "2026-12-01T00:00:00Z", "tenant_id": "p1", "user_id": ADA},
            {"tenant_kind": "organization", "tenant_id": "p1", "user_id": "bob"},
        ]
    ):
        assert scene.store_patiently(FACTS | {"request_id": f"o{number}"} | other)
    return sorted(written, key=lambda row: (row.at, row.request_id), reverse=True)


def own(world: World, wanted: Wanted = ALL, *, limit: int = 7) -> list[LogRow]:
    reads, found, cursor = LogReads(world.table), list[LogRow](), None
    while True:
        some, cursor = reads.own(ADA, "2026-11", wanted, limit=limit, cursor=cursor)
        assert len(some) <= limit
        found += some
        if cursor is None:
            return found


def of_school(world: World, wanted: Wanted = ALL, *, limit: int = 7) -> list[LogRow]:
    reads, found, cursor = LogReads(world.table), list[LogRow](), None
    while True:
        some, cursor = reads.of_tenant(SCHOOL, "20261121", wanted, limit=limit, cursor=cursor)
        assert len(some) <= limit
        found += some
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_rows_come_back_as_they_were_newest_first(
    world: World, rows: list[LogRow], limit: int
) -> None:
    assert own(world, limit=limit) == rows
    assert of_school(world, limit=limit) == [row for row in rows if row.tenant]


@pytest.mark.parametrize("limit", [1, 100])
def test_filters_lose_nothing_from_page_to_page(
    world: World, rows: list[LogRow], limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a page ends early, since hardly any row is asked for."""
    monkeypatch.setattr(table_module, "QUERY_TRIPS_MAX", 1)
    monkeypatch.setattr(log_reads, "TRIPS_MAX", 2)
    for wanted in (
        Wanted(service="s1"),
        Wanted(status="cancelled"),
        Wanted(service="s0", status="ok"),
        Wanted(request_id="r17"),
        Wanted(request_id="r1"),
        Wanted(request_id="nobody's"),
    ):
        kept = [
            row
            for row in rows
            if wanted.request_id in {None, row.request_id}
            and wanted.service in {None, row.service_type}
            and wanted.status in {None, row.status}
        ]

        assert own(world, wanted, limit=limit) == kept
        assert of_school(world, wanted, limit=limit) == [row for row in kept if row.tenant]


def test_a_cursor_is_of_one_list_alone(world: World, rows: list[LogRow]) -> None:
    reads = LogReads(world.table)
    assert rows
    _, mine = reads.own(ADA, "2026-11", ALL, limit=1, cursor=None)
    _, theirs = reads.of_tenant(SCHOOL, "20261121", ALL, limit=1, cursor=None)

    for cursor in (theirs, "nonsense"):
        with pytest.raises(InvalidRequest):
            reads.own(ADA, "2026-11", ALL, limit=1, cursor=cursor)
    with pytest.raises(InvalidRequest):
        reads.own("bob", "2026-11", ALL, limit=1, cursor=mine)
    for tenant, day, cursor in (
        (SCHOOL, "20261121", mine),
        (SCHOOL, "20261122", theirs),
        (Tenant("organization", "p1"), "20261121", theirs),
    ):
        with pytest.raises(InvalidRequest):
            reads.of_tenant(tenant, day, ALL, limit=1, cursor=cursor)


def test_a_row_of_a_later_version_is_read(world: World) -> None:
    """What it has more is left alone, what it has no longer is missing."""
    Scene(world).store_patiently(FACTS)
    (raw,) = [one for one in world.rows() if one["kind"]["S"] == "ai_log"]
    for name in ("metadata", "processing_time_ms", "ai_service_id", "cost_micros"):
        raw.pop(name, None)
    more = {**raw, "v": {"N": "9"}, "reviewer": {"S": "x"}}
    world.table.call("PutItem", {"TableName": world.table_name, "Item": more})

    (row,) = LogReads(world.table).own(FACTS["user_id"], "2026-11", ALL, limit=5, cursor=None)[0]

    assert (row.metadata, row.processing_time_ms, row.cost_micros) == ({}, None, None)
    assert row.model == FACTS["model"]
