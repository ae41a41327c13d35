"""Scans of the whole table, and raw rows by their keys."""

import pytest
from pynamodb.connection import Connection

from greenroom.kernel.errors import InvalidRequest
from greenroom.table.batch import get_all, raw_all
from greenroom.table.scan import scan_page
from greenroom.table.table import Table
from tests.reliability import faults
from tests.store.things import Thing, put_raw, thing


@pytest.fixture
def connection(usual: Connection) -> Connection:
    """All of botocore: here the table itself is what is tested."""
    return usual


def test_a_scan_gives_each_row_of_its_kinds_once_and_those_of_no_kind(table: Table) -> None:
    table.put_all([thing(f"{number:03}", number) for number in range(20)])
    put_raw(table, PK="A", SK="1", kind="another", v=1)
    put_raw(table, PK="A", SK="2", v=1)
    put_raw(table, PK="A", SK="3", kind=7, v=1)

    found, read, cursor = [], 0, None
    while True:
        page = scan_page(table, kinds={"test_thing"}, limit=6, cursor=cursor)
        found += [row["SK"]["S"] for row in page.rows]
        read += page.read
        cursor = page.next_cursor
        if cursor is None:
            break

    assert sorted(found) == sorted([f"THING#{number:03}" for number in range(20)] + ["2", "3"])
    assert read == 23


def test_a_scan_goes_on_behind_a_row_that_is_gone(table: Table) -> None:
    table.put_all([thing(f"{number:03}", number) for number in range(4)])
    page = scan_page(table, kinds={"test_thing"}, limit=2)
    table.empty("THINGS#A")
    table.put_all([thing(f"{number:03}", number) for number in (0, 2, 3)])

    rest = scan_page(table, kinds={"test_thing"}, limit=9, cursor=page.next_cursor)

    assert [row["SK"]["S"] for row in rest.rows] == ["THING#002", "THING#003"]


@pytest.mark.parametrize("cursor", ["", "x", "W10", "WyJhIl0", "WyJhIiwiIl0", "WyJhIiwxXQ", "ü"])
def test_a_scan_refuses_what_is_no_cursor(table: Table, cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        scan_page(table, kinds={"test_thing"}, limit=1, cursor=cursor)


def test_raw_rows_are_read_by_hundreds_each_once_with_all_that_they_hold(table: Table) -> None:
    for number in range(120):
        put_raw(table, PK="ODD", SK=f"{number:03}", anything="kept")
    places = [("ODD", f"{number:03}") for number in range(140)]

    with faults.plan() as plan:
        found = raw_all(table, places + places)

    assert len(plan.of("BatchGetItem")) == 2
    assert set(found) == set(places[:120])
    assert found["ODD", "007"]["anything"] == {"S": "kept"}


def test_readable_items_come_in_the_order_of_their_keys(table: Table) -> None:
    table.put_all([thing(f"{number:03}", number) for number in range(3)])
    put_raw(table, PK="THINGS#A", SK="THING#003", kind="another", v=1)

    found = get_all(table, [Thing.at(f"{number:03}") for number in (2, 9, 3, 0)])

    assert [item.number for item in found] == [2, 0]
