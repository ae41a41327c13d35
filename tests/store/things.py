"""A kind of item that only tests have, and races over it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from pynamodb.attributes import UnicodeAttribute

from greenroom.kernel.errors import Conflict
from greenroom.table.attributes import IntegerAttribute
from greenroom.table.item import Item, Key, RawItem
from greenroom.table.table import Table
from tests.world import client_of

T = TypeVar("T")


class Thing(Item):
    """Something that can be counted; version 2 has a colour."""

    VERSION = 2

    number = IntegerAttribute()
    colour = UnicodeAttribute(null=True)

    @classmethod
    def upgrade(cls, raw: RawItem, version: int) -> RawItem:
        """Before version 2 every thing was grey."""
        return {**raw, "colour": {"S": "grey"}} if version < 2 else raw

    @classmethod
    def at(cls, name: str, *, of: str = "A") -> "Key[Thing]":
        """Where the thing is."""
        return Key(cls, f"THINGS#{of}", f"THING#{name}")


# Named after the class was made, so that it is known only while a test says so.
Thing.KIND = "test_thing"


class Refusal(Conflict):
    """What a broken condition means in these tests; ``old`` is the number there was."""

    def __init__(self, word: str, old: Thing | None = None) -> None:
        super().__init__(word)
        self.word = word
        self.old = None if old is None else old.number


def refused(word: str) -> Callable[[Thing | None], Refusal]:
    """The meaning of a broken condition, with the number that was there."""
    return lambda old: Refusal(word, old)


def thing(name: str, number: int = 0, **attributes: Any) -> Thing:
    """A new thing."""
    key = Thing.at(name)
    return Thing(key.pk, key.sk, number=number, **attributes)


def number_of(table: Table, name: str) -> int | None:
    """The number of the thing, or None."""
    found = table.get(Thing.at(name))
    return None if found is None else found.number


def put_raw(table: Table, **attributes: Any) -> None:
    """Write a row as somebody else might have."""
    row = {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in attributes.items()
    }
    client_of(str(table.connection.host)).put_item(TableName=table.name, Item=row)


def at_once(count: int, act: Callable[[int], T]) -> list[T | BaseException]:
    """What ``act`` gives or raises in so many threads that all begin at the same moment."""
    barrier = threading.Barrier(count)

    def one(number: int) -> T | BaseException:
        barrier.wait(timeout=30)
        try:
            return act(number)
        except Exception as error:  # noqa: BLE001 (the race's outcome)
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
