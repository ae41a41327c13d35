"""Exchange a browser's SDP offer for the provider's answer."""

from greenroom.kernel.limits import BODY_SDP_MAX
from greenroom.realtime import routes
from greenroom.realtime.schema import ExchangeAnswer, ExchangeOffer
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call, known_id
from greenroom.wiring import Wiring

wired = Wiring("webrtc_exchange")
lambda_handler = api = Api("webrtc_exchange", verify=wired.verify)


@api.route(routes.EXCHANGE)
def exchange(call: Call) -> Answer:
    """Two forms of one thing: JSON in and out, or SDP in and out."""
    if call.media_type() == routes.SDP:
        session_id, token = call.header("x-session-id"), call.header("x-session-token")
        offer = call.body_bytes(at_most=BODY_SDP_MAX)
        answer = _exchanged(call, session_id, token, offer)
        return Answer(status=201, body=answer, media_type=routes.SDP)
    body = call.body(ExchangeOffer)
    answer = _exchanged(call, body.session_id, body.token, body.sdp.encode(errors="replace"))
    return Answer(body=ExchangeAnswer(sdp=answer.decode(), session_id=body.session_id))


def _exchanged(call: Call, session_id: str, token: str, offer: bytes) -> bytes:
    call.facts["session_id"] = known_id(session_id)
    return wired.realtime.exchange(
        session_id, token, offer, user_id=call.user_id, deadline=call.deadline
    )
