"""Transcripts and figures of interviews in the table.

| item | PK | SK |
|---|---|---|
| interview | INTERVIEW#{session_id} | RECORD |
| transcript_chunk | INTERVIEW#{session_id} | CHUNK#{generation}#{n:04} |

A transcript is written as a new generation of chunks, with a time to live; then the transaction
that points at the generation takes that time away, and gives one to the generation before. A
generation that nobody points at, because its writer died or lost a race, goes by itself.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, UnicodeAttribute

from greenroom.interviews.transcript import Message, chunk, unchunk
from greenroom.kernel.clock import epoch_s
from greenroom.kernel.errors import BodyTooLarge, Broken, Conflict
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import TRANSACTION_STEPS_MAX, TRANSCRIPT_CHUNKS_MAX, Limits
from greenroom.table.attributes import IntegerAttribute, JsonAttribute
from greenroom.table.item import Item, Key
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction


class InterviewItem(Item):
    """Which generation of the transcript counts, and what is known of the interview."""

    KIND = "interview"

    generation = UnicodeAttribute()
    chunk_count = IntegerAttribute()
    metrics = JsonAttribute()
    reported = JsonAttribute(null=True)
    resume_data = JsonAttribute(null=True)
    too_short = BooleanAttribute()

    @classmethod
    def at(cls, session_id: str) -> "Key[InterviewItem]":
        """Where the interview's record is."""
        return Key(cls, f"INTERVIEW#{session_id}", "RECORD")


class ChunkItem(Item):
    """A piece of a transcript, compressed."""

    KIND = "transcript_chunk"

    data = BinaryAttribute(legacy_encoding=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is stored beside the session; ``reported`` is the client's word, never trusted."""

    generation: str
    chunk_count: int
    metrics: dict[str, Any]
    reported: dict[str, Any] | None = None
    resume_data: Any = None
    too_short: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """Chunks that were written and that nobody points at yet."""

    name: str
    keys: list[Key[ChunkItem]] = field(repr=False)


class InterviewStore:
    """Reads and writes of transcripts."""

    def __init__(self, table: Table, *, limits: Limits) -> None:
        self._table = table
        self._limits = limits

    def record(self, session_id: str) -> Record | None:
        """What is stored of the interview, or None before the first save."""
        item = self._table.get(InterviewItem.at(session_id))
        if item is None:
            return None
        return Record(
            generation=item.generation,
            chunk_count=item.chunk_count,
            metrics=item.metrics,
            reported=item.reported,
            resume_data=item.resume_data,
            too_short=bool(item.too_short),
        )

    def messages(self, session_id: str, record: Record) -> list[Message]:
        """The whole transcript, in the order of time.

        Raises:
            Broken: a chunk is gone or cannot be read. A save would lose what it held for good.
        """
        page = self._table.query(
            ChunkItem,
            f"INTERVIEW#{session_id}",
            sk_prefix=f"CHUNK#{record.generation}#",
            limit=TRANSCRIPT_CHUNKS_MAX,
            consistent=True,
        )
        if len(page.items) != record.chunk_count:
            raise Broken(log={"reason": "transcript_chunks_missing", "session_id": session_id})
        return [message for item in page.items for message in unchunk(item.data)]

    def write(self, session_id: str, messages: list[Message]) -> Generation:
        """Write a transcript's chunks as a new generation.

        Raises:
            BodyTooLarge: more chunks than one transaction can point at.
        """
        pieces = chunk(messages)
        if len(pieces) > TRANSCRIPT_CHUNKS_MAX:
            raise BodyTooLarge("The transcript is too large.")
        name = new_id()
        ttl = self._orphaned_at()
        items = [
            ChunkItem(f"INTERVIEW#{session_id}", f"CHUNK#{name}#{number:04}", data=piece, ttl=ttl)
            for number, piece in enumerate(pieces)
        ]
        self._table.put_all(items)
        return Generation(name=name, keys=[Key(ChunkItem, one.pk, one.sk) for one in items])

    def add_record(
        self, tx: Transaction, session_id: str, record: Record, *, written: Generation
    ) -> None:
        """Add the steps that make the written generation count, and keep it for good."""
        set_or_remove = [
            attribute.remove() if value is None else attribute.set(value)
            for attribute, value in (
                (InterviewItem.reported, record.reported),
                (InterviewItem.resume_data, record.resume_data),
            )
        ]
        tx.update(
            "record",
            InterviewItem.at(session_id),
            InterviewItem.kind.set(InterviewItem.KIND),
            InterviewItem.v.set(InterviewItem.VERSION),
            InterviewItem.created_at.set(InterviewItem.created_at | self._table.clock()),
            InterviewItem.generation.set(record.generation),
            InterviewItem.chunk_count.set(record.chunk_count),
            InterviewItem.metrics.set(record.metrics),
            InterviewItem.too_short.set(record.too_short),
            *set_or_remove,
            when=None,
            otherwise=Conflict(),
        )
        for key in written.keys:
            tx.update(
                f"chunk {key.sk}",
                key,
                ChunkItem.ttl.remove(),
                when=ChunkItem.pk.exists(),
                otherwise=Conflict("The chunk has gone."),
            )

    def add_retirement(self, tx: Transaction, session_id: str, record: Record) -> bool:
        """Add the steps that let a generation go that will not count; readers have a day.

        False, and no step, where the transaction has no room for them: then ``retire`` it.
        """
        if len(tx.steps) + record.chunk_count > TRANSACTION_STEPS_MAX:
            return False
        for key in _chunk_keys(session_id, record):
            tx.update(
                f"retired chunk {key.sk}",
                key,
                ChunkItem.ttl.set(self._orphaned_at()),
                when=ChunkItem.pk.exists(),
                otherwise=Conflict("The chunk has gone."),
                optional=True,
            )
        return True

    def retire(self, session_id: str, record: Record) -> None:
        """Let a generation go that no longer counts, chunk by chunk."""
        for key in _chunk_keys(session_id, record):
            self._table.update(
                key,
                ChunkItem.ttl.set(self._orphaned_at()),
                when=ChunkItem.pk.exists(),
                otherwise=Conflict("The chunk has gone."),
            )

    def forget(self, session_id: str) -> None:
        """Delete all that is stored of an interview, every generation of it."""
        self._table.empty(f"INTERVIEW#{session_id}")

    def _orphaned_at(self) -> int:
        return epoch_s(self._table.clock() + timedelta(seconds=self._limits.orphan_chunks_s))


def _chunk_keys(session_id: str, record: Record) -> list[Key[ChunkItem]]:
    return [
        Key(ChunkItem, f"INTERVIEW#{session_id}", f"CHUNK#{record.generation}#{number:04}")
        for number in range(record.chunk_count)
    ]
