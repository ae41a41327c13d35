"""The routes that read the usage log and its sums."""

from greenroom.kernel.errors import Forbidden, NotFound, StoreUnavailable
from greenroom.kernel.limits import USAGE_DAYS_MAX
from greenroom.usage.log_row import STATUSES
from greenroom.usage.log_schema import LogPage, UsageReport
from greenroom.web.csv import CSV
from greenroom.web.route import PAGED, Route

LOGS = Route(
    "GET /api/ai/logs",
    summary="What the person used AI services for, or what a tenant that they administer did",
    answers={200: LogPage},
    query={
        "requestId": "Only this request's attempts",
        "serviceType": "Only of this service",
        "status": "Only those that ended so: " + ", ".join(f"`{one}`" for one in STATUSES),
        "month": "The person's own of this month (`2026-11`, UTC); the present one without it",
        "tenantKind": "With `tenantId`: all of a tenant's, of whom the person has to be an admin",
        "tenantId": "The tenant",
        "day": "The tenant's of this day (`2026-11-21`, UTC); today without it",
        **PAGED,
    },
    errors=(NotFound, Forbidden),
)
USAGE = Route(
    "GET /api/admin/usage",
    summary="What was used and what came in: by day, service, tenant or person",
    auth="admin",
    answers={200: UsageReport},
    also_answers=(CSV,),
    query={
        "from": "The first day (`2026-11-01`, UTC); the first of this month without it",
        "to": f"The last day; today without it. At most {USAGE_DAYS_MAX} days in all",
        "by": "`day`, `service`, `tenant` or `user`; `day` without it",
        "serviceType": "Only of this service",
        **PAGED,
    },
    errors=(StoreUnavailable,),
)
