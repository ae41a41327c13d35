"""Diagnostics on the wire."""

from typing import Literal

from greenroom.web.wire import Wire


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
    """What is configured, without secrets, and what is wrong with it."""

    dialect: str
    exchange: str
    model: str
    model_listed: bool | None
    model_ends_on: str | None
    transcription_model: str
    voice: str
    limits: dict[str, int]
    warnings: list[Warned]
