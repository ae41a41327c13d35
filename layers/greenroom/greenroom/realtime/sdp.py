"""The check of a WebRTC offer before it goes to the provider. Standard library, no IO.

It refuses what no provider can answer, each with its own code, and never rewrites: the provider
gets the bytes that came. Only a missing final line end is put back, because offers that lost it
to a ``trim()`` are answered with "failed to unmarshal SDP: EOF". Sources: RFC 8866 (lines),
RFC 8829 (what a browser's offer holds), RFC 8839 (ICE), RFC 8122 (fingerprints).
"""

import hashlib
import re
from dataclasses import dataclass, field

from greenroom.kernel.errors import BodyTooLarge, InvalidSdp
from greenroom.kernel.limits import (
    BODY_SDP_MAX,
    SDP_ANSWER_MAX,
    SDP_CANDIDATES_MAX,
    SDP_LINE_CHARS_MAX,
    SDP_LINES_MAX,
)

REASONS = {
    "SDP_EMPTY": "The offer is empty.",
    "SDP_NOT_UTF8": "The offer is not UTF-8 text.",
    "SDP_HAS_NUL": "The offer holds a NUL character.",
    "SDP_HAS_BOM": "The offer begins with a byte order mark.",
    "SDP_IS_HTML": "This is an HTML page, not an offer.",
    "SDP_IS_JSON": "This is JSON text. Send the offer's SDP itself.",
    "SDP_ESCAPED_LINES": "The offer's line ends are escaped. Send them as they are.",
    "SDP_LEADING_BLANK": "The offer begins with white space.",
    "SDP_NO_VERSION": "The offer's first line is not v=0.",
    "SDP_TOO_MANY_LINES": f"The offer has more than {SDP_LINES_MAX} lines.",
    "SDP_BAD_LINE": "The offer holds a line that is no SDP line.",
    "SDP_INCOMPLETE": "The offer lacks its o=, s= or t= line.",
    "SDP_IS_ANSWER": "This is an answer, not an offer: a=setup has to be actpass.",
    "SDP_NO_AUDIO": "The offer has no audio.",
    "SDP_AUDIO_DISABLED": "The offer's audio is switched off.",
    "SDP_NOT_DTLS": "The offer's audio is not encrypted with DTLS.",
    "SDP_NO_ICE": "The offer lacks a=ice-ufrag or a=ice-pwd.",
    "SDP_BAD_ICE": "The offer's a=ice-ufrag or a=ice-pwd is not valid.",
    "SDP_NO_FINGERPRINT": "The offer has no certificate fingerprint.",
    "SDP_BAD_FINGERPRINT": "The offer's certificate fingerprint is not valid.",
    "SDP_NO_SETUP": "The offer lacks a=setup:actpass.",
    "SDP_NO_OPUS": "The offer's audio does not include Opus.",
    "SDP_HAS_VIDEO": "The offer has video. An interview is audio only.",
    "SDP_UNKNOWN_MEDIA": "The offer has more than audio and one data channel.",
    "SDP_TOO_MANY_CANDIDATES": f"The offer has more than {SDP_CANDIDATES_MAX} candidates.",
}

_ESCAPED = re.compile(r"v=0(?:\\r)?\\n|v(?:=|%3d)0%0[ad]", re.IGNORECASE)
_LINE = re.compile(r"[a-z]=[^\x00-\x08\x0a-\x1f\x7f]*")
_MEDIA = re.compile(r"m=(\S+) ([0-9]{1,5})(?:/[0-9]{1,5})? (\S+) \S.*")
_DTLS_SRTP = re.compile(r"(?:UDP|TCP)/(?:TLS|DTLS)/RTP/SAVPF?")
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PWD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_OPUS = re.compile(r"[0-9]{1,3} opus/48000(?:/2)?", re.IGNORECASE)
_FINGERPRINT = re.compile(r"([A-Za-z0-9-]+) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*)")
_DIGEST_BYTES = {"sha-1": 20, "sha-224": 28, "sha-256": 32, "sha-384": 48, "sha-512": 64}
_STRONG = {"sha-256", "sha-384", "sha-512"}


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that passed. ``sha256`` (hex, over what is sent) names it: two are one if equal."""

    sdp: bytes = field(repr=False)
    sha256: str
    candidates: int
    lines: int


@dataclass(frozen=True, slots=True)
class _Section:
    """The session's lines, or those of one ``m=`` line; the session has no ``media``."""

    lines: list[str]
    media: str = ""
    port: int = 0
    proto: str = ""

    def values(self, attribute: str) -> list[str]:
        prefix = f"a={attribute}:"
        return [line[len(prefix) :] for line in self.lines if line.startswith(prefix)]


def check_offer(body: bytes) -> Offer:
    """The offer in this body, as it came.

    Raises:
        BodyTooLarge: it is over 32 KB.
        InvalidSdp: it is no offer that a provider could answer; the code names the reason.
    """
    lines = _lines(_text(body))
    session, *media = sections = _sections(lines)
    if any(setup in ("active", "passive") for part in sections for setup in part.values("setup")):
        # RFC 8829 §5.2.1: an initial offer says actpass, and only an answer chooses.
        raise _refused("SDP_IS_ANSWER")
    audio = _audio(media)
    _check_ice(session, audio, sections)
    _check_dtls(session, audio, sections)
    if not any(_OPUS.fullmatch(value) for value in audio.values("rtpmap")):
        raise _refused("SDP_NO_OPUS")
    _check_other_media(media)
    candidates = sum(len(part.values("candidate")) for part in sections)
    if candidates > SDP_CANDIDATES_MAX:
        raise _refused("SDP_TOO_MANY_CANDIDATES")
    sdp = body + _missing_end(body)
    return Offer(sdp, hashlib.sha256(sdp).hexdigest(), candidates, len(lines))


def answer_fault(body: bytes) -> str | None:
    """Why this is no SDP answer that a browser could use, or None: a phrase for the log."""
    if len(body) > SDP_ANSWER_MAX:
        return "the answer is too large"
    if b"\0" in body or not re.match(rb"v=0\r?\n", body):
        return "the answer does not begin as SDP"
    try:
        body.decode()
    except UnicodeDecodeError:
        return "the answer is not UTF-8 text"
    if not re.search(rb"^m=audio ", body, re.MULTILINE):
        return "the answer has no audio"
    if not re.search(rb"^a=setup:(?:active|passive)\r?$", body, re.MULTILINE):
        return "the answer does not choose a DTLS role"
    return None


def _refused(code: str) -> InvalidSdp:
    return InvalidSdp(REASONS[code], code=code)


def _text(body: bytes) -> str:
    if len(body) > BODY_SDP_MAX:
        raise BodyTooLarge(f"The offer is over {BODY_SDP_MAX // 1024} KB.")
    if not body.strip():
        raise _refused("SDP_EMPTY")
    try:
        text = body.decode()
    except UnicodeDecodeError as fault:
        raise _refused("SDP_NOT_UTF8") from fault
    if "\0" in text:
        raise _refused("SDP_HAS_NUL")
    if text.startswith("\ufeff"):
        raise _refused("SDP_HAS_BOM")
    start = text.lstrip()
    if start.startswith("<"):
        raise _refused("SDP_IS_HTML")
    if start.startswith(("{", "[", '"')):
        raise _refused("SDP_IS_JSON")
    if _ESCAPED.match(start):
        raise _refused("SDP_ESCAPED_LINES")
    if start != text:
        raise _refused("SDP_LEADING_BLANK")
    return text


def _lines(text: str) -> list[str]:
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if lines[0] != "v=0":
        raise _refused("SDP_NO_VERSION")
    if not lines[-1]:
        lines.pop()
    if len(lines) > SDP_LINES_MAX:
        raise _refused("SDP_TOO_MANY_LINES")
    if not all(len(line) <= SDP_LINE_CHARS_MAX and _LINE.fullmatch(line) for line in lines):
        raise _refused("SDP_BAD_LINE")
    return lines


def _sections(lines: list[str]) -> list[_Section]:
    """The session's section, then one for each ``m=`` line."""
    sections = [_Section([])]
    for line in lines:
        if line.startswith("m="):
            found = _MEDIA.fullmatch(line)
            if not found or int(found[2]) > 65535:
                raise _refused("SDP_BAD_LINE")
            sections.append(_Section([], found[1], int(found[2]), found[3]))
        sections[-1].lines.append(line)
    session = sections[0].lines
    kinds = [line[0] for line in session]
    if kinds[1:3] != ["o", "s"] or "t" not in kinds:
        raise _refused("SDP_INCOMPLETE")
    return sections


def _audio(media: list[_Section]) -> _Section:
    """The audio that will be spoken over: the first that is not switched off."""
    audio = [part for part in media if part.media == "audio"]
    if not audio:
        raise _refused("SDP_NO_AUDIO")
    # Port 0 is a refusal, except where a=bundle-only says that another port carries it.
    heard = [
        part
        for part in audio
        if (part.port or "a=bundle-only" in part.lines) and "a=inactive" not in part.lines
    ]
    if not heard:
        raise _refused("SDP_AUDIO_DISABLED")
    if not _DTLS_SRTP.fullmatch(heard[0].proto):
        raise _refused("SDP_NOT_DTLS")
    return heard[0]


def _check_ice(session: _Section, audio: _Section, sections: list[_Section]) -> None:
    for attribute, shape in (("ice-ufrag", _UFRAG), ("ice-pwd", _PWD)):
        if not (audio.values(attribute) or session.values(attribute)):
            raise _refused("SDP_NO_ICE")
        every = (value for part in sections for value in part.values(attribute))
        if not all(shape.fullmatch(value) for value in every):
            raise _refused("SDP_BAD_ICE")


def _check_dtls(session: _Section, audio: _Section, sections: list[_Section]) -> None:
    """Fingerprints and role; a section without its own uses the session's (Firefox)."""
    used = audio.values("fingerprint") or session.values("fingerprint")
    if not used:
        raise _refused("SDP_NO_FINGERPRINT")
    hashes = {value: _hash_of(value) for part in sections for value in part.values("fingerprint")}
    if None in hashes.values() or not any(hashes[value] in _STRONG for value in used):
        raise _refused("SDP_BAD_FINGERPRINT")
    if "actpass" not in (audio.values("setup") or session.values("setup")):
        raise _refused("SDP_NO_SETUP")


def _hash_of(fingerprint: str) -> str | None:
    """The name of the fingerprint's hash, or None where its length or shape is wrong."""
    found = _FINGERPRINT.fullmatch(fingerprint)
    if not found:
        return None
    name, digest = found[1].lower(), found[2]
    return name if _DIGEST_BYTES.get(name) == digest.count(":") + 1 else None


def _check_other_media(media: list[_Section]) -> None:
    kinds = [part.media for part in media]
    if "video" in kinds:
        raise _refused("SDP_HAS_VIDEO")
    if set(kinds) - {"audio", "application"} or kinds.count("application") > 1:
        raise _refused("SDP_UNKNOWN_MEDIA")


def _missing_end(body: bytes) -> bytes:
    """What the last line lacks: nothing, or a line end like that of the other lines."""
    if body.endswith(b"\n"):
        return b""
    return b"\r\n" if b"\r\n" in body and not body.endswith(b"\r") else b"\n"
