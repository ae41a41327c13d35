"""Diagnostics on the wire. Durations are in milliseconds; nothing here is a secret."""

from typing import Literal

from pydantic import Field

from greenroom.web.wire import Timestamp, Wire


class Health(Wire):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Wire):
    """Whether requests can be served; each check by itself, without details."""

    ready: bool
    checks: dict[str, bool]


class Warned(Wire):
    """Something that will become, or is, a problem."""

    code: str
    message: str


class ConfigReport(Wire):
    """What is configured, without secrets, and what is wrong with it.

    ``settings`` and ``secrets`` say of each name whether it is set, never to what; a setting that
    is not set has its default. They are empty where the secrets could not be looked at.
    """

    dialect: str
    exchange: str
    model: str
    model_listed: bool | None
    model_ends_on: str | None
    transcription_model: str
    voice: str
    text_model: str
    text_model_listed: bool | None
    text_model_ends_on: str | None
    limits: dict[str, int]
    settings: dict[str, bool]
    secrets: dict[str, bool]
    warnings: list[Warned]


class Checked(Wire):
    """One thing that was looked at; ``ok`` is null where this deployment does not use it.

    ``reason`` is a word for what is wrong.
    """

    name: str
    ok: bool | None
    ms: float
    reason: str | None


class ConnectionReport(Wire):
    """Whether everything that this deployment stands on answers."""

    ok: bool
    elapsed_ms: float
    checks: list[Checked]


class Timing(Wire):
    """How long one kind of operation took; those that failed are only counted."""

    count: int
    failed: int
    min_ms: float | None
    p50_ms: float | None
    p90_ms: float | None
    p99_ms: float | None
    max_ms: float | None


class PerformanceReport(Wire):
    """How fast the table is from here."""

    rounds: int
    operations: dict[str, Timing]


class PoolReport(Wire):
    """The connections to the table, and the process that they belong to."""

    max_connections: int
    in_use: int
    idle: int
    opened: int
    requests: int
    container_age_s: float
    invocations: int
    cold_start: bool


class Pattern(Wire):
    """Reads in a row: the first pays for what the later ones find ready."""

    first_ms: float
    later_p50_ms: float | None
    later_max_ms: float | None
    all_ms: list[float]


class RuntimeReport(Wire):
    """How this container began, and how its reads behave.

    ``new_connection`` is a client that was made for this test: its first read looks up, connects
    and shakes hands.
    """

    cold_start: bool
    container_age_s: float
    invocations: int
    region: str | None
    memory_mb: int | None
    runtime: str | None
    kept_connection: Pattern
    new_connection: Pattern


class SourceReport(Wire):
    """A webhook's source; times are exact to some 15 s, null where nothing came yet.

    ``lag_seconds`` is how old the last accepted news were when they came.
    """

    source: Literal["stripe", "clerk"]
    last_accepted_at: Timestamp | None
    lag_seconds: int | None = Field(ge=0)
    last_rejected_at: Timestamp | None
    last_rejected_code: str | None


class EndpointReport(Wire):
    """An address to which Stripe sends events; ``missing_events`` are those that we handle."""

    host: str
    enabled: bool
    missing_events: list[str]


class StripeEndpoints(Wire):
    """Whether Stripe tells us all that we handle; ``ok`` is null where Stripe did not say.

    Listed are the addresses of the account that end as ours does.
    """

    ok: bool | None
    reason: str | None
    endpoints: list[EndpointReport]


class WebhookReport(Wire):
    """When news came, and whether they will go on to come."""

    sources: list[SourceReport]
    stripe_endpoints: StripeEndpoints


class ErrorTestReport(Wire):
    """A deliberate error or warning: where to find it.

    ``request_id`` and ``message`` find it in the log; ``event_id`` at the error monitor, null where
    none is configured.
    """

    kind: Literal["error", "warning"]
    message: str
    request_id: str
    event_id: str | None
