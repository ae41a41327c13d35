"""Golden requests: the doors, accounts and interviews."""

from pathlib import Path
from typing import Final

from tests.golden.asks import Ask

OFFER: Final = (Path(__file__).parents[1] / "fixtures" / "sdp" / "firefox.sdp").read_text()
_CORS = "API Gateway itself answers; ministack does it in its own way (docs/decisions/0018)"

DOORS: Final = (
    Ask(name="health", route="GET /api/health", status=200),
    Ask(name="ready", route="GET /api/ready", status=200),
    Ask(name="config", route="GET /api/config", status=200),
    Ask(name="products", route="GET /api/products", status=200),
    Ask(name="waiver", route="GET /api/waivers/current", status=200, keep={"waiver": "version"}),
    Ask(name="no token", route="GET /api/user", status=401),
    Ask(
        name="a forged token",
        route="GET /api/user",
        status=401,
        headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyX2FkbWluIn0."},
    ),
    Ask(name="no such path", route="GET /api/nothing", status=404),
    Ask(name="no such method", route="PUT /api/user", status=404, who="ada", body={}),
    Ask(
        name="an answer to a page",
        route="GET /api/config",
        status=200,
        headers={"Origin": "{app}"},
    ),
    Ask(
        name="an answer to a foreign page",
        route="GET /api/config",
        status=200,
        headers={"Origin": "https://evil.example"},
    ),
    Ask(
        name="a preflight",
        route="OPTIONS /api/user",
        status=204,
        headers={
            "Origin": "{app}",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        },
        ignored=("access-control-expose-headers",),
    ),
    Ask(
        name="a preflight of a foreign page",
        route="OPTIONS /api/user",
        status=204,
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"},
        unlike={"deployed": _CORS},
    ),
)

ACCOUNT: Final = (
    Ask(
        name="who I am",
        route="GET /api/user",
        status=200,
        who="ada",
        headers={"X-Request-Id": "golden-request-1"},
    ),
    Ask(name="the welcome grant", route="GET /api/user/ledger", status=200, who="ada"),
    Ask(name="a new name", route="PATCH /api/user", status=200, who="ada", body={"name": "Ada G."}),
    Ask(
        name="a member that nobody knows",
        route="PATCH /api/user",
        status=422,
        who="ada",
        body={"credits": 1000},
    ),
    Ask(
        name="no JSON",
        route="PATCH /api/user",
        status=400,
        who="ada",
        text="{",
        headers={"Content-Type": "application/json"},
    ),
    Ask(
        name="a body that is too long",
        route="POST /api/client-errors",
        status=413,
        who="ada",
        text='{"message": "' + "x" * 300_000 + '"}',
        headers={"Content-Type": "application/json"},
    ),
    Ask(
        name="a browser's error",
        route="POST /api/client-errors",
        status=202,
        who="ada",
        body={"message": "It broke"},
    ),
    Ask(name="not an admin", route="GET /api/admin/users", status=403, who="ada"),
    Ask(name="an admin", route="GET /api/admin/usage", status=200, who="admin"),
)

INTERVIEW: Final = (
    Ask(
        name="start",
        route="POST /api/realtime-session",
        status=201,
        who="ada",
        body={"jobTitle": "Baker", "company": "Bread Ltd"},
        headers={"Idempotency-Key": "golden-start-1"},
        keep={"session": "sessionId", "token": "token"},
    ),
    Ask(
        name="start again",
        route="POST /api/realtime-session",
        status=201,
        who="ada",
        body={"jobTitle": "Baker", "company": "Bread Ltd"},
        headers={"Idempotency-Key": "golden-start-1"},
    ),
    Ask(
        name="start another one meanwhile",
        route="POST /api/realtime-session",
        status=409,
        who="ada",
        body={"jobTitle": "Miller"},
    ),
    Ask(
        name="start something else with the same key",
        route="POST /api/realtime-session",
        status=422,
        who="ada",
        body={"jobTitle": "Miller"},
        headers={"Idempotency-Key": "golden-start-1"},
    ),
    Ask(name="what runs", route="GET /api/sessions/active", status=200, who="ada"),
    Ask(name="one debit", route="GET /api/user", status=200, who="ada"),
    Ask(
        name="exchange with somebody else's token",
        route="POST /api/webrtc-exchange",
        status=404,
        who="bob",
        body={"sessionId": "{session}", "token": "{token}", "sdp": OFFER},
    ),
    Ask(
        name="exchange",
        route="POST /api/webrtc-exchange",
        status=200,
        who="ada",
        body={"sessionId": "{session}", "token": "{token}", "sdp": OFFER},
    ),
    Ask(
        name="exchange again",
        route="POST /api/webrtc-exchange",
        status=200,
        who="ada",
        body={"sessionId": "{session}", "token": "{token}", "sdp": OFFER},
    ),
    Ask(name="connected", route="POST /api/sessions/{session}/connected", status=200, who="ada"),
    Ask(name="end", route="POST /api/sessions/{session}/end", status=200, who="ada"),
    Ask(
        name="save",
        route="POST /api/interviews",
        status=201,
        who="ada",
        body={
            "sessionId": "{session}",
            "messages": [
                {"role": "assistant", "content": "Why bread?", "timestamp": 1},
                {"role": "user", "content": "Um, because I like to bake bread.", "timestamp": 4000},
                {"role": "assistant", "content": "What was hard?", "timestamp": 9000},
                {"role": "user", "content": "Getting up at three every day.", "timestamp": 12000},
                {"role": "assistant", "content": "And what now?", "timestamp": 16000},
                {"role": "user", "content": "I would like to lead a team.", "timestamp": 20000},
            ],
        },
    ),
    Ask(
        name="feedback",
        route="GET /api/interviews/{session}",
        status=200,
        who="ada",
        until={"feedbackStatus": "completed"},
    ),
    Ask(
        name="somebody else's interview",
        route="GET /api/interviews/{session}",
        status=404,
        who="bob",
    ),
    Ask(name="history", route="GET /api/interviews", status=200, who="ada"),
    Ask(
        name="start to cancel",
        route="POST /api/realtime-session",
        status=201,
        who="ada",
        body={"jobTitle": "Cook"},
        keep={"cancelled": "sessionId"},
    ),
    Ask(name="cancel", route="POST /api/sessions/{cancelled}/cancel", status=200, who="ada"),
    Ask(name="sessions", route="GET /api/sessions", status=200, who="ada"),
    Ask(name="ledger", route="GET /api/user/ledger", status=200, who="ada"),
)
