"""The front door of the Stripe stand-in: keys, versions, forms, idempotency, answers."""

import base64
import binascii
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from local.standins.stripe_account import Account
from local.standins.stripe_calls import Call, Route, expanded
from local.standins.stripe_errors import StripeRefused
from local.standins.stripe_form import Tree, parse_form
from local.standins.stripe_objects import API_VERSION, new_id, shown
from local.standins.stripe_parameters import ListOf, Record, Text

IDEMPOTENCY_KEY_CHARS_MAX = 255
IDEMPOTENCY_LIFE_S = 24 * 3600
FORM = "application/x-www-form-urlencoded"

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?")
_EXPAND = ListOf(Text())


@dataclass(frozen=True)
class _Answer:
    status: int
    body: str
    headers: dict[str, str]


class Api:
    """All endpoints under ``/v1``.

    With a ``secret_key`` only that key opens the door, otherwise every test key does.
    """

    def __init__(self, account: Account, routes: Iterable[Route], secret_key: str | None) -> None:
        self._account = account
        self._routes = tuple(routes)
        self._secret_key = secret_key

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the endpoints, and Stripe's 404 for everything else under ``/v1``."""
        for route in self._routes:
            router.add_route(route.method, route.path, self._handler(route))
        router.add_route("*", "/v1/{rest:.*}", self._unknown)

    def _handler(self, route: Route) -> Any:
        async def handle(request: web.Request) -> web.Response:
            return self._respond(route, request, await request.read())

        return handle

    async def _unknown(self, request: web.Request) -> web.Response:
        text = (
            f"Unrecognized request URL ({request.method}: {request.path})."
            " Please see https://stripe.com/docs or we can help at https://support.stripe.com/."
        )
        refusal = StripeRefused(text, status=404)
        return _as_response(_refused(refusal), new_id("req", 14))

    def _respond(self, route: Route, request: web.Request, body: bytes) -> web.Response:
        request_id = new_id("req", 14)
        try:
            self._authorise(request)
            _check_version(request)
            answer = self._answer(route, request, body, request_id)
        except StripeRefused as refusal:
            answer = _refused(refusal)
        return _as_response(answer, request_id)

    def _authorise(self, request: web.Request) -> None:
        key = _key_of(request.headers.get("Authorization", ""))
        if not key:
            text = (
                "You did not provide an API key. You need to provide your API key in the"
                " Authorization header, using Bearer auth (e.g. 'Authorization: Bearer"
                " YOUR_SECRET_KEY')."
            )
            raise StripeRefused(text, status=401, early=True)
        known = key == self._secret_key if self._secret_key else key.startswith("sk_test_")
        if not known:
            text = f"Invalid API Key provided: {key[:8]}****{key[-4:]}"
            raise StripeRefused(text, status=401, early=True)

    def _answer(self, route: Route, request: web.Request, body: bytes, request_id: str) -> _Answer:
        tree = _tree_of(request, body)
        key = request.headers.get("Idempotency-Key") if route.method == "POST" else None
        fingerprint = json.dumps([request.method, request.path, tree], sort_keys=True)
        if key is not None and (kept := self._replayed(key, fingerprint)):
            return kept
        fields = {**route.takes.fields, "expand": _EXPAND}
        given = Record(fields, route.takes.needed).read(tree)
        expand = given.pop("expand", [])
        call = Call(
            account=self._account,
            given=given,
            ids=request.match_info,
            base_url=f"{request.scheme}://{request.host}",
        )
        self._account.caused_by(request_id, key)
        try:
            with self._account.store.transaction():
                done = expanded(self._account, shown(route.act(call)), expand)
                answer = _Answer(200, json.dumps(done, indent=2), {})
                self._keep(key, fingerprint, answer, request_id)
        except StripeRefused as refusal:
            answer = _refused(refusal)
            if not refusal.early:
                self._keep(key, fingerprint, answer, request_id)
        finally:
            self._account.caused_by(None, None)
        return answer

    def _replayed(self, key: str, fingerprint: str) -> _Answer | None:
        if not 1 <= len(key) <= IDEMPOTENCY_KEY_CHARS_MAX:
            text = f"Idempotency keys have 1 to {IDEMPOTENCY_KEY_CHARS_MAX} characters."
            raise StripeRefused(text, kind="idempotency_error", early=True)
        row = self._account.store.database.execute(
            "select request, status, body, request_id from replay where key = ? and at > ?",
            [key, time.time() - IDEMPOTENCY_LIFE_S],
        ).fetchone()
        if row is None:
            return None
        if row[0] != fingerprint:
            text = (
                "Keys for idempotent requests can only be used with the same parameters they"
                f" were first used with. Try using a key other than '{key}' if you meant to"
                " execute a different request."
            )
            raise StripeRefused(text, kind="idempotency_error", early=True)
        return _Answer(row[1], row[2], {"Idempotent-Replayed": "true", "Original-Request": row[3]})

    def _keep(self, key: str | None, fingerprint: str, answer: _Answer, request_id: str) -> None:
        if key is not None:
            self._account.store.database.execute(
                "insert or replace into replay values (?, ?, ?, ?, ?, ?)",
                [key, fingerprint, answer.status, answer.body, time.time(), request_id],
            )


def _key_of(header: str) -> str:
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, _ = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return user
    return value.strip() if scheme.lower() == "bearer" else ""


def _check_version(request: web.Request) -> None:
    version = request.headers.get("Stripe-Version", API_VERSION)
    if not _VERSION.fullmatch(version):
        raise StripeRefused(f"Invalid Stripe API version: {version}", early=True)


def _tree_of(request: web.Request, body: bytes) -> Tree:
    if request.method != "POST" and not body:
        return parse_form(request.rel_url.raw_query_string)
    if body and request.content_type != FORM:
        text = f"Invalid request (check that your POST content type is {FORM})."
        raise StripeRefused(text, early=True)
    try:
        return parse_form(body.decode())
    except UnicodeDecodeError:
        raise StripeRefused("Invalid form encoding.", early=True) from None


def _refused(refusal: StripeRefused) -> _Answer:
    return _Answer(refusal.status, json.dumps(refusal.document, indent=2), {})


def _as_response(answer: _Answer, request_id: str) -> web.Response:
    headers = {**answer.headers, "Request-Id": request_id, "Stripe-Version": API_VERSION}
    return web.Response(
        text=answer.body,
        status=answer.status,
        content_type="application/json",
        headers=headers,
    )
