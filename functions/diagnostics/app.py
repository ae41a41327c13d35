"""Is it alive, is it ready, and how is everything that it stands on?"""

from greenroom.diagnostics import routes
from greenroom.diagnostics.schema import Health
from greenroom.kernel.clock import Deadline
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import CONNECTION_TEST_S, TEST_ROUNDS_DEFAULT, TEST_ROUNDS_MAX
from greenroom.reports import routes as report_routes
from greenroom.reports.schema import ClientError, ClientErrorTaken
from greenroom.reports.view import report_of
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.web.problem import UNAVAILABLE_PAUSE_S
from greenroom.wiring import Wiring

wired = Wiring("diagnostics")
lambda_handler = api = Api("diagnostics", verify=wired.verify, is_admin=wired.is_admin)


@api.route(routes.HEALTH)
def health(_call: Call) -> Answer:
    return Answer(body=Health())


@api.route(routes.READY)
def ready(_call: Call) -> Answer:
    report = wired.diagnostics.readiness()
    if report.ready:
        return Answer(body=report)
    return Answer(status=503, body=report, headers={"Retry-After": str(UNAVAILABLE_PAUSE_S)})


@api.route(routes.CONFIG)
def config(call: Call) -> Answer:
    return Answer(body=wired.diagnostics.config(deadline=call.deadline))


@api.route(routes.CONNECTION_TEST)
def connection_test(call: Call) -> Answer:
    timeout_s = call.deadline.remaining_s(keep_s=1.0, at_most_s=CONNECTION_TEST_S)
    return Answer(body=wired.connections(deadline=Deadline.after(timeout_s)))


@api.route(routes.DB_PERFORMANCE)
def db_performance(call: Call) -> Answer:
    rounds = call.whole("n", default=TEST_ROUNDS_DEFAULT, at_most=TEST_ROUNDS_MAX)
    return Answer(body=wired.performance.of_operations(rounds, deadline=call.deadline))


@api.route(routes.CONNECTION_POOL)
def connection_pool(_call: Call) -> Answer:
    return Answer(body=wired.performance.of_connections())


@api.route(routes.RUNTIME_DB_TEST)
def runtime_db_test(_call: Call) -> Answer:
    return Answer(body=wired.performance.of_runtime())


@api.route(routes.WEBHOOKS)
def webhooks(_call: Call) -> Answer:
    return Answer(body=wired.webhook_report())


@api.route(routes.ERROR_TEST)
def error_test(call: Call) -> Answer:
    kind = call.choice("kind", ("error", "warning")) or "error"
    return Answer(body=wired.error_test.run(kind, request_id=call.request_id))


@api.route(report_routes.CLIENT_ERRORS)
def client_errors(call: Call) -> Answer:
    report = report_of(call.body(ClientError), report_id=new_id(), at=wired.clock())
    wired.reports.take(report, user_id=call.known_user_id, address=call.source_ip)
    return Answer(status=202, body=ClientErrorTaken(id=report.report_id))
