"""What the pages of the Stripe stand-in share: frame, policy, and words for money and time."""

import html
import string
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from local.standins.stripe_objects import Document

_FRAME = string.Template(Path(__file__).with_name("stripe_page.html").read_text("utf-8"))
_SIGNS = {"usd": "$", "eur": "€", "gbp": "£"}
_WITHOUT_CENTS = {"jpy"}
_PROBLEM = string.Template('<p class="problem" role="alert">$text</p>')


def answer_page(
    *, title: str, body: str, targets: list[str], problem: str = "", status: int = 200
) -> web.Response:
    """A page; ``body`` is HTML, ``targets`` the addresses that its forms may lead to."""
    text = _FRAME.substitute(
        title=html.escape(title),
        body=body,
        problem=_PROBLEM.substitute(text=html.escape(problem)) if problem else "",
    )
    # Chromium holds the redirect after a form to form-action too, so the targets stand in it.
    origins = " ".join(sorted({_origin_of(target) for target in targets if target}))
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; "
        f"base-uri 'none'; form-action 'self' {origins}"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return web.Response(text=text, content_type="text/html", status=status, headers=headers)


def button(action: str, label: str, *, style: str = "", fields: str = "") -> str:
    """A form of one button that posts ``action`` to the page's own address; as HTML."""
    return (
        f'<form method="post">{fields}<button class="{style}" name="action"'
        f' value="{html.escape(action)}">{label}</button></form>'
    )


def link(address: str, label: str) -> str:
    """A link that looks like a button; as HTML."""
    return f'<a class="button" href="{html.escape(address)}">{html.escape(label)}</a>'


def money_text(amount: int, currency: str) -> str:
    """An amount in the currency's smallest unit, as people write it."""
    sign = _SIGNS.get(currency, f"{currency.upper()} ")
    if currency in _WITHOUT_CENTS:
        return f"{sign}{amount:,}"
    return f"{sign}{amount // 100:,}.{amount % 100:02}"


def period_text(recurring: Document) -> str:
    """How often a price is paid, such as ``every 3 months``."""
    count, interval = recurring["interval_count"], recurring["interval"]
    return f"every {interval}" if count == 1 else f"every {count} {interval}s"


def date_text(moment: int) -> str:
    """The day of a time in epoch seconds, UTC."""
    day = datetime.fromtimestamp(moment, UTC)
    return f"{day.day} {day:%B %Y}"


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
