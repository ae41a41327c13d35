"""Every file in ``events/`` is a real event of the function whose folder it is in, and is executed.

``{{...}}`` stands for what only a running world has: tokens and ids of sessions.
"""

import json
import re
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from greenroom.kernel.ids import new_id
from greenroom.organizations.principal import CustomerRef
from greenroom.payments.domain import Purchase
from greenroom.usage.drift import row_of
from greenroom.usage.spill import message_of
from greenroom.wiring import FUNCTION_SETTINGS
from tests import clerk
from tests.conformity import hold_to_contract
from tests.expertise import Customer, claim, expert, offer_of, session_of
from tests.fakes.provider import OFFER
from tests.fakes.stripe import open_stripe
from tests.intakes import intake_of, signed
from tests.proxies import make_tenant
from tests.studios import FUTURE, Class, Studio
from tests.till import Till
from tests.usage_log import logged
from tests.widgets import SITE, WidgetSite
from tests.world import Person, Reply, World

ROOT = Path(__file__).parents[2]
EVENTS = {
    path.relative_to(ROOT / "events").with_suffix("").as_posix(): path
    for path in sorted((ROOT / "events").rglob("*"))
    if path.is_file()
}

# What each HTTP event is answered with.
ANSWERS: dict[str, tuple[int, str | None]] = {
    "account/config": (200, None),
    "account/delete": (202, None),
    "account/export": (200, None),
    "account/ledger": (200, None),
    "account/ledger_with_a_forged_cursor": (400, "INVALID_REQUEST"),
    "account/user": (200, None),
    "account/user_change": (200, None),
    "account/user_change_of_credits": (422, "VALIDATION_FAILED"),
    "account/user_without_a_token": (401, "UNAUTHENTICATED"),
    "admin/audit": (200, None),
    "admin/audit_of_a_payment_as_csv": (200, None),
    "admin/audit_of_nothing": (404, "NOT_FOUND"),
    "admin/credits": (200, None),
    "admin/credits_beyond_the_balance": (409, "BALANCE_TOO_LOW"),
    "admin/credits_for_nobody_special": (403, "FORBIDDEN"),
    "admin/credits_of_nobody": (404, "NOT_FOUND"),
    "admin/invariants": (200, None),
    "admin/quota": (200, None),
    "admin/quota_of_nobody_named": (422, "VALIDATION_FAILED"),
    "admin/set_quota": (200, None),
    "admin/set_quota_of_no_tenant": (404, "NOT_FOUND"),
    "admin/tenants": (200, None),
    "admin/trail": (200, None),
    "admin/units": (200, None),
    "admin/units_of_two": (422, "VALIDATION_FAILED"),
    "admin/usage": (200, None),
    "admin/usage_as_csv": (200, None),
    "admin/usage_of_a_year": (422, "VALIDATION_FAILED"),
    "admin/user": (200, None),
    "admin/user_errors": (200, None),
    "admin/user_ledger": (200, None),
    "admin/user_of_nobody": (404, "NOT_FOUND"),
    "admin/user_purchases": (200, None),
    "admin/user_sessions": (200, None),
    "admin/users": (200, None),
    "admin/users_as_csv": (200, None),
    "admin/users_for_nobody_special": (403, "FORBIDDEN"),
    "ai/cancel_of_nothing": (404, "NOT_FOUND"),
    "ai/cancel_what_was_answered": (200, None),
    "ai/generate_about_nothing": (422, "VALIDATION_FAILED"),
    "ai/generate_as_origin_001_sends_it": (200, None),
    "ai/generate_exam": (200, None),
    "ai/generate_in_the_callers_shape": (200, None),
    "ai/generate_of_a_wrong_kind": (404, "NOT_FOUND"),
    "ai/logs": (200, None),
    "ai/logs_of_nobodys_preschool": (404, "NOT_FOUND"),
    "ai/quota": (200, None),
    "ai/services": (200, None),
    "ai/tenants": (200, None),
    "bookings/attend": (200, None),
    "bookings/attend_too_early": (409, "CHECK_IN_CLOSED"),
    "bookings/book": (201, None),
    "bookings/book_a_dry_run": (200, None),
    "bookings/book_by_card": (201, None),
    "bookings/book_for_a_lead": (201, None),
    "bookings/book_for_nobody": (400, "EXACTLY_ONE_CUSTOMER"),
    "bookings/book_for_two": (400, "EXACTLY_ONE_CUSTOMER"),
    "bookings/book_in_a_foreign_studio": (404, "NOT_FOUND"),
    "bookings/book_what_is_full": (409, "CLASS_FULL"),
    "bookings/cancel": (200, None),
    "bookings/checkout": (200, None),
    "bookings/checkout_of_what_awaits_no_payment": (409, "INVALID_TRANSITION"),
    "bookings/confirm": (200, None),
    "bookings/confirm_what_was_not_offered": (409, "INVALID_TRANSITION"),
    "bookings/convert": (200, None),
    "bookings/convert_a_client": (404, "NOT_FOUND"),
    "bookings/detail": (200, None),
    "bookings/join": (201, None),
    "bookings/join_while_a_seat_is_free": (409, "CLASS_NOT_FULL"),
    "bookings/list": (200, None),
    "bookings/no_show": (200, None),
    "bookings/paid": (200, None),
    "bookings/payment_options": (200, None),
    "bookings/test": (200, None),
    "bookings/test_a_client_as_a_lead": (404, "NOT_FOUND"),
    "bookings/test_and_commit": (201, None),
    "checkout/billing_portal_of_nobody": (409, "NO_CUSTOMER"),
    "checkout/checkout": (200, None),
    "checkout/checkout_of_an_unsigned_intake": (409, "WAIVER_REQUIRED"),
    "checkout/checkout_of_a_price_of_the_clients": (422, "VALIDATION_FAILED"),
    "checkout/checkout_that_leads_elsewhere": (422, "VALIDATION_FAILED"),
    "checkout/products": (200, None),
    "checkout/purchases": (200, None),
    "checkout/redeem_while_another_is_active": (409, "ACTIVE_SESSION_EXISTS"),
    "checkout/refund_of_what_was_used": (403, "FORBIDDEN"),
    "checkout/subscriptions": (200, None),
    "classes/cancel": (200, None),
    "classes/change": (200, None),
    "classes/change_to_fewer_seats_than_are_taken": (409, "CAPACITY_TAKEN"),
    "classes/create": (201, None),
    "classes/create_as_a_client": (403, "FORBIDDEN"),
    "classes/create_at_an_odd_minute": (422, "VALIDATION_FAILED"),
    "classes/detail": (200, None),
    "classes/roster": (200, None),
    "classes/schedule": (200, None),
    "classes/schedule_of_a_foreign_studio": (404, "NOT_FOUND"),
    "classes/schedule_of_no_month": (422, "VALIDATION_FAILED"),
    "classes/waitlist": (200, None),
    "clerk_webhook/forged": (400, "INVALID_SIGNATURE"),
    "clerk_webhook/user_created": (200, None),
    "diagnostics/client_error": (202, None),
    "diagnostics/client_error_of_nobody": (202, None),
    "diagnostics/client_error_without_a_message": (422, "VALIDATION_FAILED"),
    "diagnostics/config": (200, None),
    "diagnostics/config_for_nobody_special": (403, "FORBIDDEN"),
    "diagnostics/connection_pool": (200, None),
    "diagnostics/connection_test": (200, None),
    "diagnostics/db_performance": (200, None),
    "diagnostics/error_test": (200, None),
    "diagnostics/health": (200, None),
    "diagnostics/ready": (200, None),
    "diagnostics/runtime_db_test": (200, None),
    "diagnostics/webhooks": (200, None),
    "experts/accept": (200, None),
    "experts/accept_the_offer_of_somebody_else": (404, "NOT_FOUND"),
    "experts/approve_oneself": (422, "VALIDATION_FAILED"),
    "experts/claim": (200, None),
    "experts/claim_of_what_is_taken": (409, "ALREADY_TAKEN"),
    "experts/decline": (200, None),
    "experts/go_online": (200, None),
    "experts/me": (200, None),
    "experts/me_of_nobody_special": (403, "NOT_AN_EXPERT"),
    "experts/my_sessions": (200, None),
    "experts/offers": (200, None),
    "experts/online": (200, None),
    "experts/position": (200, None),
    "experts/queue": (200, None),
    "experts/queue_that_has_not_changed": (304, None),
    "experts/release": (200, None),
    "intake/credits": (201, None),
    "intake/credits_before_the_waiver": (409, "WAIVER_REQUIRED"),
    "intake/detail": (200, None),
    "intake/detail_of_somebody_else": (404, "NOT_FOUND"),
    "intake/sign": (200, None),
    "intake/sign_an_old_version": (409, "WAIVER_VERSION"),
    "intake/start_free": (200, None),
    "intake/start_of_everything_wrong": (422, "VALIDATION_FAILED"),
    "intake/start_paid": (200, None),
    "intake/start_while_another_is_active": (409, "ACTIVE_SESSION_EXISTS"),
    "intake/waiver": (200, None),
    "interviews/delete": (204, None),
    "interviews/detail": (200, None),
    "interviews/generate_feedback": (202, None),
    "interviews/history": (200, None),
    "interviews/messages": (200, None),
    "interviews/save": (201, None),
    "interviews/save_from_local_storage": (200, None),
    "interviews/save_of_impossible_numbers": (422, "VALIDATION_FAILED"),
    "interviews/save_of_ten_thousand_brackets": (400, "INVALID_REQUEST"),
    "interviews/save_to_somebody_elses_session": (404, "NOT_FOUND"),
    "organizations/change": (200, None),
    "organizations/change_as_a_client": (403, "FORBIDDEN"),
    "organizations/change_client": (200, None),
    "organizations/change_lead": (200, None),
    "organizations/change_membership": (200, None),
    "organizations/change_package": (200, None),
    "organizations/change_package_of_somebody_else": (404, "NOT_FOUND"),
    "organizations/client": (200, None),
    "organizations/client_of_a_forged_key": (404, "NOT_FOUND"),
    "organizations/client_who_is_somebody_else": (403, "FORBIDDEN"),
    "organizations/clients": (200, None),
    "organizations/clients_for_a_client": (403, "FORBIDDEN"),
    "organizations/close_oneself": (403, "FORBIDDEN"),
    "organizations/create_client": (201, None),
    "organizations/create_client_with_a_taken_email": (409, "EMAIL_TAKEN"),
    "organizations/create_client_with_members_of_ours": (422, "VALIDATION_FAILED"),
    "organizations/create_lead": (201, None),
    "organizations/create_membership": (201, None),
    "organizations/create_package": (201, None),
    "organizations/create_package_for_nobody": (400, "EXACTLY_ONE_CUSTOMER"),
    "organizations/create_package_of_a_pass_for_life": (422, "VALIDATION_FAILED"),
    "organizations/join": (201, None),
    "organizations/lead": (200, None),
    "organizations/lead_who_is_a_client": (404, "NOT_FOUND"),
    "organizations/leads": (200, None),
    "organizations/members": (200, None),
    "organizations/memberships": (200, None),
    "organizations/mine": (200, None),
    "organizations/packages": (200, None),
    "organizations/rotate_widget_key": (200, None),
    "organizations/rotate_widget_key_as_a_client": (403, "FORBIDDEN"),
    "organizations/payment_methods": (200, None),
    "organizations/payment_methods_of_somebody_else": (403, "FORBIDDEN"),
    "organizations/profile": (200, None),
    "organizations/profile_for_a_stranger": (404, "NOT_FOUND"),
    "realtime_session/fresh_token": (200, None),
    "realtime_session/ice_servers": (200, None),
    "realtime_session/start": (201, None),
    "realtime_session/start_that_is_not_utf8": (400, "INVALID_REQUEST"),
    "realtime_session/start_while_another_is_active": (409, "ACTIVE_SESSION_EXISTS"),
    "realtime_session/start_with_an_injected_key": (422, "VALIDATION_FAILED"),
    "realtime_session/start_with_members_of_ours": (422, "VALIDATION_FAILED"),
    "realtime_session/start_without_a_body": (201, None),
    "sessions/active": (204, None),
    "sessions/cancel": (200, None),
    "sessions/chat": (200, None),
    "sessions/connect_failed": (200, None),
    "sessions/connected": (200, None),
    "sessions/detail": (200, None),
    "sessions/detail_of_a_forged_key": (404, "NOT_FOUND"),
    "sessions/detail_of_somebody_else": (404, "NOT_FOUND"),
    "sessions/end": (200, None),
    "sessions/end_before_the_answer": (409, "INVALID_TRANSITION"),
    "sessions/list": (200, None),
    "sessions/list_too_long": (422, "VALIDATION_FAILED"),
    "sessions/say": (201, None),
    "sessions/start": (200, None),
    "sessions/start_without_a_waiver": (409, "WAIVER_REQUIRED"),
    "stripe_webhook/checkout_completed": (200, None),
    "stripe_webhook/garbage_called_base64": (400, "INVALID_REQUEST"),
    "stripe_webhook/unsigned": (400, "INVALID_SIGNATURE"),
    "webrtc_exchange/a_page_of_html": (422, "SDP_IS_HTML"),
    "webrtc_exchange/garbage_called_base64": (400, "INVALID_REQUEST"),
    "webrtc_exchange/offer_as_json": (200, None),
    "webrtc_exchange/offer_as_sdp": (201, None),
    "webrtc_exchange/offer_with_escaped_line_ends": (422, "SDP_ESCAPED_LINES"),
    "webrtc_exchange/somebody_elses_session": (404, "NOT_FOUND"),
    "widget/book": (201, None),
    "widget/book_of_a_program": (201, None),
    "widget/book_of_everything_wrong": (422, "VALIDATION_FAILED"),
    "widget/book_on_a_foreign_site": (403, "ORIGIN_NOT_ALLOWED"),
    "widget/cancel": (200, None),
    "widget/confirm": (200, None),
    "widget/confirm_what_is_not_offered": (409, "INVALID_TRANSITION"),
    "widget/link": (200, None),
    "widget/link_of_another_studio": (403, "INVALID_LINK"),
    "widget/may_a_foreign_site_book": (403, "ORIGIN_NOT_ALLOWED"),
    "widget/may_book": (204, None),
    "widget/may_cancel": (204, None),
    "widget/may_confirm": (204, None),
    "widget/may_link": (204, None),
    "widget/may_see": (204, None),
    "widget/may_show": (204, None),
    "widget/schedule": (200, None),
    "widget/schedule_of_no_month": (422, "VALIDATION_FAILED"),
    "widget/studio": (200, None),
    "widget/studio_of_an_unknown_key": (404, "NOT_FOUND"),
    "widget/studio_without_an_origin": (200, None),
}


def failures(*numbers: int) -> dict[str, Any]:
    """The answer to a batch of which these messages have to come again."""
    ids = [f"0199f3a8-0000-4000-8000-00000000000{number}" for number in numbers]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in ids]}


ASKS_STRIPE = {"bookings/book_by_card", "bookings/checkout", "checkout/checkout"}

# What the queue and the schedules get back, and how the interview's feedback then stands.
RESULTS: dict[str, Any] = {
    "feedback/announced": failures(),
    "feedback/announced_twice": failures(),
    "feedback/batch_with_poison": failures(1, 2, 3, 4),
    "feedback/every_minute": {"worked": 1, "failed": 0},
    "feedback/unknown_interview": failures(),
    "reconcile/every_hour": {"people": 1, "findings": 0, "round_done": 1},
    "sweeper/every_minute": {"given_back": 1, "failed": 0},
    "usage_log/batch_with_poison": failures(1, 2, 3, 4),
    "usage_log/delivered_three_times": failures(),
    "usage_log/spilled": failures(),
}


def managed_at(site: WidgetSite) -> str:
    """The link of a visitor's booking."""
    return site.booked(site.make_class())


class Filled:
    """A world in which what an event's placeholders name is made when it is asked for."""

    def __init__(self, world: World) -> None:
        self.ada, self.bob = world.person(), world.person()
        self.till = Till(world)
        self.world = world
        self._started: dict[str, Reply] = {}
        self._school = ""
        self._words: dict[str, Callable[[], str]] = {
            "token": self.ada.token,
            "adminToken": world.person("user_admin").token,
            "userId": self._known,
            "preschoolId": self._preschool,
            "answeredKey": self._generated,
            "sessionId": lambda: self._start(self.ada).body["sessionId"],
            "sealedToken": lambda: self._start(self.ada).body["token"],
            "liveSessionId": lambda: self._live(self.ada),
            "savedSessionId": lambda: self._saved(self.ada),
            "expertToken": lambda: self._expert().token(),
            "otherExpertToken": lambda: expert(self._open()).token(),
            "chatSessionId": lambda: self._looking().session_id,
            "takenSessionId": lambda: self._taken(self._looking()).session_id,
            "unsignedSessionId": lambda: self._taken(self._looking(waived=False)).session_id,
            "offerId": lambda: offer_of(self._expert(), self._looking().session_id),
            "queueTag": lambda: json.dumps(self._expert().call("GET /api/queue").headers["ETag"])[
                1:-1
            ],
            "busyToken": self._busy,
            "intakeId": lambda: self._intake(self.ada),
            "foreignIntakeId": lambda: self._intake(self.bob),
            "signedIntakeId": lambda: signed(self.ada, "quick"),
            "bankedPurchaseId": self._banked,
            "purchaseId": lambda: self._used().purchase_id,
            "stripeBody": lambda: json.dumps(self._news())[1:-1],
            "stripeSignature": lambda: self.till.signature(self._news().encode()),
            "clerkBody": lambda: json.dumps(self._told())[1:-1],
            "svixTimestamp": lambda: str(int(world.clock().timestamp())),
            "clerkSignature": lambda: clerk.signature(
                self._told().encode(),
                message_id="msg_2Y5mGQJ0x1",
                at_s=int(world.clock().timestamp()),
            ),
            "organizationId": lambda: self.studio.organization_id,
            "staffToken": lambda: str(self.studio.admin.token()),
            "clientToken": lambda: str(self._client()[1].token()),
            "clientId": lambda: self._client()[0].customer_id,
            "otherClientId": lambda: self.studio.customer().ref.customer_id,
            "leadId": self._lead,
            "takenEmail": lambda: str(self._client()[1].claims["email"]),
            "packageId": self._package,
            "membershipId": self._membership,
            "classSessionId": lambda: self._class().class_session_id,
            "fullClassId": lambda: self._full().class_session_id,
            "bookingId": self._booking,
            "offeredBookingId": self._offered,
            "heldBookingId": self._held,
            "begunBookingId": self._begun,
            "widgetKey": lambda: self.site.key,
            "widgetOrigin": lambda: SITE,
            "widgetClassId": self._widget_class,
            "manageToken": lambda: self._managed,
            "otherManageToken": lambda: managed_at(WidgetSite(self.world)),
            "offeredToken": self._offered_token,
            "foreignSessionId": lambda: self._start(self.bob).body["sessionId"],
            "foreignSealedToken": lambda: self._start(self.bob).body["token"],
        }

    def event(self, text: str) -> Any:
        return json.loads(re.sub(r"{{(\w+)}}", lambda found: self._words[found[1]](), text))

    @cached_property
    def studio(self) -> Studio:
        return Studio(self.world)

    @cached_property
    def site(self) -> WidgetSite:
        return WidgetSite(self.world)

    @cached_property
    def _managed(self) -> str:
        return managed_at(self.site)

    def _widget_class(self) -> str:
        return self.site.make_class()

    def _offered_token(self) -> str:
        class_id = self.site.make_class(capacity=1)
        first = self.site.booked(class_id)
        token = self.site.booked(class_id, "kim@example.com", joinWaitlist=True)
        assert self.site.call(f"POST /bookings/{first}/cancel").status == 200
        return token

    @cache  # noqa: B019 (one short life each)
    def _client(self) -> tuple[CustomerRef, Person]:
        return self.studio.client_who_signs_in()

    @cache  # noqa: B019
    def _lead(self) -> str:
        return self.studio.customer("lead").ref.customer_id

    @cache  # noqa: B019
    def _package(self) -> str:
        return self.studio.package(self._client()[0])

    @cache  # noqa: B019
    def _membership(self) -> str:
        return self.studio.membership(self._client()[0])

    @cache  # noqa: B019
    def _class(self) -> Class:
        return self.studio.hold_class(capacity=2, priceCents=1800)

    @cache  # noqa: B019
    def _full(self) -> Class:
        full = self.studio.hold_class(capacity=2)
        for _ in range(2):
            assert full.book(self.studio.customer()).status == 201
        return full

    def _booking(self) -> str:
        ref, _ = self._client()
        booked = self._class().book_for(ref)
        return str(booked.body["bookingId"])

    def _held(self) -> str:
        _, person = self._client()
        body = {"classSessionId": self._class().class_session_id, "use": "drop_in"}
        held = person.call(f"POST {self.studio.home}/bookings", body)
        assert held.body["bookingStatus"] == "pending"
        return str(held.body["bookingId"])

    def _offered(self) -> str:
        held = self.studio.hold_class(capacity=1)
        first = held.book(self.studio.customer())
        waiting = held.join(self.studio.customer())
        assert held.act(first, "cancel").status == 200
        return str(waiting.body["bookingId"])

    @cache  # noqa: B019
    def _begun(self) -> str:
        booking_id = self._booking()
        self.world.clock.move(FUTURE.total_seconds())
        return booking_id

    def _preschool(self) -> str:
        if not self._school:
            self._school = new_id()
            make_tenant(self.world, "preschool", self._school, {self.ada.user_id: "admin"})
        return self._school

    def _generated(self) -> str:
        body = {"serviceType": "exam_generation", "input": {"topic": "Tides"}}
        headers = {"idempotency-key": "exam-9"}
        assert self.ada.call("POST /api/ai/generate", body, headers=headers).status == 200
        return "exam-9"

    def _known(self) -> str:
        self.ada.credits()
        return self.ada.user_id

    def _busy(self) -> str:
        self._start(self.ada)
        return self.ada.token()

    @cache  # noqa: B019 (one short life each)
    def _intake(self, person: Person) -> str:
        return intake_of(person, "quick")

    def _open(self) -> World:
        self.world.rewire(EXPERT_SIGNUP="open")
        return self.world

    @cache  # noqa: B019 (one short life each)
    def _expert(self) -> Person:
        return expert(self._open())

    @cache  # noqa: B019
    def _looking(self, *, waived: bool = True) -> Customer:
        self.ada.call("GET /api/user")
        self._expert()
        looking = session_of(self.ada, waived=waived)
        self.world.sweep()
        return looking

    @cache  # noqa: B019
    def _taken(self, looking: Customer) -> Customer:
        assert claim(self._expert(), looking.session_id).status == 200
        return looking

    @cache  # noqa: B019
    def _banked(self) -> str:
        self._start(self.ada)
        purchase = self.till.seed(self.ada, "standard")
        assert self.till.outcome(self.till.paid(purchase)) == "banked"
        return purchase.purchase_id

    @cache  # noqa: B019
    def _used(self) -> Purchase:
        self._start(self.ada)
        purchase = self.till.seed(self.ada)
        assert self.till.outcome(self.till.paid(purchase)) == "applied"
        return purchase

    @cache  # noqa: B019
    def _news(self) -> str:
        return json.dumps(self.till.paid(self.till.seed(self.ada)))

    def _told(self) -> str:
        return json.dumps(clerk.fixture("user.created"))

    def _start(self, person: Person) -> Reply:
        if person.clerk_id not in self._started:
            self._started[person.clerk_id] = person.start({"jobTitle": "Welder"})
        return self._started[person.clerk_id]

    def _live(self, person: Person) -> str:
        assert person.exchange(self._start(person), OFFER).status == 201
        session_id: str = self._start(person).body["sessionId"]
        return session_id

    def _saved(self, person: Person) -> str:
        session_id: str = self._start(person).body["sessionId"]
        if person.call(f"GET /api/sessions/{session_id}").body["status"] == "pending":
            roles = ("assistant", "user") * 4
            turns = [
                {"role": role, "content": f"Turn {n}.", "timestamp": n}
                for n, role in enumerate(roles)
            ]
            body = {"sessionId": self._live(person), "messages": turns}
            assert person.call("POST /api/interviews", body).status == 201
        return session_id


def test_every_function_has_an_event_and_every_event_is_executed() -> None:
    assert set(EVENTS) == set(ANSWERS) | set(RESULTS)
    assert {path.suffix for path in EVENTS.values()} == {".json"}
    assert {name.partition("/")[0] for name in EVENTS} == set(FUNCTION_SETTINGS)


def test_every_route_has_an_event(world: World) -> None:
    keys = {json.loads(path.read_text()).get("routeKey") for path in EVENTS.values()}

    assert keys - {None} == set(world.routes)


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # stripe 16.1 with httpx
def test_an_http_event_is_answered(world: World, name: str, tmp_path: Path) -> None:
    status, code = ANSWERS[name]
    with open_stripe(tmp_path, world) if name in ASKS_STRIPE else nullcontext():
        event = Filled(world).event(EVENTS[name].read_text())
        answer = world.invoke(name.partition("/")[0], event)

    text = answer.get("body", "")
    assert answer["statusCode"] == status, text
    assert code is None or json.loads(text)["code"] == code
    hold_to_contract(event["routeKey"], status, answer["headers"], text)


@pytest.mark.parametrize("name", RESULTS)
def test_an_event_of_a_queue_or_schedule_is_worked_on(world: World, name: str) -> None:
    filled = Filled(world)
    session_id = filled._start(filled.ada).body["sessionId"]
    feedback = name.startswith("feedback/")
    if feedback:
        filled._saved(filled.ada)
    event = filled.event(EVENTS[name].read_text())

    result = world.invoke(name.partition("/")[0], event, remaining_ms=110_000)

    assert {key: result[key] for key in RESULTS[name]} == RESULTS[name]
    told = filled.ada.call(f"GET /api/sessions/{session_id}").body
    if name.startswith("usage_log/"):
        assert [row["metadata"]["teacher"] for row in logged(world)] == ["Zoë 👩🏽‍🏫"]
    elif name.startswith("reconcile/"):
        assert told["status"] == "pending"
    elif not feedback:
        assert (told["status"], told["givenBack"]) == ("expired", True)
    elif name != "feedback/unknown_interview":
        assert told["feedbackStatus"] == "completed"
        assert world.provider.count("/chat/completions") == 1


def test_the_messages_of_the_queue_follow_their_contract() -> None:
    contract = json.loads((ROOT / "schemas" / "feedback-message.json").read_text())
    announced = json.loads(EVENTS["feedback/announced"].read_text())["Records"][0]["body"]
    known = announced.replace("{{savedSessionId}}", "0199f3a8-7c1e-7d43-9a55-3f0f6c2b8e11")

    Draft202012Validator.check_schema(contract)
    validator = Draft202012Validator(contract)
    assert validator.is_valid(json.loads(known))
    assert not validator.is_valid({"sessionId": "x#y"})
    assert not validator.is_valid(json.loads(known) | {"more": 1})


def test_the_messages_of_the_usage_log_follow_their_contract() -> None:
    contract = json.loads((ROOT / "schemas" / "usage-log-message.json").read_text())
    spilled = json.loads(EVENTS["usage_log/spilled"].read_text())["Records"][0]["body"]

    Draft202012Validator.check_schema(contract)
    validator = Draft202012Validator(contract)
    assert validator.is_valid(json.loads(spilled))
    assert validator.is_valid(json.loads(message_of(row_of({}, now=datetime.now(UTC)))))
    assert not validator.is_valid({"usage": {"request_id": "r", "user_id": "u"}})


@pytest.mark.parametrize("path", EVENTS.values(), ids=EVENTS)
def test_an_event_holds_no_secret(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"eyJ[A-Za-z0-9_-]+[.]eyJ|sk-|ek_|v1\.k1\.", text)
