"""Start an interview, and give an open one a fresh token."""

from greenroom.kernel.settings import LimitSettings
from greenroom.realtime import routes
from greenroom.realtime.schema import SessionStarted, StartInterview
from greenroom.realtime.service import StartedInterview
from greenroom.realtime.view import ice_server_list, started
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.wiring import Wiring

wired = Wiring("realtime_session")
lambda_handler = api = Api("realtime_session", verify=wired.verify)


@api.route(routes.START)
def start(call: Call) -> Answer:
    body = call.body(StartInterview)
    interview = wired.realtime.start(
        call.identity,
        body.brief(),
        idempotency_key=call.idempotency_key(),
        request_hash=body.fingerprint(),
        deadline=call.deadline,
    )
    call.facts["session_id"] = interview.session.session_id
    return Answer(status=201, body=_view(call, interview), replayed=interview.replayed)


@api.route(routes.FRESH_TOKEN)
def fresh_token(call: Call) -> Answer:
    session_id = call.path_id("sessionId")
    interview = wired.realtime.fresh_token(session_id, user_id=call.user_id, deadline=call.deadline)
    return Answer(body=_view(call, interview))


@api.route(routes.ICE_SERVERS)
def ice_servers(call: Call) -> Answer:
    servers = wired.ice_servers.told_to(call.user_id, now=wired.clock())
    return Answer(body=ice_server_list(servers))


def _view(call: Call, interview: StartedInterview) -> SessionStarted:
    return started(
        interview,
        events=wired.provider.dialect.transcript_events,
        ice_servers=wired.ice_servers.told_to(call.user_id, now=wired.clock()),
        max_duration_s=wired.of(LimitSettings).session_max_s,
    )
