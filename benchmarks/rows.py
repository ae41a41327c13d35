"""A table that has grown: copies of real rows, and an engine that holds them with the real ones.

Every second copy is in the partitions that are read, every other one is somebody else's: far more
than one person, customer or studio has, so that whatever grows with a partition would show.
"""

import base64
import gzip
import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from greenroom.kernel.clock import to_text
from greenroom.table.haste import HASTE
from greenroom.table.item import shard_of
from greenroom.table.table import Table
from local.engine import dynoxide_binary, start_engine
from local.resources import Template
from tests.conftest import connect
from tests.world import World, client_of

NAME: Final = "grown"
LISTS: Final = 6
"""How many lists the copies are spread over; a waiting session is two rows."""

BEGIN: Final = datetime(2026, 11, 1, tzinfo=UTC)

Row = dict[str, Any]


def copies(rows: Sequence[Row], count: int, *, first: int = 0) -> Iterator[Row]:
    """Copies number ``first`` to ``first + count`` of rows of a scene, of each list in turn."""
    samples = _samples(rows)
    makers = (_interview, _entry, _waiting, _class, _booking, _usage)
    for number in range(first, first + count):
        yield from makers[number % LISTS](samples, number)


@contextmanager
def grown(
    template: Template, rows: Iterable[Row], *, folder: Path, **settings: str
) -> Iterator[World]:
    """A world whose table holds these rows, imported into a file by the engine's own command."""
    data = folder / "source" / NAME / "data"
    data.mkdir(parents=True)
    with gzip.open(data / "rows.json.gz", "wt", compresslevel=1) as file:
        file.writelines(json.dumps({"Item": row}, default=_text) + "\n" for row in rows)
    schema = folder / "schema.json"
    table = template.tables[0].schema
    schema.write_text(json.dumps({"Table": {**table, "TableName": NAME}}), encoding="utf-8")
    stored = folder / "grown.db"
    paths = ["--source", str(data.parents[1]), "--schema", str(schema), "--output", str(stored)]
    subprocess.run(
        [str(dynoxide_binary(os.environ)), "import", *paths],
        check=True,
        capture_output=True,
        text=True,
    )
    engine = start_engine("dynoxide", data_file=stored)
    connection = connect(engine.endpoint)
    try:
        world = World(template, engine.endpoint, connection, settings=settings)
        world.table_name = NAME
        world.table = Table(NAME, connection, clock=world.clock)
        world.hasty_table = Table(NAME, connection, clock=world.clock, patience=HASTE)
        world.rewire()
        yield world
    finally:
        connection.client.close()
        client_of(engine.endpoint).close()
        engine.stop()


def _samples(rows: Sequence[Row]) -> dict[str, Row]:
    """One row of each kind that is copied, those of a waiting session apart."""
    found = {row["kind"]["S"]: row for row in rows}
    sessions = [row for row in rows if row["kind"]["S"] == "session"]
    found |= {row["type"]["S"]: row for row in sessions}
    entries = [row for row in rows if row["kind"]["S"] == "ledger_entry" and "session_id" in row]
    return found | {"ledger_entry": entries[0]}


def _interview(samples: Mapping[str, Row], number: int) -> Iterator[Row]:
    """An interview that is over."""
    row, one, at = samples["interview"], _id(number), _at(number)
    yield row | _texts(
        PK=f"SESSION#{one}",
        session_id=one,
        GSI1PK=_whose(row["GSI1PK"]["S"], f"USER#{one}", number),
        GSI1SK=f"SESSION#{at}#{one}",
    )


def _entry(samples: Mapping[str, Row], number: int) -> Iterator[Row]:
    """An entry of a ledger."""
    row, one = samples["ledger_entry"], _id(number)
    key = f"debit:{one}:1"
    own = _whose(row["PK"]["S"], f"USER#{one}", number)
    yield row | _texts(PK=own, SK=f"LEDGER#{key}", key=key, session_id=one)


def _waiting(samples: Mapping[str, Row], number: int) -> Iterator[Row]:
    """A session that looks for an expert, behind all that did before."""
    one, shard = _id(number), shard_of(_id(number))
    row, session = samples["assignment"], samples["chat"]
    since = datetime.fromisoformat(row["queued_at"]["S"])
    queued = to_text(since + timedelta(microseconds=100 * number))
    keys = {"PK": f"SESSION#{one}"}
    yield row | _texts(**keys, customer_id=one, GSI2PK=f"QUEUE#{shard}", GSI2SK=f"5#{queued}#{one}")
    due_at = session["due_at"]["S"]
    yield session | _texts(
        **keys,
        session_id=one,
        user_uuid=one,
        GSI1PK=f"USER#{one}",
        GSI1SK=f"SESSION#{queued}#{one}",
        GSI2PK=f"DUE#session#{shard}",
        GSI2SK=f"{due_at}#{one}",
    )


def _class(samples: Mapping[str, Row], number: int) -> Iterator[Row]:
    """A class of the month, of the studio or of another one."""
    row, one, at = samples["class_session"], _id(number), _at(number)
    studio = row["PK"]["S"].partition("#K#")[0]
    own = _whose(studio, f"T#org#{one}", number)
    yield row | _texts(
        PK=f"{own}#K#{one}",
        GSI1PK=f"{own}#SCHEDULE#2026-11",
        GSI1SK=f"{at}#{one}",
        GSI2PK=f"DUE#class#{shard_of(one)}",
        GSI2SK=f"{at}#{one}",
        starts_at=at,
    )


def _booking(samples: Mapping[str, Row], number: int) -> Iterator[Row]:
    """A booking in the studio, of the customer or of another one."""
    row, one, at = samples["booking"], _id(number), _at(number)
    studio, _, customer = row["GSI1PK"]["S"].partition("#C#")
    yield row | _texts(
        PK=f"{studio}#B#{one}",
        GSI1PK=f"{studio}#C#{_whose(customer, f'cl#{one}', number)}",
        GSI1SK=f"B#{at}#{one}",
        starts_at=at,
    )


def _usage(samples: Mapping[str, Row], number: int) -> Iterator[Row]:
    """What a tenant has used on a day of the month."""
    row, one, day = samples["usage_tenant"], _id(number), f"2026-11-{number % 20 + 1:02}"
    yield row | _texts(
        PK=f"T#ps#{one}",
        SK=f"USAGE#{day}#exam_generation",
        GSI1SK=f"ps#{one}#{day}#exam_generation",
    )


def _whose(own: str, other: str, number: int) -> str:
    return own if number // LISTS % 2 else other


def _id(number: int) -> str:
    return f"{number:08x}-0000-7000-8000-{number:012x}"


def _at(number: int) -> str:
    return to_text(BEGIN + timedelta(seconds=number))


def _texts(**values: str) -> dict[str, dict[str, str]]:
    return {name: {"S": value} for name, value in values.items()}


def _text(raw: Any) -> str:
    return base64.b64encode(raw).decode()
