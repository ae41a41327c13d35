"""Intakes: begin, look, sign the waiver, pay with credits."""

from greenroom.intake import routes
from greenroom.intake.domain import next_of, session_path
from greenroom.intake.schema import PaidWithCredits, SignWaiver, StartIntake, WaiverSigned
from greenroom.intake.service import Asked, Signature
from greenroom.intake.view import current_waiver, intake_started, intake_view
from greenroom.kernel.money import credits_to_json
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.wiring import Wiring

wired = Wiring("intake")
lambda_handler = api = Api("intake", verify=wired.verify)


@api.route(routes.START)
def start(call: Call) -> Answer:
    body = call.body(StartIntake)
    told = body.model_dump(mode="json", by_alias=True, exclude_unset=True)
    asked = Asked(
        plan=body.plan,
        urgent=body.urgent,
        is_specialist=body.is_specialist,
        preferred_expert_id=body.preferred_mechanic_id,
        routing_type=body.routing_type,
        workshop_id=body.workshop_id,
        vehicle=told.get("vehicle"),
        concern=body.concern,
        answers=body.answers,
        request_hash=body.fingerprint(),
    )
    begun = wired.intakes.start(call.identity, asked, key=call.idempotency_key())
    call.facts |= {"intake_id": begun.intake.intake_id, "session_id": begun.intake.session_id}
    return Answer(body=intake_started(begun), replayed=begun.replayed)


@api.route(routes.DETAIL)
def detail(call: Call) -> Answer:
    intake = wired.intakes.load(call.path_id("intakeId"), user_id=call.user_id)
    product = wired.intakes.product(intake.plan)
    return Answer(body=intake_view(intake, product, now=wired.clock()))


@api.route(routes.WAIVER)
def waiver(_call: Call) -> Answer:
    return Answer(body=current_waiver())


@api.route(routes.SIGN)
def sign(call: Call) -> Answer:
    body = call.body(SignWaiver)
    signed = Signature(
        version=body.version,
        name=body.signature,
        address=call.source_ip,
        user_agent=call.header("user-agent")[:300] or None,
    )
    intake = wired.intakes.sign(call.path_id("intakeId"), signed, user_id=call.user_id)
    return Answer(body=WaiverSigned(next=next_of(intake)))


@api.route(routes.PAY)
def pay(call: Call) -> Answer:
    call.idempotency_key()
    intake_id = call.path_id("intakeId")
    session, replayed = wired.intake_payments.with_credits(intake_id, user_id=call.user_id)
    call.facts |= {"intake_id": intake_id, "session_id": session.session_id}
    body = PaidWithCredits(
        session_id=session.session_id,
        redirect=session_path(session.session_id),
        charged=credits_to_json(session.cost),
    )
    return Answer(status=201, body=body, replayed=replayed)
