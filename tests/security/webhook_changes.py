"""Signed requests of which something was changed afterwards: what a forger or a bad line sends."""

import base64
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from greenroom.kernel.limits import BODY_WEBHOOK_MAX

Headers = Mapping[str, str]

_HOSTILE = ("", " ", "\x00", "é" * 9, "9" * 40, "-1", "0", "null", "v1", "v1,", "v1,=", "t=,v1=")
_SIGNS = "abcdefXYZ0123456789+/=,.;:_- vt\x00é"


@dataclass(frozen=True)
class Signed:
    """A request as its sender signed it.

    ``same`` tells headers that say the same as these. ``forge`` signs any bytes as somebody would
    who does not know the secret, or signed long ago, or something else.
    """

    raw: bytes
    headers: Headers
    same: Callable[[Headers], bool]
    forge: Callable[[bytes, random.Random], Headers]


@dataclass(frozen=True)
class Changed:
    """What arrives: the body's text, whether it is said to be base64, and headers."""

    body: str | None
    encoded: bool
    headers: Headers


def changes(signed: Signed, *, count: int, seed: int) -> Iterator[Changed]:
    """So many changed requests, the same in every run; none says what was signed."""
    chance, made = random.Random(seed), 0
    while made < count:
        raw, headers = signed.raw, dict(signed.headers)
        match chance.randrange(5):
            case 0 | 1:
                raw = _other_body(raw, chance)
            case 2 | 3:
                headers = _other_headers(headers, chance)
            case _:
                headers = dict(signed.forge(raw, chance))
        if raw == signed.raw and signed.same(headers):
            continue
        made += 1
        yield _sent(raw, headers, chance)


def _sent(raw: bytes, headers: Headers, chance: random.Random) -> Changed:
    """As API Gateway hands it on; now and then with the flag that says the opposite."""
    encoded = base64.b64encode(raw).decode()
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return Changed(encoded, encoded=True, headers=headers)
    match chance.randrange(20):
        case 0:
            return Changed(text, encoded=True, headers=headers)
        case 1:
            return Changed(encoded, encoded=False, headers=headers)
        case 2 | 3:
            return Changed(encoded, encoded=True, headers=headers)
        case _:
            return Changed(text, encoded=False, headers=headers)


def _other_body(raw: bytes, chance: random.Random) -> bytes:
    place, size = chance.randrange(len(raw)), chance.randrange(1, 64)
    before, piece, after = raw[:place], raw[place : place + size], raw[place + size :]
    flipped = bytes([raw[place] ^ (1 << chance.randrange(8))]) + raw[place + 1 :]
    known = json.loads(raw)
    ways = (
        before + flipped,
        before + after,
        before + chance.randbytes(size) + piece + after,
        before,
        before + piece + piece + after,
        piece + after + before,
        json.dumps(known, indent=chance.choice([1, 3, 4])).encode(),
        json.dumps(_other_value(known, chance)).encode(),
        raw + b" " * chance.choice([1, 2, BODY_WEBHOOK_MAX]),
    )
    return chance.choice(ways)


def _other_value(value: Any, chance: random.Random) -> Any:
    """The same JSON with one member or number changed: what a forger would want."""
    if isinstance(value, dict) and value:
        name = chance.choice(sorted(value))
        return {**value, name: _other_value(value[name], chance)}
    if isinstance(value, list) and value:
        return [_other_value(value[0], chance), *value[1:]]
    if isinstance(value, int) and not isinstance(value, bool):
        return value + chance.choice([1, -1, 1000])
    return chance.choice(["paid", "user_other", True, None, 10**9, {}, []])


def _other_headers(headers: dict[str, str], chance: random.Random) -> dict[str, str]:
    name = chance.choice(sorted(headers))
    text = headers[name]
    place = chance.randrange(len(text))
    match chance.randrange(8):
        case 0:
            del headers[name]
        case 1:
            headers[name] = chance.choice(_HOSTILE)
        case 2:
            headers[name] = text[:place]
        case 3:
            headers[name] = text[:place] + text[place + 1 :]
        case 4:
            headers[name] = text[:place] + chance.choice(_SIGNS) + text[place:]
        case 5:
            headers[name] = text * chance.choice([2, 60])
        case 6:
            other = chance.choice(sorted(headers))
            headers[name], headers[other] = headers[other], headers[name]
        case _:
            headers[name] = text[:place] + chance.choice(_SIGNS) + text[place + 1 :]
    return headers
