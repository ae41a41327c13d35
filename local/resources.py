"""The resources of a template that the laptop cloud runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Route:
    """A route of an HTTP API: ``POST /api/things/{id}`` or ``$default``."""

    key: str
    method: str
    path: str
    function: str
    api: str


@dataclass(frozen=True, kw_only=True)
class QueueSource:
    """An SQS event source of a function."""

    function: str
    queue: str
    batch_size: int
    reports_item_failures: bool


@dataclass(frozen=True, kw_only=True)
class Timer:
    """A rate schedule of a function; ``event_source`` is ``aws.scheduler`` or ``aws.events``."""

    name: str
    function: str
    every_s: int
    event_source: str
    input_text: str | None


@dataclass(frozen=True, kw_only=True)
class Function:
    """A Lambda function; ``logical_id`` names it throughout the laptop cloud."""

    logical_id: str
    name: str
    code: Path
    handler: str
    timeout_s: int
    memory_mb: int
    environment: Mapping[str, str]
    layers: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class Queue:
    """An SQS queue."""

    name: str
    visibility_timeout_s: int
    delay_s: int
    dead_letter_queue: str | None
    max_receive_count: int


@dataclass(frozen=True, kw_only=True)
class Table:
    """A DynamoDB table: the arguments of CreateTable and the TTL attribute."""

    schema: Mapping[str, Any]
    ttl_attribute: str | None


@dataclass(frozen=True, kw_only=True)
class Cors:
    """The CORS configuration of an HTTP API, lower-case names as on the wire."""

    origins: tuple[str, ...]
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age_s: int | None = None
    credentials: bool = False


@dataclass(frozen=True, kw_only=True)
class Throttling:
    """How many requests a second a route lets through, and how many at once."""

    rate: float
    burst: int


@dataclass(frozen=True, kw_only=True)
class HttpApi:
    """An HTTP API: its CORS, if the gateway answers for it, and its limits by route key."""

    logical_id: str
    cors: Cors | None = None
    throttling: Mapping[str, Throttling] = field(default_factory=dict)


@dataclass(kw_only=True)
class Template:
    """Everything of the template that runs here. ``ignored`` says what does not."""

    apis: dict[str, HttpApi] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    queue_sources: list[QueueSource] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    queues: list[Queue] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
