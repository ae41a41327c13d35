"""What the server says of the AI proxy, in the shapes of ``schemas/openapi.json``."""

from typing import Any

from tests.browser.person import ME
from tests.browser.samples import ago

PRESCHOOL = "0199a1b2-0000-7000-8000-0000000000d1"
ORG = "0199a1b2-0000-7000-8000-0000000000d2"
REQUEST = "0199a1b2-0000-7000-8000-0000000000d3"
RESET = "2126-12-01T00:00:00.000000Z"


def tenant(kind: str = "preschool", role: str = "member", **change: Any) -> dict[str, Any]:
    """One of ``GET /ai/tenants``."""
    name, of = {"preschool": ("Sunny Side", PRESCHOOL), "organization": ("North Gym", ORG)}[kind]
    return {"kind": kind, "id": of, "name": name, "role": role, **change}


def quota(used: int = 12, limit: int = 500, of: str = "tenant", **change: Any) -> dict[str, Any]:
    """One quota of ``GET /ai/quota``."""
    return {
        "serviceType": "exam_generation", "of": of, "period": "2126-11", "limit": limit,
        "used": used, "remaining": max(0, limit - used), "resetAt": RESET,
        "enforcement": "hard", **change,
    }  # fmt: skip


def question(number: int, **change: Any) -> dict[str, Any]:
    """A question with three options."""
    return {
        "number": number, "type": "multiple_choice", "question": f"What is {number} + {number}?",
        "options": [f"{number}", f"{2 * number}", f"{3 * number}"], "points": 1,
        "answer": f"{2 * number}", "markingGuide": "One point for the sum.", **change,
    }  # fmt: skip


def open_question(number: int, kind: str, **change: Any) -> dict[str, Any]:
    """A question that is answered in words."""
    return question(
        number, type=kind, question="Explain what a fraction is.", options=None, points=3,
        answer="A part of a whole.", markingGuide="Whole: 1. Part: 2.", **change,
    )  # fmt: skip


def exam(**change: Any) -> dict[str, Any]:
    """An exam of one question of each kind."""
    return {
        "title": "Mathematics, fractions, grade 5", "instructions": "Answer all questions.",
        "questions": [
            question(1), open_question(2, "short_answer"),
            question(3, type="true_false", options=["True", "False"], answer="True"),
            open_question(4, "essay"), open_question(5, "fill_in"),
        ],
        "totalPoints": 11, **change,
    }  # fmt: skip


def generated(**change: Any) -> dict[str, Any]:
    """``POST /ai/generate`` of an exam, paid by a preschool."""
    return {
        "requestId": REQUEST, "serviceType": "exam_generation",
        "tenant": tenant(), "model": "gpt-4o-mini",
        "output": exam(),
        "usage": {"units": 1, "inputTokens": 512, "outputTokens": 1204, "costMicros": 1234,
                  "processingTimeMs": 3210},
        "quota": {"limit": 500, "used": 13, "remaining": 487, "resetAt": RESET, "of": "tenant"},
        **change,
    }  # fmt: skip


def logged(status: str = "ok", **change: Any) -> dict[str, Any]:
    """A row of ``GET /ai/logs``."""
    failed = status in ("failed", "crashed")
    return {
        "requestId": REQUEST, "attempt": 1, "at": ago(60), "status": status,
        "serviceType": "exam_generation", "aiServiceId": None, "userId": ME,
        "tenantKind": "preschool", "preschoolId": PRESCHOOL, "organizationId": None,
        "model": "gpt-4o-mini", "inputTokens": None if failed else 512,
        "outputTokens": None if failed else 1204,
        "costMicros": None if failed else 1234, "units": 1,
        "errorCode": "PROVIDER_TIMEOUT" if failed else None, "processingTimeMs": 3210,
        "startedAt": ago(63), "finishedAt": ago(60),
        "correlationId": None, "metadata": {}, "flags": [], **change,
    }  # fmt: skip


def cancelled(status: str = "cancelled") -> dict[str, Any]:
    """``POST /ai/generate/cancel``."""
    return {"requestId": REQUEST, "status": status}
