"""Session tokens: Clerk's own vectors pass, and no forgery does."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from greenroom.accounts.identity import Identity, OrganizationClaim
from greenroom.accounts.jwks import JwksEndpoint
from greenroom.accounts.keys import ConfiguredKeys, FetchedKeys
from greenroom.accounts.tokens import SessionTokens
from greenroom.kernel.errors import Unauthenticated, Unavailable
from greenroom.kernel.limits import (
    JWKS_BYTES_MAX,
    JWKS_FRESH_S,
    JWKS_REFETCH_PAUSE_S,
    JWKS_RETRY_PAUSE_S,
    JWKS_STALE_S,
)
from greenroom.kernel.variables import SettingsRefused
from tests.security.forgeries import EPOCH, ISSUER, NOW, PARTY, claims, jwk, jwks, sign
from tests.security.jwt_attacks import ATTACKS

VECTORS = json.loads(
    (Path(__file__).parents[2] / "fixtures/clerk/session_jwt_vectors.json").read_text()
)


def tokens(document: str | None = None, parties: tuple[str, ...] = (PARTY,)) -> SessionTokens:
    return SessionTokens(
        issuer=ISSUER,
        keys=ConfiguredKeys(document or jwks()),
        authorized_parties=parties,
        clock=lambda: NOW,
    )


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_clerks_own_tokens_are_judged_as_clerk_judges_them(case: dict[str, Any]) -> None:
    verifier = SessionTokens(
        issuer=VECTORS["issuer"],
        keys=ConfiguredKeys(json.dumps(VECTORS["jwks"])),
        authorized_parties=[VECTORS["azp"]],
        clock=lambda: datetime.fromtimestamp(case["now"], UTC),
    )

    if case["valid"]:
        assert verifier.verify(case["token"]).clerk_id == "user_2GIpXOEpVyJw51rkZn9Kmnc6Sxr"
    else:
        with pytest.raises(Unauthenticated) as refusal:
            verifier.verify(case["token"])
        assert refusal.value.log == {"reason": "token-expired"}


def test_a_token_of_an_impersonation_names_the_person_and_who_acts_for_them() -> None:
    act = {"iss": "https://dashboard.clerk.com", "sid": "sess_9", "sub": "user_support"}

    found = tokens().verify(sign(claims(act=act)))

    assert (found.clerk_id, found.actor_id) == ("user_ada", "user_support")
    assert tokens().verify(sign(claims(act=None))).actor_id is None
    assert tokens().verify(sign(claims())).actor_id is None


def test_a_genuine_token_names_the_person_and_the_session() -> None:
    assert tokens().verify(sign(claims())) == Identity(clerk_id="user_ada", session_id="sess_1")


def test_a_customised_token_carries_the_profile() -> None:
    custom = claims(
        email="ada@example.com",
        email_verified="true",
        name=" Ada Lovelace ",
        image_url="https://img.example.com/a.png",
    )

    identity = tokens().verify(sign(custom))

    assert (identity.email, identity.email_verified) == ("ada@example.com", True)
    assert (identity.name, identity.image_url) == ("Ada Lovelace", "https://img.example.com/a.png")


@pytest.mark.parametrize("verified", [False, "false", "yes", 1, None, [True], ...])
def test_an_email_counts_as_verified_only_when_the_token_says_true(verified: Any) -> None:
    custom = claims(primary_email_address="ada@example.com", email_verified=verified)

    identity = tokens().verify(sign(custom))

    assert (identity.email, identity.email_verified) == ("ada@example.com", False)


@pytest.mark.parametrize(
    "odd",
    [
        {"email": "{{user.primary_email_address}}"},
        {"email": ["a@b.c"]},
        {"email": "a" * 251 + "@b.c"},
        {"email": "a\n@b.c"},
        {"email": "a @b.c"},
        {"name": {"first": "Ada"}},
        {"name": "A" * 201},
        {"name": "A\u202eda"},
        {"name": "  "},
        {"image_url": "javascript:alert(1)"},
        {"image_url": "https://a b"},
    ],
    ids=str,
)
def test_profile_claims_that_cannot_be_true_are_left_out(odd: dict[str, Any]) -> None:
    identity = tokens().verify(sign(claims(email_verified=True, **odd)))

    assert identity == Identity(clerk_id="user_ada", session_id="sess_1")


def test_version_2_organisations_are_read_with_their_permissions() -> None:
    organization = {
        "id": "org_1",
        "rol": "admin",
        "slg": "studio",
        "per": "read,manage",
        "fpm": "3,2",
    }
    features = "o:classes,u:profile,uo:teams"

    identity = tokens().verify(sign(claims(o=organization, fea=features)))

    assert identity.organization == OrganizationClaim(
        organization_id="org_1",
        role="admin",
        slug="studio",
        permissions=("classes:read", "classes:manage", "teams:manage"),
    )


def test_version_1_organisations_read_the_same() -> None:
    old = claims(
        v=...,
        org_id="org_1",
        org_role="org:admin",
        org_slug="studio",
        org_permissions=["org:classes:read"],
    )

    assert tokens().verify(sign(old)).organization == OrganizationClaim(
        organization_id="org_1", role="admin", slug="studio", permissions=("classes:read",)
    )


def test_a_token_without_status_or_type_is_old_and_good() -> None:
    assert tokens().verify(sign(claims(sts=...), typ=None)).clerk_id == "user_ada"


def test_the_leeway_is_five_seconds_on_both_sides() -> None:
    tokens().verify(sign(claims(exp=EPOCH - 4, nbf=EPOCH + 5, iat=EPOCH + 5)))

    for wrong in ({"exp": EPOCH - 5}, {"nbf": EPOCH + 6}, {"iat": EPOCH + 6}):
        with pytest.raises(Unauthenticated):
            tokens().verify(sign(claims(**wrong)))


def test_tokens_without_a_party_pass_only_where_the_list_says_absent() -> None:
    native = sign(claims(azp=...))

    assert tokens(parties=("absent",)).verify(native).clerk_id == "user_ada"
    for parties in ((PARTY,), ("*",)):
        with pytest.raises(Unauthenticated):
            tokens(parties=parties).verify(native)


def test_the_special_words_of_the_list_are_no_parties_themselves() -> None:
    assert tokens(parties=("*",)).verify(sign(claims(azp="http://x"))).clerk_id == "user_ada"
    for word in ("absent", "*"):
        with pytest.raises(Unauthenticated):
            tokens(parties=("absent", PARTY)).verify(sign(claims(azp=word)))


@pytest.mark.parametrize("missing", [{"issuer": ""}, {"authorized_parties": ()}])
def test_a_verifier_without_issuer_or_parties_is_not_built(missing: dict[str, Any]) -> None:
    whole = {"issuer": ISSUER, "authorized_parties": (PARTY,), **missing}

    with pytest.raises(SettingsRefused):
        SessionTokens(keys=ConfiguredKeys(jwks()), clock=lambda: NOW, **whole)


def test_no_other_spelling_of_a_genuine_token_is_accepted() -> None:
    genuine = sign(claims())
    places = [*range(0, len(genuine), 7), len(genuine) - 1]

    for place in places:
        other = "A" if genuine[place] != "A" else "B"
        with pytest.raises(Unauthenticated):
            tokens().verify(genuine[:place] + other + genuine[place + 1 :])


def test_the_attacks_differ_from_the_genuine_token_by_their_attack_alone() -> None:
    assert tokens().verify(sign(claims(), jku="https://evil.example")).clerk_id == "user_ada"


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "oct", "kid": "k1", "k": "c2VjcmV0"},
        {"kty": "EC", "kid": "k1", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kid": "k1"},
        {"kty": "RSA", "kid": "k1", "n": "!!", "e": "AQAB"},
        {"kty": "RSA", "kid": "k1", "n": 5, "e": []},
        "text",
        None,
    ],
    ids=str,
)
def test_keys_that_are_not_rsa_signing_keys_are_passed_over(entry: Any) -> None:
    with pytest.raises(SettingsRefused):
        ConfiguredKeys(json.dumps({"keys": [entry]}))
    assert ConfiguredKeys(json.dumps({"keys": [entry, jwk()]})).key_for("k1") is not None


@pytest.mark.parametrize(
    "change", [{"use": "enc"}, {"alg": "RS512"}, {"kid": None}, {"kid": ""}, {"kid": "k" * 257}]
)
def test_keys_for_other_purposes_are_passed_over(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused):
        ConfiguredKeys(jwks({**jwk(), **change}))


def test_short_keys_are_passed_over() -> None:
    with pytest.raises(SettingsRefused):
        ConfiguredKeys(jwks(jwk("short", bits=1024)))


def test_of_two_keys_with_one_kid_the_first_counts() -> None:
    verifier = tokens(jwks(jwk(), jwk("theirs")))

    assert verifier.verify(sign(claims())).clerk_id == "user_ada"
    with pytest.raises(Unauthenticated):
        verifier.verify(sign(claims(), signer="theirs"))


@pytest.mark.parametrize("document", ["", "null", "[]", '{"keys":{}}', "[" * 100_000, "\x00"])
def test_a_document_that_is_no_jwks_gives_no_keys(document: str) -> None:
    with pytest.raises(SettingsRefused):
        ConfiguredKeys(document)


class Clerk:
    """Publishes keys at a moment that the test sets, and counts who asks."""

    def __init__(self) -> None:
        self.now = NOW
        self.document: bytes | None = jwks().encode()
        self.fetches = 0
        self.slow: threading.Event | None = None
        self.failures: list[Exception] = []
        self.keys = FetchedKeys(self.fetch, clock=lambda: self.now, report=self.failures.append)

    def fetch(self) -> bytes:
        self.fetches += 1
        if self.slow is not None:
            self.slow.wait(0.05)  # long enough for the other threads to come in
        if self.document is None:
            raise Unavailable
        return self.document

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_keys_are_fetched_when_first_needed_and_then_hourly() -> None:
    clerk = Clerk()
    assert clerk.fetches == 0

    for _ in range(5):
        assert clerk.keys.key_for("k1")
    assert clerk.fetches == 1

    clerk.later(JWKS_FRESH_S)
    assert clerk.keys.key_for("k1")
    assert clerk.fetches == 2


def test_an_unknown_kid_fetches_once_and_finds_a_rotated_key() -> None:
    clerk = Clerk()
    assert clerk.keys.key_for("k1")
    clerk.document = jwks(jwk(), jwk("theirs", "k2")).encode()

    assert clerk.keys.key_for("k2")
    assert clerk.fetches == 2


def test_a_flood_of_unknown_kids_fetches_once_a_minute() -> None:
    clerk = Clerk()
    assert clerk.keys.key_for("k1")

    for number in range(50):
        assert clerk.keys.key_for(f"forged-{number}") is None
    assert clerk.fetches == 2

    clerk.later(JWKS_REFETCH_PAUSE_S)
    assert clerk.keys.key_for("forged") is None
    assert clerk.fetches == 3


def test_an_unknown_kid_is_not_looked_for_twice_in_one_breath() -> None:
    clerk = Clerk()

    assert clerk.keys.key_for("forged") is None
    assert clerk.fetches == 1


@pytest.mark.parametrize("warm", [True, False])
def test_threads_share_one_fetch(warm: bool) -> None:
    clerk = Clerk()
    if warm:
        assert clerk.keys.key_for("k1")
    before = clerk.fetches
    clerk.slow = threading.Event()
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        clerk.keys.key_for("forged" if warm else "k1")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert clerk.fetches == before + 1


def test_known_keys_outlive_a_silent_clerk_by_a_day_and_each_failure_is_reported() -> None:
    clerk = Clerk()
    assert clerk.keys.key_for("k1")
    clerk.document = None
    clerk.later(JWKS_FRESH_S)

    for _ in range(3):
        assert clerk.keys.key_for("k1")
    assert (clerk.fetches, len(clerk.failures)) == (2, 1)

    clerk.later(JWKS_STALE_S - JWKS_FRESH_S - 1)
    assert clerk.keys.key_for("k1")

    clerk.later(1)
    with pytest.raises(Unavailable) as refusal:
        clerk.keys.key_for("k1")
    assert (refusal.value.status, refusal.value.code) == (503, "IDENTITY_UNAVAILABLE")


@pytest.mark.parametrize("document", [None, b"<html>", b'{"keys":[]}'])
def test_without_any_keys_signing_in_is_unavailable_and_recovers(document: bytes | None) -> None:
    clerk = Clerk()
    clerk.document = document
    verifier = SessionTokens(
        issuer=ISSUER, keys=clerk.keys, authorized_parties=[PARTY], clock=lambda: NOW
    )

    for _ in range(3):
        with pytest.raises(Unavailable):
            verifier.verify(sign(claims()))
    assert clerk.fetches == 1

    clerk.document = jwks().encode()
    clerk.later(JWKS_RETRY_PAUSE_S)
    assert verifier.verify(sign(claims())).clerk_id == "user_ada"


def test_a_token_that_is_refused_anyway_asks_clerk_for_nothing() -> None:
    clerk = Clerk()
    verifier = SessionTokens(
        issuer=ISSUER, keys=clerk.keys, authorized_parties=[PARTY], clock=lambda: NOW
    )

    for name in ("alg None", "alg PS256", "one part", "huge", "kid missing", "another type"):
        with pytest.raises(Unauthenticated):
            verifier.verify(ATTACKS[name]())

    assert clerk.fetches == 0


def endpoint(answer: Callable[[httpx.Request], httpx.Response]) -> JwksEndpoint:
    http = httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True)
    return JwksEndpoint("https://clerk.example.com/.well-known/jwks.json", http)


def refuse_connection(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def redirect(request: httpx.Request) -> httpx.Response:
    if request.url.host == "evil.example":
        return httpx.Response(200, content=jwks().encode())
    return httpx.Response(302, headers={"Location": "https://evil.example/"})


def time_out(_request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow")


def test_the_document_is_fetched_as_it_stands() -> None:
    assert endpoint(lambda _: httpx.Response(200, content=b"{}")).fetch() == b"{}"


@pytest.mark.parametrize(
    "answer",
    [
        refuse_connection,
        time_out,
        lambda _: httpx.Response(500),
        lambda _: httpx.Response(404, json={"keys": []}),
        redirect,
        lambda _: httpx.Response(200, content=b"x" * (JWKS_BYTES_MAX + 1)),
        lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=b"no gzip"),
    ],
)
def test_a_document_that_cannot_be_had_is_unavailable(
    answer: Callable[[httpx.Request], httpx.Response],
) -> None:
    with pytest.raises(Unavailable) as refusal:
        endpoint(answer).fetch()

    assert refusal.value.code == "IDENTITY_UNAVAILABLE"


def test_a_document_that_trickles_in_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("greenroom.accounts.jwks.JWKS_TIMEOUT_S", 0.02)
    pauses = threading.Event()

    def trickle() -> Iterator[bytes]:
        for _ in range(100):
            pauses.wait(0.01)
            yield b" "

    with pytest.raises(Unavailable) as refusal:
        endpoint(lambda _: httpx.Response(200, content=trickle())).fetch()

    assert refusal.value.log == {"reason": "jwks-too-slow"}
