"""Bookings of an organisation's classes: for its staff, and for its customers."""

from typing import Any

from greenroom.bookings import routes
from greenroom.bookings.domain import Attended, Booking
from greenroom.bookings.schema import (
    Book,
    BookingPage,
    BookingView,
    CancelBooking,
    ConfirmBooking,
    ConvertedView,
    DryRun,
    JoinWaitlist,
    Moved,
    PaymentOptions,
    TestBooking,
)
from greenroom.bookings.service import Booked, Wish
from greenroom.bookings.view import Seen, booking_detail, booking_view, paying_of, payment_options
from greenroom.customers.domain import Customer
from greenroom.customers.schema import CustomerView
from greenroom.kernel.settings import LimitSettings
from greenroom.organizations.access import Entry
from greenroom.organizations.principal import CustomerRef
from greenroom.payments.view import checkout_started
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call, known_id
from greenroom.wiring import Wiring

wired = Wiring("bookings")
lambda_handler = api = Api("bookings", verify=wired.verify)


@api.route(routes.JOIN)
def join(call: Call) -> Answer:
    entry, key = _enter(call), call.idempotency_key()
    body = call.body(JoinWaitlist)
    customer = wired.customers.chosen(entry.repo, **body.named())
    class_id = call.path_id("classSessionId")
    wish = _wish(entry, customer, class_id, key=key, request_hash=body.fingerprint())
    return _booked(call, entry, wired.bookings.join(entry.repo, wish))


@api.route(routes.BOOK)
def book(call: Call) -> Answer:
    entry, key = _enter(call), call.idempotency_key()
    dry_run = call.choice("dryRun", ("0", "1")) == "1"
    body = call.body(Book)
    customer = wired.customers.chosen(entry.repo, **body.named())
    wish = _wish(
        entry,
        customer,
        known_id(body.class_session_id),
        paying=paying_of(body.use, entry.principal, customer.ref),
        join_waitlist=body.join_waitlist,
        key=key,
        request_hash=body.fingerprint(),
    )
    booked = wired.bookings.book(entry.repo, entry.studio, wish, dry_run=dry_run)
    return _booked(call, entry, booked)


@api.route(routes.TEST)
def test(call: Call) -> Answer:
    body, key = call.body(TestBooking), call.idempotency_key()
    entry = wired.access.enter_staff(call.identity, body.organization_id)
    ref = CustomerRef(body.customer_type, known_id(body.customer_id))
    wish = _wish(
        entry,
        wired.customers.load(entry.repo, ref),
        known_id(body.class_session_id),
        paying=paying_of(body.use, entry.principal, ref),
        key=key,
        request_hash=body.fingerprint(),
    )
    booked = wired.bookings.book(entry.repo, entry.studio, wish, dry_run=not body.commit)
    return _booked(call, entry, booked)


@api.route(routes.LIST)
def bookings(call: Call) -> Answer:
    entry = _enter(call)
    limit, cursor = call.page()
    customer = _chosen(call, entry)
    found, next_cursor = wired.bookings.of_customer(
        entry.repo, customer.ref, limit=limit, cursor=cursor
    )
    items = [_view(one, entry) for one in found]
    return Answer(body=BookingPage(items=items, next_cursor=next_cursor))


@api.route(routes.OPTIONS)
def options(call: Call) -> Answer:
    entry = _enter(call)
    ref = _chosen(call, entry).ref
    klass = wired.classes.load(entry.repo, call.query_id("classSessionId"))
    passes = wired.passes.options(entry.repo, ref, klass.facts)
    items = payment_options(klass, entry.studio, passes, principal=entry.principal, ref=ref)
    return Answer(body=PaymentOptions(items=items))


@api.route(routes.DETAIL)
def detail(call: Call) -> Answer:
    entry = _enter(call)
    booking, events, place = wired.bookings.detail(entry.repo, call.path_id("bookingId"))
    return Answer(body=booking_detail(booking, events, _seen_by(entry), position=place))


@api.route(routes.CANCEL)
def cancel(call: Call) -> Answer:
    entry = _enter(call)
    waived = call.body(CancelBooking).waive_late
    if waived:
        entry.repo.require_staff()
    booking_id = _own(call, entry).booking_id
    cancelled = wired.vacating.cancel(entry.repo, booking_id, waived=waived)
    return Answer(body=_view(cancelled, entry))


@api.route(routes.CONFIRM)
def confirm(call: Call) -> Answer:
    entry = _enter(call)
    use = call.body(ConfirmBooking).use
    offered = _own(call, entry)
    paying = paying_of(use, entry.principal, offered.customer)
    confirmed = wired.confirming.confirm(entry.repo, entry.studio, offered.booking_id, paying)
    return Answer(body=_payable(call, confirmed, entry))


@api.route(routes.CHECKOUT)
def checkout(call: Call) -> Answer:
    entry, booking_id = _enter(call), call.path_id("bookingId")
    purchase = wired.booking_payments.checkout(entry.repo, call.identity, booking_id)
    call.facts["purchase_id"] = purchase.purchase_id
    return Answer(body=checkout_started(purchase))


@api.route(routes.ATTEND)
def attend(call: Call) -> Answer:
    return _noted(call, "attended")


@api.route(routes.NO_SHOW)
def no_show(call: Call) -> Answer:
    return _noted(call, "no_show")


@api.route(routes.PAID)
def paid(call: Call) -> Answer:
    entry = _enter_staff(call)
    noted = wired.confirming.paid_at_studio(entry.repo, call.path_id("bookingId"))
    return Answer(body=_view(noted, entry))


@api.route(routes.CONVERT)
def convert(call: Call) -> Answer:
    entry = _enter_staff(call)
    done = wired.conversion.convert(entry.repo, call.path_id("customerId"))
    moved = Moved(bookings=done.bookings, passes=done.passes)
    client = CustomerView.of(done.client, staff=True)
    return Answer(body=ConvertedView(client=client, moved=moved))


def _enter(call: Call) -> Entry:
    return wired.access.enter(call.identity, call.path_text("organizationId"))


def _enter_staff(call: Call) -> Entry:
    return wired.access.enter_staff(call.identity, call.path_text("organizationId"))


def _wish(entry: Entry, customer: Customer, class_id: str, **wanted: Any) -> Wish:
    principal = entry.principal
    return Wish.of(
        customer,
        class_session_id=class_id,
        source="staff" if principal.is_staff else "client",
        user_id=customer.user_id,
        **wanted,
    )


def _own(call: Call, entry: Entry) -> Booking:
    return wired.bookings.load(entry.repo, call.path_id("bookingId"))


def _chosen(call: Call, entry: Entry) -> Customer:
    return wired.customers.chosen(
        entry.repo,
        client_id=call.query("clientId"),
        customer_id=call.query("customerId"),
        customer_ref=call.query("customerRef"),
    )


def _noted(call: Call, came: Attended) -> Answer:
    entry = _enter_staff(call)
    noted = wired.attendance.note(entry.repo, call.path_id("bookingId"), came)
    return Answer(body=_view(noted, entry))


def _seen_by(entry: Entry) -> Seen:
    staff = entry.principal.is_staff
    return Seen(now=wired.clock(), staff=staff, limits=wired.of(LimitSettings))


def _view(booking: Booking, entry: Entry) -> BookingView:
    return booking_view(booking, _seen_by(entry))


def _booked(call: Call, entry: Entry, booked: Booked) -> Answer:
    call.facts["booking_id"] = booked.booking.booking_id
    if booked.row is not None:
        return Answer(body=DryRun(row=booked.row, booking=_view(booked.booking, entry)))
    view = _payable(call, booked.booking, entry)
    return Answer(status=201, body=view, replayed=booked.replayed)


def _payable(call: Call, booking: Booking, entry: Entry) -> BookingView:
    """The booking with the page where it is paid, if it is held for a card payment."""
    url = wired.booking_payments.page(entry.repo, call.identity, booking)
    return booking_view(booking, _seen_by(entry), checkout_url=url)
