"""Svix's signature: the official vectors hold, and whatever is wrong is one refusal."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from greenroom.accounts.svix import verify
from greenroom.kernel.errors import InvalidSignature
from greenroom.kernel.limits import WEBHOOK_HEADER_CHARS_MAX, WEBHOOK_SIGNATURES_MAX

VECTORS = json.loads((Path(__file__).parents[2] / "fixtures/svix/vectors.json").read_text())
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(b"another key of ours").decode()
AT = 1_790_000_000
BODY = b'{"data": {"id": "user_1"}, "type": "user.created"}'


def sign(
    body: bytes = BODY, *, message_id: str = "msg_1", at_s: object = AT, secret: str = SECRET
) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{at_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def accepts(
    signature: str | None,
    *,
    body: bytes = BODY,
    message_id: str | None = "msg_1",
    timestamp: str | None = str(AT),
    secrets: Sequence[str] = (SECRET,),
    now_s: float = AT,
) -> bool:
    """Whether it passes; a refusal is always the same answer, which tells nothing."""
    try:
        verify(
            body,
            message_id=message_id,
            timestamp=timestamp,
            signature=signature,
            secrets=secrets,
            now=datetime.fromtimestamp(now_s, UTC),
        )
    except InvalidSignature as refusal:
        return (refusal.status, refusal.code, refusal.facts) != (400, "INVALID_SIGNATURE", {})
    return True


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_official_vectors_hold(vector: dict[str, Any]) -> None:
    accepted = accepts(
        vector["svix-signature"],
        body=vector["body"].encode(),
        message_id=vector["svix-id"],
        timestamp=vector["svix-timestamp"],
        secrets=(vector["secret"],),
        now_s=vector["now"],
    )

    assert accepted is vector["valid"]


@pytest.mark.parametrize(
    ("offset_s", "accepted"),
    [(-301, False), (-300, True), (-299, True), (299, True), (300, True), (301, False)],
)
def test_five_minutes_are_allowed_both_ways(offset_s: int, accepted: bool) -> None:
    assert accepts(sign(), now_s=AT + offset_s) is accepted


def test_id_time_and_body_are_signed() -> None:
    assert accepts(sign())
    assert not accepts(sign(), message_id="msg_2")
    assert not accepts(sign(), timestamp=str(AT + 1))
    assert not accepts(sign(), body=BODY.replace(b": ", b":"))


def test_the_parts_of_a_signed_message_cannot_be_cut_elsewhere() -> None:
    body = str(AT).encode() + b"." + BODY
    genuine = sign(body, message_id="msg", at_s=1)

    assert not accepts(genuine, message_id="msg.1", body=BODY)


def test_any_of_several_secrets_and_signatures_may_match() -> None:
    assert accepts(sign(), secrets=(OTHER, SECRET))
    assert accepts(f"{sign(secret=OTHER)} v1a,abc {sign()}")
    assert not accepts(sign(secret=OTHER))
    assert accepts(sign(), secrets=(SECRET.removeprefix("whsec_"),))


@pytest.mark.parametrize(
    "secrets", [(), ("",), ("whsec_",), ("whsec_not base64",), ("é",), ("\ud800",)]
)
def test_without_a_readable_secret_the_door_is_closed(secrets: Sequence[str]) -> None:
    assert not accepts(sign(secret=""), secrets=secrets)
    assert accepts(sign(), secrets=(*secrets, SECRET))


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        " ",
        "garbage",
        "v1",
        "v1,",
        "v1,abc",
        "v1,a,b",
        "v1,é",
        sign().replace("v1,", "v2,"),
        sign().replace("v1,", "v0,"),
        sign().replace("v1,", ""),
        sign().rstrip("="),
        sign() + "=",
        sign().replace(" ", "") + "\n",
        "\ud800" + sign(),
        "x" * WEBHOOK_HEADER_CHARS_MAX + " " + sign(),
        f"{sign(secret=OTHER)} " * WEBHOOK_SIGNATURES_MAX + sign(),
    ],
    ids=range(18),
)
def test_an_odd_header_is_refused_and_never_raises_anything_else(signature: str | None) -> None:
    assert not accepts(signature)


def test_two_spaces_between_signatures_are_no_crime() -> None:
    assert accepts(f"{sign(secret=OTHER)}  {sign()} ")


@pytest.mark.parametrize(
    "timestamp", [None, "", "now", "-1", "1e9", " 1", f"0{AT}", f"{AT}.0", "9" * 400, "١٢٣"]
)
def test_an_odd_time_is_refused(timestamp: str | None) -> None:
    assert not accepts(sign(at_s=timestamp), timestamp=timestamp)


@pytest.mark.parametrize("message_id", [None, "", "a b", "a.b", "é", "\ud800", "x" * 256])
def test_an_odd_id_is_refused(message_id: str | None) -> None:
    assert not accepts(sign(), message_id=message_id)
