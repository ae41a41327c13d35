"""Verification of Clerk's session tokens.

What is demanded: RS256 by a known key, the exact issuer, an authorised party, the token's
times within the leeway, a person and a session. Header members that name keys (``jku``,
``x5u``, ``jwk``) are never read. Sources: Clerk "Manual JWT verification"; RFC 8725.
"""

import json
import re
from collections.abc import Collection
from typing import Any

from greenroom.accounts import jws
from greenroom.accounts.identity import Identity, OrganizationClaim
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import Unauthenticated
from greenroom.kernel.foreign import named_once
from greenroom.kernel.limits import TOKEN_CHARS_MAX, TOKEN_LEEWAY_S
from greenroom.kernel.variables import SettingsRefused

ANY_PARTY = "*"
NO_PARTY = "absent"

EMAIL_CHARS_MAX = 254  # RFC 5321 §4.5.3.1.3
NAME_CHARS_MAX = 200
URL_CHARS_MAX = 2048
NUMERIC_DATE_MAX = 2**53

Claims = dict[str, Any]

# RFC 7515 §7.1: no padding, no line ends.
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
# Visible ASCII without "#", which parts the table's keys.
_ID = re.compile(r"[!\"$-~]{1,128}")
_URL = re.compile(r"https?://[!-~]+")
# Everything that the readers and the conversions raise on hostile input.
_GARBAGE = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
# Header members that change how a token is read (RFC 7515 §4.1.11, RFC 7797); Clerk sends none.
_EXTENSIONS = {"crit", "b64"}


class SessionTokens:
    """The verifier of one Clerk instance's session tokens.

    ``authorized_parties`` are the origins whose pages may call (the claim ``azp``), exact.
    Two words are special: ``absent`` also admits tokens without ``azp``, as native apps
    have them, and ``*`` admits every party. Tokens without ``azp`` are refused otherwise, as
    Clerk's own SDKs do.
    """

    def __init__(
        self,
        *,
        issuer: str,
        keys: jws.KeySource,
        authorized_parties: Collection[str],
        clock: Clock,
        leeway_s: int = TOKEN_LEEWAY_S,
    ) -> None:
        """Make the verifier.

        Raises:
            SettingsRefused: no issuer, or no authorised party.
        """
        if not issuer:
            raise SettingsRefused("CLERK_ISSUER: is needed")
        if not authorized_parties:
            raise SettingsRefused(
                "CLERK_AUTHORIZED_PARTIES: name the origins whose pages may call (or *)"
            )
        self._issuer = issuer
        self._keys = keys
        self._parties = frozenset(authorized_parties)
        self._clock = clock
        self._leeway_s = leeway_s

    def verify(self, token: str) -> Identity:
        """Who the token speaks for.

        Raises:
            Unauthenticated: anything is wrong with it; ``log["reason"]`` is a stable word for
                what, and the token itself is nowhere.
            Unavailable: there are no keys to verify with right now.
        """
        claims = self._open(token)
        self._check_times(claims)
        _demand(claims.get("iss") == self._issuer, "issuer")
        self._check_party(claims.get("azp"))
        _demand(claims.get("sts", "active") == "active", "status")
        try:
            return Identity(
                clerk_id=_id(claims.get("sub"), "subject"),
                session_id=_id(claims.get("sid"), "session"),
                organization=_organization(claims),
                actor_id=_actor(claims.get("act")),
                **_profile(claims),
            )
        except _GARBAGE as wrong:
            raise _refusal("claims") from wrong

    def _open(self, token: str) -> Claims:
        """The claims of a token whose signature is right; nothing else is known of them yet."""
        _demand(isinstance(token, str), "malformed")
        _demand(len(token) <= TOKEN_CHARS_MAX, "size")
        _demand(_COMPACT.fullmatch(token) is not None, "malformed")
        try:
            sent = jws.read(token)
        except jws.NotSigned as garbage:
            raise _refusal("malformed") from garbage
        kid = sent.header.get("kid")
        _demand(sent.header.get("alg") == "RS256", "algorithm")
        _demand(sent.header.get("typ", "JWT") == "JWT", "type")
        _demand(not _EXTENSIONS & sent.header.keys(), "extension")
        _demand(isinstance(kid, str), "key")
        key = self._keys.key_for(str(kid))
        if key is None:
            raise _refusal("key")
        _demand(key.has_signed(sent), "signature")
        try:
            claims: Claims = json.loads(sent.payload.decode(), object_pairs_hook=named_once)
        except _GARBAGE as garbage:
            raise _refusal("claims") from garbage
        _demand(isinstance(claims, dict), "claims")
        return claims

    def _check_times(self, claims: Claims) -> None:
        """Clerk's boundaries: at ``exp`` plus the leeway it is over, at ``nbf`` less it begins."""
        now = self._clock().timestamp()
        _demand(now < _numeric_date(claims.get("exp"), "expiry") + self._leeway_s, "expired")
        _demand(_numeric_date(claims.get("iat"), "issued-at") <= now + self._leeway_s, "early")
        begins = _numeric_date(claims.get("nbf", 0), "not-before")
        _demand(begins <= now + self._leeway_s, "early")

    def _check_party(self, party: Any) -> None:
        if party is None:
            _demand(NO_PARTY in self._parties, "party")
        else:
            known = isinstance(party, str) and party in self._parties - {NO_PARTY, ANY_PARTY}
            _demand(known or ANY_PARTY in self._parties, "party")


def _demand(holds: bool, reason: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise _refusal(reason)


def _refusal(reason: str) -> Unauthenticated:
    return Unauthenticated(log={"reason": f"token-{reason}"})


def _numeric_date(value: Any, reason: str) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    _demand(number and 0 <= value <= NUMERIC_DATE_MAX, reason)  # NaN fails this too
    return float(value)


def _id(value: Any, reason: str) -> str:
    _demand(isinstance(value, str) and _ID.fullmatch(value) is not None, reason)
    return str(value)


def _profile(claims: Claims) -> dict[str, Any]:
    """What a customised token says of the person; what cannot be it is left out, not refused."""
    email = _text(claims, ("email", "primary_email_address"), EMAIL_CHARS_MAX)
    if email is not None and ("@" not in email or " " in email):
        email = None
    image_url = _text(claims, ("image_url", "picture"), URL_CHARS_MAX)
    if image_url is not None and _URL.fullmatch(image_url) is None:
        image_url = None
    verified = claims.get("email_verified")
    return {
        "email": email,
        "email_verified": email is not None and (verified is True or verified == "true"),
        "name": _text(claims, ("name", "full_name"), NAME_CHARS_MAX),
        "image_url": image_url,
    }


def _text(claims: Claims, names: tuple[str, ...], chars_max: int) -> str | None:
    for name in names:
        value = claims.get(name)
        if isinstance(value, str):
            text = value.strip()
            if text and len(text) <= chars_max and text.isprintable():
                return text
    return None


def _actor(value: Any) -> str | None:
    """Who acts for the person. RFC 8693 §4.1; an actor that cannot be read is no nobody."""
    if value is None:
        return None
    _demand(isinstance(value, dict), "actor")
    return _id(value.get("sub"), "actor")


def _organization(claims: Claims) -> OrganizationClaim | None:
    compact = claims.get("o")
    if compact is not None:
        _demand(isinstance(compact, dict), "organization")
        return OrganizationClaim(
            organization_id=_id(compact.get("id"), "organization"),
            role=_role(compact.get("rol")),
            slug=_text(compact, ("slg",), NAME_CHARS_MAX),
            permissions=_compact_permissions(claims.get("fea"), compact),
        )
    if claims.get("org_id") is None:
        return None
    listed = claims.get("org_permissions") or ()
    _demand(isinstance(listed, list | tuple), "organization")
    return OrganizationClaim(
        organization_id=_id(claims["org_id"], "organization"),
        role=_role(claims.get("org_role")),
        slug=_text(claims, ("org_slug",), NAME_CHARS_MAX),
        permissions=tuple(_id(name, "organization").removeprefix("org:") for name in listed),
    )


def _role(value: Any) -> str | None:
    return None if value is None else _id(value, "organization").removeprefix("org:")


def _compact_permissions(features: Any, organization: dict[str, Any]) -> tuple[str, ...]:
    """The permissions that version 2 of the token spells as bits.

    ``fpm`` has a number for each feature of the organisation in ``fea``; its bit n grants
    the n-th name in ``per``. Source: Clerk, "Session tokens", claims ``fea`` and ``o``.
    """
    names, masks = organization.get("per"), organization.get("fpm")
    if not (names and masks and features):
        return ()
    permissions = []
    scoped = [entry.strip().partition(":") for entry in features.split(",")]
    owned = [feature for scope, _, feature in scoped if "o" in scope]
    for feature, mask in zip(owned, masks.split(","), strict=False):
        for bit, name in enumerate(names.split(",")):
            if int(mask) >> bit & 1:
                permissions.append(f"{feature}:{name.strip()}")
    return tuple(permissions)
