"""Experts: profile, queue, offers, taking and giving back; the customer's place in the queue."""

import re

from greenroom.experts import routes
from greenroom.experts.domain import WORKSHOP_PATTERN
from greenroom.experts.schema import (
    ExpertView,
    OfferList,
    OfferView,
    OnlineExperts,
    PlaceView,
    PutExpert,
    QueueEntry,
    QueuePage,
    Released,
)
from greenroom.sessions.schema import SessionDetail, SessionPage, SessionView
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call, invalid_field
from greenroom.wiring import Wiring

wired = Wiring("experts")
lambda_handler = api = Api("experts", verify=wired.verify)


@api.route(routes.ONLINE)
def online(call: Call) -> Answer:
    workshop_id = call.query("workshopId")
    if workshop_id is not None and re.fullmatch(WORKSHOP_PATTERN, workshop_id) is None:
        raise invalid_field("workshopId", "small letters, digits and dashes")
    return Answer(body=OnlineExperts.of(wired.experts.online(workshop_id=workshop_id)))


@api.route(routes.ME)
def me(call: Call) -> Answer:
    return Answer(body=ExpertView.of(wired.experts.me(call.user_id)))


@api.route(routes.PUT_ME)
def put_me(call: Call) -> Answer:
    changes = call.body(PutExpert).changes()
    return Answer(body=ExpertView.of(wired.experts.put(call.identity, changes)))


@api.route(routes.MY_SESSIONS)
def my_sessions(call: Call) -> Answer:
    limit, cursor = call.page()
    found, next_cursor = wired.assigning.of_expert(call.user_id, limit=limit, cursor=cursor)
    items = [SessionView.of(session) for session in found]
    return Answer(body=SessionPage(items=items, next_cursor=next_cursor))


@api.route(routes.QUEUE)
def queue(call: Call) -> Answer:
    mine, waiting = wired.desk.queue(call.user_id)
    items = [QueueEntry.of(o.session_id, o.assignment, position=o.position) for o in mine]
    return Answer(body=QueuePage(items=items, waiting=waiting))


@api.route(routes.OFFERS)
def offers(call: Call) -> Answer:
    now = wired.clock()
    found = wired.desk.inbox(call.user_id)
    return Answer(body=OfferList(items=[OfferView.of(offer, now=now) for offer in found]))


@api.route(routes.ACCEPT)
def accept(call: Call) -> Answer:
    return _detail(call, wired.desk.accept(_offer_id(call), expert_id=call.user_id))


@api.route(routes.DECLINE)
def decline(call: Call) -> Answer:
    declined = wired.desk.decline(_offer_id(call), expert_id=call.user_id)
    return Answer(body=OfferView.of(declined, now=wired.clock()))


@api.route(routes.CLAIM)
def claim(call: Call) -> Answer:
    session_id = call.path_id("sessionId")
    wired.desk.claim(session_id, expert_id=call.user_id)
    return _detail(call, session_id)


@api.route(routes.RELEASE)
def release(call: Call) -> Answer:
    session_id = call.path_id("sessionId")
    wired.desk.release(session_id, expert_id=call.user_id)
    return Answer(body=Released(session_id=session_id, status="pending"))


@api.route(routes.POSITION)
def position(call: Call) -> Answer:
    place = wired.desk.place(call.path_id("sessionId"), customer_id=call.user_id)
    return Answer(
        body=PlaceView(
            position=place.position, waiting=place.waiting, experts_online=place.experts_online
        )
    )


def _offer_id(call: Call) -> str:
    return call.path_text("offerId")


def _detail(call: Call, session_id: str) -> Answer:
    call.facts["session_id"] = session_id
    found = wired.sessions.detail(session_id, user_id=call.user_id)
    return Answer(body=SessionDetail.whole(found, now=wired.clock()))
