"""The sign-in page of the Clerk stand-in."""

import html
import string
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from local.standins.clerk_people import Person

_PAGE = string.Template(Path(__file__).with_name("clerk_sign_in.html").read_text("utf-8"))
_PERSON = string.Template(
    '<li><form method="post" action="/sign-in">'
    '<input type="hidden" name="redirect_url" value="$redirect_url">'
    '<button class="person" name="userId" value="$id">'
    '<span class="initial" aria-hidden="true">$initial</span>'
    "<span><strong>$name</strong><small>$email</small></span></button></form></li>"
)
_PROBLEM = string.Template('<p class="problem" role="alert">$text</p>')


def sign_in_page(
    people: Iterable[Person], target: str, *, problem: str = "", status: int = 200
) -> web.Response:
    """The page that offers these people and then goes back to ``target``."""
    text = _PAGE.substitute(
        people="\n".join(_person(person, target) for person in people),
        redirect_url=html.escape(target),
        problem=_PROBLEM.substitute(text=html.escape(problem)) if problem else "",
    )
    # Chromium holds the redirect after a form to form-action too, so the app stands in it.
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; "
        f"base-uri 'none'; form-action 'self' {origin_of(target)}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
    }
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, as a browser names an origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _person(person: Person, target: str) -> str:
    name = person.name or person.id
    return _PERSON.substitute(
        redirect_url=html.escape(target),
        id=html.escape(person.id),
        initial=html.escape(name[:1].upper()),
        name=html.escape(name),
        email=html.escape(person.email or "no e-mail in the token"),
    )
