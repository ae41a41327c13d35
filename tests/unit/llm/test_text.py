"""Data for a model closes no block, and an answer's JSON can be stored and sent."""

import base64
import codecs
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.llm.text import (
    NotJson,
    data_line,
    json_value,
    letters_of,
    repeats,
    spellings_of,
    unfenced,
)


@given(st.text())
def test_data_is_one_line_that_opens_and_closes_no_block(text: str) -> None:
    line = data_line({"said": text})

    assert not {"<", ">", "&", "\n"} & set(line)
    assert json.loads(line) == {"said": text}


@pytest.mark.parametrize(
    "text", ['{"a": 1}', '```json\n{"a": 1}\n```', '``` {"a": 1}```', '  {"a": 1}\n']
)
def test_a_fence_around_an_answer_is_no_part_of_it(text: str) -> None:
    assert json_value(text) == {"a": 1}
    assert json.loads(unfenced(text)) == {"a": 1}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Here you are: {}",
        "NaN",
        '{"a": Infinity}',
        "[1e999]",
        "[" + "9" * 19 + "]",
        "9" * 5000,
        '"\\ud800"',
        '{"\\udfff": 1}',
        '{"a": 1, "a": 2}',
        "[" * 1_000_000,
        "{} {}",
    ],
)
def test_what_could_not_be_stored_and_sent_is_no_json(text: str) -> None:
    with pytest.raises(NotJson):
        json_value(text)


@given(st.text())
def test_any_text_is_a_value_or_none(text: str) -> None:
    try:
        value = json_value(text)
    except NotJson:
        return
    assert json_value(json.dumps(value, allow_nan=False)) == value


def test_emoji_and_long_numbers_of_no_harm_are_taken() -> None:
    assert json_value('["\\ud83d\\ude00", "ü", 999999999999999999, -1.5]') == [
        "😀", "ü", 999999999999999999, -1.5,
    ]  # fmt: skip


def test_letters_cannot_be_hidden_by_spacing_case_or_punctuation() -> None:
    assert letters_of("g-R \u200b\uff117.q") == letters_of("GR17Q")


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize(
    "hide",
    [
        str,
        str.lower,
        lambda text: text[::-1],
        lambda text: text.encode().hex(),
        lambda text: codecs.encode(text, "rot13"),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
        lambda text: " ".join(base64.b64encode(text.encode()).decode()),
    ],
)
def test_a_word_is_found_in_each_of_its_spellings(before: str, hide: Callable[[str], str]) -> None:
    word = "GR-WORD-7Q2M9X4K"
    spellings = spellings_of(word)

    assert repeats(hide(f"{before}{word} and so on"), spellings)
    assert not repeats(hide(f"{before}{word[1:]} and so on"), spellings)
