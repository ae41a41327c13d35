"""What the server says to admins, in the shapes of ``schemas/openapi.json``."""

from typing import Any

from tests.browser.ai_samples import ORG, PRESCHOOL, RESET
from tests.browser.person import ME, PERSON
from tests.browser.samples import SESSION, ago, listed, page, purchase

ADMIN: dict[str, Any] = {**PERSON, "role": "admin", "name": "Ada Admin"}
SOMEBODY = "0b6f7d5e-0000-5000-8000-0000000000aa"


def person_row(**change: Any) -> dict[str, Any]:
    """One of ``GET /admin/users``."""
    return {
        "userId": SOMEBODY, "clerkId": "user_31lvKim", "email": "kim@example.com",
        "name": "Kim Kowalski", "credits": 3.0, "isPremium": False, "premiumUntil": None,
        "createdAt": "2026-11-20T08:00:00.000000Z", "deletedAt": None, **change,
    }  # fmt: skip


def adjusted(before: float, now: float) -> dict[str, Any]:
    """``POST /admin/credits``."""
    return {
        "userId": SOMEBODY, "creditsBefore": before, "credits": now,
        "ledgerEntry": "adjust:admin:1", "entryId": "0199a1b2-0000-7000-8000-0000000000f1",
        "at": ago(1),
    }  # fmt: skip


def act(**change: Any) -> dict[str, Any]:
    """One of ``GET /admin/trail``."""
    return {
        "entryId": "0199a1b2-0000-7000-8000-0000000000f1", "at": ago(60), "actorId": ME,
        "actorClerkId": "user_1", "action": "credits_adjusted", "target": f"user:{SOMEBODY}",
        "reason": "A call that broke off", "before": {"credits": 3.0}, "after": {"credits": 4.0},
        "requestId": "0199a1b2-0000-7000-8000-0000000000f2", **change,
    }  # fmt: skip


TAKINGS = {
    "interviewsStarted": 4, "creditsDebited": 4.0, "creditsGivenBack": 1.0, "creditsBought": 10.0,
    "creditsReversed": 0.0, "creditsGranted": 6.0,
}  # fmt: skip


def sums(calls: int = 20, **change: Any) -> dict[str, Any]:
    """Sums of calls, most of which succeeded."""
    return {
        "calls": calls, "ok": calls - 3, "failed": 2, "cancelled": 1, "crashed": 0,
        "units": calls - 3, "inputTokens": 512 * calls, "outputTokens": 1204 * calls,
        "costMicros": 1234 * calls, "processingMs": 3210 * calls, **change,
    }  # fmt: skip


def line(**key: Any) -> dict[str, Any]:
    """The sums of one day, service, tenant or person."""
    names = ("day", "serviceType", "tenantKind", "tenantId", "userId")
    takings = TAKINGS if key.get("day") else None
    return {**sums(), **dict.fromkeys(names), "takings": takings, **key}


def report(by: str = "day", *items: dict[str, Any], cursor: str | None = None) -> dict[str, Any]:
    """``GET /admin/usage`` of some days of November."""
    return {
        "by": by, "firstDay": "2026-11-01", "lastDay": "2026-11-25", "serviceType": None,
        "items": list(items) or [
            line(day=f"2026-11-{day:02}", **sums(day * 3)) for day in (2, 3, 9, 17, 24)
        ],
        "totals": {**sums(165), "takings": TAKINGS}, "nextCursor": cursor,
    }  # fmt: skip


BY_TENANT = report("tenant", line(tenantKind="preschool", tenantId=PRESCHOOL))
BY_SERVICE = report("service", line(serviceType="exam_generation"), line(serviceType=None))
BY_USER = report("user", line(userId=SOMEBODY))


def told(kind: str, what: str, **change: Any) -> dict[str, Any]:
    """A line of a story."""
    return {
        "at": ago(120), "kind": kind, "ref": SESSION, "actor": None, "what": what,
        "facts": {}, **change,
    }  # fmt: skip


def story(*lines: dict[str, Any], cursor: str | None = None) -> dict[str, Any]:
    """``GET /admin/audit`` of a session."""
    return {
        "ref": SESSION,
        "about": {"kind": "session", "id": SESSION, "userId": SOMEBODY,
                  "facts": {"status": "completed", "startedAt": ago(300)}},
        "items": list(lines) or [
            told("session", "created", facts={"plan": "free", "charged": True}),
            told("credits", "debit", ref=f"debit:{SESSION}:1", actor=SOMEBODY),
            told("payment", "paid", ref="pi_123"),
        ],
        "nextCursor": cursor,
    }  # fmt: skip


def config(**change: Any) -> dict[str, Any]:
    """``GET /diagnostic/config``."""
    return {
        "dialect": "beta", "exchange": "ephemeral", "model": "gpt-4o-mini-realtime-preview",
        "modelListed": True, "modelEndsOn": "2027-02-01", "transcriptionModel": "whisper-1",
        "voice": "alloy", "textModel": "gpt-4o-mini", "textModelListed": None,
        "textModelEndsOn": None, "limits": {"MINT_TIMEOUT_S": 20},
        "settings": {"OPENAI_BASE_URL": True, "CREDITS_NAME": False},
        "secrets": {"OPENAI_API_KEY": True},
        "warnings": [{"code": "MODEL_ENDS", "message": "The voice model ends on 2027-02-01."}],
        **change,
    }  # fmt: skip


CONNECTIONS = {
    "ok": False, "elapsedMs": 812.5,
    "checks": [
        {"name": "table", "ok": True, "ms": 4.2, "reason": None},
        {"name": "openai", "ok": False, "ms": 800.0, "reason": "timeout"},
        {"name": "sentry", "ok": None, "ms": 0.0, "reason": None},
    ],
}  # fmt: skip
TIMING = {"count": 10, "failed": 0, "minMs": 1.2, "p50Ms": 2.5, "p90Ms": 4.1, "p99Ms": 9.9,
          "maxMs": 11.0}  # fmt: skip
PERFORMANCE = {
    "rounds": 10,
    "operations": {
        "get": TIMING, "put": {**TIMING, "p50Ms": 4.5}, "query": {**TIMING, "p50Ms": 3.0},
        "transaction": {"count": 8, "failed": 2, **dict.fromkeys(
            ("minMs", "p50Ms", "p90Ms", "p99Ms", "maxMs"))},
    },
}  # fmt: skip
POOL = {
    "maxConnections": 10, "inUse": 0, "idle": 2, "opened": 3, "requests": 42,
    "containerAgeS": 312.5, "invocations": 17, "coldStart": False,
}  # fmt: skip
PATTERN = {"firstMs": 41.0, "laterP50Ms": 2.0, "laterMaxMs": 3.5, "allMs": [41.0, 2.0, 2.0, 3.5]}
RUNTIME = {
    "coldStart": True, "containerAgeS": 1.5, "invocations": 1, "region": "eu-west-1",
    "memoryMb": 512, "runtime": "AWS_Lambda_python3.13", "keptConnection": PATTERN,
    "newConnection": PATTERN,
}  # fmt: skip
WEBHOOKS = {
    "sources": [
        {"source": "stripe", "lastAcceptedAt": ago(300), "lagSeconds": 2, "lastRejectedAt": None,
         "lastRejectedCode": None},
        {"source": "clerk", "lastAcceptedAt": None, "lagSeconds": None, "lastRejectedAt": ago(60),
         "lastRejectedCode": "SIGNATURE_INVALID"},
    ],
    "stripeEndpoints": {
        "ok": False, "reason": None,
        "endpoints": [{"host": "greenroom.example", "enabled": True,
                       "missingEvents": ["charge.dispute.created"]}],
    },
}  # fmt: skip
ERROR_TEST = {
    "kind": "error", "message": "A deliberate error was raised.", "requestId": "req-1",
    "eventId": None,
}  # fmt: skip


def entry(kind: str = "debit", amount: float = -1.0, **change: Any) -> dict[str, Any]:
    """A change of a balance."""
    return {
        "id": f"{kind}-{amount}", "kind": kind, "amount": amount, "reason": "interview",
        "at": ago(600), "sessionId": None, **change,
    }  # fmt: skip


SUBSCRIPTION = {
    "subscriptionId": "sub_1", "sku": "monthly", "status": "active", "periodEnd": ago(-99_999),
    "endsAt": None, "inDunning": False, "withheld": None, "live": True,
}  # fmt: skip
FINDING = {
    "rule": "debit_has_its_session", "userId": SOMEBODY, "subject": f"debit:{SESSION}:1",
    "facts": {"amount": -1.0}, "repairable": False,
}  # fmt: skip


QUOTA_STATE = {
    "serviceType": "exam_generation", "period": "2026-11", "limit": 20, "used": 3,
    "remaining": 17, "resetAt": "2026-12-01T00:00:00.000000Z", "enforcement": "hard",
}  # fmt: skip


def file_of(**change: Any) -> dict[str, Any]:
    """``GET /admin/users/{userId}``."""
    return {
        "person": person_row(), "ledger": page(entry(), entry("grant", 3.0), cursor="c"),
        "sessions": page(listed("completed")), "purchases": page(purchase("fulfilled")),
        "subscriptions": [SUBSCRIPTION], "quotas": [QUOTA_STATE],
        "errors": page(told("session", "failed")),
        "acts": [act()], "findings": [], **change,
    }  # fmt: skip


NEW_FILE = file_of(
    ledger=page(), sessions=page(), purchases=page(), subscriptions=[], errors=page(), acts=[]
)


def violation(**change: Any) -> dict[str, Any]:
    """A rule that does not hold."""
    return {
        "rule": "balance_is_the_ledgers_sum", "subject": f"user:{SOMEBODY}",
        "facts": {"balance": 3.0, "ledger": 2.0}, **change,
    }  # fmt: skip


def compared(
    section: str, checked: int, *violations: dict[str, Any], cursor: str | None = None
) -> dict[str, Any]:
    """A page of ``GET /admin/invariants``."""
    return {
        "section": section, "checked": checked, "violations": list(violations),
        "nextCursor": cursor,
    }  # fmt: skip


def tenant_row(kind: str = "preschool", **change: Any) -> dict[str, Any]:
    """One of ``GET /admin/tenants``."""
    of, name = {"preschool": (PRESCHOOL, "Sunny Side"), "organization": (ORG, None)}[kind]
    return {"kind": kind, "id": of, "name": name, "createdAt": ago(99_999), **change}


def state(used: int = 12, limit: int = 500, **change: Any) -> dict[str, Any]:
    """How a quota stands."""
    return {
        "serviceType": "exam_generation", "period": "2126-11", "limit": limit, "used": used,
        "remaining": max(0, limit - used), "resetAt": RESET, "enforcement": "hard", **change,
    }  # fmt: skip


def posted_units(units: int = 50, **change: Any) -> dict[str, Any]:
    """A grant or a correction of a quota."""
    return {
        "key": "grant-1", "serviceType": "exam_generation", "units": units,
        "reason": "A term of exams", "actor": ME, "at": ago(600), **change,
    }  # fmt: skip


QUOTAS = {
    "items": [state(), state(3, 20, serviceType="structured_generation", enforcement="soft")],
    "adjustments": [posted_units(), posted_units(-5, key="adjust-1")],
}
UNITS_POSTED = {
    "units": 50, "adjustment": "grant-1", "quota": state(12, 550),
    "entryId": "0199a1b2-0000-7000-8000-0000000000f3", "at": ago(1),
}  # fmt: skip
REPORTED = {"id": "0199a1b2-0000-7000-8000-0000000000e1"}  # ``POST /client-errors``
