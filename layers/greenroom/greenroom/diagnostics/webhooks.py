"""When webhooks came last, and whether Stripe will go on to send what we handle."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from greenroom.diagnostics.marks import SOURCES, Mark, Source
from greenroom.diagnostics.schema import (
    EndpointReport,
    SourceReport,
    StripeEndpoints,
    WebhookReport,
)
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import GreenroomError
from greenroom.kernel.variables import SettingsRefused

PATH = "/webhooks/stripe"  # the end of our own path, wherever the API is mounted
EVERY_EVENT = "*"


class Endpoint(Protocol):
    """An address to which Stripe sends events."""

    @property
    def url(self) -> str:
        """Where it is."""
        ...

    @property
    def enabled(self) -> bool:
        """Whether anything is sent there."""
        ...

    @property
    def events(self) -> Sequence[str]:
        """The types that are sent there; ``*`` is all of them."""
        ...


def webhook_report(
    *,
    marked: Callable[[Source], Mark],
    endpoints: Callable[[], Iterable[Endpoint]],
    handled: Sequence[str],
) -> WebhookReport:
    """The marks of each source, and what Stripe says of its addresses.

    Raises:
        StoreUnavailable: the marks could not be read.
    """
    return WebhookReport(
        sources=[_source(source, marked(source)) for source in SOURCES],
        stripe_endpoints=_endpoints(endpoints, handled),
    )


def _source(source: Source, mark: Mark) -> SourceReport:
    accepted_at, rejected_at = mark.accepted_at, mark.rejected_at
    return SourceReport(
        source=source,
        last_accepted_at=None if accepted_at is None else to_text(accepted_at),
        lag_seconds=mark.lag_s,
        last_rejected_at=None if rejected_at is None else to_text(rejected_at),
        last_rejected_code=mark.rejected_code,
    )


def _endpoints(
    endpoints: Callable[[], Iterable[Endpoint]], handled: Sequence[str]
) -> StripeEndpoints:
    try:
        ours = [
            EndpointReport(
                host=urlsplit(one.url).hostname or "",
                enabled=one.enabled,
                missing_events=_missing(one.events, handled),
            )
            for one in endpoints()
            if urlsplit(one.url).path.rstrip("/").endswith(PATH)
        ]
    except SettingsRefused:
        return StripeEndpoints(ok=None, reason="SECRETS_MISSING", endpoints=[])
    except GreenroomError as error:
        reason = str(error.log.get("alarm", error.code))
        return StripeEndpoints(ok=None, reason=reason, endpoints=[])
    if any(one.enabled and not one.missing_events for one in ours):
        return StripeEndpoints(ok=True, reason=None, endpoints=ours)
    reason = (
        "EVENTS_MISSING"
        if any(one.enabled for one in ours)
        else "ENDPOINT_DISABLED"
        if ours
        else "ENDPOINT_MISSING"
    )
    return StripeEndpoints(ok=False, reason=reason, endpoints=ours)


def _missing(events: Sequence[str], handled: Sequence[str]) -> list[str]:
    return [] if EVERY_EVENT in events else sorted(set(handled) - set(events))
