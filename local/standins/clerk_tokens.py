"""The Clerk stand-in's signing key and the session tokens that it signs."""

import base64
import hashlib
import os
import secrets
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.standins.clerk_people import Person

TOKEN_LIFE_S = 60  # as Clerk's
NOT_BEFORE_S = 10  # Clerk dates a token's beginning back by this


class SigningKey:
    """One RSA key, made once and kept in a file that only its owner can read."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            _make(file)
        # We have written it ourselves, and to prove that its numbers are prime takes 40 ms.
        key = serialization.load_pem_private_key(
            file.read_bytes(), password=None, unsafe_skip_rsa_key_validation=True
        )
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(f"{file} holds no RSA key")
        self._key = key
        numbers = key.public_key().public_numbers()
        modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)
        self._kid = f"ins_{hashlib.sha256(modulus).hexdigest()[:26]}"
        self._jwk = {
            "use": "sig",
            "kty": "RSA",
            "kid": self._kid,
            "alg": "RS256",
            "n": _base64url(modulus),
            "e": _base64url(numbers.e.to_bytes(3)),
        }

    def jwks(self) -> dict[str, Any]:
        """The public half, as ``/.well-known/jwks.json`` publishes it."""
        return {"keys": [self._jwk]}

    def sign(self, claims: dict[str, Any]) -> str:
        """The claims as a JWT."""
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._kid})


def session_claims(
    person: Person, *, session_id: str, issuer: str, origin: str, version: int = 2
) -> dict[str, Any]:
    """The claims of a session token, issued now for a page of ``origin``.

    E-mail, name and picture are what an instance's customised token would carry; somebody
    without them has a token as Clerk makes it by default. Source: Clerk, "Session tokens".
    """
    now = int(time.time())
    claims: dict[str, Any] = {
        "azp": origin,
        "exp": now + TOKEN_LIFE_S,
        "fva": [0, -1],
        "iat": now,
        "iss": issuer,
        "jti": secrets.token_hex(10),
        "nbf": now - NOT_BEFORE_S,
        "sid": session_id,
        "sub": person.id,
    }
    if version == 2:
        claims |= {"sts": "active", "v": 2}
    if person.email is not None:
        claims |= {"email": person.email, "email_verified": person.email_verified}
    if person.name is not None:
        claims["name"] = person.name
    if person.image_url is not None:
        claims["image_url"] = person.image_url
    return claims | _organization_claims(person, version)


def _organization_claims(person: Person, version: int) -> dict[str, Any]:
    if not person.organizations:
        return {}
    active = person.organizations[0]
    if version == 2:
        return {"o": {"id": active.id, "rol": active.role, "slg": active.slug}}
    return {
        "org_id": active.id,
        "org_permissions": [],
        "org_role": f"org:{active.role}",
        "org_slug": active.slug,
    }


def _make(file: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    # Written aside and moved: a kill in between leaves no half key behind.
    draft = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as written:
        written.write(pem)
    draft.replace(file)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
