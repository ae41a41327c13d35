"""Tells errors to Sentry, where ``SENTRY_DSN`` says so. Without it nothing of Sentry is imported.

No integration is on: nothing is patched, caught or collected behind our back. Told are requests,
ticks and messages that broke, and lines that somebody has to look at (the fact ``alarm``); what is
refused or unavailable in the ordinary way is in the log. An event has the type and the frames of an
error, without variables and without the text of foreign exceptions, which may quote what was sent
to us.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from greenroom.kernel.limits import MONITOR_FLUSH_S
from greenroom.kernel.scrub import scrubbed_all
from greenroom.kernel.settings import MonitorSettings
from greenroom.kernel.telemetry import Record, current

if TYPE_CHECKING:
    from types import ModuleType

    from sentry_sdk.types import Event, Hint

# What an event is found by, of the facts of a line; all of them are ids or words of ours.
TAGS = (
    "alarm",
    "error_code",
    "reason",
    "rule",
    "function",
    "route",
    "request_id",
    "correlation_id",
    "user_id",
    "session_id",
    "purchase_id",
    "stripe_event_id",
    "message_id",
)
_OURS = "greenroom."
_P = ParamSpec("_P")
_R = TypeVar("_R")


def _harmless(tells: Callable[_P, _R]) -> Callable[_P, _R | None]:
    """Whatever Sentry or its library does, the answer to the person stays what it is."""

    @wraps(tells)
    def told(*args: _P.args, **kwargs: _P.kwargs) -> _R | None:
        try:
            return tells(*args, **kwargs)
        except Exception as failure:  # noqa: BLE001 (see above)
            facts = {"error_type": type(failure).__name__}
            logging.getLogger("greenroom").warning("the error monitor failed", extra=facts)
            return None

    return told


@_harmless
def capture(error: BaseException, facts: Mapping[str, Any] | None = None) -> str | None:
    """Tell an error: the id of its event, or None where nobody is told."""
    sdk = _sdk()
    if sdk is None:
        return None
    with sdk.new_scope() as scope:
        scope.set_tags(_tags(facts))
        event_id: str | None = sdk.capture_exception(error)
    return event_id


@_harmless
def tell(message: str, facts: Mapping[str, Any]) -> str | None:
    """Tell a line that somebody has to look at: the id of its event, or None as above."""
    sdk = _sdk()
    if sdk is None:
        return None
    with sdk.new_scope() as scope:
        scope.set_tags(_tags(facts))
        event_id: str | None = sdk.capture_message(message, level="warning")
    return event_id


@contextmanager
def traced(record: Record) -> Iterator[None]:
    """One invocation as a transaction with its phases, if it is among those that are sampled."""
    sdk = _tracing()
    if sdk is None:
        yield
        return
    name = record.ids["function"]
    with sdk.start_transaction(op="function", name=name, source="component") as transaction:
        try:
            yield
        finally:
            transaction.name = record.ids.get("route", name)
            for tag, value in _tags(None).items():
                transaction.set_tag(tag, value)
            for phase, took_ms in record.phases.items():
                transaction.set_data(f"{phase}_ms", round(took_ms, 1))


@_harmless
def _tracing() -> "ModuleType | None":
    return _sdk() if _settings().sentry_traces_sample_rate else None


@_harmless
def flush() -> None:
    """Wait until all is sent, 2 s at most: Lambda freezes whoever has answered."""
    if _sdk.cache_info().currsize and (sdk := _sdk()) is not None:
        sdk.flush(timeout=MONITOR_FLUSH_S)


def _tags(facts: Mapping[str, Any] | None) -> dict[str, str]:
    record = current()
    known = {**(facts or {}), **(record.ids if record is not None else {})}
    return {name: str(known[name]) for name in TAGS if known.get(name)}


@cache
def _settings() -> MonitorSettings:
    return MonitorSettings.read(os.environ)


@cache
def _sdk() -> "ModuleType | None":
    """Sentry's library, ready to tell; None where there is nobody to tell."""
    settings = _settings()
    if settings.sentry_dsn is None:
        return None
    import sentry_sdk  # noqa: PLC0415 (a quarter of a second that only an error costs)

    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        environment=settings.stage,
        release=settings.sentry_release or "",  # None would make it ask git
        traces_sample_rate=settings.sentry_traces_sample_rate,
        # The integrations that we want, which are none.
        integrations=[],
        default_integrations=False,
        auto_enabling_integrations=False,
        # What it would send by itself.
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        server_name="",
        auto_session_tracking=False,
        send_client_reports=False,
        propagate_traces=False,
        enable_metrics=False,
        shutdown_timeout=0,
        before_send=_scrubbed_event,
        before_send_transaction=_scrubbed_event,
    )
    return sentry_sdk


def _scrubbed_event(event: "Event", _hint: "Hint") -> "Event":
    """The event without what foreign exceptions say, and without all that looks like a secret."""
    exceptions: Any = event.get("exception") or {}
    for one in exceptions.get("values", []):
        if not str(one.get("module")).startswith(_OURS):
            one["value"] = ""
    cleaned: Event = scrubbed_all(dict(event))
    return cleaned
