"""Two copies become one; the transcript is cut, stored and read back without loss."""

import gzip
import json
import random
import zlib
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.interviews import transcript
from greenroom.interviews.transcript import Message, bytes_at_most, chunk, merge, page, unchunk
from greenroom.kernel.errors import Broken, InvalidRequest
from greenroom.kernel.limits import MESSAGE_CHARS_MAX, TRANSCRIPT_CHUNK_BYTES

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
messages = st.builds(
    Message,
    role=st.sampled_from(["user", "assistant"]),
    content=texts,
    timestamp_ms=st.integers(0, 5),  # few moments, so that turns collide
    confidence=st.none() | st.floats(0, 1),
)
copies = st.lists(messages, max_size=12)


def said(content: str, at_ms: int, role: str = "user") -> Message:
    assert role in {"user", "assistant"}
    return Message(
        role="user" if role == "user" else "assistant", content=content, timestamp_ms=at_ms
    )


@given(copies, copies, copies)
def test_the_order_and_number_of_saves_never_matter(
    a: list[Message], b: list[Message], c: list[Message]
) -> None:
    assert merge(a, b) == merge(b, a)
    assert merge(merge(a, b), c) == merge(a, merge(b, c))
    assert merge(merge(a, b), b) == merge(a, b)


@given(copies, copies)
def test_a_merge_is_ordered_and_holds_each_turn_once(a: list[Message], b: list[Message]) -> None:
    merged = merge(a, b)

    assert {message.key for message in merged} == {message.key for message in a + b}
    assert all(before.key < after.key for before, after in pairwise(merged))


@given(copies, copies)
def test_no_text_that_was_saved_ever_gets_shorter(a: list[Message], b: list[Message]) -> None:
    longest = {message.key: len(message.content) for message in merge(a, b)}

    assert all(longest[message.key] >= len(message.content) for message in a + b)


def test_the_longer_content_of_the_same_turn_wins() -> None:
    short, longer = said("I led", 1), said("I led the team", 1)

    assert merge([short], [longer]) == merge([longer], [short]) == (longer,)


def test_both_sides_may_speak_in_the_same_millisecond() -> None:
    person, interviewer = said("Yes", 1), said("Ready?", 1, "assistant")

    assert merge([person], [interviewer]) == (interviewer, person)


@given(copies)
def test_chunks_read_back_as_they_were(some: list[Message]) -> None:
    merged = merge(some, [])

    assert tuple(m for piece in chunk(merged) for m in unchunk(piece)) == merged


def test_the_same_messages_always_give_the_same_bytes() -> None:
    merged = [said("one", 1), said("two", 2)]

    (piece,) = chunk(merged)

    assert chunk(merged) == [piece]
    assert piece[4:8] == b"\0\0\0\0", "a gzip header without a time"
    assert json.loads(gzip.decompress(piece))["messages"][0] == {
        "role": "user",
        "content": "one",
        "timestampMs": 1,
    }


def test_a_two_hour_transcript_is_cut_into_chunks_that_fit_an_item() -> None:
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(9000)]
    merged = [said(" ".join(chance.choices(words, k=60)), n) for n in range(5000)]
    assert sum(len(m.content) for m in merged) > 2_000_000

    pieces = chunk(merged)

    assert all(len(piece) <= TRANSCRIPT_CHUNK_BYTES for piece in pieces)
    assert len(pieces) < 60, "chunks are well filled"
    assert [m for piece in pieces for m in unchunk(piece)] == merged


@pytest.mark.parametrize("kind", ["astral", "control", "ascii"])
def test_the_longest_message_fits_a_chunk_however_badly_it_compresses(kind: str) -> None:
    chance = random.Random(2)
    alphabet = {
        "astral": [chr(point) for point in range(0x10000, 0x110000)],
        "control": [chr(point) for point in range(32)],
        "ascii": [chr(point) for point in range(128)],
    }[kind]
    longest = said("".join(chance.choices(alphabet, k=MESSAGE_CHARS_MAX)), 1)

    pieces = chunk([longest, said("next", 2)])

    assert all(len(piece) <= TRANSCRIPT_CHUNK_BYTES for piece in pieces)
    assert [m for piece in pieces for m in unchunk(piece)] == [longest, said("next", 2)]


def test_a_message_over_every_limit_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="too long"):
        chunk([said("\x01" * (MESSAGE_CHARS_MAX * 2), 1)])


def test_no_messages_give_no_chunks() -> None:
    assert chunk([]) == []


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"not gzip",
        zlib.compress(b"{}", wbits=31),
        zlib.compress(b'{"messages":[{"role":"user"}]}', wbits=31),
        zlib.compress(b"[" * 100_000, wbits=31),
        zlib.compress(b'{"messages":[]' + b" " * 50_000_000 + b"}", wbits=31),
        chunk([Message("user", "a", 1)])[0] + b"trailing",
        chunk([Message("user", "a", 1)])[0][:-4],
    ],
    ids=["empty", "plain", "other", "partial", "deep", "bomb", "trailing", "torn"],
)
def test_a_chunk_that_is_not_ours_is_refused_without_unpacking_it_all(packed: bytes) -> None:
    with pytest.raises(Broken):
        unchunk(packed)


def test_members_of_a_later_version_are_ignored() -> None:
    later = {"v": 2, "messages": [{"role": "user", "content": "a", "timestampMs": 1, "mood": "ok"}]}

    assert unchunk(zlib.compress(json.dumps(later).encode(), wbits=31)) == (said("a", 1),)


@settings(max_examples=60)
@given(copies, st.integers(1, 400))
def test_pages_follow_each_other_without_gap_or_repeat(some: list[Message], size: int) -> None:
    merged = merge(some, [])

    read: list[Message] = []
    position = None
    for _ in range(len(merged) + 1):
        part = page(merged, size_bytes=size, position=position)
        read += part.messages
        position = part.next_position
        if position is None:
            break

    assert tuple(read) == merged
    assert position is None


def test_a_page_holds_as_much_as_fits() -> None:
    merged = [said("x" * 100, n) for n in range(10)]
    one = len(json.dumps(merged[0].to_json(), separators=(",", ":"))) + 1

    assert len(page(merged, size_bytes=one * 4).messages) == 4
    assert len(page(merged, size_bytes=1).messages) == 1


@given(messages, st.integers(0, 10**15 - 1))
def test_a_message_is_never_larger_than_what_is_told_of_it(message: Message, at_ms: int) -> None:
    sent = replace(message, timestamp_ms=at_ms).to_json()

    encoded = json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode() + b","

    assert len(encoded) <= bytes_at_most(message)


def test_a_message_of_control_characters_is_not_larger_than_what_is_told_of_it() -> None:
    message = Message("assistant", "\x01" * 1000, 10**15 - 1, confidence=5e-324)

    assert len(json.dumps(message.to_json(), separators=(",", ":"))) < bytes_at_most(message)


def test_a_page_holds_no_more_messages_than_are_wanted() -> None:
    merged = merge([], [said("a", number) for number in range(5)])

    first = page(merged, size_bytes=10_000, messages_max=2)
    rest = page(merged, size_bytes=10_000, messages_max=3, position=first.next_position)

    assert (first.messages, rest.messages) == (merged[:2], merged[2:])
    assert rest.next_position is None


def test_a_resend_between_two_pages_repeats_nothing() -> None:
    merged = [said("x" * 100, n) for n in range(10, 20)]
    first = page(merged, size_bytes=500)

    resent = merge(merged, [said("early", 1)])
    second = page(resent, size_bytes=10_000, position=first.next_position)

    assert first.messages + second.messages == tuple(merged)


@pytest.mark.parametrize("position", ["", "x", "é", "%%%", "MS54", "A" * 5000, "MTIzLnN5c3RlbQ"])
def test_a_made_up_position_is_refused(position: str) -> None:
    with pytest.raises(InvalidRequest):
        page([said("a", 1)], size_bytes=100, position=position)


def test_a_chunk_never_holds_more_than_the_guard_lets_through() -> None:
    repetitive = [said("a" * MESSAGE_CHARS_MAX, n) for n in range(40)]

    pieces = chunk(repetitive)

    assert all(len(gzip.decompress(p)) <= transcript.CHUNK_JSON_BYTES_MAX for p in pieces)
    assert [m for piece in pieces for m in unchunk(piece)] == repetitive
