"""What makes a transaction large: every text and binary in it, at any depth."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.attributes import BinaryAttribute
from pynamodb.connection import Connection

from greenroom.kernel.errors import Conflict
from greenroom.table import transaction
from greenroom.table.item import Item
from greenroom.table.table import Table
from greenroom.table.transaction import TransactionRefused

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
leaves = texts | st.binary(max_size=8) | st.booleans() | st.none()
requests = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)


class Large(Item):
    """An item without a kind that can hold much."""

    content = BinaryAttribute(legacy_encoding=False)


def plainly(value: Any) -> int:
    """The same in the plainest words."""
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(plainly(key) + plainly(held) for key, held in value.items())
    return sum(map(plainly, value)) if isinstance(value, list) else 1


@given(requests)
def test_the_size_of_a_request_is_that_of_its_texts_and_binaries(request: Any) -> None:
    assert transaction._size_of(request) == plainly(request)


def test_a_transaction_of_more_than_four_megabytes_is_not_sent() -> None:
    over = Table("greenroom", Connection(region="eu-central-1")).transaction()
    for number in range(11):
        item = Large(f"LARGE#{number}", "LARGE", content=b"\x00" * 400_000)
        over.put(str(number), item, otherwise=Conflict("there already"))

    with pytest.raises(TransactionRefused, match="bytes"):
        over.commit()


def test_an_item_tells_attributes_as_each_of_them_is_read() -> None:
    item = Large("LARGE#1", "LARGE", content=b"\x00", gsi1pk="ONE")
    names = ["content", "gsi1pk", "gsi1sk", "pk", "ttl"]

    assert item.told(names) == {name: getattr(item, name) for name in names}
    assert item.told(["gsi1sk"]) == {"gsi1sk": None}
