"""What every item of the table is: keys, kind, version, times; and how a raw one is read.

An item class stands for one kind. Stores turn items into domain objects and back; no item
leaves its store. Unknown attributes survive because existing items are only ever updated.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar
from zlib import crc32

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from greenroom.kernel.limits import INDEX_SHARDS
from greenroom.table.attributes import IntegerAttribute, MomentAttribute

RawItem = Mapping[str, dict[str, Any]]
I = TypeVar("I", bound="Item")  # noqa: E741 (the customary name of an item)

KINDS: dict[str, type["Item"]] = {}


class UnreadableItem(ValueError):
    """The stored item is of an unknown kind, or an attribute is not what it should be."""


@dataclass(frozen=True, slots=True)
class Key(Generic[I]):
    """Where one item lives, and of which class it is."""

    of: type[I]
    pk: str
    sk: str


class Item(Model):
    """Base of all items. A subclass names its ``KIND`` and, when it changes, its ``VERSION``."""

    KIND: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    # Whether a row that a time forgets is a person's own all the same, and no plumbing.
    THEIRS: ClassVar[bool] = False

    class Meta:
        """PynamoDB wants a table here; the real one is given to ``Table``."""

        table_name = "given-to-table"

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")
    kind = UnicodeAttribute()
    v = IntegerAttribute()
    created_at = MomentAttribute()
    updated_at = MomentAttribute()
    gsi1pk = UnicodeAttribute(null=True, attr_name="GSI1PK")
    gsi1sk = UnicodeAttribute(null=True, attr_name="GSI1SK")
    gsi2pk = UnicodeAttribute(null=True, attr_name="GSI2PK")
    gsi2sk = UnicodeAttribute(null=True, attr_name="GSI2SK")
    ttl = IntegerAttribute(null=True)
    # Names the newest single update, for a try whose answer was lost. See ``Table.update``.
    write_id = UnicodeAttribute(null=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.KIND:
            known = KINDS.setdefault(cls.KIND, cls)
            if known.__qualname__ != cls.__qualname__:
                raise ValueError(f"two classes for the kind {cls.KIND}")

    def told(self, names: Iterable[str]) -> dict[str, Any]:
        """These attributes by name, None where there is none: an eighth of ``getattr``'s time."""
        values = self.attribute_values
        return {name: values.get(name) for name in names}

    @classmethod
    def upgrade(cls, raw: RawItem, version: int) -> RawItem:
        """The raw item as the present version would have written it. Overridden per kind."""
        del version
        return raw

    @classmethod
    def read(cls, raw: RawItem) -> Self:
        """The item that this raw one is, of this class or a subclass.

        Raises:
            UnreadableItem: of another or unknown kind, or an attribute has a wrong type.
        """
        found = KINDS.get(raw.get("kind", {}).get("S", ""))
        if found is None or not issubclass(found, cls):
            raise UnreadableItem(f"kind {raw.get('kind')} is not a {cls.__name__}")
        try:
            version = int(raw["v"]["N"])
            upgraded = found.upgrade(raw, version) if version < found.VERSION else raw
            return found.from_raw_data(dict(upgraded))
        except Exception as cause:  # whatever a foreign writer left there
            raise UnreadableItem(f"a {found.KIND} cannot be read") from cause


def due_key(work: str, item_id: str, due_text: str) -> tuple[str, str]:
    """Partition and sort key in the work index for something due at that moment."""
    return f"DUE#{work}#{shard_of(item_id)}", f"{due_text}#{item_id}"


def shard_of(item_id: str) -> int:
    """Which partition of the work index an item is in, 0..7."""
    return crc32(item_id.encode()) % INDEX_SHARDS
