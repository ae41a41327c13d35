"""Corruption for tests: what a foreign hand may do to the table, and the command that finds it."""

import io
import json
from functools import lru_cache
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from ops import cli, words
from tests.world import CREDENTIALS, SECRETS, World, client_of

Row = dict[str, Any]
_SERIALIZER = TypeSerializer()

# To make all its words takes longer than most commands; worlds begin at the same moment.
vars(cli)["parser"] = lru_cache(maxsize=8)(words.parser)


class Vandal:
    """Writes rows of a world's table as no code of ours would."""

    def __init__(self, world: World) -> None:
        self._client = client_of(world.endpoint)
        self._table = world.table_name
        self._before: list[tuple[Row, Row | None]] = []

    def undo(self) -> None:
        """Put back what was there, as somebody does who has found out what happened."""
        while self._before:
            key, row = self._before.pop()
            if row is None:
                self._client.delete_item(TableName=self._table, Key=key)
            else:
                self._client.put_item(TableName=self._table, Item=row)

    def _remember(self, pk: str, sk: str) -> None:
        key = {"PK": {"S": pk}, "SK": {"S": sk}}
        found = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        self._before.append((key, found.get("Item")))

    def row(self, pk: str, sk: str) -> Row:
        """A row as it is stored, raw."""
        key = {"PK": {"S": pk}, "SK": {"S": sk}}
        found: Row = self._client.get_item(TableName=self._table, Key=key)["Item"]
        return found

    def change(self, pk: str, sk: str, **values: Any) -> None:
        """Change attributes of a row, which need not be there; None removes one."""
        row = {name: _SERIALIZER.serialize(value) for name, value in values.items()}
        self._remember(pk, sk)
        known = self.row(pk, sk)
        for name, value in values.items():
            if value is None:
                known.pop(name, None)
                row.pop(name)
        self._client.put_item(TableName=self._table, Item={**known, **row})

    def put(self, pk: str, sk: str, kind: str, **values: Any) -> None:
        """Write a row of that kind."""
        at = "2026-11-21T12:00:00.000000Z"
        plain = {"PK": pk, "SK": sk, "kind": kind, "v": 1, "created_at": at, "updated_at": at}
        item = {name: _SERIALIZER.serialize(value) for name, value in {**plain, **values}.items()}
        self._remember(pk, sk)
        self._client.put_item(TableName=self._table, Item=item)

    def remove(self, pk: str, sk: str) -> None:
        """Remove a row that is there."""
        self.row(pk, sk)
        self._remember(pk, sk)
        key = {"PK": {"S": pk}, "SK": {"S": sk}}
        self._client.delete_item(TableName=self._table, Key=key)


class Operator:
    """Somebody at the command line of a world."""

    def __init__(self, world: World, **settings: str) -> None:
        self.world = world
        self.settings = settings

    def run(self, *words: str) -> tuple[int, Any]:
        """The exit code of a command, and its JSON."""
        code, text = self.say("--json", *words)
        return code, json.loads(text) if text else None

    def say(self, *words: str) -> tuple[int, str]:
        """The exit code of a command, and what it says."""
        said = io.StringIO()
        code = cli.main(words, environ=self.environ, clock=self.world.clock, stdout=said)
        return code, said.getvalue()

    @property
    def environ(self) -> dict[str, str]:
        """The variables that name the world's table, as in AWS."""
        return {
            **CREDENTIALS,
            **SECRETS,
            "TABLE_NAME": self.world.table_name,
            "GREENROOM_DYNAMODB_ENDPOINT": self.world.endpoint,
            **self.world.settings,
            **self.settings,
        }
