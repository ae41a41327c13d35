"""Everything that is stored of a person, as JSON, page by page.

The person's own rows come first, then the rows that lists show under their name, each with what
belongs to it. Nothing is chosen by kind: what a later version stores is exported, too. Only keys,
secrets and housekeeping are left out, and rows that are on their way out.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from greenroom.accounts.store import AccountStore
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import AccountDeleted, InvalidRequest
from greenroom.kernel.limits import EXPORT_PAGE_BYTES
from greenroom.kernel.money import credits_to_json
from greenroom.table.item import Item
from greenroom.table.table import Table

# Which rows belong to a listed one, by its kind, as partitions and prefixes of sort keys in them;
# without an entry it is its own row.
Belongings = Mapping[str, Callable[[Item], Sequence[tuple[str, str]]]]

_PLUMBING = frozenset({"kind", "v", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "ttl", "write_id"})
# A studio's notes on its customers are its own to tell.
_SECRET = frozenset(
    {"token", "claim", "claim_until", "request_hash", "offer_sha256", "url", "notes"}
)
_CENTICREDITS = frozenset({"credits", "amount", "cost", "balance_after", "reversed_credits"})
LISTS_MAX = 50  # of one person
_UNPACKED_BYTES_MAX = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where an export goes on: in the person's own rows (``part`` 0) or in a listed row's.

    ``listed`` is the cursor of the listed row, ``inner`` that inside the present partition;
    ``list_no`` says in which of the person's lists.
    """

    part: int = 0
    listed: str | None = None
    inner: str | None = None
    list_no: int = 0

    def to_text(self) -> str:
        """The opaque cursor."""
        parts = [self.part, self.listed, self.inner, self.list_no]
        text = json.dumps(parts, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of(cls, cursor: str | None) -> "Place":
        """The place that a cursor names.

        Raises:
            InvalidRequest: it names none.
        """
        if cursor is None:
            return cls()
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            text = base64.b64decode(padded, altchars=b"-_", validate=True)
            part, listed, inner, list_no = json.loads(text)
        except (binascii.Error, ValueError, TypeError, RecursionError) as cause:
            raise _not_ours() from cause
        texts = all(one is None or isinstance(one, str) for one in (listed, inner))
        numbers = type(part) is int and 0 <= part <= 9 and type(list_no) is int
        if not numbers or not texts or not 0 <= list_no <= LISTS_MAX:
            raise _not_ours()
        return cls(part, listed, inner, list_no)


class Export:
    """Reads all of a person's rows."""

    def __init__(
        self,
        table: Table,
        *,
        store: AccountStore,
        belongings: Belongings,
        also_lists: Callable[[str], Sequence[str]] = lambda _: (),
    ) -> None:
        """``also_lists`` are partitions of ``GSI1`` besides the person's own that are theirs."""
        self._table = table
        self._also_lists = also_lists
        self._store = store
        self._belongings = belongings

    def page(
        self, user_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Some rows as JSON, at most ``limit`` and about 1 MB, and where the next ones begin.

        Raises:
            AccountDeleted: the person's account was deleted.
            InvalidRequest: the cursor is not one of this person's export.
        """
        person = self._store.stored(user_id)
        if person is not None and person.is_deleted:
            raise AccountDeleted
        documents: list[dict[str, Any]] = []
        size_bytes = 0
        place: Place | None = Place.of(cursor)
        while place is not None and len(documents) < limit and size_bytes < EXPORT_PAGE_BYTES:
            found, place = self._read(user_id, place)
            documents += found
            size_bytes += sum(len(json.dumps(one, ensure_ascii=False).encode()) for one in found)
        return documents, place.to_text() if place else None

    def _read(self, user_id: str, place: Place) -> tuple[list[dict[str, Any]], Place | None]:
        """The row at a place and where the next one is; none at all at the end of a part."""
        if place.part == 0:
            row, inner = self._one(f"USER#{user_id}", place.inner)
            return row, Place(0, None, inner) if inner else Place(1)
        lists = [f"USER#{user_id}", *self._also_lists(user_id)]
        if place.list_no >= len(lists):
            return [], None
        return self._listed(lists[place.list_no], place)

    def _listed(self, owner: str, place: Place) -> tuple[list[dict[str, Any]], Place]:
        """A row of what a list shows, and where the next one is."""
        after_all = Place(1, list_no=place.list_no + 1)
        page = self._table.query(Item, owner, index="GSI1", limit=1, cursor=place.listed)
        if not page.items:
            return [], after_all
        parts = self._parts(page.items[0])
        if place.part > len(parts):
            raise _not_ours()
        pk, sk_prefix = parts[place.part - 1]
        row, inner = self._one(pk, place.inner, sk_prefix=sk_prefix)
        if inner:
            return row, replace(place, inner=inner)
        if place.part < len(parts):
            return row, replace(place, part=place.part + 1, inner=None)
        if page.next_cursor:
            return row, Place(1, page.next_cursor, list_no=place.list_no)
        return row, after_all

    def _parts(self, item: Item) -> Sequence[tuple[str, str]]:
        """Partition and sort-key prefix of all that belongs to a listed row."""
        belonging = self._belongings.get(item.kind)
        return [(item.pk, item.sk)] if belonging is None else belonging(item)

    def _one(
        self, pk: str, cursor: str | None, *, sk_prefix: str = ""
    ) -> tuple[list[dict[str, Any]], str | None]:
        page = self._table.query(
            Item, pk, sk_prefix=sk_prefix, limit=1, cursor=cursor, consistent=True
        )
        # What a list shows is theirs as long as it is there; what else has a time is plumbing.
        stays = [item for item in page.items if _is_theirs(item)]
        return [document_of(item) for item in stays], page.next_cursor


def _is_theirs(item: Item) -> bool:
    return item.THEIRS or item.ttl is None or item.gsi1pk is not None


def document_of(item: Item) -> dict[str, Any]:
    """A row as JSON: names in camelCase, moments as text, sets as lists, what was packed unpacked.

    Amounts of credits are in credits, as everywhere on the wire.
    """
    document: dict[str, Any] = {"kind": item.kind}
    for name in sorted(item.attribute_values):
        value = item.attribute_values[name]
        if name in {"pk", "sk"} or name in _PLUMBING | _SECRET or value is None:
            continue
        is_credits = name in _CENTICREDITS and isinstance(value, int)
        document[_camel(name)] = credits_to_json(value) if is_credits else _plain(value)
    return document


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, bytes):
        return _unpacked(value)
    if isinstance(value, set):
        return sorted(value)
    return value


def _unpacked(packed: bytes) -> Any:
    """What was packed, as JSON where it is JSON, else as text; the bytes in base64 if neither."""
    try:
        unpack = zlib.decompressobj(wbits=31)
        raw = unpack.decompress(packed, _UNPACKED_BYTES_MAX)
    except zlib.error:
        raw = packed
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        pass
    try:
        return raw.decode()
    except ValueError:
        return base64.b64encode(packed).decode()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _not_ours() -> InvalidRequest:
    return InvalidRequest("cursor is not one that we gave.", field="cursor")
