"""Reading and verifying of RS256, held against a library that others have looked at for years."""

import base64
import json
from functools import cache

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from greenroom.accounts import jws
from greenroom.accounts.keys import Rs256Key
from tests.world import KEY

CLAIMS = st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=20), max_size=4)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PUBLIC = KEY.public_key()
JWK = RSAAlgorithm.to_jwk(PUBLIC, as_dict=True)
OURS = Rs256Key.of(JWK["n"], JWK["e"])


@cache
def token(claims: str = '{"sub": "ada"}') -> str:
    return jwt.encode(json.loads(claims), KEY, algorithm="RS256", headers={"kid": "k1"})


@given(claims=CLAIMS)
def test_what_the_library_signs_is_read_as_it_was_meant(claims: dict[str, object]) -> None:
    sent = jws.read(token(json.dumps(claims)))

    assert OURS.has_signed(sent)
    assert json.loads(sent.payload) == claims
    assert sent.header == {"alg": "RS256", "typ": "JWT", "kid": "k1"}


@given(place=st.integers(0, len(token()) - 1), letter=st.sampled_from(ALPHABET + "."))
def test_a_token_with_one_letter_changed_is_never_accepted(place: int, letter: str) -> None:
    text = token()
    changed = text[:place] + letter + text[place + 1 :]

    try:
        accepted = OURS.has_signed(jws.read(changed))
    except jws.NotSigned:
        accepted = False

    assert accepted == (changed == text)


@given(text=st.text(alphabet=ALPHABET, max_size=12))
def test_base64url_has_one_spelling(text: str) -> None:
    try:
        raw = jws.decoded(text)
    except jws.NotSigned:
        return

    assert base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text


@given(text=st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        jws.read(text)
    except jws.NotSigned:
        return

    raise AssertionError(text)  # nobody signs by chance


def test_a_key_is_what_the_library_makes_of_it() -> None:
    theirs = RSAAlgorithm.from_jwk(JWK)

    assert isinstance(theirs, RSAPublicKey)
    assert OURS.key.public_numbers() == theirs.public_numbers()


@pytest.mark.parametrize("exponent", [0, 1, 2, 2**40 + 1])
def test_a_key_of_an_impossible_exponent_is_none(exponent: int) -> None:
    raw = exponent.to_bytes(8).lstrip(b"\0") or b"\0"
    text = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    with pytest.raises(ValueError, match=r"."):
        Rs256Key.of(JWK["n"], text)


@pytest.mark.parametrize("algorithm", ["PS256", "RS384", "RS512"])
def test_a_signature_of_the_key_by_another_algorithm_is_none(algorithm: str) -> None:
    assert not OURS.has_signed(jws.read(jwt.encode({}, KEY, algorithm=algorithm)))


def test_a_signature_of_another_key_is_none() -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert not OURS.has_signed(jws.read(jwt.encode({}, stranger, algorithm="RS256")))
