"""Is it alive, is it ready, and is the configured model about to end?"""

from greenroom.diagnostics import routes
from greenroom.diagnostics.schema import Health
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.wiring import Wiring

wired = Wiring("diagnostics")
lambda_handler = api = Api("diagnostics", verify=wired.verify, is_admin=wired.is_admin)


@api.route(routes.HEALTH)
def health(_call: Call) -> Answer:
    return Answer(body=Health())


@api.route(routes.READY)
def ready(_call: Call) -> Answer:
    report = wired.diagnostics.readiness()
    return Answer(status=200 if report.ready else 503, body=report)


@api.route(routes.CONFIG)
def config(call: Call) -> Answer:
    return Answer(body=wired.diagnostics.config(deadline=call.deadline))
