"""What the browser tests let the server say is what it may say, by the OpenAPI document.

A page that is tested against answers that no server gives is tested against nothing.
"""

from typing import Any

import pytest

from tests.browser import admin_samples as admin
from tests.browser import ai_samples as ai
from tests.browser import class_samples as classes
from tests.browser import samples
from tests.browser import widget_samples as widget
from tests.browser.person import CONFIG, PERSON
from tests.conformity import hold_body

HOME = "/api/organizations/{organizationId}"
BOOKING = f"{HOME}/bookings/{{bookingId}}"
CLASS = f"{HOME}/classes/{{classSessionId}}"
OPEN = ("pending", "confirmed", "waitlisted", "offered")
OVER = ("cancelled", "late_cancelled", "attended", "no_show", "expired")
STATUSES = ("pending", "waiting", "live", "completed", "cancelled", "expired")
PURCHASES = (
    "awaiting", "fulfilled", "banked", "failed", "expired", "partially_refunded", "refunded",
    "disputed", "unmatched",
)  # fmt: skip
LOGGED = ("ok", "failed", "cancelled", "crashed")
SEATED = classes.class_bookings(
    classes.klass(), *(classes.seated(1, "Kim", status) for status in (*OPEN, *OVER))
)
ROW = {"organization_id": classes.ORG, "client_id": classes.CLIENT}
DRY_RUN = {"dryRun": True, "row": ROW, "booking": classes.booking()}
CONVERTED = {"client": classes.customer(), "moved": {"bookings": 2, "passes": 1}}

REASONS = ("CLASS_FULL", "CLASS_CANCELLED", "BOOKING_CLOSED", None)
WIDGET = "/api/widget/{key}"

SAMPLES: dict[str, list[Any]] = {
    f"GET {WIDGET}": [widget.STUDIO],
    f"GET {WIDGET}/schedule": [widget.schedule(*(widget.class_on(4, reason=r) for r in REASONS))],
    f"POST {WIDGET}/bookings 201": [widget.booked()],
    f"GET {WIDGET}/bookings/{{token}}": [widget.booking(bookingStatus=one) for one in OPEN],
    f"POST {WIDGET}/bookings/{{token}}/cancel": [widget.booking(bookingStatus="cancelled")],
    f"POST {WIDGET}/bookings/{{token}}/confirm": [widget.booking()],
    "GET /api/config": [CONFIG],
    "GET /api/user": [PERSON, admin.ADMIN],
    "GET /api/admin/usage": [admin.report(), admin.BY_SERVICE, admin.BY_TENANT, admin.BY_USER],
    "GET /api/admin/users": [samples.page(admin.person_row(), admin.person_row(name=None))],
    "GET /api/admin/users/{userId}": [
        admin.file_of(findings=[admin.FINDING]),
        admin.NEW_FILE,
    ],
    "GET /api/admin/users/{userId}/ledger": [samples.page(admin.entry("purchase", 5.0))],
    "GET /api/ai/tenants": [{"items": [ai.tenant(), ai.tenant("organization", "admin")]}],
    "GET /api/ai/quota": [{"items": [ai.quota(), ai.quota(3, 200, "user", enforcement="soft")]}],
    "GET /api/ai/logs": [samples.page(*(ai.logged(one) for one in LOGGED))],
    "POST /api/ai/generate": [
        ai.generated(),
        ai.generated(tenant=None, quota=None, output=[1], model=None),
    ],
    "POST /api/ai/generate/cancel": [ai.cancelled(), ai.cancelled("answered")],
    "GET /api/admin/trail": [samples.page(admin.act())],
    "GET /api/admin/audit": [admin.story()],
    "POST /api/admin/credits": [admin.adjusted(3, 4.5)],
    "GET /api/admin/tenants": [
        samples.page(admin.tenant_row(), admin.tenant_row("organization")),
    ],
    "GET /api/admin/ai/quota": [admin.QUOTAS],
    "PUT /api/admin/ai/quota": [admin.state(3, 900, serviceType="structured_generation")],
    "POST /api/admin/ai/adjustments": [admin.UNITS_POSTED],
    "GET /api/admin/invariants": [
        admin.compared("people", 100, admin.violation(), cursor="a"),
        admin.compared("tenants", 2),
    ],
    "POST /api/client-errors 202": [admin.REPORTED],
    "GET /api/diagnostic/config": [admin.config()],
    "GET /api/diagnostic/connection-test": [admin.CONNECTIONS],
    "GET /api/diagnostic/db-performance": [admin.PERFORMANCE],
    "GET /api/diagnostic/connection-pool": [admin.POOL],
    "GET /api/diagnostic/runtime-db-test": [admin.RUNTIME],
    "GET /api/diagnostic/webhooks": [admin.WEBHOOKS],
    "GET /api/diagnostic/error-test": [admin.ERROR_TEST],
    "GET /api/products": [{"items": samples.PLANS["items"]}],
    "GET /api/purchases": [samples.page(*(samples.purchase(one) for one in PURCHASES))],
    "GET /api/waivers/current": [samples.WAIVER],
    "GET /api/intake/{intakeId}": [samples.intake()],
    "GET /api/sessions": [samples.page(*(samples.listed(one) for one in STATUSES))],
    "GET /api/sessions/{sessionId}": [samples.session(one) for one in STATUSES],
    "GET /api/sessions/{sessionId}/messages": [samples.page(samples.message(1, "Hello."))],
    "GET /api/experts": [{"items": [samples.online()]}],
    "GET /api/experts/me": [samples.expert()],
    "PUT /api/experts/me": [samples.expert(approved=False, status="offline")],
    "GET /api/experts/me/sessions": [samples.page(samples.listed("waiting"))],
    "GET /api/offers": [{"items": [samples.offer()]}],
    "GET /api/queue": [{"items": [samples.queued()], "waiting": 1}],
    "GET /api/organizations": [
        {"items": [classes.relation(role) for role in ("admin", "staff", "client", "lead")]}
    ],
    f"GET {HOME}": [classes.organization(role) for role in ("admin", "client", "lead")],
    f"PATCH {HOME}": [classes.organization("admin")],
    f"POST {HOME}/widget-key": [classes.organization("admin")],
    f"POST {HOME}/me": [classes.organization()],
    f"GET {HOME}/members": [samples.page(classes.member(), classes.member(role="staff"))],
    f"GET {HOME}/clients": [samples.page(classes.customer())],
    f"POST {HOME}/clients 201": [classes.customer()],
    f"GET {HOME}/clients/{{clientId}}": [classes.customer()],
    f"PATCH {HOME}/clients/{{clientId}}": [classes.customer(notes=None)],
    f"GET {HOME}/leads": [samples.page(classes.customer("lead"))],
    f"POST {HOME}/leads 201": [classes.customer("lead")],
    f"GET {HOME}/leads/{{customerId}}": [classes.customer("lead")],
    f"POST {HOME}/leads/{{customerId}}/convert": [CONVERTED],
    f"GET {HOME}/packages": [samples.page(classes.a_pass())],
    f"POST {HOME}/packages 201": [classes.a_pass()],
    f"PATCH {HOME}/packages/{{passId}}": [classes.a_pass(status="frozen")],
    f"GET {HOME}/memberships": [samples.page(classes.a_pass("membership"))],
    f"POST {HOME}/memberships 201": [classes.a_pass("membership", usesPerPeriod=None)],
    f"PATCH {HOME}/memberships/{{passId}}": [classes.a_pass("membership")],
    f"GET {HOME}/payment-methods": [{"items": [classes.CARD]}],
    f"GET {HOME}/classes": [classes.schedule(classes.klass(), classes.full())],
    f"POST {HOME}/classes 201": [classes.klass()],
    f"GET {CLASS}": [classes.klass(), classes.full()],
    f"PATCH {CLASS}": [classes.klass()],
    f"POST {CLASS}/cancel": [classes.klass(status="cancelled", reason="CLASS_CANCELLED")],
    f"GET {CLASS}/roster": [SEATED],
    f"GET {CLASS}/waitlist": [SEATED],
    f"GET {HOME}/bookings": [samples.page(*(classes.booking(one) for one in (*OPEN, *OVER)))],
    f"POST {HOME}/bookings 201": [classes.booking(one) for one in OPEN],
    f"GET {HOME}/bookings/payment-options": [classes.options()],
    f"GET {BOOKING}": [classes.detail(one) for one in (*OPEN, *OVER)],
    f"POST {BOOKING}/cancel": [classes.booking("cancelled")],
    f"POST {BOOKING}/confirm": [classes.booking()],
    f"POST {BOOKING}/checkout": [classes.CHECKOUT],
    f"POST {BOOKING}/attend": [classes.booking("attended")],
    f"POST {BOOKING}/no-show": [classes.booking("no_show")],
    f"POST {BOOKING}/paid": [classes.booking(paymentStatus="paid", consumed=None)],
    "POST /api/test-booking": [DRY_RUN],
}


@pytest.mark.parametrize("key", SAMPLES)
def test_a_sample_is_an_answer_that_the_server_may_give(key: str) -> None:
    """In every state that a browser test shows."""
    method, path, *status = key.split(" ")

    for body in SAMPLES[key]:
        hold_body(f"{method} {path}", int(status[0]) if status else 200, body)
