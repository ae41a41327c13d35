"""The routes that say how this deployment is."""

from greenroom.diagnostics.schema import ConfigReport, Health, Readiness
from greenroom.web.route import Route

HEALTH = Route(
    "GET /api/health",
    summary="The process answers",
    auth="public",
    answers={200: Health},
)
READY = Route(
    "GET /api/ready",
    summary="The store answers and the secrets are there",
    auth="public",
    answers={200: Readiness, 503: Readiness},
)
CONFIG = Route(
    "GET /api/diagnostic/config",
    summary="What is configured, and warnings about it",
    auth="admin",
    answers={200: ConfigReport},
)
