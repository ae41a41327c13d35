"""Reads, single updates, pages and the work index."""

import base64
import json
from typing import Any

import pytest
from pynamodb.connection import Connection
from pynamodb.expressions.update import Action

from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import InvalidRequest
from greenroom.kernel.limits import CURSOR_CHARS_MAX, INDEX_SHARDS
from greenroom.table.item import Item, UnreadableItem, due_key
from greenroom.table.paging import Page
from greenroom.table.table import BATCH_MAX, QUERY_TRIPS_MAX, Table
from greenroom.table.transaction import Violation
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.store.things import Refusal, Thing, at_once, number_of, put_raw, refused, thing

PK = "THINGS#A"


@pytest.fixture
def connection(usual: Connection) -> Connection:
    """All of botocore: here the table itself is what is tested."""
    return usual


def fill(table: Table, count: int) -> None:
    table.put_all([thing(f"{number:03}", number) for number in range(count)])


def page(table: Table, limit: int = 2, **options: Any) -> Page[Thing]:
    return table.query(Thing, PK, limit=limit, consistent=True, **options)


def add_one(table: Table, name: str, *, when: Any = None) -> Thing | Violation:
    return table.update(
        Thing.at(name),
        Thing.number.add(1),
        when=Thing.pk.exists() if when is None else when,
        otherwise=refused("no"),
    )


# One item


def test_what_is_not_there_is_none(table: Table) -> None:
    assert table.get(Thing.at("nobody")) is None


def test_a_new_item_tells_its_kind_version_and_times(table: Table) -> None:
    table.put_all([thing("new", 1)])

    found = table.get(Thing.at("new"))

    assert found is not None
    assert (found.kind, found.v) == ("test_thing", 2)
    assert found.created_at == found.updated_at == table.clock()


def test_an_item_of_another_kind_is_not_taken_for_one_of_the_keys_class(table: Table) -> None:
    put_raw(table, PK=PK, SK="THING#odd", kind="ledger_entry", v=1)

    with pytest.raises(UnreadableItem, match="not a Thing"):
        table.get(Thing.at("odd"))


def test_an_old_version_is_upgraded_when_it_is_read(table: Table) -> None:
    put_raw(table, PK=PK, SK="THING#old", kind="test_thing", v=1, number=1)
    put_raw(table, PK=PK, SK="THING#new", kind="test_thing", v=2, number=1)

    old, new = table.get(Thing.at("old")), table.get(Thing.at("new"))

    assert old is not None
    assert new is not None
    assert old.colour == "grey"
    assert not new.colour


def test_an_update_gives_the_item_as_it_is_now(table: Table) -> None:
    fill(table, 1)

    done = add_one(table, "000")

    assert isinstance(done, Thing)
    assert done.number == 1


def test_a_refused_update_gives_the_item_as_it_was(table: Table) -> None:
    table.put_all([thing("x", 7)])

    done = add_one(table, "x", when=Thing.number == 8)

    assert isinstance(done, Violation)
    assert isinstance(done.error, Refusal)
    assert done.error.old == 7
    assert number_of(table, "x") == 7


def test_an_update_whose_answer_was_lost_happens_once_and_is_no_refusal(table: Table) -> None:
    table.put_all([thing("x", 0)])

    with faults.plan(Fault(kind="timeout_after")) as plan:
        done = add_one(table, "x", when=Thing.number == 0)

    assert [call.operation for call in plan.calls] == ["UpdateItem"] * 2
    assert isinstance(done, Thing)
    assert done.number == 1


def test_an_update_whose_answer_was_lost_does_not_count_twice(table: Table) -> None:
    table.put_all([thing("x", 0)])

    with faults.plan(Fault(kind="timeout_after", times=3)):
        add_one(table, "x")

    assert number_of(table, "x") == 1


def test_a_transaction_whose_answer_was_lost_happens_once(table: Table) -> None:
    tx = table.transaction()
    tx.put("new", thing("new", 1), otherwise=Refusal("exists"))

    with faults.plan(Fault(kind="timeout_after", times=2)) as plan:
        tx.commit()

    assert len({call.request["ClientRequestToken"] for call in plan.calls}) == 1
    assert number_of(table, "new") == 1


def test_counting_in_many_threads_loses_nothing(table: Table) -> None:
    table.put_all([thing("x", 0)])

    at_once(16, lambda _: add_one(table, "x"))

    assert number_of(table, "x") == 16


# Pages


def test_pages_show_every_item_once_in_order(table: Table) -> None:
    fill(table, 5)
    seen: list[int] = []
    cursor: str | None = None
    for _ in range(3):
        shown = page(table, cursor=cursor)
        seen += [item.number for item in shown.items]
        cursor = shown.next_cursor

    assert seen == [0, 1, 2, 3, 4]
    assert cursor is None


def test_the_last_page_that_is_just_full_has_no_cursor(table: Table) -> None:
    fill(table, 2)

    assert page(table).next_cursor is None


def test_newest_first_reads_from_the_end(table: Table) -> None:
    fill(table, 3)

    first = page(table, newest_first=True)
    rest = page(table, newest_first=True, cursor=first.next_cursor)

    assert [item.number for item in first.items + rest.items] == [2, 1, 0]


def test_a_prefix_reads_only_its_items(table: Table) -> None:
    table.put_all([thing("a1", 1), thing("b1", 2)])

    assert [item.number for item in page(table, sk_prefix="THING#b").items] == [2]


def test_unknown_kinds_and_bad_rows_are_skipped_counted_and_noted_once_a_page(
    table: Table,
) -> None:
    notes: list[tuple[str, dict[str, Any]]] = []
    told = Table(
        table.name,
        table.connection,
        clock=table.clock,
        note=lambda message, facts: notes.append((message, facts)),
    )
    fill(table, 3)
    put_raw(table, PK=PK, SK="THING#000a", kind="of a later release", v=1)
    put_raw(table, PK=PK, SK="THING#000b", kind="test_thing", v=2, number="not a number")
    put_raw(table, PK=PK, SK="THING#000c", kind="test_thing", number=1)
    put_raw(table, PK=PK, SK="THING#000d", v=1)

    shown = page(told, 3)

    assert [item.number for item in shown.items] == [0, 1, 2]
    assert shown.skipped == 4
    assert notes == [("rows were skipped", {"partition": PK, "skipped": 4})]


def test_a_page_without_bad_rows_notes_nothing(table: Table) -> None:
    notes: list[str] = []
    told = Table(table.name, table.connection, note=lambda message, _facts: notes.append(message))
    fill(table, 1)

    page(told)

    assert notes == []


def test_a_page_that_is_filtered_down_hard_ends_with_a_cursor_to_go_on_from(table: Table) -> None:
    last = 2 * QUERY_TRIPS_MAX + 4
    fill(table, last + 1)
    wanted = {"keep": lambda item: item.number == last}

    first = page(table, 1, **wanted)
    second = page(table, 1, cursor=first.next_cursor, **wanted)

    assert first.items == []
    assert first.next_cursor is not None
    assert [item.number for item in second.items] == [last]


def cursor_of(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


HOSTILE = {
    "empty": "",
    "not base64": "%%%",
    "not ascii": "é",
    "not json": base64.urlsafe_b64encode(b"{").decode(),
    "not utf-8": base64.urlsafe_b64encode(b'["\xff","x"]').decode(),
    "deep": base64.urlsafe_b64encode(b"[" * 1400).decode(),
    "a number": cursor_of(1, 2),
    "an object": base64.urlsafe_b64encode(b'{"PK":1}').decode(),
    "too few": cursor_of(PK),
    "too many": cursor_of(PK, "THING#1", PK, "THING#1"),
    "empty key": cursor_of(PK, ""),
    "another partition": cursor_of("USER#1", "ACCOUNT"),
    "outside the prefix": cursor_of(PK, "LEDGER#1"),
    "half a character": cursor_of(PK, "THING#\ud800"),
    "a key too long for DynamoDB": cursor_of(PK, "THING#" + "x" * 1024),
    "too long": "A" * (CURSOR_CHARS_MAX + 1),
}


@pytest.mark.parametrize("cursor", HOSTILE.values(), ids=HOSTILE)
def test_a_cursor_that_we_did_not_give_is_an_invalid_request(table: Table, cursor: str) -> None:
    with faults.plan() as plan, pytest.raises(InvalidRequest) as refusal:
        page(table, cursor=cursor, sk_prefix="THING#")

    assert refusal.value.facts == {"field": "cursor"}
    assert plan.calls == []


def test_a_cursor_past_the_end_of_the_range_is_an_invalid_request(table: Table) -> None:
    with pytest.raises(InvalidRequest):
        page(table, sk_at_most="THING#5", cursor=cursor_of(PK, "THING#6"))


def test_an_invented_cursor_inside_the_range_only_moves_the_beginning(table: Table) -> None:
    fill(table, 3)

    shown = page(table, cursor=cursor_of(PK, "THING#0001"), sk_prefix="THING#")

    assert [item.number for item in shown.items] == [1, 2]


# Many items at once


def test_more_items_than_a_batch_are_all_written(table: Table) -> None:
    fill(table, 2 * BATCH_MAX + 1)

    assert len(page(table, 100).items) == 2 * BATCH_MAX + 1


def test_throttled_batches_are_written_in_the_end(table: Table) -> None:
    with faults.plan(Fault(kind="throttle", at=2, times=2)) as plan:
        fill(table, 2 * BATCH_MAX)

    assert [call.fault for call in plan.calls] == [None, "throttle", "throttle", None]
    assert len(page(table, 100).items) == 2 * BATCH_MAX


# What is due


def due_thing(table: Table, name: str, due_text: str) -> None:
    partition, sort = due_key("test", name, due_text)
    table.put_all([thing(name, gsi2pk=partition, gsi2sk=sort)])


def test_what_is_due_by_now_is_found_in_every_shard_and_nothing_else(table: Table) -> None:
    now = table.clock()
    names = [f"due-{number}" for number in range(30)]
    for name in names:
        due_thing(table, name, to_text(now))
    due_thing(table, "later", to_text(now.replace(microsecond=1)))
    shards = {due_key("test", name, "")[0] for name in names}

    found = list(table.due("test", until_text=to_text(now), limit=30))

    assert sorted(found) == sorted((PK, f"THING#{name}") for name in names)
    assert len(shards) == INDEX_SHARDS


def test_of_each_shard_at_most_the_limit_is_found_oldest_first(table: Table) -> None:
    shard = due_key("test", "same", "")[0]
    same = [f"n{n}" for n in range(200) if due_key("test", f"n{n}", "")[0] == shard][:4]
    for place, name in enumerate(reversed(same)):
        due_thing(table, name, f"2026-01-0{place + 1}T00:00:00.000000Z")

    found = list(table.due("test", until_text="2026-02", limit=3))

    assert found == [(PK, f"THING#{name}") for name in reversed(same[1:])]


def test_what_is_no_longer_due_leaves_the_work_index(table: Table) -> None:
    due_thing(table, "done", "2026-01-01T00:00:00.000000Z")
    gone: list[Action] = [Thing.gsi2pk.remove(), Thing.gsi2sk.remove()]

    table.update(Thing.at("done"), *gone, when=Thing.pk.exists(), otherwise=Refusal("no"))

    assert list(table.due("test", until_text="2026-02", limit=3)) == []


def test_items_of_any_kind_are_read_as_their_own_class(table: Table) -> None:
    fill(table, 1)

    (found,) = table.query(Item, PK, limit=5, consistent=True).items

    assert isinstance(found, Thing)
