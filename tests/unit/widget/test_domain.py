"""Keys, and what counts as one address."""

from datetime import UTC, datetime, timedelta

import pytest

from greenroom.widget.domain import Window, fingerprint_of, is_key, new_key

KEY = b"k" * 32


def test_a_key_is_long_random_and_goes_into_a_path_as_it_is() -> None:
    made = {new_key() for _ in range(100)}

    assert len(made) == 100
    assert all(is_key(one) and len(one) == 27 for one in made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "wk_",
        "wk_" + "a" * 23,
        "wk_" + "a" * 25,
        "wk_" + "a" * 23 + "#",
        "xx_" + "a" * 24,
        "wk_" + "a" * 23 + "é",
        "wk_" + "a" * 24 + "\n",
    ],
)
def test_what_is_spelled_otherwise_is_no_key(text: str) -> None:
    assert not is_key(text)


def fingerprint(address: str | None, organization_id: str = "o1") -> str:
    return fingerprint_of(address, organization_id=organization_id, key=KEY)


def test_an_address_is_told_by_nothing_that_is_stored() -> None:
    one = fingerprint("203.0.113.7")

    assert len(one) == 32
    assert one == fingerprint("203.0.113.7")
    assert one != fingerprint("203.0.113.8")
    assert one != fingerprint("203.0.113.7", "o2")
    assert one != fingerprint_of("203.0.113.7", organization_id="o1", key=b"x" * 32)


def test_a_household_with_many_addresses_has_one_allowance() -> None:
    home = fingerprint("2001:db8:1:2::1")

    assert home == fingerprint("2001:db8:1:2:ffff:ffff:ffff:ffff")
    assert home != fingerprint("2001:db8:1:3::1")
    assert fingerprint("::ffff:203.0.113.7") == fingerprint("203.0.113.7")


def test_who_shows_no_address_shares_one_allowance() -> None:
    assert fingerprint(None) == fingerprint("")
    assert fingerprint("no address") != fingerprint(None)


def test_a_window_is_an_hour_and_says_when_the_next_one_opens() -> None:
    now = datetime(2026, 11, 21, 12, 59, 30, 5, tzinfo=UTC)
    window = Window.at(now)

    assert window.name == "2026-11-21T12"
    assert window.left_s(now) == 30
    assert window.left_s(window.ends_at - timedelta(microseconds=1)) == 1
    assert window.left_s(window.starts_at) == 3600
    assert Window.at(window.ends_at).name == "2026-11-21T13"
