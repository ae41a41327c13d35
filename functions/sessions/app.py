"""Sessions: the active one, the list, the detail, and the moves that a person may make."""

from collections.abc import Callable

from greenroom.sessions import routes
from greenroom.sessions.domain import Session
from greenroom.sessions.schema import SessionDetail, SessionPage, SessionView
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.wiring import Wiring

wired = Wiring("sessions")
lambda_handler = api = Api("sessions", verify=wired.verify)


@api.route(routes.ACTIVE)
def active(call: Call) -> Answer:
    session = wired.sessions.active(call.user_id)
    if session is None:
        wired.accounts.refuse_deleted(call.user_id)
        return Answer(status=204)
    return _detail(call, session.session_id)


@api.route(routes.SESSIONS)
def sessions(call: Call) -> Answer:
    limit, cursor = call.page()
    found, next_cursor = wired.sessions.of_user(call.user_id, limit=limit, cursor=cursor)
    if not found:
        wired.accounts.refuse_deleted(call.user_id)
    items = [SessionView.of(session) for session in found]
    return Answer(body=SessionPage(items=items, next_cursor=next_cursor))


@api.route(routes.DETAIL)
def detail(call: Call) -> Answer:
    return _detail(call, call.path_id("sessionId"))


@api.route(routes.CONNECTED)
def connected(call: Call) -> Answer:
    return _move(call, wired.sessions.connected)


@api.route(routes.CONNECT_FAILED)
def connect_failed(call: Call) -> Answer:
    return _move(call, wired.sessions.connect_failed)


@api.route(routes.END)
def end(call: Call) -> Answer:
    return _move(call, wired.sessions.end)


@api.route(routes.CANCEL)
def cancel(call: Call) -> Answer:
    return _move(call, wired.sessions.cancel)


def _move(call: Call, move: Callable[..., Session]) -> Answer:
    session_id = call.path_id("sessionId")
    move(session_id, user_id=call.user_id)
    return _detail(call, session_id)


def _detail(call: Call, session_id: str) -> Answer:
    call.facts["session_id"] = session_id
    return Answer(body=SessionDetail.whole(wired.sessions.detail(session_id, user_id=call.user_id)))
