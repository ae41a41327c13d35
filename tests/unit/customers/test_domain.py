"""Which texts are e-mail addresses, which are the same one, and how names are sorted."""

import pytest

from greenroom.customers.domain import FOLDED_CHARS_MAX, email_of, folded, is_email, same_email


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.org",
        " ada@example.org ",
        "Ada.Lovelace+yoga@sub.example-studio.co.uk",
        "a@b.cc",
        "o'neil_42@example.museum",
        "грета@почта.рф",
        "jörg@münchen.example",
        "x" * 64 + "@example.org",
        "a@" + "b" * 63 + ".org",
    ],
)
def test_these_are_addresses(text: str) -> None:
    assert email_of(text) == text.strip()
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "ada",
        "ada@",
        "@example.org",
        "ada@example",
        "ada@@example.org",
        "ada@example..org",
        "ada@.example.org",
        "ada@example.org.",
        "ada@-example.org",
        "ada@example-.org",
        "ada@exam_ple.org",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        ".ada@example.org",
        "ada.@example.org",
        "a..da@example.org",
        "ada lovelace@example.org",
        "ada@example.org, bob@example.org",
        '"ada lovelace"@example.org',
        "ada(x)@example.org",
        "Ada <ada@example.org>",
        "ada@example.org\nBcc: bob@example.org",
        "ada\0@example.org",
        "x" * 65 + "@example.org",
        "a@" + "b" * 64 + ".org",
        "a@" + ".".join(["b" * 60] * 5),
    ],
)
def test_these_are_none(text: str) -> None:
    assert not is_email(text)
    with pytest.raises(ValueError, match="no e-mail"):
        email_of(text)


@pytest.mark.parametrize(
    "spelling", ["ADA@Example.ORG", "\uff41da@example.org", " ada@example.org ", "ada@EXAMPLE.org"]
)
def test_an_address_is_the_same_however_it_is_spelled(spelling: str) -> None:
    assert same_email(spelling) == same_email("ada@example.org")
    assert same_email(email_of(spelling)) == same_email("ada@example.org")


def test_a_name_is_sorted_without_case_width_and_double_blanks() -> None:
    assert folded("  \uff21da\u3000 LOVELACE ") == "ada lovelace"
    assert folded("STRASSE") == folded("Straße")


def test_the_sorted_name_stays_short_however_a_name_unfolds() -> None:
    assert len(folded("\ufdfa" * 120)) == FOLDED_CHARS_MAX


def test_the_beginning_of_a_name_is_the_beginning_of_the_sorted_one() -> None:
    name = "Ada Augusta, Countess of Lovelace"

    assert all(folded(name).startswith(folded(name[:size])) for size in range(len(name) + 1))
