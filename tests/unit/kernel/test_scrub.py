"""What leaves the platform holds no secret, by value or by its looks."""

import pytest

from greenroom.kernel.scrub import DEPTH_MAX, REDACTED, remember, scrubbed, scrubbed_all
from greenroom.kernel.secrets import Secrets
from tests.fakes.provider import OFFER, SECRET
from tests.world import SECRETS


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_that_was_asked_for_is_known_by_its_value(name: str) -> None:
    value = Secrets.read(SECRETS).get(name)

    assert scrubbed(f"before {value} after") == f"before {REDACTED} after"


def test_the_parts_of_a_list_of_secrets_are_known_too() -> None:
    remember("first-part-of-it, second-part-of-it")

    assert scrubbed("a second-part-of-it") == f"a {REDACTED}"
    assert scrubbed("part") == "part"


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2lnbmF0dXJl",
        "g1.k1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "k2:b3RoZXJrZXlvdGhlcmtleW90aGVya2V5b3RoZXJrZXk=",
        "sk-proj-0123456789",
        "sk_live_0123456789",
        "rk_live_0123456789",
        SECRET,
        "whsec_bm90aGluZw==",
        "Bearer abc.def",
        "somebody+else@mail.example.org",
        "ab" * 32,
    ],
)
def test_what_looks_like_a_secret_is_taken_out(secret: str) -> None:
    assert scrubbed(f"a {secret} z") == f"a {REDACTED} z"


def test_the_lines_of_sdp_that_name_hosts_and_keys_are_taken_out() -> None:
    told = scrubbed(OFFER.decode())

    for word in ("ice-ufrag", "ice-pwd", "fingerprint", "candidate:"):
        assert word not in told


def test_credentials_in_an_address_are_taken_out() -> None:
    assert scrubbed("at https://me:secret@example.org/x") == f"at https://{REDACTED}example.org/x"


@pytest.mark.parametrize(
    "plain",
    [
        "0199f3a8-7c1e-7d43-9a55-3f0f6c2b8e11",
        "layers/greenroom/greenroom/kernel/telemetry.py:72 phase",
        "a class is full",
        "GET /api/sessions/{sessionId}",
        "evt_1QabcdEFGH",
    ],
)
def test_ordinary_words_stay(plain: str) -> None:
    assert scrubbed(plain) == plain


def test_lists_and_objects_are_looked_through_keys_included() -> None:
    told = scrubbed_all({"a@example.org": ["Bearer x", {"n": 1, "t": ("sk-0123456789", None)}]})

    assert told == {REDACTED: [REDACTED, {"n": 1, "t": [REDACTED, None]}]}


def test_what_lies_too_deep_is_left_out_and_never_breaks() -> None:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]

    told = str(scrubbed_all(deep))

    assert told.count("[") <= DEPTH_MAX + 2
    assert REDACTED in told
