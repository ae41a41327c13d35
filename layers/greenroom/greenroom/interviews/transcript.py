"""The transcript: what was said, how two copies of it become one, how it is cut for storage.

Stored form: gzip JSON ``{"v":1,"messages":[{role, content, timestampMs, confidence?}]}``. The
same messages always give the same bytes.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from greenroom.kernel.errors import Broken, InvalidRequest
from greenroom.kernel.limits import MESSAGE_CHARS_MAX, TRANSCRIPT_CHUNK_BYTES

Role = Literal["user", "assistant"]

CHAR_BYTES_MAX = 6  # ``\\u0001``
OTHERS_BYTES_MAX = 160  # of a message's JSON, beside its content
# Prose shrinks 2.5 times or more, so that a group of this size mostly fits one chunk. It holds
# the longest message, too.
CHUNK_JSON_BYTES_MAX = max(160 * 1024, CHAR_BYTES_MAX * MESSAGE_CHARS_MAX + 1024)
_GZIP = 31  # zlib's name for the gzip wrapper; zlib itself writes no time and no file name
_POSITION = re.compile(r"(\d{1,15})\.(user|assistant)")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. ``user`` is the person, ``assistant`` the AI interviewer.

    ``timestamp_ms`` is epoch milliseconds, at the moment when the turn's text was complete.
    ``confidence`` is the transcription's own, 0 to 1, where it gave one.
    """

    role: Role
    content: str
    timestamp_ms: int
    confidence: float | None = None

    @property
    def key(self) -> tuple[int, str]:
        """What makes it the same turn in two copies, and the order of turns."""
        return (self.timestamp_ms, self.role)

    def to_json(self) -> dict[str, Any]:
        """The stored form; ``confidence`` only where it is known."""
        stored = {"role": self.role, "content": self.content, "timestampMs": self.timestamp_ms}
        return stored if self.confidence is None else {**stored, "confidence": self.confidence}


def merge(stored: Iterable[Message], sent: Iterable[Message]) -> tuple[Message, ...]:
    """The union of two copies: of the same turn the longer text wins, ordered by time.

    Ties are broken by the text itself, so that the order of saves never matters: merging is
    idempotent, commutative and associative. Turns of the same moment stand interviewer first.
    """
    best: dict[tuple[int, str], Message] = {}
    for message in chain(stored, sent):
        known = best.get(message.key)
        if known is None or _weight(message) > _weight(known):
            best[message.key] = message
    return tuple(best[key] for key in sorted(best))


def _weight(message: Message) -> tuple[int, str, float]:
    confidence = -1.0 if message.confidence is None else message.confidence
    return (len(message.content), message.content, confidence)


def chunk(messages: Sequence[Message]) -> list[bytes]:
    """The stored form in pieces of at most ``TRANSCRIPT_CHUNK_BYTES``, no message split.

    No messages give no chunks.

    Raises:
        ValueError: one message alone does not fit a chunk (it was longer than
            ``MESSAGE_CHARS_MAX``, which the edge refuses).
    """
    lines = [_encoded(message.to_json()) for message in messages]
    groups = _groups(lines, size_max=CHUNK_JSON_BYTES_MAX - len(_wrapped([])))
    return [piece for group in groups for piece in _pieces(group)]


def _groups(lines: Sequence[bytes], *, size_max: int) -> Iterator[list[bytes]]:
    """Consecutive lines whose joined size stays under the maximum."""
    group: list[bytes] = []
    size = 0
    for line in lines:
        if group and size + len(line) + 1 > size_max:
            yield group
            group, size = [], 0
        group.append(line)
        size += len(line) + 1
    if group:
        yield group


def _pieces(group: list[bytes]) -> list[bytes]:
    """The group compressed, halved as often as it takes to fit."""
    text = _wrapped(group)
    packed = zlib.compress(text, level=6, wbits=_GZIP)
    if len(packed) <= TRANSCRIPT_CHUNK_BYTES and len(text) <= CHUNK_JSON_BYTES_MAX:
        return [packed]
    if len(group) == 1:
        raise ValueError("a message is too long for a chunk")
    middle = len(group) // 2
    return _pieces(group[:middle]) + _pieces(group[middle:])


def unchunk(packed: bytes) -> tuple[Message, ...]:
    """The messages of one chunk. Unknown members are ignored, so that later versions read.

    Raises:
        Broken: the bytes are no chunk of ours, or unpack to more than a chunk can hold.
    """
    unpack = zlib.decompressobj(wbits=_GZIP)
    try:
        # One byte more than the maximum, so that a full chunk still reaches its end.
        text = unpack.decompress(packed, CHUNK_JSON_BYTES_MAX + 1)
        if not unpack.eof or unpack.unused_data:
            raise Broken(log={"reason": "transcript_chunk_size"})
        return tuple(_message(stored) for stored in json.loads(text)["messages"])
    except (zlib.error, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise Broken(log={"reason": "transcript_chunk_unreadable"}) from problem


def _message(stored: dict[str, Any]) -> Message:
    role: Role = "user" if stored["role"] == "user" else "assistant"
    confidence = stored.get("confidence")
    return Message(
        role=role,
        content=str(stored["content"]),
        timestamp_ms=int(stored["timestampMs"]),
        confidence=None if confidence is None else float(confidence),
    )


@dataclass(frozen=True, slots=True)
class Page:
    """Some consecutive messages, and the position at which the next page begins."""

    messages: tuple[Message, ...]
    next_position: str | None


def page(
    messages: Sequence[Message],
    *,
    size_bytes: int,
    messages_max: int | None = None,
    position: str | None = None,
) -> Page:
    """The messages from a position on, as many as fit into so many bytes of JSON.

    ``messages`` are merged ones. A page holds at least one message where there is one. The size
    counts UTF-8; an encoder that escapes what is not ASCII makes up to three times as much of
    it. A position names a turn, not an index: a resend between two pages repeats nothing.

    Raises:
        InvalidRequest: the position is none that a page gave out.
    """
    start = (0, "") if position is None else _key_of(position)
    rest = [message for message in messages if message.key >= start]
    most = len(rest) if messages_max is None else messages_max
    # Mostly it is so little that nothing has to be encoded here, and once more in the answer.
    if len(rest) <= most and sum(map(bytes_at_most, rest)) <= size_bytes:
        return Page(tuple(rest), None)
    size = 0
    for index, message in enumerate(rest):
        size += len(_encoded(message.to_json())) + 1
        if index and (size > size_bytes or index == messages_max):
            return Page(tuple(rest[:index]), _position_of(message))
    return Page(tuple(rest), None)


def bytes_at_most(message: Message) -> int:
    """No fewer bytes than its JSON has with a comma, told without encoding it."""
    return OTHERS_BYTES_MAX + CHAR_BYTES_MAX * len(message.content)


def _position_of(message: Message) -> str:
    text = f"{message.timestamp_ms}.{message.role}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _key_of(position: str) -> tuple[int, str]:
    try:
        padded = position + "=" * (-len(position) % 4)
        text = base64.urlsafe_b64decode(padded.encode("ascii")).decode("ascii")
    except ValueError as problem:
        raise InvalidRequest("cursor is not one that we gave.", field="cursor") from problem
    found = _POSITION.fullmatch(text)
    if found is None:
        raise InvalidRequest("cursor is not one that we gave.", field="cursor")
    return (int(found[1]), found[2])


def _wrapped(lines: Sequence[bytes]) -> bytes:
    return b'{"v":1,"messages":[' + b",".join(lines) + b"]}"


def _encoded(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
