"""Attacks on session tokens: each differs from a genuine token by its attack alone."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.security.forgeries import (
    EPOCH,
    ISSUER,
    PARTY,
    b64,
    by_hand,
    claims,
    jwk,
    key,
    mac_of,
    sign,
)

GENUINE_HEADER = {"alg": "RS256", "kid": "k1", "typ": "JWT"}
DEEP = b"[" * 5000


def public(encoding: Encoding, form: PublicFormat) -> bytes:
    """Our public key, which everybody can read."""
    return key().public_key().public_bytes(encoding, form)


def public_keys() -> Iterator[tuple[str, bytes]]:
    """The spellings in which a careless verifier hands the public key to HMAC."""
    yield "PEM", public(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    yield "PEM without its end", public(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).strip()
    yield "PKCS 1", public(Encoding.PEM, PublicFormat.PKCS1)
    yield "DER", public(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    yield "JWK", json.dumps(jwk()).encode()
    yield "modulus", str(jwk()["n"]).encode()
    yield "nothing", b""


def embedded(**header: Any) -> str:
    return sign(claims(), signer="theirs", **header)


def spliced() -> str:
    head, _, signature = sign(claims()).split(".")
    return f"{head}.{b64(json.dumps(claims(sub='user_admin')).encode())}.{signature}"


def parts(**changes: str) -> str:
    """A genuine token with some of its parts as they are told."""
    names = ("header", "claims", "signature")
    genuine = dict(zip(names, sign(claims()).split("."), strict=True))
    return ".".join((genuine | changes).values())


def other_number() -> str:
    """The signature plus the modulus: the same number to whoever does not look at its size."""
    size = key().key_size // 8
    number = int.from_bytes(base64.urlsafe_b64decode(parts().rpartition(".")[2] + "=="))
    larger = number + key().public_key().public_numbers().n
    return parts(signature=b64(larger.to_bytes(size + 1)))


def unsigned(alg: str) -> str:
    """A token that says that it needs no signature."""
    header = {**GENUINE_HEADER, "alg": alg}
    return by_hand(header, json.dumps(claims()).encode(), b"")


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
    "white space": lambda: sign(claims()).replace(".", " .", 1),
    "bearer word": lambda: "Bearer " + sign(claims()),
    "huge": lambda: sign(claims(pad="x" * 8192)),
    "huge garbage": lambda: "a" * 10_000_000,
    "alg none": lambda: unsigned("none"),
    "alg none, with a signature": lambda: by_hand(
        {"alg": "none", "kid": "k1"}, json.dumps(claims()).encode()
    ),
    "alg None": lambda: unsigned("None"),
    "alg NONE": lambda: unsigned("NONE"),
    "alg nOnE": lambda: unsigned("nOnE"),
    "alg empty": lambda: unsigned(""),
    "alg in small letters": lambda: parts(header=b64(b'{"alg":"rs256","kid":"k1"}')),
    "alg missing": lambda: by_hand({"kid": "k1"}, json.dumps(claims()).encode()),
    "alg a list": lambda: by_hand({"alg": ["RS256"], "kid": "k1"}, b"{}"),
    "alg PS256": lambda: jwt.encode(claims(), key(), algorithm="PS256", headers={"kid": "k1"}),
    "alg RS512": lambda: jwt.encode(claims(), key(), algorithm="RS512", headers={"kid": "k1"}),
    "alg RS384": lambda: jwt.encode(claims(), key(), algorithm="RS384", headers={"kid": "k1"}),
    "alg ES256, of zeros": lambda: by_hand(
        {**GENUINE_HEADER, "alg": "ES256"}, json.dumps(claims()).encode(), bytes(64)
    ),
    "alg EdDSA": lambda: jwt.encode(
        claims(), ed25519.Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"kid": "k1"}
    ),
    "alg ES256": lambda: jwt.encode(
        claims(), ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": "k1"}
    ),
    "header no object": lambda: by_hand([1], b"{}"),
    "header not json": lambda: by_hand(b"{", b"{}"),
    "header a bomb": lambda: by_hand(DEEP, b"{}"),
    "header not utf-8": lambda: by_hand(b"\xff\xfe{}", b"{}"),
    "header with a huge number": lambda: by_hand(b'{"alg":' + b"9" * 5000 + b"}", b"{}"),
    "critical extension": lambda: sign(claims(), crit=["x"], x=1),
    "critical extension that is absent": lambda: sign(claims(), crit=["exp"]),
    "critical extensions of none": lambda: sign(claims(), crit=[]),
    "detached payload": lambda: by_hand({**GENUINE_HEADER, "crit": ["b64"], "b64": False}, b""),
    "encrypted": lambda: "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AA.AA.AA",
    "in JSON": lambda: json.dumps({"payload": b64(b"{}"), "signatures": []}),
    "inside another token": lambda: sign(sign(claims()).encode(), cty="JWT"),
    "another type": lambda: sign(claims(), typ="at+jwt"),
    "kid unknown": lambda: sign(claims(), kid="k2"),
    "kid missing": lambda: by_hand({"alg": "RS256"}, json.dumps(claims()).encode()),
    "kid of SQL": lambda: sign(claims(), kid="' UNION SELECT 'k1"),
    "kid of a shell": lambda: sign(claims(), kid="k1|id"),
    "kid with white space": lambda: sign(claims(), kid=" k1"),
    "kid an address": lambda: sign(claims(), kid="https://evil.example/k1"),
    "kid empty": lambda: sign(claims(), kid=""),
    "kid of nothing": lambda: by_hand({**GENUINE_HEADER, "kid": None}, b"{}"),
    "kid a list": lambda: by_hand({**GENUINE_HEADER, "kid": ["k1"]}, b"{}"),
    "kid a path": lambda: sign(claims(), kid="../../dev/null"),
    "another key, same kid": lambda: sign(claims(), signer="theirs"),
    "jku": lambda: embedded(jku="https://evil.example/jwks.json"),
    "x5u": lambda: embedded(x5u="https://evil.example/cert.pem"),
    "jwk": lambda: embedded(jwk=jwk("theirs")),
    "x5c": lambda: embedded(x5c=["AAAA"]),
    "x5t": lambda: embedded(**{"x5t#S256": "AAAA"}),
    "jwk that is symmetric": lambda: embedded(jwk={"kty": "oct", "k": "AAAA"}),
    "jku beside ours": lambda: embedded(jku=f"{ISSUER}@evil.example/.well-known/jwks.json"),
    "claims replaced": spliced,
    "signature cut": lambda: sign(claims())[:-8],
    "signature cut to half": lambda: parts(signature=parts().rpartition(".")[2][:171]),
    "signature longer": lambda: sign(claims()) + "AAAA",
    "signature of zeros": lambda: parts(signature=b64(bytes(256))),
    "signature of ones": lambda: parts(signature=b64(b"\xff" * 256)),
    "signature one": lambda: parts(signature=b64(bytes(255) + b"\x01")),
    "signature of another number": other_number,
    "signature of another token": lambda: parts(
        signature=sign(claims(sid="sess_2")).rpartition(".")[2]
    ),
    "signature empty": lambda: sign(claims()).rpartition(".")[0] + ".",
    "claims no object": lambda: sign([claims()]),
    "claims null": lambda: sign(b"null"),
    "claims not json": lambda: sign(b"{"),
    "claims empty": lambda: sign(b""),
    "claims a bomb": lambda: sign(DEEP),
    "claims not utf-8": lambda: sign(b'{"sub":"\xff"}'),
    "claims in utf-16": lambda: sign(json.dumps(claims()).encode("utf-16")),
    "claims twice": lambda: sign(json.dumps(claims()).encode()[:-1] + b',"sub":"user_admin"}'),
    "an expiry twice": lambda: sign(
        json.dumps(claims(exp=EPOCH - 60)).encode()[:-1] + f',"exp":{EPOCH + 60}}}'.encode()
    ),
    "a claim of the organisation twice": lambda: sign(
        json.dumps(claims()).encode()[:-1] + b',"o":{"id":"org_1","id":"org_2","rol":"admin"}}'
    ),
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
    "of a template, without a session": lambda: sign(claims(sid=..., sts=..., v=..., fva=...)),
    "of a template for somebody else": lambda: sign(claims(sid=..., azp=..., aud="supabase")),
    "session empty": lambda: sign(claims(sid="")),
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
ATTACKS |= {
    f"alg {alg} with the public key as {name}": lambda alg=alg, secret=secret, digest=digest: (
        mac_of(  # type: ignore[misc]
            {**GENUINE_HEADER, "alg": alg}, secret, digest
        )
    )
    for alg, digest in (("HS256", "sha256"), ("HS512", "sha512"))
    for name, secret in public_keys()
}
