"""The check of a WebRTC offer: what passes unchanged, and what is refused by which name."""

import json
import re
from pathlib import Path

import pytest

from greenroom.kernel.errors import BodyTooLarge, InvalidSdp
from greenroom.kernel.limits import BODY_SDP_MAX, SDP_ANSWER_MAX
from greenroom.realtime.sdp import REASONS, answer_fault, check_offer

FOLDER = Path(__file__).parents[2] / "fixtures" / "sdp"
OFFERS = sorted(FOLDER.glob("*.sdp"))
GOOD = (FOLDER / "chromium_gathered.sdp").read_bytes()
FIREFOX = (FOLDER / "firefox.sdp").read_bytes()
ANSWER = GOOD.replace(b"setup:actpass", b"setup:active")


def without(pattern: bytes, body: bytes = GOOD) -> bytes:
    changed = re.sub(rb"(?m)^" + pattern + rb".*\r\n", b"", body)
    assert changed != body
    return changed


def replaced(old: bytes, new: bytes, body: bytes = GOOD) -> bytes:
    assert old in body
    return body.replace(old, new)


def audio_line(new: bytes) -> bytes:
    return re.sub(rb"(?m)^m=audio .*\r$", new + b"\r", GOOD)


@pytest.mark.parametrize("path", OFFERS, ids=lambda path: path.stem)
def test_offers_of_real_browsers_pass_byte_for_byte(path: Path) -> None:
    body = path.read_bytes()

    offer = check_offer(body)

    assert offer.sdp == body
    assert offer.candidates == body.count(b"a=candidate:")
    assert offer.lines == body.count(b"\n")


def test_there_are_offers_to_test_with() -> None:
    assert len(OFFERS) == 5


@pytest.mark.parametrize("path", OFFERS, ids=lambda path: path.stem)
def test_a_trimmed_offer_gets_its_line_end_back_and_nothing_else(path: Path) -> None:
    body = path.read_bytes()
    trimmed = body.rstrip(b"\r\n")

    assert check_offer(trimmed).sdp == trimmed + b"\r\n"
    assert check_offer(trimmed + b"\r").sdp == trimmed + b"\r\n"
    only_lf = trimmed.replace(b"\r\n", b"\n")
    assert check_offer(only_lf).sdp == only_lf + b"\n"


def test_a_trimmed_offer_is_the_same_offer() -> None:
    assert check_offer(GOOD.rstrip()).sha256 == check_offer(GOOD).sha256


def test_an_offer_never_shows_its_addresses_in_a_representation() -> None:
    assert "192.0.2.2" not in repr(check_offer(GOOD))


FINGERPRINT = rb"a=fingerprint:"
HOSTILE = {
    "nothing": (b"", "SDP_EMPTY"),
    "blanks only": (b" \r\n\t\r\n", "SDP_EMPTY"),
    "Latin-1": (b"v=0\r\ns=\xe9\r\n", "SDP_NOT_UTF8"),
    "UTF-16": (GOOD.decode().encode("utf-16"), "SDP_NOT_UTF8"),
    "what a wrong base64 flag makes": (b"\x8a\x9d\xff\x00\x10", "SDP_NOT_UTF8"),
    "a NUL": (replaced(b"s=-", b"s=\0"), "SDP_HAS_NUL"),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, "SDP_HAS_BOM"),
    "an HTML page": (b"<!doctype html><html></html>", "SDP_IS_HTML"),
    "an HTML page after a blank line": (b"\n <html>", "SDP_IS_HTML"),
    "a JSON object": (json.dumps({"sdp": GOOD.decode()}).encode(), "SDP_IS_JSON"),
    "a JSON text": (json.dumps(GOOD.decode()).encode(), "SDP_IS_JSON"),
    "a JSON list": (b"[1]", "SDP_IS_JSON"),
    "escaped CRLF": (GOOD.replace(b"\r\n", rb"\r\n"), "SDP_ESCAPED_LINES"),
    "escaped LF": (GOOD.replace(b"\r\n", rb"\n"), "SDP_ESCAPED_LINES"),
    "URL encoded": (b"v%3D0%0D%0Ao%3D-", "SDP_ESCAPED_LINES"),
    "a leading blank line": (b"\r\n" + GOOD, "SDP_LEADING_BLANK"),
    "leading blanks": (b"  " + GOOD, "SDP_LEADING_BLANK"),
    "another version": (replaced(b"v=0", b"v=1"), "SDP_NO_VERSION"),
    "plain text": (b"hello", "SDP_NO_VERSION"),
    "base64 text": (b"dj0wDQpvPS0gMQ==", "SDP_NO_VERSION"),
    "1,001 lines": (GOOD + b"a=x\r\n" * (1001 - GOOD.count(b"\n")), "SDP_TOO_MANY_LINES"),
    "a line of 4,097 characters": (GOOD + b"a=" + b"x" * 4095 + b"\r\n", "SDP_BAD_LINE"),
    "a line without a type": (GOOD + b"hello\r\n", "SDP_BAD_LINE"),
    "a blank line inside": (replaced(b"t=0 0\r\n", b"t=0 0\r\n\r\n"), "SDP_BAD_LINE"),
    "a bare carriage return": (replaced(b"s=-\r\n", b"s=-\rx\r\n"), "SDP_BAD_LINE"),
    "an escape character": (replaced(b"s=-", b"s=\x1b[2J"), "SDP_BAD_LINE"),
    "a media line that is none": (audio_line(b"m=audio"), "SDP_BAD_LINE"),
    "a port out of range": (audio_line(b"m=audio 65536 UDP/TLS/RTP/SAVPF 111"), "SDP_BAD_LINE"),
    "no origin": (without(b"o="), "SDP_INCOMPLETE"),
    "no session name": (without(b"s="), "SDP_INCOMPLETE"),
    "no time": (without(b"t="), "SDP_INCOMPLETE"),
    "only a version": (b"v=0\r\n", "SDP_INCOMPLETE"),
    "a passive answer": (replaced(b"setup:actpass", b"setup:passive"), "SDP_IS_ANSWER"),
    "an active answer": (ANSWER, "SDP_IS_ANSWER"),
    "no media": (GOOD[: GOOD.index(b"m=audio")], "SDP_NO_AUDIO"),
    "a data channel only": (
        GOOD[: GOOD.index(b"m=audio")] + GOOD[GOOD.index(b"m=application") :],
        "SDP_NO_AUDIO",
    ),
    "audio on port 0": (audio_line(b"m=audio 0 UDP/TLS/RTP/SAVPF 111"), "SDP_AUDIO_DISABLED"),
    "inactive audio": (replaced(b"a=sendrecv", b"a=inactive"), "SDP_AUDIO_DISABLED"),
    "plain RTP": (audio_line(b"m=audio 5004 RTP/AVP 111"), "SDP_NOT_DTLS"),
    "RTP with another key exchange": (audio_line(b"m=audio 5004 RTP/SAVP 111"), "SDP_NOT_DTLS"),
    "no ufrag": (without(b"a=ice-ufrag:"), "SDP_NO_ICE"),
    "no ice-pwd": (without(b"a=ice-pwd:"), "SDP_NO_ICE"),
    "a short ufrag": (replaced(b"ice-ufrag:ChLn", b"ice-ufrag:ChL"), "SDP_BAD_ICE"),
    "a made-up ice-pwd": (
        replaced(b"ice-pwd:lhNVFuqavs102fAbGHaB73FN", b"ice-pwd:fake"),
        "SDP_BAD_ICE",
    ),
    "ufrag with a space": (replaced(b"ice-ufrag:ChLn", b"ice-ufrag:Ch Ln"), "SDP_BAD_ICE"),
    "no fingerprint": (without(FINGERPRINT), "SDP_NO_FINGERPRINT"),
    "no fingerprint at all in Firefox": (without(FINGERPRINT, FIREFOX), "SDP_NO_FINGERPRINT"),
    "a made-up fingerprint": (
        re.sub(rb"sha-256 [0-9A-F:]+", b"sha-256 fake", GOOD),
        "SDP_BAD_FINGERPRINT",
    ),
    "a short fingerprint": (
        re.sub(rb"sha-256 [0-9A-F:]+", b"sha-256 AA:BB:CC", GOOD),
        "SDP_BAD_FINGERPRINT",
    ),
    "SHA-1 alone": (
        re.sub(rb"sha-256 [0-9A-F:]+", b"sha-1 " + b":".join([b"AB"] * 20), GOOD),
        "SDP_BAD_FINGERPRINT",
    ),
    "a bad fingerprint beside the good one": (
        GOOD + b"a=fingerprint:sha-256 AA:BB\r\n",
        "SDP_BAD_FINGERPRINT",
    ),
    "an unknown hash": (replaced(b":sha-256", b":md5"), "SDP_BAD_FINGERPRINT"),
    "no role": (without(b"a=setup:"), "SDP_NO_SETUP"),
    "no Opus": (replaced(b"opus/48000/2", b"speex/48000/2"), "SDP_NO_OPUS"),
    "video": (GOOD + b"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "SDP_HAS_VIDEO"),
    "two data channels": (
        GOOD + b"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
        "SDP_UNKNOWN_MEDIA",
    ),
    "other media": (GOOD + b"m=message 9 TCP/MSRP *\r\n", "SDP_UNKNOWN_MEDIA"),
    "129 candidates": (
        GOOD + b"a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n" * 121,
        "SDP_TOO_MANY_CANDIDATES",
    ),
}


@pytest.mark.parametrize(("body", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_no_provider_could_answer_is_refused_by_name(body: bytes, code: str) -> None:
    with pytest.raises(InvalidSdp) as refused:
        check_offer(body)

    assert refused.value.code == code
    assert refused.value.status == 422
    assert refused.value.detail == REASONS[code]


def test_every_reason_has_a_body_that_reaches_it() -> None:
    assert {code for _, code in HOSTILE.values()} == set(REASONS)


def test_128_candidates_pass() -> None:
    line = b"a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"

    assert check_offer(GOOD + line * 120).candidates == 128


def test_size_is_refused_before_anything_is_read() -> None:
    padding = b"a=" + b"x" * 60 + b"\r\n"
    whole = GOOD + padding * ((BODY_SDP_MAX - len(GOOD)) // len(padding))
    exact = whole + b"a=" + b"x" * (BODY_SDP_MAX - len(whole) - 4) + b"\r\n"
    assert len(exact) == BODY_SDP_MAX

    assert check_offer(exact).sdp == exact
    with pytest.raises(BodyTooLarge):
        check_offer(exact + b"\n")
    with pytest.raises(BodyTooLarge):
        check_offer(b"\xff" * (BODY_SDP_MAX + 1))


def test_audio_that_is_bundled_on_another_port_passes() -> None:
    bundled = audio_line(b"m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=bundle-only")

    assert check_offer(bundled).sdp == bundled


def test_a_providers_answer_is_recognised() -> None:
    assert answer_fault(ANSWER) is None
    assert answer_fault(ANSWER.replace(b"\r\n", b"\n")) is None
    assert answer_fault(ANSWER.replace(b"setup:active", b"setup:passive")) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b'{"error":{}}',
        b"v=0\r\n",
        GOOD,
        b"\n" + ANSWER,
        ANSWER.replace(b"s=-", b"s=\0"),
        ANSWER.replace(b"m=audio", b"m=video"),
        ANSWER + b"a=x\r\n" * (SDP_ANSWER_MAX // 5),
    ],
    ids=range(9),
)
def test_what_is_no_answer_is_never_handed_to_a_browser(body: bytes) -> None:
    assert answer_fault(body)
