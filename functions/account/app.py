"""The person: who they are, what they may spend, what they tell; and the public settings."""

from greenroom.accounts import routes
from greenroom.accounts.schema import ExportView, UserChange, UserDeleted
from greenroom.accounts.view import ledger_view, public_config, user_view
from greenroom.kernel.settings import CommonSettings, LimitSettings, PageSettings
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.wiring import Wiring

wired = Wiring("account")
lambda_handler = api = Api("account", verify=wired.verify)


@api.route(routes.CONFIG)
def config(_call: Call) -> Answer:
    name, limits = wired.of(CommonSettings).credits_name, wired.of(LimitSettings)
    return Answer(body=public_config(wired.of(PageSettings), credits_name=name, limits=limits))


@api.route(routes.USER)
def user(call: Call) -> Answer:
    return _shown(call, max_age_s=call.max_age_s())


@api.route(routes.CHANGE_USER)
def change_user(call: Call) -> Answer:
    body = call.body(UserChange)
    wired.accounts.change(call.identity, account=body.account(), profile=body.profile_changes())
    return _shown(call, max_age_s=None)


@api.route(routes.LEDGER)
def ledger(call: Call) -> Answer:
    limit, cursor = call.page()
    page = wired.accounts.ledger(call.identity, limit=limit, cursor=cursor)
    return Answer(body=ledger_view(page.entries, next_cursor=page.next_cursor))


@api.route(routes.EXPORT)
def export(call: Call) -> Answer:
    limit, cursor = call.page()
    items, next_cursor = wired.export.page(call.user_id, limit=limit, cursor=cursor)
    return Answer(body=ExportView(items=items, next_cursor=next_cursor))


@api.route(routes.DELETE_USER)
def delete_user(call: Call) -> Answer:
    wired.erasure.delete(call.identity.clerk_id)
    return Answer(status=202, body=UserDeleted())


def _shown(call: Call, *, max_age_s: int | None) -> Answer:
    """The caller; how old that is, is told where it may be old."""
    seen = wired.seeing.record(call.identity, max_age_s=max_age_s)
    view = user_view(
        seen.record.user,
        seen.record.profile,
        guard=seen.record.guard,
        admin=wired.is_admin(call.identity),
        limits=wired.of(LimitSettings),
        now=wired.clock(),
        stale=seen.stale,
    )
    if seen.stale:
        call.facts["stale"] = True
    tells_age = seen.stale or max_age_s is not None
    return Answer(body=view, headers={"Age": str(seen.age_s)} if tells_age else {})
