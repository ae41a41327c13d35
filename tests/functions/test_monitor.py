"""What Sentry is told, and what it never is: with a real server, and the real library."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from greenroom.accounts.identity import Identity
from greenroom.kernel import monitor
from greenroom.kernel.errors import ClassFull, ProviderFailed
from greenroom.kernel.limits import MONITOR_FLUSH_S
from greenroom.kernel.log import note
from greenroom.kernel.metrics import invocation
from greenroom.kernel.secrets import Secrets
from greenroom.kernel.settings import CommonSettings
from greenroom.kernel.variables import SettingsRefused
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.web.route import Route
from greenroom.web.worker import Worker
from tests.canaries import leaks_of_problem
from tests.contract.template import ROOT
from tests.fakes.provider import OFFER, SECRET
from tests.fakes.sentry import Sentry, listening
from tests.practice import WORDS
from tests.world import SECRETS, Context, World

EVENT = {
    "routeKey": "GET /api/broken",
    "requestContext": {"requestId": "req-1"},
    "headers": {"x-request-id": "click-1", "authorization": "Bearer eyJhbGciOiJub25lIn0.e30.x"},
}
Connect = Callable[..., Sentry]


def forget() -> None:
    """As a new container: the settings are read again."""
    monitor._sdk.cache_clear()
    monitor._settings.cache_clear()


@pytest.fixture
def sentry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Connects us with a Sentry, with settings of its own."""
    with listening() as server:

        def connect(**settings: str) -> Sentry:
            for name, value in {"SENTRY_DSN": server.dsn, **settings}.items():
                monkeypatch.setenv(name, value)
            forget()
            return server

        yield connect
        monkeypatch.delenv("SENTRY_DSN", raising=False)
        if monitor._sdk.cache_info().currsize and (sdk := monitor._sdk()) is not None:
            sdk.get_client().close(timeout=0)
        forget()


def broken_api(error: BaseException) -> Api:
    """A function whose one route fails like this."""
    api = Api("broken", verify=lambda _token: Identity("user_x", "sess_x"))

    @api.route(Route("GET /api/broken", summary="Breaks", answers={200: None}, auth="public"))
    def fail(call: Call) -> Answer:
        secret = SECRETS["OPENAI_API_KEY"]  # a variable of the frame
        assert secret
        raise error

    return api


def test_a_request_that_broke_is_told_with_its_place_release_and_ids(sentry: Connect) -> None:
    server = sentry(STAGE="prod", SENTRY_RELEASE="greenroom@1.2.3")

    assert broken_api(KeyError("x"))(EVENT, Context())["statusCode"] == 500

    (event,) = server.items("event")
    (error,) = event["exception"]["values"]
    assert (event["environment"], event["release"]) == ("prod", "greenroom@1.2.3")
    assert (error["type"], error["value"]) == ("KeyError", "")
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["tags"] == {
        "function": "broken",
        "route": "GET /api/broken",
        "request_id": "req-1",
        "correlation_id": "click-1",
    }
    assert event["level"] == "error"


def test_an_event_holds_nothing_that_nobody_may_read(sentry: Connect) -> None:
    """Also where the exception, its cause and the frames' variables are full of it."""
    server = sentry()
    secrets = Secrets.read(SECRETS)
    everything = [*(secrets.get(name) for name in SECRETS), SECRET, WORDS, OFFER.decode()]
    everything += [EVENT["headers"]["authorization"], "somebody@example.org"]  # type: ignore[index]
    error = ValueError(*everything)
    error.__cause__ = RuntimeError("\n".join(everything))

    broken_api(error)(EVENT, Context())
    monitor.tell("\n".join(set(everything) - {WORDS}), {"alarm": "DISPUTE", "reason": SECRET})
    monitor.flush()

    assert len(server.items("event")) == 2
    assert leaks_of_problem(server.text) == set()
    assert not any(secret in server.text for secret in everything)


def test_nothing_of_the_machine_or_the_process_is_told(sentry: Connect) -> None:
    server = sentry()

    broken_api(KeyError())(EVENT, Context())

    (event,) = server.items("event")
    assert set(event["contexts"]) <= {"trace"}
    for nothing in ("extra", "modules", "request", "user", "server_name"):
        assert not event.get(nothing)
    assert not event["breadcrumbs"]["values"]
    assert socket.gethostname() not in server.text
    assert "vars" not in server.text
    assert "context_line" not in server.text


def test_what_is_refused_or_unavailable_is_not_told(sentry: Connect, world: World) -> None:
    server = sentry()
    ada = world.person()
    ada.start()

    assert ada.start().status == 409
    assert world.call("GET /api/user").status == 401
    world.provider.script("/client_secrets", httpx.ConnectError("nobody there"))
    assert world.person().start().status == 502
    broken_api(ClassFull())(EVENT, Context())
    monitor.flush()

    assert server.raw == []


def test_a_line_that_somebody_has_to_look_at_is_told(sentry: Connect) -> None:
    server = sentry()

    with invocation("stripe_webhook"):
        note("a dispute was opened", {"alarm": "DISPUTE", "purchase_id": "p-1", "other": "x"})
        note("a row was skipped", {"reason": "x"})

    (event,) = server.items("event")
    assert (event["message"], event["level"]) == ("a dispute was opened", "warning")
    assert event["tags"] == {"alarm": "DISPUTE", "purchase_id": "p-1", "function": "stripe_webhook"}


def test_an_error_with_an_alarm_is_told_though_it_is_answered(sentry: Connect) -> None:
    server = sentry()

    broken_api(ProviderFailed(log={"alarm": "PROVIDER_QUOTA"}))(EVENT, Context())

    (event,) = server.items("event")
    assert event["tags"]["alarm"] == "PROVIDER_QUOTA"


def test_a_tick_and_a_message_that_broke_are_told(sentry: Connect) -> None:
    server = sentry()
    worker = Worker("tested")

    @worker.tick
    def ticked(_event: Any, _context: Any) -> dict[str, Any]:
        raise KeyError

    @worker.batch
    def worked(_message: Any, _context: Any) -> dict[str, Any]:
        raise IndexError

    with pytest.raises(KeyError):
        ticked({}, Context(aws_request_id="lambda-1"))
    worked({"Records": [{"messageId": "m-1"}]}, Context())

    events = server.items("event")
    assert [one["exception"]["values"][0]["type"] for one in events] == ["KeyError", "IndexError"]
    assert events[0]["tags"]["request_id"] == "lambda-1"
    assert events[1]["tags"]["message_id"] == "m-1"


def test_an_invocation_is_a_transaction_with_its_phases_where_all_are_sampled(
    sentry: Connect, world: World
) -> None:
    server = sentry(SENTRY_TRACES_SAMPLE_RATE="1.0")

    world.person().credits()

    (transaction,) = server.items("transaction")
    assert transaction["transaction"] == "GET /api/user"
    assert transaction["tags"]["function"] == "account"
    assert transaction["contexts"]["trace"]["data"]["store_ms"] >= 0
    assert leaks_of_problem(server.text) == set()


def test_no_invocation_is_a_transaction_unless_a_rate_says_so(
    sentry: Connect, world: World
) -> None:
    server = sentry()

    world.person().credits()
    monitor.flush()

    assert server.raw == []


def test_no_integration_is_on_and_nothing_is_patched(sentry: Connect) -> None:
    hook = sys.excepthook
    sentry()
    sdk = monitor._sdk()
    assert sdk is not None

    assert sdk.get_client().integrations == {}
    assert sys.excepthook is hook


def test_a_sentry_that_is_away_or_silent_holds_nobody_up_for_long(
    sentry: Connect,
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        sentry(SENTRY_DSN=f"http://k@127.0.0.1:{silent.getsockname()[1]}/1")
        began_s = time.monotonic()

        answer = broken_api(KeyError())(EVENT, Context())

        assert answer["statusCode"] == 500
        assert time.monotonic() - began_s < MONITOR_FLUSH_S + 2


def test_a_monitor_that_is_wrongly_set_changes_no_answer(sentry: Connect, world: World) -> None:
    """In AWS the start stops before; what the library itself makes of it is as harmless."""
    sentry(SENTRY_DSN="nowhere", SENTRY_TRACES_SAMPLE_RATE="1")

    assert broken_api(KeyError())(EVENT, Context())["statusCode"] == 500
    assert world.person().credits() == 3.0

    with pytest.raises(SettingsRefused, match="SENTRY_DSN"):
        CommonSettings.read({"SENTRY_DSN": "nowhere"})


def test_the_deliberate_error_of_the_diagnostics_reaches_it(sentry: Connect, world: World) -> None:
    server = sentry()

    reply = world.person("user_admin").call("GET /api/diagnostic/error-test")

    (event,) = server.items("event")
    assert reply.body["eventId"] == event["event_id"]
    assert event["exception"]["values"][0]["type"] == "DeliberateError"


def test_without_a_dsn_nothing_of_it_is_imported() -> None:
    program = (
        "import sys\n"
        "from tests.functions.test_monitor import EVENT, broken_api\n"
        "from tests.world import Context\n"
        "from greenroom.kernel.log import note\n"
        "assert broken_api(KeyError())(EVENT, Context())['statusCode'] == 500\n"
        "note('x', {'alarm': 'DISPUTE'})\n"
        "assert not [name for name in sys.modules if name.startswith('sentry')]\n"
    )

    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'layers/greenroom'}", "PATH": ""},
    )
