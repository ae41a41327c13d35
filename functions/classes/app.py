"""Classes of an organisation: the schedule for everybody in it, the rest for its staff."""

from greenroom.bookings import class_routes as routes
from greenroom.bookings.domain import Booking, ClassSession
from greenroom.bookings.schema import ChangeClass, ClassBookings, ClassView, CreateClass, Schedule
from greenroom.bookings.view import Seen, booking_view, class_view
from greenroom.kernel.settings import LimitSettings
from greenroom.organizations.access import Entry
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.wiring import Wiring

wired = Wiring("classes")
lambda_handler = api = Api("classes", verify=wired.verify)


@api.route(routes.SCHEDULE)
def schedule(call: Call) -> Answer:
    entry = wired.access.enter(call.identity, call.path_text("organizationId"))
    month, found = wired.classes.month(entry.repo, call.month("month"))
    return Answer(body=Schedule(month=month, items=[_view(one, entry) for one in found]))


@api.route(routes.CREATE)
def create(call: Call) -> Answer:
    entry, key = _enter_staff(call), call.idempotency_key()
    body = call.body(CreateClass)
    made = wired.classes.make(
        entry.repo,
        body.told(entry.studio),
        key=key,
        request_hash=body.fingerprint(),
    )
    return Answer(status=201, body=_view(made.klass, entry), replayed=made.replayed)


@api.route(routes.DETAIL)
def detail(call: Call) -> Answer:
    entry = wired.access.enter(call.identity, call.path_text("organizationId"))
    return Answer(body=_view(wired.classes.load(entry.repo, _class_id(call)), entry))


@api.route(routes.CHANGE)
def change(call: Call) -> Answer:
    entry = _enter_staff(call)
    changes = call.body(ChangeClass).changes()
    return Answer(body=_view(wired.classes.change(entry.repo, _class_id(call), changes), entry))


@api.route(routes.CANCEL)
def cancel(call: Call) -> Answer:
    entry = _enter_staff(call)
    return Answer(body=_view(wired.classes.cancel(entry.repo, _class_id(call)), entry))


@api.route(routes.ROSTER)
def roster(call: Call) -> Answer:
    entry = _enter_staff(call)
    return _in_class(entry, *wired.classes.roster(entry.repo, _class_id(call)))


@api.route(routes.WAITLIST)
def waitlist(call: Call) -> Answer:
    entry = _enter_staff(call)
    return _in_class(entry, *wired.classes.waitlist(entry.repo, _class_id(call)))


def _enter_staff(call: Call) -> Entry:
    return wired.access.enter_staff(call.identity, call.path_text("organizationId"))


def _class_id(call: Call) -> str:
    class_session_id = call.path_id("classSessionId")
    call.facts["class_session_id"] = class_session_id
    return class_session_id


def _seen_by(entry: Entry) -> Seen:
    staff = entry.principal.is_staff
    return Seen(now=wired.clock(), staff=staff, limits=wired.of(LimitSettings))


def _view(klass: ClassSession, entry: Entry) -> ClassView:
    return class_view(klass, _seen_by(entry))


def _in_class(entry: Entry, klass: ClassSession, found: list[Booking]) -> Answer:
    items = [booking_view(one, _seen_by(entry)) for one in found]
    return Answer(body=ClassBookings(class_session=_view(klass, entry), items=items))
