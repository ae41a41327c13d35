"""Session tokens: Clerk's own vectors pass, and no forgery does."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

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
from greenroom.kernel.settings import SettingsRefused

VECTORS = json.loads(
    (Path(__file__).parents[2] / "fixtures/clerk/session_jwt_vectors.json").read_text()
)
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
ISSUER = "https://clerk.example.com"
PARTY = "http://127.0.0.1:3000"


@cache
def key(name: str = "ours", bits: int = 2048) -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk(name: str = "ours", kid: str = "k1", bits: int = 2048) -> dict[str, Any]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key(name, bits).public_key(), as_dict=True)
    return {**public, "kid": kid, "use": "sig", "alg": "RS256"}


def jwks(*keys: dict[str, Any]) -> str:
    return json.dumps({"keys": keys or (jwk(),)})


def claims(**changes: Any) -> dict[str, Any]:
    genuine = {
        "azp": PARTY,
        "exp": EPOCH + 60,
        "fva": [0, -1],
        "iat": EPOCH,
        "iss": ISSUER,
        "nbf": EPOCH - 10,
        "sid": "sess_1",
        "sts": "active",
        "sub": "user_ada",
        "v": 2,
    }
    merged = {**genuine, **changes}
    return {name: value for name, value in merged.items() if value is not ...}


def sign(payload: Any, *, signer: str = "ours", bits: int = 2048, **header: Any) -> str:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return jwt.PyJWS().encode(
        raw, key(signer, bits), algorithm="RS256", headers={"kid": "k1", "typ": "JWT", **header}
    )


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hand(header: Any, payload: bytes, signature: bytes = b"x") -> str:
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return f"{b64(head)}.{b64(payload)}.{b64(signature)}"


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


def hs256_with_the_public_key() -> str:
    pem = (
        key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    head = b64(json.dumps({"alg": "HS256", "kid": "k1", "typ": "JWT"}).encode())
    body = b64(json.dumps(claims()).encode())
    mac = hmac.new(pem, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{b64(mac)}"


def embedded(**header: Any) -> str:
    return sign(claims(), signer="theirs", **header)


def spliced() -> str:
    head, _, signature = sign(claims()).split(".")
    return f"{head}.{b64(json.dumps(claims(sub='user_admin')).encode())}.{signature}"


GENUINE_HEADER = {"alg": "RS256", "kid": "k1", "typ": "JWT"}
DEEP = b"[" * 5000

ATTACKS: dict[str, Callable[[], Any]] = {
    "nothing": lambda: "",
    "not text": lambda: None,
    "bytes": lambda: sign(claims()).encode(),
    "one part": lambda: "abc",
    "two parts": lambda: "abc.def",
    "four parts": lambda: sign(claims()) + ".x",
    "five empty parts": lambda: "....",
    "not base64": lambda: "!!!.???.***",
    "not ascii": lambda: sign(claims()) + "é",
    "lone surrogate": lambda: "\ud800." * 3,
    "nul": lambda: "\0" + sign(claims()),
    "padding": lambda: sign(claims()) + "==",
    "white space": lambda: " " + sign(claims()),
    "bearer word": lambda: "Bearer " + sign(claims()),
    "huge": lambda: sign(claims(pad="x" * 8192)),
    "huge garbage": lambda: "a" * 10_000_000,
    "alg none": lambda: by_hand({"alg": "none", "kid": "k1"}, json.dumps(claims()).encode(), b""),
    "alg None": lambda: by_hand({"alg": "None", "kid": "k1"}, json.dumps(claims()).encode()),
    "alg missing": lambda: by_hand({"kid": "k1"}, json.dumps(claims()).encode()),
    "alg a list": lambda: by_hand({"alg": ["RS256"], "kid": "k1"}, b"{}"),
    "alg HS256 with the public key": hs256_with_the_public_key,
    "alg PS256": lambda: jwt.encode(claims(), key(), algorithm="PS256", headers={"kid": "k1"}),
    "alg RS512": lambda: jwt.encode(claims(), key(), algorithm="RS512", headers={"kid": "k1"}),
    "alg ES256": lambda: jwt.encode(
        claims(), ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": "k1"}
    ),
    "header no object": lambda: by_hand([1], b"{}"),
    "header not json": lambda: by_hand(b"{", b"{}"),
    "header a bomb": lambda: by_hand(DEEP, b"{}"),
    "header not utf-8": lambda: by_hand(b"\xff\xfe{}", b"{}"),
    "header with a huge number": lambda: by_hand(b'{"alg":' + b"9" * 5000 + b"}", b"{}"),
    "critical extension": lambda: by_hand({**GENUINE_HEADER, "crit": ["x"], "x": 1}, b"{}"),
    "detached payload": lambda: by_hand({**GENUINE_HEADER, "crit": ["b64"], "b64": False}, b""),
    "another type": lambda: sign(claims(), typ="at+jwt"),
    "kid unknown": lambda: sign(claims(), kid="k2"),
    "kid missing": lambda: by_hand({"alg": "RS256"}, json.dumps(claims()).encode()),
    "kid a list": lambda: by_hand({**GENUINE_HEADER, "kid": ["k1"]}, b"{}"),
    "kid a path": lambda: sign(claims(), kid="../../dev/null"),
    "another key, same kid": lambda: sign(claims(), signer="theirs"),
    "jku": lambda: embedded(jku="https://evil.example/jwks.json"),
    "x5u": lambda: embedded(x5u="https://evil.example/cert.pem"),
    "jwk": lambda: embedded(jwk=jwk("theirs")),
    "x5c": lambda: embedded(x5c=["AAAA"]),
    "claims replaced": spliced,
    "signature cut": lambda: sign(claims())[:-8],
    "signature empty": lambda: sign(claims()).rpartition(".")[0] + ".",
    "claims no object": lambda: sign([claims()]),
    "claims null": lambda: sign(b"null"),
    "claims not json": lambda: sign(b"{"),
    "claims empty": lambda: sign(b""),
    "claims a bomb": lambda: sign(DEEP),
    "claims not utf-8": lambda: sign(b'{"sub":"\xff"}'),
    "claims in utf-16": lambda: sign(json.dumps(claims()).encode("utf-16")),
    "issuer wrong": lambda: sign(claims(iss="https://evil.example")),
    "issuer with a slash": lambda: sign(claims(iss=ISSUER + "/")),
    "issuer a list": lambda: sign(claims(iss=[ISSUER])),
    "issuer missing": lambda: sign(claims(iss=...)),
    "party wrong": lambda: sign(claims(azp="http://127.0.0.1:3001")),
    "party longer": lambda: sign(claims(azp=PARTY + ".evil.example")),
    "party missing": lambda: sign(claims(azp=...)),
    "party a list": lambda: sign(claims(azp=[PARTY])),
    "party an object": lambda: sign(claims(azp={PARTY: 1})),
    "expired": lambda: sign(claims(exp=EPOCH - 6)),
    "expiry missing": lambda: sign(claims(exp=...)),
    "expiry text": lambda: sign(claims(exp=str(EPOCH + 60))),
    "expiry true": lambda: sign(claims(exp=True)),
    "expiry a list": lambda: sign(claims(exp=[EPOCH + 60])),
    "expiry endless": lambda: sign(claims(exp=float("inf"))),
    "expiry not a number": lambda: sign(claims(exp=float("nan"))),
    "expiry beyond numbers": lambda: sign(claims(exp=10**400)),
    "expiry a too long number": lambda: sign(b'{"exp":' + b"9" * 5000 + b"}"),
    "not yet": lambda: sign(claims(nbf=EPOCH + 6)),
    "not before text": lambda: sign(claims(nbf="now")),
    "issued later": lambda: sign(claims(iat=EPOCH + 6)),
    "issue time missing": lambda: sign(claims(iat=...)),
    "actor without an id": lambda: sign(claims(act={})),
    "actor of another kind": lambda: sign(claims(act={"sub": 7})),
    "actor spelled oddly": lambda: sign(claims(act={"sub": "user_\u0000#"})),
    "actor that is no object": lambda: sign(claims(act="user_support")),
    "actor false": lambda: sign(claims(act=False)),
    "actors": lambda: sign(claims(act=[{"sub": "user_support"}])),
    "session pending": lambda: sign(claims(sts="pending")),
    "session status null": lambda: sign(claims(sts=None)),
    "person missing": lambda: sign(claims(sub=...)),
    "person empty": lambda: sign(claims(sub="")),
    "person a number": lambda: sign(claims(sub=1)),
    "person a list": lambda: sign(claims(sub=["user_ada"])),
    "person with a key separator": lambda: sign(claims(sub="user_ada#PROFILE")),
    "person with a line end": lambda: sign(claims(sub="user_ada\n")),
    "person with a look-alike": lambda: sign(claims(sub="user_\u0430da")),
    "person too long": lambda: sign(claims(sub="u" * 129)),
    "session missing": lambda: sign(claims(sid=...)),
    "session a list": lambda: sign(claims(sid=["s"])),
    "organisation a text": lambda: sign(claims(o="org_1")),
    "organisation without id": lambda: sign(claims(o={"rol": "admin"})),
    "organisation with odd bits": lambda: sign(
        claims(o={"id": "o1", "per": "a", "fpm": "x"}, fea="o:b")
    ),
    "organisation with listed bits": lambda: sign(
        claims(o={"id": "o1", "per": ["a"], "fpm": ["1"]}, fea=["o:b"])
    ),
    "old organisation a list": lambda: sign(claims(org_id=["org_1"])),
    "old permissions a text": lambda: sign(claims(org_id="org_1", org_permissions="org:a:b")),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_no_forged_or_broken_token_is_accepted(attack: Callable[[], Any]) -> None:
    token = attack()

    with pytest.raises(Unauthenticated) as refusal:
        tokens().verify(token)

    assert refusal.value.log["reason"].startswith("token-")
    assert not token or str(token) not in str(vars(refusal.value))


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
