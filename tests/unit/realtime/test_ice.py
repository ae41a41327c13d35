"""ICE servers: STUN as configured, TURN with credentials that end by themselves."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest

from greenroom.realtime.ice import IceServers

NOW = datetime.fromtimestamp(1_800_000_000, UTC)
STUN = {"urls": "stun:stun.example.org:3478"}
TURN = {"urls": ["turn:turn.example.org:3478?transport=udp", "turns:turn.example.org:5349"]}


def servers(*entries: dict[str, Any], secret: str | None = "north") -> IceServers:
    return IceServers(entries, turn_secret=lambda: secret, ttl_s=3600)


def test_stun_servers_are_told_as_configured_and_need_no_secret() -> None:
    entries: list[dict[str, Any]] = [STUN, {"urls": ["stuns:[2001:db8::1]:5349", "stun:192.0.2.1"]}]

    assert servers(*entries, secret=None).told_to("u1", now=NOW) == entries


def test_turn_servers_get_the_credential_that_coturn_expects() -> None:
    stun, turn = servers(STUN, TURN).told_to("u1", now=NOW)

    mac = hmac.new(b"north", b"1800003600:u1", hashlib.sha1).digest()
    assert stun == STUN
    assert turn == {
        "urls": TURN["urls"],
        "username": "1800003600:u1",
        "credential": base64.b64encode(mac).decode(),
    }


def test_two_people_never_share_a_credential() -> None:
    one, other = (servers(TURN).told_to(ref, now=NOW)[0] for ref in ("u1", "u2"))

    assert one["credential"] != other["credential"]


def test_what_one_person_gets_is_not_kept_for_the_next() -> None:
    told = servers(STUN)
    told.told_to("u1", now=NOW)[0]["urls"] = "changed"

    assert told.told_to("u1", now=NOW) == [STUN]


def test_a_turn_server_without_a_secret_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="TURN_SECRET"):
        servers(TURN, secret=None).told_to("u1", now=NOW)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"url": "stun:a"},
        {"urls": []},
        {"urls": 1},
        {"urls": [1]},
        {"urls": "http://example.org"},
        {"urls": "stun:"},
        {"urls": "stun:a b"},
        {"urls": "turn:a?transport=sctp"},
        TURN | {"username": "u", "credential": "canary"},
    ],
    ids=range(10),
)
def test_a_malformed_or_static_entry_is_refused_at_start(entry: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as refused:
        servers(entry)

    assert "canary" not in str(refused.value)
