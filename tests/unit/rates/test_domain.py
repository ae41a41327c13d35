"""What counts as one address, and the hour in which it is counted."""

from datetime import UTC, datetime, timedelta

from greenroom.rates.domain import Scope, Window, fingerprint_of


def fingerprint(address: str | None, salt: str = "o1", key: bytes = b"k" * 32) -> str:
    return fingerprint_of(address, scope=Scope(pk="P", salt=salt), key=key)


def test_an_address_is_told_by_nothing_that_is_stored() -> None:
    one = fingerprint("203.0.113.7")

    assert len(one) == 32
    assert one == fingerprint("203.0.113.7")
    assert one != fingerprint("203.0.113.8")
    assert one != fingerprint("203.0.113.7", "o2")
    assert one != fingerprint("203.0.113.7", key=b"x" * 32)


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
