"""The signed link of one booking: who it opens for, and that nothing else opens."""

import base64
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.kernel.errors import InvalidLink
from greenroom.widget.tokens import Link, Links

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORG, OTHER, BOOKING = (str(uuid.UUID(int=n)) for n in (7, 8, 9))
LINK = Link(organization_id=ORG, booking_id=BOOKING, expires_at=NOW + timedelta(days=3))


def links(keys: str = f"k1:{OLD}") -> Links:
    return Links(keys)


def test_a_token_opens_to_what_was_signed_and_goes_into_a_path_as_it_is() -> None:
    token = links().sign(LINK)

    assert links().read(token, organization_id=ORG, now=NOW) == LINK
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert len(token) < 120


def test_a_token_is_of_one_organisation() -> None:
    with pytest.raises(InvalidLink):
        links().read(links().sign(LINK), organization_id=OTHER, now=NOW)


def test_a_token_ends() -> None:
    token = links().sign(LINK)
    end = LINK.expires_at

    assert links().read(token, organization_id=ORG, now=end - timedelta(seconds=1)) == LINK
    with pytest.raises(InvalidLink):
        links().read(token, organization_id=ORG, now=end)


def test_the_previous_key_still_verifies_and_a_dropped_one_does_not() -> None:
    before = links(f"k1:{OLD}").sign(LINK)
    rotated = links(f"k2:{NEW},k1:{OLD}")

    assert rotated.sign(LINK).startswith("w1.k2.")
    assert rotated.read(before, organization_id=ORG, now=NOW) == LINK
    with pytest.raises(InvalidLink):
        links(f"k2:{NEW}").read(before, organization_id=ORG, now=NOW)


def test_the_name_of_a_key_is_signed_with_the_rest() -> None:
    token = links(f"k1:{OLD}").sign(LINK)

    with pytest.raises(InvalidLink):
        links(f"k1:{OLD},k2:{OLD}").read(
            token.replace("w1.k1.", "w1.k2."), organization_id=ORG, now=NOW
        )


@given(st.integers(min_value=0, max_value=10_000), st.characters(codec="utf-8"))
def test_a_token_that_was_changed_anywhere_does_not_open(place: int, letter: str) -> None:
    token = links().sign(LINK)
    at = place % len(token)
    changed = token[:at] + letter + token[at + 1 :]
    if changed == token:
        return

    with pytest.raises(InvalidLink):
        links().read(changed, organization_id=ORG, now=NOW)


@pytest.mark.parametrize(
    "text",
    ["", ".", "w1", "w1.k1..", "w1.k1.AAAA.AAAA", "w2.k1.a.b", "x" * 5000, "\ud800", "w1.k1.é.é",
     "w1.k9.AAAA.AAAA", "a.b.c.d.e", "w1.k1.%.%"],
)  # fmt: skip
def test_what_is_no_token_of_ours_does_not_open(text: str) -> None:
    with pytest.raises(InvalidLink):
        links().read(text, organization_id=ORG, now=NOW)


def test_there_is_one_spelling_of_a_token() -> None:
    token = links().sign(LINK)

    for spelled in (f"{token}=", f"{token}\n", token.upper(), f"{token}."):
        with pytest.raises(InvalidLink):
            links().read(spelled, organization_id=ORG, now=NOW)


@pytest.mark.parametrize(
    "keys", ["", "k1", "k1:", "k1:AAAA", f"k1:{OLD},k1:{NEW}", f"k 1:{OLD}", f":{OLD}", "k1:%%"]
)
def test_keys_that_cannot_be_are_refused_without_showing_them(keys: str) -> None:
    with pytest.raises(ValueError, match="signing keys are") as refusal:
        links(keys)

    assert OLD not in str(refusal.value)
