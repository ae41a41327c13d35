"""Credits are integers inside; text and JSON numbers say exactly the same."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.kernel.money import credits_from_text, credits_to_json, credits_to_text

amounts = st.integers(-(10**12), 10**12)


@given(amounts)
def test_text_comes_back_as_the_same_amount(centicredits: int) -> None:
    assert credits_from_text(credits_to_text(centicredits)) == centicredits


@given(amounts)
def test_text_is_the_decimal_number(centicredits: int) -> None:
    assert Decimal(credits_to_text(centicredits)) == Decimal(centicredits) / 100


@given(amounts)
def test_a_json_number_tells_the_exact_amount(centicredits: int) -> None:
    told = json.dumps(credits_to_json(centicredits))

    assert Decimal(told) * 100 == centicredits


@given(amounts, amounts)
def test_sums_of_texts_are_texts_of_sums(one: int, other: int) -> None:
    total = Decimal(credits_to_text(one)) + Decimal(credits_to_text(other))

    assert credits_from_text(f"{total:.2f}") == one + other


@pytest.mark.parametrize(
    ("text", "centicredits"),
    [("3", 300), ("3.0", 300), ("3.00", 300), ("0.5", 50), ("-0.05", -5), ("007.10", 710)],
)
def test_plain_decimal_numbers_are_read(text: str, centicredits: int) -> None:
    assert credits_from_text(text) == centicredits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        ".5",
        "5.",
        "1.005",
        "1,5",
        "1e2",
        "+1",
        "--1",
        " 1",
        "1 ",
        "NaN",
        "inf",
        "\u0661",
    ],
)
def test_anything_else_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        credits_from_text(text)


@given(st.text(max_size=8))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        amount = credits_from_text(text)
    except ValueError:
        return
    assert Decimal(text) * 100 == amount
