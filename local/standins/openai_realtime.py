"""OpenAI's realtime routes: secrets, calls and hang-up, in the GA and the beta wire format.

Unlike the real one, the beta format is alive here: it stands for a compatible endpoint.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from email.parser import BytesParser
from typing import Any

from aiohttp import web

from local.standins.openai_errors import (
    Refusal,
    bearer,
    json_body,
    parse_json,
    standard_key,
    wrong_key,
)
from local.standins.voice import BadParameter, Calls, Dialect, OfferRefused, Session, TooManyCalls
from local.standins.voice.shapes import closed, integer, one_of

BETA_HEADER = "OpenAI-Beta"
BETA_VALUE = "realtime=v1"
GA_TTL_S = 600  # OpenAI's default; 10 to 7200 may be asked for
BETA_TTL_S = 60
SECRETS_KEPT = 2_000
SDP_CHARS_MAX = 256 * 1024

_expires_after = closed({"anchor": one_of("created_at"), "seconds": integer(10, 7_200)})


@dataclass(frozen=True, slots=True)
class _Secret:
    session: Session
    expires_at: int


class RealtimeRoutes:
    """The routes, with the secrets that were handed out and the calls that are open."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._secrets: OrderedDict[str, _Secret] = OrderedDict()

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register every route."""
        router.add_post("/v1/realtime/client_secrets", self._mint_ga)
        router.add_post("/v1/realtime/sessions", self._mint_beta)
        router.add_post("/v1/realtime/calls", self._call_ga)
        router.add_post("/v1/realtime", self._call_beta)
        router.add_post("/v1/realtime/calls/{call_id}/hangup", self._hang_up)

    async def reset(self) -> None:
        """Forget the secrets and end the calls."""
        self._secrets.clear()
        await self._calls.close()

    async def _mint_ga(self, request: web.Request) -> web.Response:
        standard_key(request)
        _refuse_beta_header(request)
        body = await json_body(request)
        shape = closed({"expires_after": _expires_after, "session": lambda _value, _path: None})
        try:
            shape(body, "")
            given = body.get("session", {"type": "realtime"})
            session = Session.create("ga", given, path="session")
        except BadParameter as bad:
            raise _refused(bad) from bad
        ttl_s = body.get("expires_after", {}).get("seconds", GA_TTL_S)
        value, expires_at = self._keep(session, ttl_s)
        shown = session.show(expires_at=0)
        return web.json_response({"value": value, "expires_at": expires_at, "session": shown})

    async def _mint_beta(self, request: web.Request) -> web.Response:
        standard_key(request)
        _require_beta_header(request)
        try:
            session = Session.create("beta", await json_body(request), path="")
        except BadParameter as bad:
            raise _refused(bad) from bad
        value, expires_at = self._keep(session, BETA_TTL_S)
        secret = {"value": value, "expires_at": expires_at}
        return web.json_response({**session.show(expires_at=0), "client_secret": secret})

    async def _call_ga(self, request: web.Request) -> web.Response:
        if "model" in request.query:
            # Measured by users of the real one: the query string is met with empty texts.
            empty = {"message": "", "type": "", "code": "", "param": ""}
            return web.json_response({"error": empty}, status=400)
        _refuse_beta_header(request)
        if request.content_type == "multipart/form-data":
            standard_key(request)
            offer, session = _read_form(request.headers["Content-Type"], await request.read())
        else:
            session = self._session_of(request, "ga")
            offer = await _read_offer(request)
        call_id, answer = await self._answer(offer, session)
        return _sdp(answer, {"Location": f"/v1/realtime/calls/{call_id}"})

    async def _call_beta(self, request: web.Request) -> web.Response:
        _require_beta_header(request)
        session = self._session_of(request, "beta")
        if request.query.get("model", session.model) != session.model:
            message = "The model does not match the model of the session."
            raise Refusal(400, "invalid_model", message, param="model")
        _, answer = await self._answer(await _read_offer(request), session)
        return _sdp(answer, {})

    async def _hang_up(self, request: web.Request) -> web.Response:
        key = bearer(request)
        if not key.startswith("sk-") and key not in self._secrets:
            raise wrong_key()
        call_id = request.match_info["call_id"]
        if not await self._calls.hang_up(call_id):
            raise Refusal(404, "call_id_not_found", f"No session found for call_id '{call_id}'.")
        return web.Response()

    def _keep(self, session: Session, ttl_s: int) -> tuple[str, int]:
        value, expires_at = f"ek_{secrets.token_hex(16)}", int(time.time()) + ttl_s
        self._secrets[value] = _Secret(session, expires_at)
        if len(self._secrets) > SECRETS_KEPT:
            self._secrets.popitem(last=False)
        return value, expires_at

    def _session_of(self, request: web.Request, dialect: Dialect) -> Session:
        key = bearer(request)
        if dialect == "ga" and key.startswith("sk-"):
            message = "With a standard key, send the offer and the session as multipart/form-data."
            raise Refusal(400, "missing_required_parameter", message, param="session")
        secret = self._secrets.get(key)
        if secret is None or secret.session.dialect != dialect:
            raise wrong_key()
        if time.time() >= secret.expires_at:
            raise Refusal(401, "token_expired", "Ephemeral token expired.")
        return secret.session.copy()

    async def _answer(self, offer: str, session: Session) -> tuple[str, str]:
        _check_offer(offer)
        try:
            return await self._calls.answer(offer, session)
        except OfferRefused as refused:
            raise _bad_offer() from refused
        except TooManyCalls as full:
            message = "Rate limit reached for realtime sessions. Please try again later."
            raise Refusal(429, "rate_limit_exceeded", message, kind="rate_limit_exceeded") from full


def _refused(bad: BadParameter) -> Refusal:
    return Refusal(400, bad.code, bad.message, param=bad.param)


def _refuse_beta_header(request: web.Request) -> None:
    if "realtime" in request.headers.get(BETA_HEADER, ""):
        message = (
            "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
        )
        raise Refusal(400, "beta_api_shape_disabled", message)


def _require_beta_header(request: web.Request) -> None:
    if request.headers.get(BETA_HEADER) != BETA_VALUE:
        message = f"You must provide the '{BETA_HEADER}: {BETA_VALUE}' header to use this API."
        raise Refusal(400, "missing_beta_header", message)


async def _read_offer(request: web.Request) -> str:
    if request.content_type != "application/sdp":
        message = f"Unsupported content type: '{request.content_type}'."
        raise Refusal(400, "unsupported_content_type", message)
    return _decoded(await request.read())


def _read_form(content_type: str, body: bytes) -> tuple[str, Session]:
    parts = _parts_of(content_type, body)
    for name in parts:
        if name not in ("sdp", "session"):
            raise Refusal(400, "unknown_parameter", f"Unknown parameter: '{name}'.", param=name)
    for name in ("sdp", "session"):
        if name not in parts:
            message = f"Missing required parameter: '{name}'."
            raise Refusal(400, "missing_required_parameter", message, param=name)
    given: Any = parse_json(parts["session"])
    try:
        return _decoded(parts["sdp"]), Session.create("ga", given, path="session")
    except BadParameter as bad:
        raise _refused(bad) from bad


def _parts_of(content_type: str, body: bytes) -> dict[str, bytes]:
    """Parts by name, with or without a file name or a media type of their own.

    The stand-in's record has read the body already, and aiohttp reads a form only from the
    wire; MIME multipart is what the standard library's mail parser reads.
    """
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1")
    form = BytesParser().parsebytes(head + body)
    if not form.is_multipart():
        raise Refusal(400, None, "The form could not be read.")
    parts: dict[str, bytes] = {}
    for part in form.walk():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            parts[name] = payload
    return parts


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as broken:
        raise _bad_offer() from broken


def _check_offer(offer: str) -> None:
    if not offer.endswith("\n"):
        message = "Failed to parse offer: failed to unmarshal SDP: EOF"
        raise Refusal(400, "invalid_offer", message)
    lines = offer.split("\n")
    needed = ("m=audio ", "a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:")
    found = all(any(line.startswith(start) for line in lines) for start in needed)
    is_answer = any(line.startswith("a=setup:passive") for line in lines)
    if lines[0].rstrip("\r") != "v=0" or not found or is_answer or len(offer) > SDP_CHARS_MAX:
        raise _bad_offer()


def _bad_offer() -> Refusal:
    message = "Invalid SDP offer. Please try again with a WHIP-compliant offer."
    return Refusal(400, "invalid_offer", message)


def _sdp(answer: str, headers: dict[str, str]) -> web.Response:
    # As a header, not as content_type: aiohttp would add a charset to it.
    headers = {**headers, "Content-Type": "application/sdp"}
    return web.Response(status=201, body=answer.encode(), headers=headers)
