"""Somebody else's web site: one plain page of another origin with a script of ours in it.

It has a server of its own, because a browser tells sites apart by their port, and a policy
(Content-Security-Policy) as strict as a careful site's.
"""

import html
import re
import secrets
import socket
from pathlib import Path

from aiohttp import web

from local.cloud import address_of
from local.site import is_local_host

OFFSET = 4
"""Its port after the gateway's; the stand-ins have those between."""

SCRIPT = "widget.js"

_PAGE = Path(__file__).with_suffix(".html")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ThirdParty:
    """The site: ``/?key=`` shows the widget of that key."""

    def __init__(self, listener: socket.socket, *, gateway: str) -> None:
        """``listener`` is bound; ``gateway`` is the address of the script and of the API."""
        self._listener = listener
        self.address = address_of(listener)
        self._gateway = gateway
        application = web.Application()
        application.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=2)

    async def start(self) -> None:
        """Begin to answer."""
        await self._runner.setup()
        await web.SockSite(self._runner, self._listener).start()

    async def stop(self) -> None:
        """End."""
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if not is_local_host(request.host):
            raise web.HTTPForbidden
        if request.path != "/":
            raise web.HTTPNotFound
        nonce = secrets.token_urlsafe(12)
        page = _PAGE.read_text(encoding="utf-8")
        page = page.replace("{{nonce}}", nonce)
        page = page.replace("{{widget}}", self._widget(request.query.get("key", "")))
        return web.Response(
            text=page,
            content_type="text/html",
            headers={
                "Cache-Control": "no-store",
                "Content-Security-Policy": (
                    f"default-src 'none'; script-src {self._gateway}; connect-src {self._gateway};"
                    f" style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'"
                ),
            },
        )

    def _widget(self, key: str) -> str:
        if not _KEY.fullmatch(key):
            return (
                "<p>No key was given. A studio's admin makes one, and allows the origin"
                f" <code>{self.address}</code>;"
                f" then open <code>{self.address}/?key=wk_…</code>.</p>"
            )
        named = {"src": f"{self._gateway}/{SCRIPT}", "data-key": key, "data-api": self._gateway}
        told = " ".join(f'{name}="{html.escape(value)}"' for name, value in named.items())
        return f"<script {told} async></script>"
