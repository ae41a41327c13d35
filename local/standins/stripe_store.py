"""What the Stripe stand-in remembers, in one SQLite file: it survives restarts and kills.

Tables: ``object`` (every Stripe object as JSON, in the order of its making), ``replay`` (answers
under idempotency keys), ``delivery`` and ``attempt`` (webhooks to send and how that went),
``due`` (what happens to an object by itself, and
when), ``note`` (the clock and the switches).
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.standins.stripe_objects import Document

_TABLES = """
create table if not exists object (
  number integer primary key, id text unique not null, kind text not null, data text not null
);
create index if not exists object_kind on object (kind, number);
create table if not exists replay (
  key text primary key, request text not null, status integer not null, body text not null,
  at real not null, request_id text not null
);
create table if not exists delivery (
  number integer primary key, event text not null, state text not null,
  attempts integer not null, due_at real not null
);
create index if not exists delivery_due on delivery (state, due_at);
create table if not exists attempt (
  number integer primary key, delivery integer not null, at real not null, status integer,
  error text, elapsed_ms integer not null
);
create table if not exists due (id text primary key, at integer not null);
create index if not exists due_at on due (at);
create table if not exists note (name text primary key, value text not null);
"""


class Store:
    """The file. Only the server's loop uses it, which need not be the thread that made it."""

    def __init__(self, file: Path) -> None:
        file.touch(mode=0o600)
        self.database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self.database.execute("pragma journal_mode = wal")
        self.database.execute("pragma synchronous = normal")
        self.database.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block's writes, or none; a block inside another one joins it."""
        if self.database.in_transaction:
            yield
            return
        self.database.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.database.execute("rollback")
            raise
        self.database.execute("commit")

    def put(self, document: Document) -> Document:
        """Keep an object as it now is; a new one goes to the end."""
        self.database.execute(
            "insert into object (id, kind, data) values (?, ?, ?)"
            " on conflict (id) do update set data = excluded.data",
            [document["id"], document["object"], json.dumps(document)],
        )
        return document

    def find(self, identifier: str, kind: str | None = None) -> Document | None:
        """The object with this id, if it is of this kind."""
        row = self.database.execute(
            "select data from object where id = ? and (? is null or kind = ?)",
            [identifier, kind, kind],
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def get(self, identifier: str) -> Document:
        """The object with this id, which an object of ours names.

        Raises:
            KeyError: there is none, which would be our own mistake.
        """
        found = self.find(identifier)
        if found is None:
            raise KeyError(identifier)
        return found

    def select(self, kind: str, where: Mapping[str, str | bool] | None = None) -> list[Document]:
        """The objects of a kind whose fields have these values, newest first.

        A field inside another is named with a point, such as ``payment.payment_intent``.
        """
        text = "select data from object where kind = ?"
        values: list[str | bool] = [kind]
        for name, value in (where or {}).items():
            text += " and json_extract(data, ?) = ?"
            values += [f"$.{name}", value]
        rows = self.database.execute(f"{text} order by number desc", values)
        return [json.loads(data) for (data,) in rows]

    def set_due(self, identifier: str, at: int | None) -> None:
        """When something happens to an object by itself, in the stand-in's time; None: never."""
        if at is None:
            self.database.execute("delete from due where id = ?", [identifier])
        else:
            self.database.execute("insert or replace into due values (?, ?)", [identifier, at])

    def next_due(self, until: int) -> tuple[str, int] | None:
        """The object that is due first, not after ``until``, and when."""
        row = self.database.execute(
            "select id, at from due where at <= ? order by at, id limit 1", [until]
        ).fetchone()
        return None if row is None else (row[0], row[1])

    def note(self, name: str, default: Any) -> Any:
        """A remembered value."""
        row = self.database.execute("select value from note where name = ?", [name]).fetchone()
        return default if row is None else json.loads(row[0])

    def write_note(self, name: str, value: Any) -> None:
        """Remember a value."""
        self.database.execute(
            "insert or replace into note values (?, ?)", [name, json.dumps(value)]
        )

    @property
    def moved_s(self) -> int:
        """How far the stand-in's clock runs before the real one, in seconds."""
        return int(self.note("moved_s", 0))

    def now(self) -> int:
        """The stand-in's time, in epoch seconds."""
        return int(time.time()) + self.moved_s
