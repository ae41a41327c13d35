"""A browser's error without what nobody may read. Pure.

What is reported was put together in somebody's browser out of whatever went wrong there: an
address with a token in its query, an e-mail in a message. Where it happened is kept, and no more.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from greenroom.kernel.scrub import REDACTED, scrubbed

FRAMES_LOGGED_MAX = 12

# The query and the fragment of an address, as far as they hold values: a route's fragment stays.
_QUERY = re.compile(r"(?P<address>\b[a-z][a-z0-9+.-]*://[^\s?#()\"'<>]*)(?:[?#][^\s()\"'<>]*)")
_PARAMETERS = re.compile(r"[?&][\w.-]+=[^\s&()\"'<>]*")
# Beyond what ``kernel.scrub`` knows: torn tokens, links of the widget, escaped e-mails.
_SECRET = re.compile(r"eyJ[\w-]{8,}|\b[gw]1\.[\w.+/=-]{16,}|[\w.+-]+%40(?:[\w-]+\.)+[A-Za-z]{2,}")
# A word that nobody writes: longer than an id of ours (36), which has to stay.
_OPAQUE = re.compile(r"[A-Za-z0-9_=+-]{37,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An error as a browser tells it. ``request_id`` names the request that it followed from."""

    report_id: str
    at: datetime
    message: str
    stack: str | None = None
    url: str | None = None
    request_id: str | None = None
    session_id: str | None = None
    user_agent: str | None = None
    release: str | None = None


def cleaned(report: Report) -> Report:
    """The report without addresses' queries, and without whatever looks like a secret."""
    return replace(
        report,
        message=_clean(report.message),
        stack=None if report.stack is None else _clean(report.stack),
        url=None if report.url is None else _clean(_place(report.url)),
        request_id=None if report.request_id is None else _clean(report.request_id),
        user_agent=None if report.user_agent is None else _clean(report.user_agent),
        release=None if report.release is None else _clean(report.release),
    )


def frames(stack: str | None) -> list[str]:
    """The first lines of a stack, for the log."""
    return [line.strip() for line in (stack or "").splitlines() if line.strip()][:FRAMES_LOGGED_MAX]


def _clean(text: str) -> str:
    text = scrubbed(text)
    text = _QUERY.sub(lambda found: found["address"] + _position(found[0]), text)
    text = _PARAMETERS.sub("?" + REDACTED, text)
    return _OPAQUE.sub(REDACTED, _SECRET.sub(REDACTED, text))


def _position(address: str) -> str:
    """The line and column with which browsers end an address in a stack."""
    found = re.search(r"(?::\d+){1,2}$", address)
    return found[0] if found else ""


def _place(url: str) -> str:
    """The page: its path, and its route if that stands in the fragment, as in ours."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return REDACTED
    route = parts.fragment.partition("?")[0]
    shown = f"#{route}" if route.startswith("/") else ""
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}{shown}"
