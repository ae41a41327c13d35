"""The public widget through its handler: schedule, booking as a lead, and the link."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from greenroom.kernel.clock import from_text
from greenroom.kernel.ids import new_id
from greenroom.widget.domain import is_key, new_key
from greenroom.widget.tokens import Link, Links
from tests.logs import Written
from tests.studios import Studio
from tests.widgets import ADDRESS, EVIL, SITE, WidgetSite, open_widget
from tests.world import ORIGIN, SECRETS, Reply, World, client_of

BOOKING = {
    "className",
    "instructor",
    "location",
    "startsAt",
    "endsAt",
    "bookingStatus",
    "paymentStatus",
    "amountCents",
    "currency",
    "expiresAt",
    "waitlistPosition",
    "lateCancelAt",
    "lateCancelFeeCents",
    "feeCents",
    "allowed",
}


@pytest.fixture
def site(world: World) -> WidgetSite:
    return WidgetSite(world)


def roster(site: WidgetSite, class_id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = site.studio.staff(f"GET /classes/{class_id}/roster").body["items"]
    return items


# What a visitor sees


def test_a_visitor_sees_whose_widget_it_is(site: WidgetSite) -> None:
    site.set(timezone="Europe/Lisbon")

    reply = site.call("GET ")

    assert reply.status == 200
    assert reply.body == {
        "name": "A studio",
        "imageUrl": None,
        "timezone": "Europe/Lisbon",
        "requiresPrepayment": False,
    }


def test_the_schedule_has_what_a_visitor_needs_and_no_more(site: WidgetSite) -> None:
    class_id = site.make_class(capacity=1, waitlistMax=1, instructor="Ines")
    month = f"{site.world.clock() + timedelta(hours=48):%Y-%m}"

    (one,) = site.call(f"GET /schedule?month={month}").body["items"]

    assert one["classSessionId"] == class_id
    assert (one["bookable"], one["free"], one["waitlistOpen"], one["reason"]) == (
        True, 1, False, None,
    )  # fmt: skip
    assert not {"capacity", "booked", "held", "waitlistCount", "organizationId"} & one.keys()

    site.booked(class_id)
    (one,) = site.call(f"GET /schedule?month={month}").body["items"]
    assert (one["bookable"], one["free"], one["waitlistOpen"], one["reason"]) == (
        False, 0, True, "CLASS_FULL",
    )  # fmt: skip

    site.booked(class_id, "kim@example.com", joinWaitlist=True)
    (one,) = site.call(f"GET /schedule?month={month}").body["items"]
    assert (one["waitlistOpen"], one["reason"]) == (False, "CLASS_FULL")
    assert site.call("GET /schedule?month=2031-01").body == {"month": "2031-01", "items": []}


def test_seats_that_cannot_be_booked_any_more_are_none(site: WidgetSite) -> None:
    site.make_class(in_hours=1, noticeMinutes=120)

    (one,) = site.call("GET /schedule").body["items"]

    assert (one["bookable"], one["free"], one["reason"]) == (False, 0, "BOOKING_CLOSED")


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "2026", "x", "2026-12-01", "1999-12"])
def test_a_month_that_is_none_is_refused(site: WidgetSite, month: str) -> None:
    reply = site.call(f"GET /schedule?month={month}")

    assert (reply.status, reply.body["errors"][0]["field"]) == (422, "month")


# Booking


def test_a_visitor_who_is_new_becomes_a_lead_with_a_booking(site: WidgetSite) -> None:
    class_id = site.make_class()

    reply = site.book(class_id, " Robin.Reed@Example.com ", phone="+44 20 7946 0000")

    assert reply.status == 201
    booking = reply.body["booking"]
    assert set(booking) == BOOKING
    assert (booking["bookingStatus"], booking["paymentStatus"]) == ("confirmed", "pending")
    assert (booking["amountCents"], booking["allowed"]) == (1500, ["cancel"])
    (lead,) = site.customers("lead")
    assert (lead.name, lead.phone) == ("Robin Reed", "+44 20 7946 0000")
    assert lead.email == "Robin.Reed@Example.com"
    (entry,) = roster(site, class_id)
    assert (entry["clientId"], entry["customerId"]) == (None, lead.ref.customer_id)
    assert entry["source"] == "widget"
    assert site.customers("client") == []


def test_one_e_mail_is_one_lead_whom_no_stranger_renames(site: WidgetSite) -> None:
    first, second = site.make_class(), site.make_class(in_hours=72)
    site.booked(first)

    reply = site.book(second, "ROBIN@example.com", name="Somebody Else", phone="12345")

    assert reply.status == 201
    (lead,) = site.customers("lead")
    assert (lead.name, lead.phone) == ("Robin Reed", None)
    (entry,) = roster(site, second)
    assert entry["customerName"] == "Robin Reed"


def test_the_e_mail_of_a_client_stays_that_client_and_nobody_learns_so(site: WidgetSite) -> None:
    client = site.client("ada@example.com")
    class_id = site.make_class()

    reply = site.book(class_id, "Ada@example.com", name="Stranger")

    assert reply.status == 201
    assert set(reply.body["booking"]) == BOOKING
    assert client.name not in reply.text
    assert client.ref.customer_id not in reply.text
    assert site.customers("lead") == []
    (entry,) = roster(site, class_id)
    assert (entry["clientId"], entry["customerId"]) == (client.ref.customer_id, None)


def test_neither_a_pass_nor_a_card_is_ever_used(site: WidgetSite) -> None:
    client = site.client("ada@example.com")
    pass_id = site.studio.package(client.ref, uses=10)

    reply = site.book(site.make_class(), "ada@example.com", use="drop_in")
    assert (reply.status, reply.body["errors"][0]["field"]) == (422, "use")
    site.booked(site.make_class(), "ada@example.com")

    assert site.studio.remaining(client.ref, pass_id) == 10
    assert site.rows("purchase") == []


def test_a_studio_that_is_paid_in_advance_is_not_booked_here(site: WidgetSite) -> None:
    class_id, free = site.make_class(), site.make_class(priceCents=0, in_hours=72)
    site.set(requiresPrepayment=True)

    reply = site.book(class_id)

    assert (reply.status, reply.code) == (409, "PREPAYMENT_REQUIRED")
    assert reply.body["detail"].startswith("This studio wants its classes paid in advance")
    assert site.rows("studio_customer") == site.rows("booking") == []
    by_id = {one["classSessionId"]: one for one in site.call("GET /schedule").body["items"]}
    assert by_id[class_id]["reason"] == "PREPAYMENT_REQUIRED"
    assert by_id[free]["bookable"] is True
    assert site.book(free).status == 201


def test_a_full_class_gives_a_place_on_its_waitlist_to_who_wants_one(site: WidgetSite) -> None:
    class_id = site.make_class(capacity=1)
    site.booked(class_id)

    refused = site.book(class_id, "kim@example.com")
    assert (refused.status, refused.code) == (409, "CLASS_FULL")
    waiting = site.book(class_id, "kim@example.com", joinWaitlist=True)

    assert waiting.status == 201
    booking = waiting.body["booking"]
    assert (booking["bookingStatus"], booking["waitlistPosition"]) == ("waitlisted", 1)


def test_every_violated_rule_is_told_and_nothing_of_another_booking(site: WidgetSite) -> None:
    class_id = site.make_class(capacity=1)
    site.booked(class_id)

    reply = site.book(class_id)

    codes = [one["code"] for one in reply.body["violations"]]
    assert reply.status == 409
    assert set(codes) >= {"CLASS_FULL", "ALREADY_BOOKED"}
    assert "bookingId" not in reply.text
    assert "bookingStatus" not in reply.text


def test_an_unknown_class_is_not_found_and_makes_no_lead(site: WidgetSite) -> None:
    other = WidgetSite(site.world)

    for class_id in ("x", other.make_class(), "0" * 64):
        assert site.book(class_id).code == "NOT_FOUND"

    assert site.rows("studio_customer") == []


# Repeats


def test_a_repeat_gets_the_same_booking_and_the_same_link(site: WidgetSite) -> None:
    class_id = site.make_class()

    first = site.book(class_id, wish="w1")
    again = site.book(class_id, wish="w1")

    assert (first.status, again.status) == (201, 201)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.body == first.body
    assert len(site.rows("booking")) == 1


def test_a_key_that_was_used_for_another_wish_is_a_misuse(site: WidgetSite) -> None:
    class_id = site.make_class()
    site.booked(class_id, wish="w1")

    for changed in ({"email": "kim@example.com"}, {"name": "Other"}, {"joinWaitlist": True}):
        body: dict[str, Any] = {"email": "robin@example.com", **changed}
        reply = site.book(class_id, wish="w1", **body)
        assert (reply.status, reply.code) == (422, "IDEMPOTENCY_MISMATCH"), changed

    assert len(site.rows("booking")) == len(site.rows("studio_customer")) == 1


def test_without_a_key_the_same_wish_is_booked_already(site: WidgetSite) -> None:
    class_id = site.make_class()
    site.booked(class_id)

    assert site.book(class_id).code == "ALREADY_BOOKED"


# Who may


def test_a_booking_comes_from_a_site_that_the_studio_has_allowed(site: WidgetSite) -> None:
    class_id = site.make_class()
    origins = [EVIL, None, "null", f"{SITE}.evil.example", f"{SITE}:8443", SITE.upper(), ORIGIN]
    origins += [f"{SITE},{SITE}", f"{SITE}/", "https://" + "x" * 9000]

    for origin in origins:
        reply = site.book(class_id, origin=origin)
        assert (reply.status, reply.code) == (403, "ORIGIN_NOT_ALLOWED"), origin
        assert site.organization_id not in reply.text

    assert site.rows("booking") == site.rows("rate") == []


def test_looking_needs_no_origin_but_a_foreign_one_is_refused(site: WidgetSite) -> None:
    for route in ("GET ", "GET /schedule"):
        assert site.call(route, origin=None).status == 200
        assert site.call(route, origin=ORIGIN).status == 200, "our own page"
        for origin in (EVIL, "null"):
            reply = site.call(route, origin=origin)
            assert (reply.status, reply.code) == (403, "ORIGIN_NOT_ALLOWED")


def test_a_key_that_is_unknown_stopped_or_old_is_the_same_404(site: WidgetSite) -> None:
    class_id, old = site.make_class(), site.key
    token = site.booked(class_id)
    routes = ["GET ", "GET /schedule", f"GET /bookings/{token}", "OPTIONS /bookings"]

    def answers(key: str) -> set[str]:
        replies = [
            site.call(route, key=key, origin=one) for route in routes for one in (SITE, EVIL)
        ]
        replies += [site.call(f"POST /bookings/{token}/cancel", key=key)]
        replies += [site.call("POST /bookings", {"x": 1}, key=key)]
        assert {reply.status for reply in replies} == {404}
        return {json.dumps(reply.body | {"requestId": ""}) for reply in replies}

    unknown = answers("wk_" + "A" * 24)
    assert unknown == answers("x") == answers("WIDGET") == answers("%23") == answers("k" * 500)
    site.rotate()
    assert answers(old) == unknown
    site.set(widgetEnabled=False)
    assert answers(site.key) == unknown
    assert len(unknown) == 1


def test_an_admin_makes_the_key_and_the_first_one_switches_the_widget_on(world: World) -> None:
    studio = Studio(world)
    before = studio.staff("GET ").body["studio"]["widget"]
    assert before == {"key": None, "enabled": False, "allowedOrigins": []}

    made = studio.staff("POST /widget-key").body["studio"]["widget"]

    assert is_key(made["key"])
    assert made["enabled"] is True
    studio.staff("PATCH ", {"widgetEnabled": False})
    again = studio.staff("POST /widget-key").body["studio"]["widget"]
    assert again["key"] != made["key"]
    assert again["enabled"] is False, "another key does not undo that"


def test_nobody_but_an_admin_makes_a_key(site: WidgetSite) -> None:
    _, client = site.studio.client_who_signs_in()
    rotate = f"POST {site.studio.home}/widget-key"

    assert site.studio.member().call(rotate).code == "FORBIDDEN"
    assert client.call(rotate).code == "FORBIDDEN"
    assert site.world.person().call(rotate).code == "NOT_FOUND"
    assert site.call("GET ").status == 200


def test_of_many_keys_that_are_made_at_once_one_counts(site: WidgetSite) -> None:
    old = site.key

    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: site.studio.staff("POST /widget-key"), range(8)))

    assert {reply.status for reply in replies} == {200}
    site.key = site.studio.staff("GET ").body["studio"]["widget"]["key"]
    rows = [row["PK"]["S"] for row in site.world.rows() if row["kind"]["S"] == "widget_key"]
    counting = [
        pk for pk in rows if site.call("GET ", key=pk.removeprefix("WIDGET#")).status == 200
    ]
    assert counting == [f"WIDGET#{site.key}"]
    assert f"WIDGET#{old}" not in rows


def test_what_counts_is_the_key_that_the_settings_name(site: WidgetSite) -> None:
    keys, tx = site.world.wiring("widget").widget_keys, site.world.table.transaction()
    other = keys.new()
    keys.issue(tx, site.studio.repo, None, other)
    tx.commit()

    assert site.call("GET ", key=other).status == 404
    assert site.call("GET ").status == 200


def test_a_link_outlives_the_key_that_it_was_made_with(site: WidgetSite) -> None:
    token = site.booked(site.make_class())
    site.rotate()

    assert site.call(f"GET /bookings/{token}").status == 200


def test_a_deleted_organisation_has_no_widget(site: WidgetSite) -> None:
    store = site.world.wiring("widget").organization_store
    known = store.organization(site.organization_id)
    assert known is not None
    tx = store.transaction()
    store.add_organization(tx, replace(known, deleted=True), before=known)
    tx.commit()

    assert site.call("GET ").status == 404


def test_an_organisation_of_which_clerk_has_told_nothing_yet_has_its_widget(world: World) -> None:
    key = new_key()
    open_widget(world, new_id(), key=key)

    reply = world.call(f"GET /api/widget/{key}")

    assert (reply.status, reply.body["name"]) == (200, None)


# CORS


def cors_of(reply: Reply) -> dict[str, str]:
    found = {name.lower(): value for name, value in reply.headers.items()}
    return {name: value for name, value in found.items() if name.startswith("access-control-")}


def test_the_studios_site_may_read_and_no_other(site: WidgetSite) -> None:
    for reply in (site.call("GET "), site.book(site.make_class())):
        assert cors_of(reply)["access-control-allow-origin"] == SITE
        assert reply.headers["Vary"] == "Origin"
    assert cors_of(site.call("GET ", origin=None)) == {}
    refused = site.call("GET ", origin=EVIL)
    assert cors_of(refused)["access-control-allow-origin"] == EVIL, "it may read why"


@pytest.mark.parametrize("path", ["", "/schedule", "/bookings", "/bookings/x/cancel"])
def test_a_preflight_goes_through_the_same_door(site: WidgetSite, path: str) -> None:
    allowed = site.call(f"OPTIONS {path}")
    assert allowed.status == 204
    assert cors_of(allowed)["access-control-allow-methods"] == "GET, POST"
    assert "idempotency-key" in cors_of(allowed)["access-control-allow-headers"]

    foreign = site.call(f"OPTIONS {path}", origin=EVIL)
    assert (foreign.status, foreign.code) == (403, "ORIGIN_NOT_ALLOWED")
    assert "access-control-allow-methods" not in cors_of(foreign)


def test_our_own_page_manages_a_booking_and_does_not_make_one(site: WidgetSite) -> None:
    token = site.booked(site.make_class())

    assert site.call("OPTIONS /bookings", origin=ORIGIN).status == 403
    assert site.call(f"OPTIONS /bookings/{token}/cancel", origin=ORIGIN).status == 204
    assert site.call(f"POST /bookings/{token}/cancel", origin=ORIGIN).status == 200


# The link


def test_a_link_shows_its_booking_and_cancels_it_once(site: WidgetSite) -> None:
    token = site.booked(site.make_class())
    shown = site.call(f"GET /bookings/{token}")
    assert shown.status == 200
    assert set(shown.body) == BOOKING

    cancelled = site.call(f"POST /bookings/{token}/cancel")
    again = site.call(f"POST /bookings/{token}/cancel")

    assert (cancelled.status, again.status) == (200, 200)
    assert cancelled.body["bookingStatus"] == again.body["bookingStatus"] == "cancelled"
    assert cancelled.body["allowed"] == []


def test_an_offered_seat_is_taken_through_the_link(site: WidgetSite) -> None:
    class_id = site.make_class(capacity=1)
    first = site.booked(class_id)
    token = site.booked(class_id, "kim@example.com", joinWaitlist=True)
    early = site.call(f"POST /bookings/{token}/confirm")
    assert (early.status, early.code) == (409, "INVALID_TRANSITION")
    site.call(f"POST /bookings/{first}/cancel")
    offered = site.call(f"GET /bookings/{token}").body
    assert (offered["bookingStatus"], offered["allowed"]) == ("offered", ["cancel", "confirm"])

    taken = site.call(f"POST /bookings/{token}/confirm")

    assert (taken.status, taken.body["bookingStatus"]) == (200, "confirmed")


def test_an_offered_seat_that_is_to_be_paid_in_advance_is_not_taken_here(site: WidgetSite) -> None:
    class_id = site.make_class(capacity=1)
    first = site.booked(class_id)
    token = site.booked(class_id, "kim@example.com", joinWaitlist=True)
    site.call(f"POST /bookings/{first}/cancel")
    site.set(requiresPrepayment=True)

    reply = site.call(f"POST /bookings/{token}/confirm")

    assert (reply.status, reply.code) == (409, "PREPAYMENT_REQUIRED")
    assert reply.body["detail"].startswith("This studio wants its classes paid in advance")
    assert site.call(f"GET /bookings/{token}").body["bookingStatus"] == "offered"


def test_an_offer_that_is_over_is_not_taken(site: WidgetSite) -> None:
    class_id = site.make_class(capacity=1)
    first = site.booked(class_id)
    token = site.booked(class_id, "kim@example.com", joinWaitlist=True)
    site.call(f"POST /bookings/{first}/cancel")
    site.world.clock.move(1800)

    shown = site.call(f"GET /bookings/{token}").body
    assert "confirm" not in shown["allowed"]
    assert site.call(f"POST /bookings/{token}/confirm").code == "OFFER_EXPIRED"


def test_what_was_paid_by_card_since_is_cancelled_signed_in(site: WidgetSite) -> None:
    """A payment goes back to whoever is signed in; the widget's role reaches no purchase."""
    token = site.booked(site.make_class())
    (row,) = site.rows("booking")
    client_of(site.world.endpoint).update_item(
        TableName=site.world.table_name,
        Key={"PK": row["PK"], "SK": row["SK"]},
        UpdateExpression="SET purchase_id = :id, payment_status = :paid",
        ExpressionAttributeValues={":id": {"S": new_id()}, ":paid": {"S": "paid"}},
    )

    reply = site.call(f"POST /bookings/{token}/cancel")

    assert (reply.status, reply.code) == (409, "INVALID_TRANSITION")
    assert reply.body["detail"] == "This booking was paid by card. Sign in to cancel it."
    shown = site.call(f"GET /bookings/{token}").body
    assert (shown["bookingStatus"], shown["allowed"]) == ("confirmed", [])


def test_a_late_cancellation_is_recorded_as_one(site: WidgetSite) -> None:
    class_id = site.make_class(lateCancelFeeCents=500)
    token = site.booked(class_id)
    site.world.clock.move(47 * 3600)

    cancelled = site.call(f"POST /bookings/{token}/cancel").body

    assert (cancelled["bookingStatus"], cancelled["feeCents"]) == ("late_cancelled", 500)


def test_a_link_of_another_studio_or_a_changed_one_opens_nothing(site: WidgetSite) -> None:
    other = WidgetSite(site.world)
    theirs = other.booked(other.make_class())
    mine = site.booked(site.make_class())
    swapped = mine.rpartition(".")[0] + "." + theirs.rpartition(".")[2]
    forged = Links("k1:" + base64.b64encode(b"x" * 32).decode()).sign(
        Link(
            organization_id=site.organization_id,
            booking_id=site.rows("booking")[0]["PK"]["S"].rpartition("#")[2],
            expires_at=site.world.clock() + timedelta(days=1),
        )
    )

    for token in (theirs, swapped, forged, mine[:-1], f"{mine}x", "x", "w1.k1.a.b", "%00"):
        for route in ("GET /bookings/{}", "POST /bookings/{}/cancel", "POST /bookings/{}/confirm"):
            reply = site.call(route.format(token))
            assert (reply.status, reply.code) == (403, "INVALID_LINK"), (token, route)
            assert set(reply.body) == {
                "type", "title", "status", "detail", "code", "requestId", "error",
            }  # fmt: skip
    statuses = {row["booking_status"]["S"] for row in site.rows("booking") + other.rows("booking")}
    assert statuses == {"confirmed"}


def test_a_link_ends_a_week_after_its_class(site: WidgetSite) -> None:
    reply = site.book(site.make_class())
    token, ends_at = reply.body["manageToken"], from_text(reply.body["booking"]["endsAt"])
    until = ends_at + timedelta(days=7)

    site.world.clock.now = until - timedelta(seconds=1)
    assert site.call(f"GET /bookings/{token}").status == 200
    site.world.clock.now = until
    assert site.call(f"GET /bookings/{token}").code == "INVALID_LINK"


def test_a_link_leads_to_a_page_of_ours_if_there_is_one(site: WidgetSite) -> None:
    assert site.book(site.make_class()).body["manageUrl"] is None
    site.world.rewire(APP_URL="https://app.greenroom.test/")

    body = site.book(site.make_class(in_hours=72)).body

    page = f"https://app.greenroom.test/manage.html?key={site.key}"
    assert body["manageUrl"] == f"{page}#greenroom={body['manageToken']}"


def test_keys_of_links_rotate(site: WidgetSite) -> None:
    token = site.booked(site.make_class())
    fresh = "k2:" + base64.b64encode(b"n" * 32).decode()
    site.world.rewire(WIDGET_SIGNING_KEYS=f"{fresh},{SECRETS['WIDGET_SIGNING_KEYS']}")
    assert site.call(f"GET /bookings/{token}").status == 200

    site.world.rewire(WIDGET_SIGNING_KEYS=fresh)
    assert site.call(f"GET /bookings/{token}").code == "INVALID_LINK"


# Programs


def test_what_only_programs_fill_in_makes_nothing_and_looks_like_anything(site: WidgetSite) -> None:
    class_id = site.make_class()
    honest = site.book(class_id, "kim@example.com")

    reply = site.book(class_id, wish="w1", website="https://spam.example")

    assert reply.status == 201
    assert reply.body["booking"] == honest.body["booking"]
    assert len(reply.body["manageToken"]) == len(honest.body["manageToken"])
    assert len(site.rows("booking")) == len(site.rows("studio_customer")) == 1
    assert site.rows("customer_email") == site.rows("customer_email")[:1]
    assert site.call(f"GET /bookings/{reply.body['manageToken']}").code == "INVALID_LINK"
    (mine,) = [row for row in site.rows("rate") if "#all#" not in row["PK"]["S"]]
    assert mine["asked"]["N"] == "2"


def test_a_program_does_not_get_the_link_of_a_booking_whose_key_it_guesses(
    site: WidgetSite,
) -> None:
    class_id = site.make_class()
    mine = site.booked(class_id, wish="1")

    trapped = site.book(class_id, "spam@example.com", wish="1", website="x")

    assert trapped.status == 201
    assert trapped.body["manageToken"] != mine
    assert site.call(f"GET /bookings/{trapped.body['manageToken']}").code == "INVALID_LINK"


HOSTILE: list[tuple[str, Any]] = [
    ("name", ""),
    ("name", "   "),
    ("name", "x" * 121),
    ("name", "a\u0000b"),
    ("name", "line\nbreak\u2028x"),
    ("name", "\u202egnp.exe"),
    ("name", "...!?"),
    ("name", "\ufdfa" * 100),
    ("name", None),
    ("name", ["Robin"]),
    ("email", ""),
    ("email", "robin"),
    ("email", "robin@localhost"),
    ("email", "robin@@example.com"),
    ("email", "robin@example.com\r\nBcc: x@example.com"),
    ("email", "a" * 65 + "@example.com"),
    ("email", "a@" + "b" * 250 + ".example"),
    ("email", "<script>@example.com"),
    ("email", "robin@exam\u0000ple.com"),
    ("email", {"a": 1}),
    ("phone", "call me"),
    ("phone", "1" * 40),
    ("phone", "\u0661\u0662\u0663"),
    ("joinWaitlist", "yes"),
    ("joinWaitlist", 1),
    ("classSessionId", ""),
    ("classSessionId", "x" * 65),
    ("website", 7),
    ("admin", True),
    ("customerId", "x"),
    ("use", "drop_in"),
]


@pytest.mark.parametrize(("name", "value"), HOSTILE, ids=str)
def test_hostile_input_is_refused_by_the_field(site: WidgetSite, name: str, value: Any) -> None:
    body = {"classSessionId": "x", "name": "Robin", "email": "robin@example.com", name: value}

    reply = site.call("POST /bookings", body)

    assert reply.status == 422
    assert [one["field"] for one in reply.body["errors"]] == [name]
    assert site.rows("rate") == [], "what cannot be right is not counted"


@pytest.mark.parametrize(
    "name", ["Zoë O'Brien-Ŝmith", "李小龍", "محمد", "नरेन्द्र", "Ἀριστοτέλης", "Ada  III.", "ﬁrst"]
)
def test_names_of_all_people_are_names(site: WidgetSite, name: str) -> None:
    assert site.book(site.make_class(), name=name).status == 201


@pytest.mark.parametrize(
    "text", ["", "[", "{}", "[]", "1", '"x"', "[" * 4000, '{"name": 1e999}', '{"name": "\\ud800"}']
)
def test_a_body_that_is_none_is_refused(site: WidgetSite, text: str) -> None:
    assert site.call("POST /bookings", text).status in {400, 422}


def test_a_body_that_is_large_is_not_read(site: WidgetSite) -> None:
    reply = site.call("POST /bookings", {"website": "x" * 9000})

    assert (reply.status, reply.code) == (413, "BODY_TOO_LARGE")


def test_neither_an_e_mail_nor_a_token_nor_an_address_is_logged(
    site: WidgetSite, written: Written
) -> None:
    token = site.booked(site.make_class())
    site.call(f"GET /bookings/{token}")
    site.call(f"GET /bookings/{token}x")

    told = written.text
    assert "request answered" in told
    for private in ("robin@example.com", token, ADDRESS):
        assert private not in told
    assert ADDRESS not in json.dumps(site.rows("rate"))
