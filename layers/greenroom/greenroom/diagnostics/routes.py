"""The routes that say how this deployment is."""

from greenroom.diagnostics.schema import (
    ConfigReport,
    ConnectionReport,
    ErrorTestReport,
    Health,
    PerformanceReport,
    PoolReport,
    Readiness,
    RuntimeReport,
    WebhookReport,
)
from greenroom.kernel.errors import StoreUnavailable
from greenroom.kernel.limits import TEST_ROUNDS_DEFAULT, TEST_ROUNDS_MAX
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
CONNECTION_TEST = Route(
    "GET /api/diagnostic/connection-test",
    summary="Whether the table, the queue and every provider answer",
    auth="admin",
    answers={200: ConnectionReport},
)
DB_PERFORMANCE = Route(
    "GET /api/diagnostic/db-performance",
    summary="How long each kind of operation on the table takes",
    auth="admin",
    query={"n": f"How many rounds, 1..{TEST_ROUNDS_MAX}; {TEST_ROUNDS_DEFAULT} without it"},
    answers={200: PerformanceReport},
    errors=(StoreUnavailable,),
)
CONNECTION_POOL = Route(
    "GET /api/diagnostic/connection-pool",
    summary="The connections of this container, and its age",
    auth="admin",
    answers={200: PoolReport},
)
RUNTIME_DB_TEST = Route(
    "GET /api/diagnostic/runtime-db-test",
    summary="Cold start, region, and how reads in a row behave",
    auth="admin",
    answers={200: RuntimeReport},
    errors=(StoreUnavailable,),
)
WEBHOOKS = Route(
    "GET /api/diagnostic/webhooks",
    summary="When webhooks came last, and whether Stripe sends all that we handle",
    auth="admin",
    answers={200: WebhookReport},
    errors=(StoreUnavailable,),
)
ERROR_TEST = Route(
    "GET /api/diagnostic/error-test",
    summary="Raises a deliberate error, and says where it can be found",
    auth="admin",
    query={"kind": "`error` (without it) or `warning`"},
    answers={200: ErrorTestReport},
)
