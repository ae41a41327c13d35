"""Session tokens that tests sign by themselves: genuine ones, and what forgers start from."""

import base64
import hmac
import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

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


def mac_of(header: Any, secret: bytes, digest: str = "sha256") -> str:
    """A token whose signature is an HMAC, as a verifier without a pinned algorithm would take."""
    head, body = b64(json.dumps(header).encode()), b64(json.dumps(claims()).encode())
    return f"{head}.{body}.{b64(hmac.digest(secret, f'{head}.{body}'.encode(), digest))}"


def by_hand(header: Any, payload: bytes, signature: bytes = b"x") -> str:
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return f"{b64(head)}.{b64(payload)}.{b64(signature)}"
