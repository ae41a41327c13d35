"""A model's words become plain text, and its quotes have to be true."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.feedback.text import _PLAIN, clean, quotes_that_occur

TRAPS = st.sampled_from(
    [
        "<script>",
        "</script>",
        "<",
        ">",
        "&lt;",
        "&#60;",
        "&amp;",
        "<!--",
        "-->",
        "http://",
        "://",
        "https:",
        "[a](",
        ")",
        "[",
        "]",
        "javascript:x",
        "www.",
        "evil.com/x",
        "\u202e",
        "\u200b",
        " ",
        "word",
    ]
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("You did <b>well</b>.", "You did well ."),
        ("<script>alert(1)</script>Good", "alert(1) Good"),
        ("<<b>script>alert(1)", "< script>alert(1)"),
        ("&lt;img src=x onerror=alert(1)&gt; fine", "fine"),
        ("&amp;lt;b&amp;gt; fine", "fine"),
        ("<!-- hidden --> seen <!-- open", "seen"),
        ("see [this page](https://evil.example/x) now", "see this page now"),
        ("![pixel](https://evil.example/p.png)ok", "pixelok"),
        ("go to https://evil.example/a?b=c, please", "go to please"),
        ("go to HTTPS:\\\\evil.example now", "go to now"),
        ("go to evil.example/path or evil.example:8080 now", "go to or now"),
        ("www.evil.example javascript:alert(1) mailto:a@b.c data:text/html,x", ""),
        ("ht\u200btp://evil.example here", "here"),
        ("a\u202eb\x00c\x1b[31m\U000e0041", "abc[31m"),
        ("two\nlines\tand\u2028more", "two lines and more"),
        ("p < 0.05 and a > b, AT&T, R&D", "p < 0.05 and a > b, AT&T, R&D"),
        (
            "Node.js/Express and ASP.NET/MVC, and/or TCP/IP",
            "Node.js/Express and ASP.NET/MVC, and/or TCP/IP",
        ),
        ("Booking.com at 10:30, ratio 3:1", "Booking.com at 10:30, ratio 3:1"),
        ("می‌خواهم 👩‍💻", "می‌خواهم 👩‍💻"),
    ],
)
def test_nothing_is_left_to_click_or_to_run(text: str, plain: str) -> None:
    assert clean(text, chars_max=500) == plain


@given(st.lists(TRAPS | st.text(max_size=5), max_size=30).map("".join))
def test_no_tag_link_or_control_character_survives_any_nesting(text: str) -> None:
    plain = clean(text, chars_max=2000)

    assert "://" not in plain
    assert not re.search(r"<[A-Za-z/!?]|javascript:\S|\bwww\.\S", plain, re.IGNORECASE)
    assert plain.isprintable() or "\u200c" in plain or "\u200d" in plain
    assert clean(plain, chars_max=2000) == plain


def test_a_nesting_built_to_outlast_the_passes_is_flattened() -> None:
    text = "x"
    for _ in range(60):
        text = text.replace("&", "&amp;") if "&" in text else "&lt;b&gt;"

    plain = clean(text, chars_max=10_000)

    assert "<" not in plain
    assert "&lt;b" not in plain


def test_a_long_text_is_cut_at_a_word() -> None:
    assert clean("alpha beta gamma delta", chars_max=17) == "alpha beta…"
    assert clean("a" * 30, chars_max=10) == "a" * 9 + "…"


@given(st.text(max_size=80), st.integers(1, 40))
def test_a_cap_is_a_cap(text: str, chars_max: int) -> None:
    assert len(clean(text, chars_max=chars_max)) <= chars_max


@pytest.mark.parametrize(
    "piece", ["<", "a.", "a-", "[a](", "&amp;", "a:", "<!--", ":/", "[", "http:"]
)
def test_no_text_takes_long_to_clean(piece: str) -> None:
    began = time.perf_counter()

    clean(piece * (6_000 // len(piece)), chars_max=800)

    assert time.perf_counter() - began < 1


TURN = "I led the migration to “Postgres” — and it's\n  done."


@pytest.mark.parametrize(
    "quote",
    [
        "I led the migration",
        "i LED   the migration",
        '"I led the migration to "Postgres" - and it’s done."',
        "and it's done…",
    ],
)
def test_a_quote_may_differ_in_space_case_and_typography(quote: str) -> None:
    assert quotes_that_occur([quote], ["Hello.", TURN]) == [quote]


@pytest.mark.parametrize(
    "quote",
    [
        "I led ten migrations",
        "",
        "  ",
        "I",
        '"."',
        "I led ... done",
        "Hello. I led",
        "led migration",
    ],
)
def test_a_quote_that_was_not_said_or_says_nothing_is_dropped(quote: str) -> None:
    assert quotes_that_occur([quote], ["Hello.", TURN]) == []


def test_the_same_quote_is_kept_once() -> None:
    assert quotes_that_occur(["it's done", "It’s done."], [TURN]) == ["it's done"]


def test_of_characters_that_were_met_no_more_than_a_plane_is_remembered() -> None:
    assert clean("ß and 😀 \U000f0000", chars_max=100) == "ß and 😀"

    assert _PLAIN[ord("ß")] == ord("ß")
    assert ord("😀") not in _PLAIN
