"""How an organisation runs its classes. Pure."""

from dataclasses import dataclass

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
