"""How an organisation runs its classes. Pure."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from greenroom.kernel.limits import LATE_CANCEL_MINUTES_DEFAULT, WAITLIST_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """An organisation's own settings; the defaults are those of one that has set nothing.

    The minutes and ``waitlist_max`` are what a new class begins with. ``widget_key`` names the
    public widget; without it, or while it is not enabled, there is none.
    """

    timezone: str = "UTC"
    currency: str = "usd"
    requires_prepayment: bool = False
    late_cancel_minutes: int = LATE_CANCEL_MINUTES_DEFAULT
    notice_minutes: int = 0
    waitlist_max: int = WAITLIST_DEFAULT
    widget_key: str | None = None
    widget_enabled: bool = False
    allowed_origins: tuple[str, ...] = ()


_TIMEZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_HOST: Final = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
_OWN_MACHINE: Final = frozenset({"localhost", "127.0.0.1"})
_USUAL_PORTS: Final = {"https": 443, "http": 80}


def timezone_of(text: str) -> str:
    """The name of a time zone (IANA).

    Raises:
        ValueError: it is none. Where the system keeps no list of them, as Lambda's may not, only
            the spelling is known.
    """
    known = _TIMEZONE.fullmatch(text) is not None and (not _listed("UTC") or _listed(text))
    if not known:
        raise ValueError("is no time zone, such as Europe/Berlin")
    return text


def origin_of(text: str) -> str:
    """The origin of a site that may show the widget, exactly as browsers send it.

    ``https://`` and a name, or ``http://`` on one's own machine; the port only where it is not the
    usual one, no path.

    Raises:
        ValueError: it is none: no browser would ever send it.
    """
    origin = text.strip().lower()
    if not _is_origin(origin):
        raise ValueError("is no origin, such as https://studio.example")
    return origin


def _is_origin(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    local = host in _OWN_MACHINE
    if not origin.isascii() or not (local or _HOST.fullmatch(host)):
        return False
    if port in {0, _USUAL_PORTS.get(parts.scheme)}:
        return False
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        return False
    # Whatever else was there (a path, a name, a zero before the port) is not put together again.
    return origin == f"{parts.scheme}://{host}" + (f":{port}" if port else "")


@cache
def _listed(name: str) -> bool:
    """Whether the system's list of time zones has it."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 (few requests need it)

    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return False
    return True
