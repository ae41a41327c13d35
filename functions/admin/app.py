"""What admins see of everybody, and what they decide."""

from greenroom.accounts.schema import LedgerEntryView
from greenroom.accounts.view import ledger_view
from greenroom.admin import routes
from greenroom.admin.domain import Actor, Adjustment, KnownPerson
from greenroom.admin.quota_schema import AdjustUnits, SetQuota, TenantRow
from greenroom.admin.quota_view import quota_report, quota_state, tenants_page, units_posted
from greenroom.admin.schema import (
    AdjustCredits,
    PersonDetail,
    PersonRow,
    StoryLine,
    TrailEntry,
    ViolationView,
)
from greenroom.admin.view import (
    credits_adjusted,
    findings_of,
    invariants_page,
    people_page,
    person_row,
    story_page,
    trail_entries,
    trail_page,
    trouble_page,
)
from greenroom.kernel.limits import (
    ACTOR_CHARS_MAX,
    DIRECTORY_QUERY_CHARS_MAX,
    REFERENCE_CHARS_MAX,
    SERVICE_CHARS_MAX,
    USAGE_DAYS_MAX,
)
from greenroom.kernel.settings import CommonSettings
from greenroom.kernel.tenants import KINDS, tenant_kind
from greenroom.organizations.access import id_of
from greenroom.payments.domain import Purchase
from greenroom.payments.schema import PurchasePage
from greenroom.payments.view import purchase_view, subscription_view
from greenroom.sessions.domain import Session
from greenroom.sessions.schema import SessionPage, SessionView
from greenroom.tenants.service import tenant_of
from greenroom.usage import log_routes
from greenroom.usage.domain import Owner, Person
from greenroom.usage.log_view import (
    BY,
    by_of,
    span_of,
    usage_columns,
    usage_report,
    usage_rows,
)
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call, invalid_field
from greenroom.web.csv import Sheet, listed
from greenroom.wiring import Wiring

wired = Wiring("admin")
lambda_handler = api = Api("admin", verify=wired.verify, is_admin=wired.is_admin)


@api.route(routes.USERS)
def users(call: Call) -> Answer:
    limit, cursor = call.page()
    q = call.text("q", chars_max=DIRECTORY_QUERY_CHARS_MAX)
    found, next_cursor = wired.directory.page(q=q, limit=limit, cursor=cursor)
    page = people_page(found, next_cursor=next_cursor, now=wired.clock())
    return listed(call, page, Sheet.of(PersonRow, page.items, name="users"))


@api.route(routes.USER)
def user(call: Call) -> Answer:
    file = wired.person_files.open(call.path_id("userId"))
    held = wired.subscriptions
    quotas, _ = wired.admin_quotas.show(Person(file.person.user_id), service=None, month=None)
    detail = PersonDetail(
        person=person_row(file.person, now=wired.clock()),
        ledger=ledger_view(file.ledger.entries, next_cursor=file.ledger.next_cursor),
        sessions=_sessions(*file.sessions),
        purchases=_purchases(*file.purchases),
        subscriptions=[
            subscription_view(one, skus=wired.skus, terms=held.terms, live=held.is_live(one))
            for one in file.subscriptions
        ],
        quotas=[quota_state(one) for one in quotas],
        errors=trouble_page(file.troubles),
        acts=trail_entries(file.acts),
        findings=findings_of(file.findings),
    )
    return Answer(body=detail)


@api.route(routes.LEDGER)
def ledger(call: Call) -> Answer:
    limit, cursor = call.page()
    user_id = _person(call).user_id
    found = wired.accounts.ledger_of(user_id, limit=limit, cursor=cursor)
    page = ledger_view(found.entries, next_cursor=found.next_cursor)
    return listed(call, page, Sheet.of(LedgerEntryView, page.items, name="ledger"))


@api.route(routes.SESSIONS)
def sessions(call: Call) -> Answer:
    limit, cursor = call.page()
    user_id = _person(call).user_id
    return Answer(body=_sessions(*wired.sessions.of_user(user_id, limit=limit, cursor=cursor)))


@api.route(routes.PURCHASES)
def purchases(call: Call) -> Answer:
    limit, cursor = call.page()
    user_id = _person(call).user_id
    return Answer(body=_purchases(*wired.purchases.of_user(user_id, limit=limit, cursor=cursor)))


@api.route(routes.ERRORS)
def errors(call: Call) -> Answer:
    cursor = call.cursor()
    return Answer(body=trouble_page(wired.troubles.of(_person(call), cursor=cursor)))


@api.route(routes.CREDITS)
def adjust(call: Call) -> Answer:
    body = call.body(AdjustCredits)
    wanted = Adjustment(
        user_id=body.user_id,
        amount=body.credits,
        reason=body.reason,
        request_hash=body.fingerprint(),
    )
    done = wired.adjusting.adjust(wanted, actor=_actor(call), key=call.idempotency_key())
    return Answer(body=credits_adjusted(done.entry), replayed=done.replayed)


@api.route(routes.TRAIL)
def trail(call: Call) -> Answer:
    limit, cursor = call.page()
    month, actor = call.month("month"), call.text("actor", chars_max=ACTOR_CHARS_MAX)
    found, following = wired.trail.page(month=month, actor=actor, limit=limit, cursor=cursor)
    page = trail_page(found, next_cursor=following)
    return listed(call, page, Sheet.of(TrailEntry, page.items, name="trail"))


@api.route(routes.AUDIT)
def audit(call: Call) -> Answer:
    limit, cursor = call.page()
    ref = call.text("ref", chars_max=REFERENCE_CHARS_MAX)
    if ref is None:
        raise invalid_field("ref", "what to tell of")
    told = call.query("organizationId")
    organization_id = id_of(told) if told is not None else None
    story = wired.story.tell(ref, organization_id=organization_id, limit=limit, cursor=cursor)
    page = story_page(ref, story.about, story.lines, next_cursor=story.next_cursor)
    return listed(call, page, Sheet.of(StoryLine, page.items, name="audit"))


@api.route(log_routes.USAGE)
def usage(call: Call) -> Answer:
    limit, cursor = call.page()
    by = by_of(call.choice("by", BY))
    service = call.text("serviceType", chars_max=SERVICE_CHARS_MAX)
    span = span_of(call.day("from"), call.day("to"), today=wired.clock().date())
    if span is None:
        raise invalid_field("from", f"not after `to`, and at most {USAGE_DAYS_MAX} days in all")
    found = wired.reporting.report(by, span, service=service, limit=limit, cursor=cursor)
    report = usage_report(found, wired.takings.by_day(span), service=service)
    sheet = Sheet(name="usage", columns=usage_columns(by), rows=usage_rows(report))
    return listed(call, report, sheet)


@api.route(routes.INVARIANTS)
def invariants(call: Call) -> Answer:
    limit, cursor = call.page()
    report = wired.invariants.check(limit=limit, cursor=cursor, deadline=call.deadline)
    page = invariants_page(report)
    return listed(call, page, Sheet.of(ViolationView, page.violations, name="invariants"))


@api.route(routes.QUOTA)
def quota(call: Call) -> Answer:
    kind, tenant_id = call.choice("tenantKind", KINDS), call.text("tenantId", chars_max=128)
    if (call.query("userId") is None) is (kind is None or tenant_id is None):
        raise invalid_field("tenantId", "with tenantKind, or else userId")
    owner: Owner = (
        tenant_of(tenant_kind(kind), tenant_id)
        if kind is not None and tenant_id is not None
        else Person(wired.directory.person(call.query_id("userId")).user_id)
    )
    service = call.text("serviceType", chars_max=SERVICE_CHARS_MAX)
    found = wired.admin_quotas.show(owner, service=service, month=call.month("month"))
    return Answer(body=quota_report(*found))


@api.route(routes.SET_QUOTA)
def set_quota(call: Call) -> Answer:
    body = call.body(SetQuota)
    tenant = tenant_of(body.tenant.kind, body.tenant.id)
    done = wired.admin_quotas.set(body.wanted(tenant), actor=_actor(call))
    return Answer(body=quota_state(done))


@api.route(routes.ADJUST_UNITS)
def adjust_units(call: Call) -> Answer:
    body = call.body(AdjustUnits)
    owner: Owner = (
        tenant_of(body.tenant.kind, body.tenant.id) if body.tenant else Person(body.user_id or "")
    )
    key = call.idempotency_key()
    done = wired.admin_quotas.adjust(body.wanted(owner), actor=_actor(call), key=key)
    return Answer(body=units_posted(done), replayed=done.replayed)


@api.route(routes.TENANTS)
def tenants(call: Call) -> Answer:
    limit, cursor = call.page()
    found, next_cursor = wired.invariants.tenants(limit=limit, cursor=cursor)
    page = tenants_page(found, next_cursor=next_cursor)
    return listed(call, page, Sheet.of(TenantRow, page.items, name="tenants"))


def _person(call: Call) -> KnownPerson:
    return wired.directory.person(call.path_id("userId"))


def _sessions(found: list[Session], next_cursor: str | None) -> SessionPage:
    return SessionPage(items=[SessionView.of(one) for one in found], next_cursor=next_cursor)


def _purchases(found: list[Purchase], next_cursor: str | None) -> PurchasePage:
    name, now = wired.of(CommonSettings).credits_name, wired.clock()
    items = [
        purchase_view(one, catalogue=wired.catalogue, credits_name=name, now=now) for one in found
    ]
    return PurchasePage(items=items, next_cursor=next_cursor)


def _actor(call: Call) -> Actor:
    return Actor(user_id=call.user_id, clerk_id=call.identity.clerk_id, request_id=call.request_id)
