"""Stripe's signature: genuine bodies pass, and whatever is wrong is one refusal."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from greenroom.kernel.errors import InvalidSignature
from greenroom.kernel.limits import WEBHOOK_HEADER_CHARS_MAX, WEBHOOK_SIGNATURES_MAX
from greenroom.payments.signature import verify

SECRET = "whsec_test_secret_of_an_endpoint"
OTHER = "whsec_another_one"
AT = 1_790_000_000
BODY = b'{"id": "evt_1", "object": "event", "text": "\xc3\xa9"}'


def signature(body: bytes = BODY, *, at_s: object = AT, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()


def header(body: bytes = BODY, *, at_s: object = AT, secret: str = SECRET) -> str:
    return f"t={at_s},v1={signature(body, at_s=at_s, secret=secret)}"


def accepts(
    given: str | None,
    *,
    body: bytes = BODY,
    secrets: Sequence[str] = (SECRET,),
    now_s: float = AT,
) -> bool:
    """Whether it passes; a refusal is always the same answer, which tells nothing."""
    try:
        verify(body, given, secrets, now=datetime.fromtimestamp(now_s, UTC))
    except InvalidSignature as refusal:
        return (refusal.status, refusal.code, refusal.facts) != (400, "INVALID_SIGNATURE", {})
    return True


def test_a_genuine_body_passes() -> None:
    assert accepts(header())


@pytest.mark.parametrize(
    ("offset_s", "accepted"),
    [(-301, False), (-300, True), (-299, True), (299, True), (300, True), (301, False)],
)
def test_five_minutes_are_allowed_both_ways(offset_s: int, accepted: bool) -> None:
    assert accepts(header(), now_s=AT + offset_s) is accepted


def test_a_body_that_was_written_again_is_refused() -> None:
    assert not accepts(header(), body=BODY.replace(b": ", b":"))
    assert not accepts(header(), body=BODY + b"\n")
    assert not accepts(header(), body=b"")


def test_the_time_is_signed_too() -> None:
    assert not accepts(f"t={AT + 1},v1={signature()}")


def test_any_of_several_secrets_and_signatures_may_match() -> None:
    assert accepts(header(), secrets=(OTHER, SECRET))
    assert accepts(header(secret=OTHER), secrets=(OTHER, SECRET))
    assert accepts(f"t={AT},v1={signature(secret=OTHER)},v1={signature()}")
    assert not accepts(header(), secrets=(OTHER,))


@pytest.mark.parametrize("secrets", [(), ("",), ("  ", "\n"), ("", "")])
def test_without_a_secret_the_door_is_closed(secrets: Sequence[str]) -> None:
    assert not accepts(header(secret=""), secrets=secrets)
    assert not accepts(header(), secrets=secrets)


def test_an_empty_secret_beside_a_real_one_opens_nothing() -> None:
    assert accepts(header(), secrets=("", SECRET))
    assert not accepts(header(secret=""), secrets=("", SECRET))


def test_the_old_scheme_is_never_looked_at() -> None:
    assert not accepts(f"t={AT},v0={signature()}")
    assert accepts(f"t={AT},v0={'0' * 64},v1={signature()}")


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        ",",
        "=",
        "t=",
        f"t={AT}",
        f"v1={signature()}",
        f"t=now,v1={signature(at_s='now')}",
        f"t=-{AT},v1={signature(at_s=-AT)}",
        f"t={AT}.0,v1={signature(at_s=f'{AT}.0')}",
        f"t=0{AT},v1={signature(at_s=f'0{AT}')}",
        f"t={'9' * 400},v1={signature(at_s='9' * 400)}",
        f"t=١٧٩٠٠٠٠٠٠٠,v1={signature()}",
        f"t={AT},t={AT},v1={signature()}",
        f"t={AT},v1={signature().upper()}",
        f"t={AT},v1={signature()}0",
        f"t={AT},v1=\ud800{signature()[1:]}",
        f"t={AT},v1={'é' * 64}",
        f"t={AT},{'v1=' + '0' * 64},{'x' * WEBHOOK_HEADER_CHARS_MAX},v1={signature()}",
        f"t={AT}" + f",v1={'0' * 64}" * WEBHOOK_SIGNATURES_MAX + f",v1={signature()}",
    ],
    ids=range(20),
)
def test_an_odd_header_is_refused_and_never_raises_anything_else(given: str | None) -> None:
    assert not accepts(given)


def test_a_secret_that_is_no_plain_text_raises_nothing() -> None:
    assert not accepts(header(), secrets=("\ud800", "é", "\x00"))


def test_a_body_that_is_no_text_is_verified_as_bytes() -> None:
    assert accepts(header(b"\xff\x00"), body=b"\xff\x00")


def test_stripes_own_library_agrees() -> None:
    stripe = pytest.importorskip("stripe")

    theirs = stripe.WebhookSignature.generate_signature_header(BODY.decode(), SECRET, AT)
    assert accepts(theirs)
    fresh = int(datetime.now(UTC).timestamp())
    ours = header(at_s=fresh)
    assert stripe.WebhookSignature.verify_header(BODY.decode(), ours, SECRET, 300)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(BODY.decode(), ours, OTHER, 300)
