"""A local stand-in for Clerk: a sign-in page, session tokens and their keys.

For pages: ``GET /sign-in?redirect_url=``, ``GET /v1/client``,
``POST /v1/client/sessions/token``, ``POST /v1/client/sign-out`` (with the cookie).
For scripts: ``POST /v1/sign-in {userId, email?, name?, organizations?, version?}``.
For back ends: ``GET /.well-known/jwks.json``, ``GET`` and ``DELETE /v1/users/{id}``.
Besides the common control surface: ``POST /_control/users/{id}/delete``,
``GET /_control/events``, ``POST /_control/events/{id}/redeliver``.
Whoever is made, changed or deleted is told of by signed webhooks.
"""

import argparse
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from local.standins.clerk_delivery import RETRY_FIRST_S, Messages
from local.standins.clerk_documents import refused, user_document
from local.standins.clerk_news import Registry
from local.standins.clerk_page import origin_of, sign_in_page
from local.standins.clerk_people import People, Person, PersonRefused, described, new_id, studio_of
from local.standins.clerk_tokens import SigningKey, session_claims
from local.standins.common import StandIn, main, refuse_foreign_callers

COOKIE = "clerk_stand_in"  # cookies of 127.0.0.1 are shared by all ports, so the name is ours
COOKIE_LIFE_S = 7 * 24 * 3600
APP_PORTS_BELOW = 2  # the app's port is this many below ours, unless it is given


class ClerkStandIn(StandIn):
    """Clerk, as far as the product uses it.

    ``app_url`` is the page that people come from and go back to; its origin, with the names
    127.0.0.1 and localhost alike, is the authorised party of every token.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        app_url: str | None = None,
        secret_key: str | None = None,
        webhook_url: str | None = None,
        webhook_secrets: tuple[str, ...] = (),
        retry_first_s: float = RETRY_FIRST_S,
    ) -> None:
        super().__init__("Clerk", browser_paths=("/v1/*",))
        self._key = SigningKey(data_dir / "clerk-signing-key.pem")
        self._people = People(data_dir / "clerk.sqlite3")
        self._messages = Messages(
            data_dir / "clerk-messages.sqlite3",
            url=webhook_url,
            keys=webhook_secrets,
            retry_first_s=retry_first_s,
        )
        self._registry = Registry(self._people, self._messages.add)
        self._app_url = app_url
        self._secret_key = secret_key
        self.app.cleanup_ctx.append(self._messages.running)
        self.app.on_cleanup.append(self._close)
        self.app.router.add_get("/.well-known/jwks.json", self._jwks)
        self.app.router.add_post("/v1/sign-in", self._sign_in_by_script)
        self.app.router.add_get("/sign-in", self._page)
        self.app.router.add_get("/sign-up", self._page)
        self.app.router.add_post("/sign-in", self._sign_in_by_page)
        self.app.router.add_get("/v1/client", self._client)
        self.app.router.add_post("/v1/client/sessions/token", self._token)
        self.app.router.add_post("/v1/client/sign-out", self._sign_out)
        self.app.router.add_get("/v1/jwks", self._jwks_for_back_ends)
        self.app.router.add_get("/v1/users/{id}", self._user)
        self.app.router.add_delete("/v1/users/{id}", self._delete_user)
        self.app.router.add_post("/_control/users/{id}/delete", self._delete_by_script)
        self.app.router.add_get("/_control/events", self._events)
        self.app.router.add_post("/_control/events/{id}/redeliver", self._redeliver)

    async def _close(self, _app: web.Application) -> None:
        self._people.close()

    async def _jwks(self, _request: web.Request) -> web.Response:
        return web.json_response(self._key.jwks())

    async def _jwks_for_back_ends(self, request: web.Request) -> web.Response:
        if not self._is_back_end(request):
            return refused(401, "Authorization", "the secret key is not known")
        return web.json_response(self._key.jwks())

    async def _sign_in_by_script(self, request: web.Request) -> web.Response:
        refuse_foreign_callers(request)
        try:
            document = json.loads(await request.read())
        except (ValueError, RecursionError):
            return refused(400, "body", "the body must be a JSON object")
        try:
            user_id = document.get("userId") if isinstance(document, dict) else None
            known = self._people.find(user_id) if isinstance(user_id, str) else None
            person = self._registry.save(described(document, known))
            version = _version(document.get("version", 2))
        except PersonRefused as refusal:
            return refused(422, refusal.field, str(refusal))
        token, expires_at = self._issue(request, person, new_id("sess"), version=version)
        return web.json_response({"token": token, "userId": person.id, "expiresAt": expires_at})

    async def _page(self, request: web.Request) -> web.Response:
        target = request.query.get("redirect_url") or self._app_of(request)
        if not self._is_app(request, target):
            return self._render_foreign(request)
        return sign_in_page(self._people.shown(), target)

    def _render_foreign(self, request: web.Request) -> web.Response:
        problem = "The address to go back to is not the app's, so it was left out."
        target = self._app_of(request)
        return sign_in_page(self._people.shown(), target, problem=problem, status=400)

    async def _sign_in_by_page(self, request: web.Request) -> web.Response:
        refuse_foreign_callers(request)
        form = {name: str(value) for name, value in (await request.post()).items()}
        target = form.get("redirect_url") or self._app_of(request)
        if not self._is_app(request, target):
            return self._render_foreign(request)
        try:
            person = self._chosen(form)
        except PersonRefused as refusal:
            problem = f"{str(refusal).capitalize()}."
            return sign_in_page(self._people.shown(), target, problem=problem, status=422)
        self._people.sign_out(request.cookies.get(COOKIE, ""))
        secret, _ = self._people.sign_in(person.id)
        answer = web.Response(status=303, headers={"Location": target})
        answer.set_cookie(COOKIE, secret, max_age=COOKIE_LIFE_S, httponly=True, samesite="Lax")
        return answer

    def _chosen(self, form: dict[str, str]) -> Person:
        if "userId" in form:
            person = self._people.find(form["userId"])
            if person is None:
                raise PersonRefused("person", "is not known here")
            return person
        typed: dict[str, Any] = {"userId": new_id("user"), "name": form.get("name", "").strip()}
        if not typed["name"]:
            raise PersonRefused("name", "is needed")
        if email := form.get("email", "").strip():
            typed["email"] = email
        if studio := form.get("studio", "").strip():
            typed["organizations"] = [studio_of(studio)]
        made = Person(typed["userId"], made_here=True)
        return self._registry.save(described(typed, made))

    async def _client(self, request: web.Request) -> web.Response:
        found = self._people.session_of(request.cookies.get(COOKIE, ""))
        if found is None:
            return _private({"signedIn": False})
        session_id, person = found
        return _private(
            {
                "signedIn": True,
                "sessionId": session_id,
                "userId": person.id,
                "name": person.name,
                "email": person.email,
                "imageUrl": person.image_url,
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        origin = request.headers.get("Origin")
        if origin is not None and not self._is_app(request, origin):
            return refused(403, "Origin", "this is not a page of the app")
        found = self._people.session_of(request.cookies.get(COOKIE, ""))
        if found is None:
            return refused(401, "session", "nobody is signed in")
        session_id, person = found
        token, expires_at = self._issue(request, person, session_id, origin=origin)
        return _private({"jwt": token, "expiresAt": expires_at})

    async def _sign_out(self, request: web.Request) -> web.Response:
        refuse_foreign_callers(request)
        self._people.sign_out(request.cookies.get(COOKIE, ""))
        answer = _private({"signedIn": False})
        answer.del_cookie(COOKIE, httponly=True, samesite="Lax")
        return answer

    def _is_back_end(self, request: web.Request) -> bool:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        # A key of our own making opens no more than any other test key.
        ours = self._secret_key is None or self._secret_key.startswith("sk_test_local_")
        known = secret.startswith("sk_test_") if ours else secret == self._secret_key
        return scheme.lower() == "bearer" and known

    async def _delete_user(self, request: web.Request) -> web.Response:
        if not self._is_back_end(request):
            return refused(401, "Authorization", "the secret key is not known")
        return self._delete(request.match_info["id"])

    async def _delete_by_script(self, request: web.Request) -> web.Response:
        return self._delete(request.match_info["id"])

    def _delete(self, user_id: str) -> web.Response:
        if not self._registry.delete(user_id):
            return refused(404, "id", "there is no such user")
        return web.json_response({"id": user_id, "object": "user", "deleted": True})

    async def _events(self, _request: web.Request) -> web.Response:
        return web.json_response({"items": self._messages.shown()})

    async def _redeliver(self, request: web.Request) -> web.Response:
        if not self._messages.redeliver(request.match_info["id"]):
            return refused(404, "id", "there is no such message")
        return web.json_response({"ok": True})

    async def _user(self, request: web.Request) -> web.Response:
        if not self._is_back_end(request):
            return refused(401, "Authorization", "the secret key is not known")
        person = self._people.find(request.match_info["id"])
        if person is None:
            return refused(404, "id", "there is no such user")
        return web.json_response(user_document(person))

    def _issue(
        self,
        request: web.Request,
        person: Person,
        session_id: str,
        *,
        origin: str | None = None,
        version: int = 2,
    ) -> tuple[str, str]:
        claims = session_claims(
            person,
            session_id=session_id,
            issuer=f"http://127.0.0.1:{_port_of(request)}",
            origin=origin or origin_of(self._app_of(request)),
            version=version,
        )
        expires_at = datetime.fromtimestamp(claims["exp"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._key.sign(claims), expires_at

    def _app_of(self, request: web.Request) -> str:
        return self._app_url or f"http://127.0.0.1:{_port_of(request) - APP_PORTS_BELOW}/"

    def _is_app(self, request: web.Request, url: str) -> bool:
        """Whether an address is the app's, under either of this machine's names."""
        names = {"127.0.0.1", "localhost"}
        try:
            ours, theirs = urlsplit(self._app_of(request)), urlsplit(url)
            same_port = (ours.scheme, ours.port) == (theirs.scheme, theirs.port)
        except ValueError:
            return False
        if not url.isprintable() or "\\" in url or "@" in theirs.netloc:
            return False
        same_host = ours.hostname == theirs.hostname or {ours.hostname, theirs.hostname} <= names
        return same_port and same_host


def _version(value: Any) -> int:
    if value not in (1, 2) or isinstance(value, bool):
        raise PersonRefused("version", "must be 1 or 2")
    return int(value)


def _port_of(request: web.Request) -> int:
    if request.transport is None:
        raise ConnectionResetError("the client left")
    return int(request.transport.get_extra_info("sockname")[1])


def _private(document: dict[str, Any]) -> web.Response:
    return web.json_response(document, headers={"Cache-Control": "no-store"})


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--app-url", help="where people go back to (default: two ports below)")

    parser.add_argument(
        "--webhook-url", help="where events go (default: /api/webhooks/clerk, two ports below)"
    )


def secrets_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The webhook secrets that the product may know, from both names of the setting."""
    names = ("CLERK_WEBHOOK_SECRETS", "CLERK_WEBHOOK_SECRET")
    listed = ",".join(environ.get(name, "") for name in names).split(",")
    return tuple(dict.fromkeys(secret.strip() for secret in listed if secret.strip()))


def _make(options: argparse.Namespace) -> ClerkStandIn:
    app = f"http://127.0.0.1:{options.port - APP_PORTS_BELOW}"
    # Secrets are not options: those show in process lists.
    return ClerkStandIn(
        options.data_dir,
        app_url=options.app_url,
        secret_key=os.environ.get("CLERK_SECRET_KEY"),
        webhook_url=options.webhook_url or f"{app}/api/webhooks/clerk",
        webhook_secrets=secrets_of(os.environ),
    )


if __name__ == "__main__":
    raise SystemExit(main(_make, add_arguments=_options))
