"""The AI proxy: exams and other answers of a language model, within a quota and on the record."""

from greenroom.ai import routes, view
from greenroom.ai.domain import Tenancy
from greenroom.ai.schema import Generate, services_named
from greenroom.kernel.limits import SERVICE_CHARS_MAX, TOLD_CHARS_MAX
from greenroom.kernel.tenants import KINDS, tenant_kind
from greenroom.usage import log_routes
from greenroom.usage.log_view import LOG_STATUSES, log_page, wanted_of
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call, invalid_field
from greenroom.wiring import Wiring

wired = Wiring("ai")
lambda_handler = api = Api("ai", verify=wired.verify)


@api.route(routes.GENERATE)
def generate(call: Call) -> Answer:
    key = call.idempotency_key()
    asked = call.loose_body(Generate).asked(correlation_id=call.correlation_id)
    call.facts["service_type"] = asked.service.name
    made = wired.generation.generate(call.identity, asked, key=key, deadline=call.deadline)
    call.facts["usage_request_id"] = made.request_id
    headers = {} if made.logged is None else {"X-Usage-Log": made.logged}
    return Answer(body=made.answer, headers=headers, replayed=made.replayed)


@api.route(routes.CANCEL)
def cancel(call: Call) -> Answer:
    key = call.idempotency_key()
    if key is None:
        raise invalid_field("Idempotency-Key", "that of the call to give up")
    return Answer(body=view.cancelled(*wired.generation.cancel(call.identity, key)))


@api.route(routes.QUOTA)
def quota(call: Call) -> Answer:
    services = services_named(call.query("serviceType"))
    found = wired.generation.quota(call.identity, _tenancy(call), services)
    return Answer(body=view.quota_list(found))


@api.route(routes.TENANTS)
def tenants(call: Call) -> Answer:
    return Answer(body=view.tenant_list(wired.generation.tenants(call.identity)))


@api.route(routes.SERVICES_OFFERED)
def services(_: Call) -> Answer:
    return Answer(body=view.service_list())


@api.route(log_routes.LOGS)
def logs(call: Call) -> Answer:
    limit, cursor = call.page()
    wanted = wanted_of(
        request_id=call.text("requestId", chars_max=TOLD_CHARS_MAX),
        service=call.text("serviceType", chars_max=SERVICE_CHARS_MAX),
        status=call.choice("status", LOG_STATUSES),
    )
    tenancy, day, month = _tenancy(call), call.day("day"), call.month("month")
    if tenancy is None:
        rows, following = wired.logbook.own(
            call.identity, wanted, month=month, limit=limit, cursor=cursor
        )
        if not rows:
            wired.accounts.refuse_deleted(call.user_id)
    else:
        rows, following = wired.logbook.of_tenant(
            call.identity,
            wanted,
            kind=tenancy.kind,
            tenant_id=tenancy.tenant_id,
            day=day,
            limit=limit,
            cursor=cursor,
        )
    return Answer(body=log_page(rows, following))


def _tenancy(call: Call) -> Tenancy | None:
    kind = call.choice("tenantKind", KINDS)
    tenant_id = call.text("tenantId", chars_max=200)
    if tenant_id is None:
        if kind is not None:
            raise invalid_field("tenantId", "the tenant of that kind")
        return None
    return Tenancy(kind=None if kind is None else tenant_kind(kind), tenant_id=tenant_id)
