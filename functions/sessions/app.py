"""Sessions: the active one, the list, the detail, and the moves that a person may make."""

from collections.abc import Callable

from greenroom.kernel.clock import to_text
from greenroom.sessions import routes
from greenroom.sessions.domain import Message, Session
from greenroom.sessions.schema import (
    ChatPage,
    MessageView,
    Say,
    SessionDetail,
    SessionPage,
    SessionView,
)
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


@api.route(routes.START)
def start(call: Call) -> Answer:
    return _move(call, wired.sessions.start)


@api.route(routes.END)
def end(call: Call) -> Answer:
    return _move(call, wired.sessions.end)


@api.route(routes.CANCEL)
def cancel(call: Call) -> Answer:
    session_id = call.path_id("sessionId")
    by_admin = wired.is_admin(call.identity)
    cancelled = wired.sessions.cancel(session_id, user_id=call.user_id, by_admin=by_admin)
    return _detail(call, session_id, owner_id=cancelled.user_id if by_admin else None)


@api.route(routes.SAY)
def say(call: Call) -> Answer:
    session_id, text = call.path_id("sessionId"), call.body(Say).text
    said, replayed = wired.chat.say(
        session_id, text, user_id=call.user_id, key=call.idempotency_key()
    )
    return Answer(status=201, body=_said(said), replayed=replayed)


@api.route(routes.CHAT)
def chat(call: Call) -> Answer:
    limit, cursor = call.page()
    found, next_cursor = wired.chat.read(
        call.path_id("sessionId"), user_id=call.user_id, limit=limit, cursor=cursor
    )
    return Answer(body=ChatPage(items=[_said(one) for one in found], next_cursor=next_cursor))


def _move(call: Call, move: Callable[..., Session]) -> Answer:
    session_id = call.path_id("sessionId")
    move(session_id, user_id=call.user_id)
    return _detail(call, session_id)


def _detail(call: Call, session_id: str, *, owner_id: str | None = None) -> Answer:
    call.facts["session_id"] = session_id
    found = wired.sessions.detail(session_id, user_id=owner_id or call.user_id)
    return Answer(body=SessionDetail.whole(found, now=wired.clock()))


def _said(message: Message) -> MessageView:
    return MessageView(
        id=message.message_id,
        user_id=message.user_id,
        role=message.role,
        text=message.text,
        at=to_text(message.at),
    )
