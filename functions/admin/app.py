"""What admins see of everybody, and what they decide."""

from greenroom.admin import routes
from greenroom.admin.domain import Actor, Adjustment
from greenroom.admin.schema import AdjustCredits, PersonRow, StoryLine, TrailEntry
from greenroom.admin.view import credits_adjusted, people_page, story_page, trail_page
from greenroom.kernel.limits import (
    ACTOR_CHARS_MAX,
    DIRECTORY_QUERY_CHARS_MAX,
    REFERENCE_CHARS_MAX,
    SERVICE_CHARS_MAX,
    USAGE_DAYS_MAX,
)
from greenroom.organizations.access import id_of
from greenroom.usage import log_routes
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


def _actor(call: Call) -> Actor:
    return Actor(user_id=call.user_id, clerk_id=call.identity.clerk_id, request_id=call.request_id)
