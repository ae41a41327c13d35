"""The public widget: schedule, booking without a login, and the link that manages a booking."""

import re

from greenroom.bookings.view import Seen
from greenroom.kernel.settings import FrontEndSettings, LimitSettings
from greenroom.organizations.access import Entry
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call, invalid_field
from greenroom.widget import routes
from greenroom.widget.schema import BookAsVisitor
from greenroom.widget.service import Shown, Visitor
from greenroom.widget.view import booked_view, schedule_view, shown_view, widget_view
from greenroom.wiring import Wiring

MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")

wired = Wiring("widget")
lambda_handler = api = Api("widget", verify=wired.verify, own_cors=True)


@api.route(routes.SHOW)
def show(call: Call) -> Answer:
    entry = _entered(call)
    return Answer(body=widget_view(entry.organization, entry.studio))


@api.route(routes.SCHEDULE)
def schedule(call: Call) -> Answer:
    entry = _entered(call)
    month = call.query("month")
    if month is not None and not MONTH.fullmatch(month):
        raise invalid_field("month", "a month such as 2026-12")
    name, classes = wired.widgets.month(entry, month)
    return Answer(body=schedule_view(name, classes, entry.studio, _seen()))


@api.route(routes.BOOK)
def book(call: Call) -> Answer:
    entry = _entered(call, books=True)
    key, body = call.idempotency_key(), call.body(BookAsVisitor)
    visitor = Visitor(
        class_session_id=body.class_session_id,
        name=body.name,
        email=body.email,
        phone=body.phone,
        join_waitlist=body.join_waitlist,
        trapped=bool(body.website),
        request_hash=body.fingerprint(),
    )
    call.facts["trapped"] = visitor.trapped
    kept = wired.widgets.book(entry, visitor, address=call.source_ip, key=key)
    call.facts["booking_id"] = kept.shown.booking.booking_id
    app_url = wired.of(FrontEndSettings).app_url
    told = booked_view(kept, _seen(), app_url=app_url, key=call.path_text("key"))
    return Answer(status=201, body=told, replayed=kept.replayed)


@api.route(routes.LINK)
def link(call: Call) -> Answer:
    return _shown(call, wired.widgets.find(_entered(call), call.path_text("token")))


@api.route(routes.CANCEL)
def cancel(call: Call) -> Answer:
    return _shown(call, wired.widgets.cancel(_entered(call), call.path_text("token")))


@api.route(routes.CONFIRM)
def confirm(call: Call) -> Answer:
    return _shown(call, wired.widgets.confirm(_entered(call), call.path_text("token")))


@api.route(routes.MAY_SHOW)
@api.route(routes.MAY_SEE)
@api.route(routes.MAY_BOOK)
@api.route(routes.MAY_LINK)
@api.route(routes.MAY_CANCEL)
@api.route(routes.MAY_CONFIRM)
def preflight(call: Call) -> Answer:
    _entered(call, books=call.route_key == routes.MAY_BOOK.key)
    return Answer(status=204)


def _entered(call: Call, *, books: bool = False) -> Entry:
    """Who the key lets in, from where the browser says that it calls."""
    entry = wired.widgets.enter(
        call.path_text("key"),
        origin=call.header("origin") or None,
        writes=call.route_key.startswith("POST "),
        books=books,
    )
    call.readable_by = call.origin
    call.facts["organization_id"] = entry.repo.organization_id
    return entry


def _shown(call: Call, shown: Shown) -> Answer:
    call.facts["booking_id"] = shown.booking.booking_id
    return Answer(body=shown_view(shown, _seen()))


def _seen() -> Seen:
    return Seen(now=wired.clock(), staff=False, limits=wired.of(LimitSettings))
