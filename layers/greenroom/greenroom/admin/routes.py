"""The routes of admins: who there is, what happened, and what they decide."""

from greenroom.accounts.schema import LedgerView
from greenroom.admin.quota_schema import (
    AdjustUnits,
    QuotaReport,
    SetQuota,
    TenantsPage,
    UnitsPosted,
)
from greenroom.admin.schema import (
    AdjustCredits,
    CreditsAdjusted,
    InvariantsPage,
    PeoplePage,
    PersonDetail,
    QuotaState,
    StoryPage,
    TrailPage,
    TroublePage,
)
from greenroom.kernel.errors import (
    AccountDeleted,
    BalanceTooLow,
    IdempotencyMismatch,
    NotFound,
    StoreUnavailable,
)
from greenroom.kernel.limits import PAGE_MAX
from greenroom.payments.schema import PurchasePage
from greenroom.sessions.schema import SessionPage
from greenroom.web.csv import CSV
from greenroom.web.route import PAGED, Route

USERS = Route(
    "GET /api/admin/users",
    summary="Everybody, newest first, or whom an id, an e-mail or a part of a name means",
    auth="admin",
    answers={200: PeoplePage},
    also_answers=(CSV,),
    query={
        "q": "Our id or Clerk's, an e-mail, or a part of name or e-mail. A page of a search may be"
        " short or empty and have a `nextCursor` all the same",
        **PAGED,
    },
    errors=(StoreUnavailable,),
)
USER = Route(
    "GET /api/admin/users/{userId}",
    summary="All that is known of a person, and whether their books agree",
    auth="admin",
    answers={200: PersonDetail},
    errors=(StoreUnavailable,),
)
LEDGER = Route(
    "GET /api/admin/users/{userId}/ledger",
    summary="Every change of a person's balance, newest first",
    auth="admin",
    answers={200: LedgerView},
    also_answers=(CSV,),
    query=PAGED,
    errors=(StoreUnavailable,),
)
SESSIONS = Route(
    "GET /api/admin/users/{userId}/sessions",
    summary="A person's sessions, newest first",
    auth="admin",
    answers={200: SessionPage},
    query=PAGED,
    errors=(StoreUnavailable,),
)
PURCHASES = Route(
    "GET /api/admin/users/{userId}/purchases",
    summary="A person's purchases, newest first",
    auth="admin",
    answers={200: PurchasePage},
    query=PAGED,
    errors=(StoreUnavailable,),
)
ERRORS = Route(
    "GET /api/admin/users/{userId}/errors",
    summary="What went wrong for a person in a month, newest first",
    auth="admin",
    answers={200: TroublePage},
    query={"cursor": "The `nextCursor` of the month after"},
    errors=(StoreUnavailable,),
)
CREDITS = Route(
    "POST /api/admin/credits",
    summary="Give or take credits: a new entry in the ledger, with a reason",
    auth="admin",
    body=AdjustCredits,
    answers={200: CreditsAdjusted},
    errors=(AccountDeleted, BalanceTooLow, IdempotencyMismatch, NotFound, StoreUnavailable),
    spends=True,
    in_person=True,
)
TRAIL = Route(
    "GET /api/admin/trail",
    summary="What admins did in a month, newest first",
    auth="admin",
    answers={200: TrailPage},
    also_answers=(CSV,),
    query={
        "month": "A UTC month, such as 2026-11; this one without it",
        "actor": "Only what this admin did: our id or Clerk's",
        **PAGED,
    },
    errors=(StoreUnavailable,),
)
AUDIT = Route(
    "GET /api/admin/audit",
    summary="What happened, in the order of time, to whatever a reference means",
    auth="admin",
    answers={200: StoryPage},
    also_answers=(CSV,),
    query={
        "ref": "A session, booking, purchase, intake or person by our id; a person by Clerk's;"
        " `evt_`, `pi_`, `cs_`, `sub_`, `in_` or `cus_` of Stripe; the request of an admin's act"
        " or of a use of AI",
        "organizationId": "Whose booking it is; without it, a booking is looked for everywhere",
        "limit": f"Of a person: how many of what they began a page tells of, 1..{PAGE_MAX}",
        "cursor": PAGED["cursor"],
    },
    needs=("ref",),
    errors=(NotFound, StoreUnavailable),
)
INVARIANTS = Route(
    "GET /api/admin/invariants",
    summary="Whether counters agree with their rows: people, then classes, then tenants",
    auth="admin",
    answers={200: InvariantsPage},
    also_answers=(CSV,),
    query={
        "limit": f"How many things a page compares at most, 1..{PAGE_MAX}",
        "cursor": PAGED["cursor"],
    },
    errors=(StoreUnavailable,),
)
QUOTA = Route(
    "GET /api/admin/ai/quota",
    summary="How the AI quotas of a tenant, or of a person alone, stand in a month",
    auth="admin",
    answers={200: QuotaReport},
    query={
        "tenantKind": "Of which kind the tenant is",
        "tenantId": "The tenant; an organisation also by Clerk's id",
        "userId": "Instead of a tenant: a person alone, by our id",
        "serviceType": "Only this service",
        "month": "A UTC month, such as 2026-11; this one without it",
    },
    errors=(NotFound, StoreUnavailable),
)
SET_QUOTA = Route(
    "PUT /api/admin/ai/quota",
    summary="Set what a tenant has of a service each month, with a reason",
    auth="admin",
    body=SetQuota,
    answers={200: QuotaState},
    errors=(NotFound, StoreUnavailable),
    in_person=True,
)
ADJUST_UNITS = Route(
    "POST /api/admin/ai/adjustments",
    summary="Give or take units of this month: a new entry, with a reason",
    auth="admin",
    body=AdjustUnits,
    answers={200: UnitsPosted},
    errors=(AccountDeleted, IdempotencyMismatch, NotFound, StoreUnavailable),
    spends=True,
    in_person=True,
)
TENANTS = Route(
    "GET /api/admin/tenants",
    summary="All tenants, organisations first",
    auth="admin",
    answers={200: TenantsPage},
    also_answers=(CSV,),
    query=PAGED,
    errors=(StoreUnavailable,),
)
