"""Whatever reads what anybody may send is total: documented errors, or exactly what was sent.

Hypothesis shrinks what it finds. 100 examples of each in make test, 2,000 where THOROUGH is set.
"""

import base64
import json
import os
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenroom.accounts import svix
from greenroom.accounts.clerk_events import ClerkEvent, ClerkMalformed, read_clerk_event
from greenroom.accounts.export import Place
from greenroom.accounts.keys import ConfiguredKeys
from greenroom.accounts.tokens import SessionTokens
from greenroom.kernel.errors import (
    InvalidLink,
    InvalidRequest,
    InvalidSignature,
    NotFound,
    Refused,
    TokenExpired,
    Unauthenticated,
)
from greenroom.payments import signature
from greenroom.payments.events import Malformed, StripeEvent
from greenroom.payments.redirects import Returns
from greenroom.payments.shapes import read_event
from greenroom.realtime.sdp import REASONS, check_offer
from greenroom.table.paging import cursor_in, start_of
from greenroom.widget.tokens import Links
from tests.security.forgeries import ISSUER, NOW, PARTY, claims, jwks, sign
from tests.unit.accounts import test_clerk_events as clerk
from tests.unit.payments.stripe_events import FILES as STRIPE
from tests.unit.realtime.test_sdp import OFFERS
from tests.unit.realtime.test_sealing import CONTENT, SEALER
from tests.unit.realtime.test_sealing import NOW as SEALED_AT
from tests.unit.widget import test_tokens as widget

fuzzed = settings(
    max_examples=2_000 if os.environ.get("THOROUGH") else 100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
texts = st.text(max_size=300) | st.sampled_from(["", ".", "\ud800", "\0", "é" * 90, "9" * 400])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
chances = st.randoms(use_true_random=False)
edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=12)), max_size=4)


def edited(source: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """The bytes with some of them cut out and others put in."""
    for place, length, patch in changes:
        at = int(place * len(source))
        source = source[:at] + patch + source[at + length :]
    return source


def with_odd_member(document: Any, chance: random.Random, value: Any) -> Any:
    """The document with a value in one of its places, however deep."""
    place = document
    while True:
        key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
        if place[key] and isinstance(place[key], dict | list) and chance.random() < 0.7:
            place = place[key]
            continue
        place[key] = value
        return document


def survives(body: bytes) -> None:
    """An offer is refused by a name of ours, or passes but for its last line end."""
    code, sdp = None, b""
    try:
        sdp = check_offer(body).sdp
    except Refused as refused:
        code = refused.code
    if code:
        assert code in {"BODY_TOO_LARGE", *REASONS}
    else:
        assert sdp in {body, body + b"\n", body + b"\r\n"}
        assert sdp.endswith(b"\n")


@fuzzed
@given(st.binary(max_size=2048) | st.text(max_size=2048).map(lambda text: text.encode()))
def test_arbitrary_bytes_never_break_the_check_of_offers(body: bytes) -> None:
    survives(body)


@fuzzed
@given(st.sampled_from([path.read_bytes() for path in OFFERS]), edits)
def test_edited_offers_never_break_their_check(source: bytes, changes: Any) -> None:
    survives(edited(source, changes))


@fuzzed
@given(
    source=st.sampled_from([path.read_bytes() for path in OFFERS]),
    order=st.randoms(use_true_random=False),
    kept=st.floats(0.5, 1),
)
def test_offers_with_lines_lost_or_shuffled_never_break_their_check(
    source: bytes, order: random.Random, kept: float
) -> None:
    lines = source.splitlines(keepends=True)
    head, rest = lines[:4], lines[4:]
    order.shuffle(rest)

    survives(b"".join(head + rest[: int(len(rest) * kept)]))


def read_as_clerk(raw: bytes) -> Any:
    return read_clerk_event(raw, received_at=clerk.RECEIVED)


PARSERS: dict[str, tuple[Callable[[bytes], Any], list[bytes], tuple[Any, ...]]] = {
    "stripe": (
        read_event,
        [path.read_bytes() for path in STRIPE],
        (*get_args(StripeEvent), Malformed),
    ),
    "clerk": (
        read_as_clerk,
        [path.read_bytes() for path in clerk.FILES],
        (*get_args(ClerkEvent), ClerkMalformed),
    ),
}


@pytest.mark.parametrize("name", PARSERS)
def test_whatever_a_webhook_holds_is_an_event_or_malformed(name: str) -> None:
    """Once its signature is right: also then it is only what somebody has sent."""
    read, sources, kinds = PARSERS[name]

    @fuzzed
    @given(
        st.sampled_from(sources), edits, st.randoms(use_true_random=False), values, st.booleans()
    )
    def run(
        source: bytes, changes: Any, chance: random.Random, value: Any, in_a_place: bool
    ) -> None:
        body = edited(source, changes)
        if in_a_place:
            document = with_odd_member(json.loads(source), chance, value)
            body = json.dumps(document).encode(errors="replace")
        assert isinstance(read(body), kinds)

    run()


@fuzzed
@given(texts | st.tuples(texts, texts).map(lambda two: f"t={two[0]},v1={two[1]}"), st.binary())
def test_no_header_of_stripe_opens_or_breaks_the_door(header: str, body: bytes) -> None:
    with pytest.raises(InvalidSignature):
        signature.verify(body, header, ["whsec_a", "\ud800"], now=NOW)


@fuzzed
@given(texts, texts | st.just(str(int(NOW.timestamp()))), texts | texts.map("v1,{}".format))
def test_no_headers_of_clerk_open_or_break_the_door(name: str, at: str, signed: str) -> None:
    secrets = ["whsec_" + base64.b64encode(b"a" * 24).decode(), "whsec_!", "\ud800"]
    with pytest.raises(InvalidSignature):
        svix.verify(
            b"{}", message_id=name, timestamp=at, signature=signed, secrets=secrets, now=NOW
        )


@fuzzed
@given(edits, texts | st.just(CONTENT.session_id), texts | st.just(CONTENT.user_id))
def test_a_sealed_token_opens_as_it_was_made_or_not_at_all(
    changes: Any, session_id: str, user_id: str
) -> None:
    genuine = SEALER.seal(CONTENT)
    token = edited(genuine.encode(), changes).decode(errors="surrogateescape")
    with suppress(NotFound, TokenExpired):
        content = SEALER.open(token, session_id=session_id, user_id=user_id, now=SEALED_AT)
        theirs = (CONTENT.session_id, CONTENT.user_id)
        assert (token, (session_id, user_id), content) == (genuine, theirs, CONTENT)


@fuzzed
@given(edits, texts | st.just(widget.ORG), st.integers(0, 2**40))
def test_a_signed_link_opens_as_it_was_made_or_not_at_all(
    changes: Any, organization_id: str, expiry_s: int
) -> None:
    links, end = Links(f"k1:{widget.OLD}"), datetime.fromtimestamp(expiry_s % 2**33, UTC)
    link = replace(widget.LINK, expires_at=end)
    genuine = links.sign(link)
    token = edited(genuine.encode(), changes).decode(errors="surrogateescape")
    with suppress(InvalidLink):
        read = links.read(token, organization_id=organization_id, now=widget.NOW)
        assert (token, organization_id, read) == (genuine, widget.ORG, link)
        assert end > widget.NOW


VERIFIER = SessionTokens(
    issuer=ISSUER, keys=ConfiguredKeys(jwks()), authorized_parties=(PARTY,), clock=lambda: NOW
)


@fuzzed
@given(edits)
def test_an_edited_session_token_is_refused(changes: Any) -> None:
    genuine = sign(claims())
    token = edited(genuine.encode(), changes).decode(errors="surrogateescape")
    with suppress(Unauthenticated):
        VERIFIER.verify(token)
        assert token == genuine


@fuzzed
@given(st.sampled_from(sorted(claims())), values)
def test_claims_of_any_kind_are_refused_or_true(name: str, value: Any) -> None:
    """Signed as they should be, with one claim that is odd."""
    told = claims(**{name: value})
    with suppress(Unauthenticated):
        found = VERIFIER.verify(sign(told))
        assert (found.clerk_id, found.session_id) == (told["sub"], told["sid"])
        assert (told["iss"], told["azp"]) == (ISSUER, PARTY)


@fuzzed
@given(texts | values.map(lambda one: base64.urlsafe_b64encode(json.dumps(one).encode()).decode()))
def test_a_cursor_is_one_of_ours_or_refused(cursor: str) -> None:
    """Of a list, and of an export; whose it is, is looked at by whoever reads on."""
    with suppress(InvalidRequest):
        Place.of(cursor)
    with suppress(InvalidRequest):
        start = start_of(cursor, pk="USER#1", index="GSI1") or {}
        assert start["GSI1PK"] == {"S": "USER#1"}
    with suppress(InvalidRequest):
        cursor_in("USER#1", cursor, among={"USER#2"})


@fuzzed
@given(texts.map(lambda text: f"/{text}") | st.text("/\\@:?#.%ea \t", max_size=12))
def test_an_address_to_come_back_to_is_on_the_front_end_or_refused(path: str) -> None:
    with suppress(ValueError):
        url = Returns("https://app.example.com").url(path, "p1", "success")
        assert urlsplit(url)[:2] == ("https", "app.example.com")
        assert not {"\\", "\t", "\n", " ", "@"} & set(url)
