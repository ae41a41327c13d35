"""template.yaml keeps its promises: routes, schedules, the table, what browsers may read."""

import hashlib
import json
import tomllib
from typing import Any

import pytest

from greenroom.kernel import limits
from tests.contract.grants import statements
from tests.contract.template import ROOT, Intrinsic, functions, resources, template

HOME = "/api/organizations/{organizationId}"
ROUTES = {
    "realtime_session": {
        "POST /api/realtime-session",
        "POST /api/realtime-session/{sessionId}/token",
        "GET /api/ice-servers",
    },
    "ai": {
        "POST /api/ai/generate",
        "POST /api/ai/generate/cancel",
        "GET /api/ai/quota",
        "GET /api/ai/tenants",
        "GET /api/ai/services",
        "GET /api/ai/logs",
    },
    "webrtc_exchange": {"POST /api/webrtc-exchange"},
    "sessions": {
        "GET /api/sessions/active",
        "GET /api/sessions",
        "GET /api/sessions/{sessionId}",
        "POST /api/sessions/{sessionId}/connected",
        "POST /api/sessions/{sessionId}/connect-failed",
        "POST /api/sessions/{sessionId}/start",
        "POST /api/sessions/{sessionId}/end",
        "POST /api/sessions/{sessionId}/cancel",
        "POST /api/sessions/{sessionId}/messages",
        "GET /api/sessions/{sessionId}/messages",
    },
    "experts": {
        "GET /api/experts",
        "GET /api/experts/me",
        "PUT /api/experts/me",
        "GET /api/experts/me/sessions",
        "GET /api/queue",
        "GET /api/offers",
        "POST /api/offers/{offerId}/accept",
        "POST /api/offers/{offerId}/decline",
        "POST /api/sessions/{sessionId}/claim",
        "POST /api/sessions/{sessionId}/release",
        "GET /api/sessions/{sessionId}/position",
    },
    "intake": {
        "POST /api/intake/start",
        "GET /api/intake/{intakeId}",
        "GET /api/waivers/current",
        "POST /api/intake/{intakeId}/waiver",
        "POST /api/intake/{intakeId}/credits",
    },
    "interviews": {
        "POST /api/interviews",
        "GET /api/interviews",
        "GET /api/interviews/{interviewId}",
        "GET /api/interviews/{interviewId}/messages",
        "DELETE /api/interviews/{interviewId}",
        "POST /api/generate-feedback",
    },
    "feedback": set(),
    "usage_log": set(),
    "account": {
        "GET /api/config",
        "GET /api/user",
        "PATCH /api/user",
        "DELETE /api/user",
        "GET /api/user/ledger",
        "GET /api/user/export",
    },
    "admin": {
        "GET /api/admin/users",
        "GET /api/admin/usage",
        "GET /api/admin/users/{userId}",
        "GET /api/admin/users/{userId}/ledger",
        "GET /api/admin/users/{userId}/sessions",
        "GET /api/admin/users/{userId}/purchases",
        "GET /api/admin/users/{userId}/errors",
        "POST /api/admin/credits",
        "GET /api/admin/trail",
        "GET /api/admin/audit",
        "GET /api/admin/invariants",
        "GET /api/admin/ai/quota",
        "PUT /api/admin/ai/quota",
        "POST /api/admin/ai/adjustments",
        "GET /api/admin/tenants",
    },
    "bookings": {
        f"POST {HOME}/classes/{{classSessionId}}/waitlist",
        f"POST {HOME}/bookings",
        "POST /api/test-booking",
        f"GET {HOME}/bookings",
        f"GET {HOME}/bookings/payment-options",
        f"GET {HOME}/bookings/{{bookingId}}",
        f"POST {HOME}/bookings/{{bookingId}}/cancel",
        f"POST {HOME}/bookings/{{bookingId}}/confirm",
        f"POST {HOME}/bookings/{{bookingId}}/checkout",
        f"POST {HOME}/bookings/{{bookingId}}/attend",
        f"POST {HOME}/bookings/{{bookingId}}/no-show",
        f"POST {HOME}/bookings/{{bookingId}}/paid",
        f"POST {HOME}/leads/{{customerId}}/convert",
    },
    "classes": {
        f"GET {HOME}/classes",
        f"POST {HOME}/classes",
        f"GET {HOME}/classes/{{classSessionId}}",
        f"PATCH {HOME}/classes/{{classSessionId}}",
        f"POST {HOME}/classes/{{classSessionId}}/cancel",
        f"GET {HOME}/classes/{{classSessionId}}/roster",
        f"GET {HOME}/classes/{{classSessionId}}/waitlist",
    },
    "organizations": {
        "GET /api/organizations",
        f"GET {HOME}",
        f"PATCH {HOME}",
        f"POST {HOME}/widget-key",
        f"GET {HOME}/members",
        f"POST {HOME}/me",
        f"GET {HOME}/clients",
        f"POST {HOME}/clients",
        f"GET {HOME}/clients/{{clientId}}",
        f"PATCH {HOME}/clients/{{clientId}}",
        f"GET {HOME}/leads",
        f"POST {HOME}/leads",
        f"GET {HOME}/leads/{{customerId}}",
        f"PATCH {HOME}/leads/{{customerId}}",
        f"GET {HOME}/packages",
        f"POST {HOME}/packages",
        f"PATCH {HOME}/packages/{{passId}}",
        f"GET {HOME}/memberships",
        f"POST {HOME}/memberships",
        f"PATCH {HOME}/memberships/{{passId}}",
        f"GET {HOME}/payment-methods",
    },
    "checkout": {
        "GET /api/products",
        "POST /api/checkout",
        "POST /api/billing-portal",
        "GET /api/purchases",
        "POST /api/purchases/{purchaseId}/redeem",
        "POST /api/purchases/{purchaseId}/refund",
        "GET /api/subscriptions",
    },
    "stripe_webhook": {"POST /api/webhooks/stripe"},
    "clerk_webhook": {"POST /api/webhooks/clerk"},
    "widget": {
        f"{method} /api/widget/{{key}}{path}"
        for listed, path in {
            ("GET", ""),
            ("GET", "/schedule"),
            ("POST", "/bookings"),
            ("GET", "/bookings/{token}"),
            ("POST", "/bookings/{token}/cancel"),
            ("POST", "/bookings/{token}/confirm"),
        }
        for method in (listed, "OPTIONS")  # its API has no CORS: the function answers preflights
    },
    "reconcile": set(),
    "sweeper": set(),
    "diagnostics": {
        "GET /api/health",
        "GET /api/ready",
        "POST /api/client-errors",
        *(
            f"GET /api/diagnostic/{name}"
            for name in (
                "config",
                "connection-pool",
                "connection-test",
                "db-performance",
                "error-test",
                "runtime-db-test",
                "webhooks",
            )
        ),
    },
}
each_function = pytest.mark.parametrize("name", sorted(functions()))


def events(name: str, kind: str) -> list[dict[str, Any]]:
    found = functions()[name].get("Events", {}).values()
    return [event["Properties"] for event in found if event["Type"] == kind]


def timeout_s(name: str) -> int:
    common: int = template()["Globals"]["Function"]["Timeout"]
    own: int = functions()[name].get("Timeout", common)
    return own


def test_every_route_leads_to_its_function() -> None:
    found = {
        name: {f"{event['Method']} {event['Path']}" for event in events(name, "HttpApi")}
        for name in functions()
    }

    assert found == ROUTES


@each_function
def test_every_function_has_its_code_in_a_folder_of_its_name(name: str) -> None:
    assert (ROOT / "functions" / name / "app.py").is_file()


def test_every_folder_of_a_function_is_in_the_template() -> None:
    folders = {path.parent.name for path in ROOT.glob("functions/*/app.py")}

    assert folders <= set(functions())


@each_function
def test_the_next_tick_of_a_schedule_is_soon_and_does_what_a_lost_one_did_not(name: str) -> None:
    for schedule in events(name, "ScheduleV2"):
        hourly = {"reconcile": "rate(1 hour)"}  # nothing waits for it
        assert schedule["ScheduleExpression"] == hourly.get(name, "rate(1 minute)")
        assert schedule["RetryPolicy"]["MaximumRetryAttempts"] == 0


def test_feedback_has_time_for_its_call_and_holds_its_lease_for_longer() -> None:
    defaults = limits.Limits()

    assert defaults.feedback_timeout_s + limits.STORE_BUDGET_S * 2 <= timeout_s("feedback")
    assert timeout_s("feedback") <= defaults.feedback_lease_s


def test_the_table_forgets_by_ttl_and_streams_what_changes() -> None:
    table = resources("AWS::DynamoDB::Table")["Table"]

    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_no_index_copies_what_a_debit_changes() -> None:
    indexes = {
        i["IndexName"]: i
        for i in resources("AWS::DynamoDB::Table")["Table"]["GlobalSecondaryIndexes"]
    }
    copied = set(indexes["GSI1"]["Projection"]["NonKeyAttributes"])

    assert indexes["GSI1"]["Projection"]["ProjectionType"] == "INCLUDE"
    assert indexes["GSI2"]["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert not copied & {"credits", "balance", "updated_at", "ledger_seq", "premium_until"}


def test_browsers_of_configured_origins_may_read_our_headers() -> None:
    cors = resources("AWS::Serverless::HttpApi")["Api"]["CorsConfiguration"]

    assert cors["AllowOrigins"] == Intrinsic("Ref", "AllowedOrigins")
    assert "Default" not in template()["Parameters"]["AllowedOrigins"]
    assert set(cors["ExposeHeaders"]) == {
        "Age",
        "X-Request-Id",
        "Idempotency-Replayed",
        "Retry-After",
        "X-Usage-Log",
        "ETag",
        "X-Next-Cursor",
    }
    assert set(cors["AllowHeaders"]) == {
        "authorization",
        "cache-control",
        "content-type",
        "idempotency-key",
        "if-none-match",
        "x-request-id",
        "x-session-id",
        "x-session-token",
    }
    assert "AllowCredentials" not in cors


def test_the_widgets_routes_alone_are_behind_an_api_that_leaves_cors_to_its_function() -> None:
    apis = resources("AWS::Serverless::HttpApi")
    behind = {
        name: {event["ApiId"].argument for event in events(name, "HttpApi")} for name in functions()
    }

    assert set(apis) == {"Api", "WidgetApi"}
    assert "CorsConfiguration" not in apis["WidgetApi"]
    assert "HttpApi" not in template()["Globals"]
    assert behind.pop("widget") == {"WidgetApi"}
    assert set().union(*behind.values()) == {"Api"}


def test_the_widget_reaches_rows_of_organisations_and_widget_keys_alone() -> None:
    """Anybody may call it; people, purchases and sessions are in other partitions."""
    of_table = [one for one in statements("widget") if "dynamodb:" in str(one["Action"])]

    assert [one["Sid"] for one in of_table] == ["Items", "PublicKeys", "Lists"]
    for statement in of_table:
        (operator, keys), *more = statement["Condition"].items()
        assert (operator, more) == ("ForAllValues:StringLike", [])
        assert set(keys) == {"dynamodb:LeadingKeys"}
        assert set(keys["dynamodb:LeadingKeys"]) <= {"T#org#*", "WIDGET#*"}


def test_a_setting_that_changes_makes_a_new_version_of_every_function() -> None:
    """SAM does not see what parameters say (docs/operations.md): the tag says it."""
    told = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    settings = {
        name: told[name]["deploy"]["parameters"]["parameter_overrides"] for name in ("dev", "prod")
    }
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]

    assert template()["Globals"]["Function"]["Tags"] == {"settings": digest}, "write this one there"
