"""Golden requests: the shop, webhooks, experts and the AI proxy."""

from typing import Final

from tests.golden.asks import Act, Ask

SHOP: Final = (
    Ask(
        name="Stripe's news of nothing of ours",
        route="POST /api/webhooks/stripe",
        status=200,
        signed_by="stripe",
        body={
            "id": "evt_golden00001",
            "object": "event",
            "api_version": "2026-01-28.clover",
            "created": 1_790_000_000,
            "livemode": False,
            "type": "customer.created",
            "data": {"object": {"id": "cus_golden00001", "object": "customer"}},
        },
    ),
    Ask(
        name="Stripe's news by nobody",
        route="POST /api/webhooks/stripe",
        status=400,
        body={"id": "evt_golden00002", "object": "event", "type": "customer.created"},
    ),
    Ask(
        name="Clerk's news of nothing of ours",
        route="POST /api/webhooks/clerk",
        status=200,
        signed_by="clerk",
        body={"type": "email.created", "object": "event", "data": {"id": "ema_1"}},
    ),
    Ask(
        name="Clerk's news by nobody",
        route="POST /api/webhooks/clerk",
        status=400,
        body={"type": "user.created", "object": "event", "data": {"id": "user_golden9"}},
    ),
    Ask(
        name="checkout",
        route="POST /api/checkout",
        status=200,
        who="ada",
        body={"sku": "credits_3"},
        keep={"checkout": "checkoutSessionId"},
    ),
    Ask(name="awaiting", route="GET /api/purchases", status=200, who="ada"),
    Act(party="stripe", path="/_control/checkout/{checkout}/pay"),
    Ask(name="fulfilled", route="GET /api/purchases", status=200, who="ada"),
    Ask(name="credits bought", route="GET /api/user", status=200, who="ada"),
    Ask(name="nothing to buy", route="POST /api/checkout", status=422, who="ada", body={}),
)

EXPERTS: Final = (
    Ask(
        name="an expert comes",
        route="PUT /api/experts/me",
        status=200,
        who="eve",
        body={"status": "online", "name": "Eve"},
    ),
    Ask(
        name="intake",
        route="POST /api/intake/start",
        status=200,
        who="bob",
        body={"plan": "trial", "concern": "It rattles.", "vehicle": "A van"},
        keep={"intake": "intakeId", "chat": "sessionId"},
    ),
    Ask(name="the intake", route="GET /api/intake/{intake}", status=200, who="bob"),
    Ask(
        name="a waiver that nobody knows",
        route="POST /api/intake/{intake}/waiver",
        status=409,
        who="bob",
        body={"version": "1999-01-01", "signature": "Bob", "accepted": True},
    ),
    Ask(
        name="sign",
        route="POST /api/intake/{intake}/waiver",
        status=200,
        who="bob",
        body={"version": "{waiver}", "signature": "Bob Golden", "accepted": True},
    ),
    Ask(name="queue", route="GET /api/queue", status=200, who="eve"),
    Ask(name="position", route="GET /api/sessions/{chat}/position", status=200, who="bob"),
    Ask(name="claim", route="POST /api/sessions/{chat}/claim", status=200, who="eve"),
    Ask(name="begin", route="POST /api/sessions/{chat}/start", status=200, who="eve"),
    Ask(
        name="say",
        route="POST /api/sessions/{chat}/messages",
        status=201,
        who="bob",
        body={"text": "It rattles when I turn."},
    ),
    Ask(name="chat", route="GET /api/sessions/{chat}/messages", status=200, who="eve"),
    Ask(name="done", route="POST /api/sessions/{chat}/end", status=200, who="eve"),
    Ask(name="my sessions", route="GET /api/experts/me/sessions", status=200, who="eve"),
)

_SHAPE: Final = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["title", "count"],
    "additionalProperties": False,
}

AI: Final = (
    Ask(name="AI services", route="GET /api/ai/services", status=200, who="bob"),
    Ask(
        name="AI",
        route="POST /api/ai/generate",
        status=200,
        who="bob",
        headers={"Idempotency-Key": "golden-ai-1"},
        body={
            "serviceType": "structured_generation",
            "input": {"prompt": "A title and a count"},
            "schema": _SHAPE,
        },
    ),
    Ask(
        name="AI without a service",
        route="POST /api/ai/generate",
        status=422,
        who="bob",
        body={"input": {}},
    ),
    Ask(name="AI quota", route="GET /api/ai/quota", status=200, who="bob"),
    Ask(name="AI logs", route="GET /api/ai/logs", status=200, who="bob"),
)
